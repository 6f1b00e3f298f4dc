//! Undoing a move or a deletion: from its toast, and with Ctrl+Z (Cmd+Z on a Mac).

use leptos::prelude::*;
use leptos::task::spawn_local;
use tasktree_protocol::{AgentId, TaskId};

use super::actions::BoardActions;
use super::take::holder_in;
use super::view::Taking;
use crate::components::common::number_sign::number_sign;
use crate::components::lazy::{act, lazy_call};
use crate::state::{MoveId, NotRestored, NotUndone, Overtaken, PickUp, Undoable};
use crate::ui::{Handler, Level, Toast, announce};

/// Prefix of the tags of all toasts that offer to undo a move.
const MOVE_TAGS: &str = "move:";

/// Returns the tag of the toast that offers to undo the last move of a task.
pub(super) fn move_tag(task: &TaskId) -> String {
    format!("{MOVE_TAGS}{task}")
}

/// Returns the tag of the toast that offers to restore a deleted task.
fn deletion_tag(task: &TaskId) -> String {
    format!("deletion:{task}")
}

lazy_call! {
    /// Undoes a move.
    fn undo_move(actions: BoardActions, id: MoveId) -> () {
        actions.undo_taking(id, None);
    }
}

lazy_call! {
    /// Restores a deleted task.
    fn undo_deletion(actions: BoardActions, id: MoveId) -> () {
        actions.undo_deletion(id);
    }
}

impl BoardActions {
    /// Shows a toast that a card was moved, with an undo. Only the last move of a card is offered.
    pub(super) fn offer_undo(&self, task: &TaskId, moved: String, id: MoveId) {
        let this = *self;
        let label = untrack(|| self.i18n.t(|s| s.common.undo));
        let undo = Handler::new(move || this.undo(id));
        let toast = Toast::new(Level::Info, moved)
            .with_action(label, undo)
            .tagged(move_tag(task))
            .announced();
        self.toasts.push(toast);
    }

    /// Undoes this page's newest move or deletion. Returns false if there is none.
    pub fn undo_newest(&self) -> bool {
        match self.board.newest_undoable() {
            Some(Undoable::Move(id)) => self.undo(id),
            Some(Undoable::Deletion(id)) => {
                act(undo_deletion(*self, id), self.i18n, self.toasts);
            }
            None => return false,
        }
        true
    }

    /// Undoes a move, and reports the result. If an agent works on the task, it asks first.
    pub fn undo(&self, id: MoveId) {
        act(undo_move(*self, id), self.i18n, self.toasts);
    }

    fn undo_taking(&self, id: MoveId, take: Option<AgentId>) {
        if !self.allows("change") {
            return;
        }
        let this = *self;
        let undoing = self.board.undo_move(id, take);
        spawn_local(async move {
            match undoing.await {
                Ok(moved) => this.say_undone(&moved.after.task),
                Err(NotUndone::Over) => {}
                Err(NotUndone::Overtaken(after, what)) => {
                    this.say_overtaken(&after, what, |s| s.board.not_undone);
                }
                Err(NotUndone::Refused(after, error)) => match holder_in(&error) {
                    Some(holder) => this.take_and_undo(&after, id, holder).await,
                    None => this.refuse(after.number, &error, |s| s.board.not_undone),
                },
            }
        });
    }

    /// Undoes a move again that was refused because of an agent, if the person takes the task from
    /// it.
    async fn take_and_undo(&self, after: &PickUp, id: MoveId, holder: AgentId) {
        match self.ask_to_take(&after.task, after.number, &holder).await {
            Taking::Yes => self.undo_taking(id, Some(holder)),
            // It can still be undone.
            Taking::No => {}
            Taking::Gone => self.say_overtaken(after, Overtaken::Gone, |s| s.board.not_undone),
        }
    }

    /// Shows a toast that a task was deleted, with an undo.
    pub(super) fn offer_restore(&self, task: &TaskId, number: u64, id: MoveId) {
        let this = *self;
        let (text, label) = untrack(|| {
            self.i18n
                .t(|s| ((s.task.deleted)(&number_sign(number)), s.common.undo))
        });
        let undo = Handler::new(move || this.undo_deletion(id));
        let toast = Toast::new(Level::Info, text)
            .with_action(label, undo)
            .tagged(deletion_tag(task));
        self.toasts.push(toast);
    }

    /// Restores a task that this page deleted, and reports the result.
    fn undo_deletion(&self, id: MoveId) {
        if !self.allows("destroy") {
            return;
        }
        let this = *self;
        let undoing = self.board.undo_deletion(id);
        spawn_local(async move {
            match undoing.await {
                Ok(task) => {
                    this.view.focus(&task);
                    this.say_undone(&task);
                }
                Err(NotRestored::Over) => {}
                Err(NotRestored::Refused(number, error)) => {
                    this.refuse(number, &error, |s| s.task.not_restored);
                }
            }
        });
    }

    /// Announces that a change was undone, with the column of the card.
    pub(super) fn say_undone(&self, task: &TaskId) {
        let tags = [move_tag(task), deletion_tag(task)];
        self.toasts
            .dismiss_tagged(|tag| tags.iter().any(|it| it == tag));
        if let Some(card) = self.card(task) {
            let i18n = self.i18n;
            announce(&untrack(|| {
                i18n.t(|s| (s.board.undone)(&number_sign(card.number), i18n.status(card.status)))
            }));
        }
    }

    /// Removes the undo offers from view when the board is left. Ctrl+Z still knows the moves when
    /// it is shown again.
    pub fn withdraw_offers(&self) {
        self.toasts.dismiss_tagged(|tag| tag.starts_with(MOVE_TAGS));
    }
}
