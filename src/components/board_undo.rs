//! The way back from a move: from its toast, and with Ctrl+Z (Cmd+Z on a Mac).

use leptos::prelude::*;
use leptos::task::spawn_local;
use tasktree_protocol::TaskId;

use super::board_actions::{BoardActions, number_sign};
use crate::state::{MoveId, NotUndone};
use crate::ui::{Handler, Level, Toast, announce};

/// The beginning of the tags of all toasts that offer to undo a move.
const MOVE_TAGS: &str = "move:";

/// Returns the tag of the toast that offers to undo the last move of a task.
pub(super) fn move_tag(task: &TaskId) -> String {
    format!("{MOVE_TAGS}{task}")
}

impl BoardActions {
    /// Says in a toast that a card was moved, and offers the way back. Of the moves of one card
    /// only the last is offered.
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

    /// Undoes this page's newest move. Returns false where there is none.
    pub fn undo_newest(&self) -> bool {
        let Some(id) = self.board.newest_move() else {
            return false;
        };
        self.undo(id);
        true
    }

    /// Undoes a move, and says what came of it.
    pub fn undo(&self, id: MoveId) {
        if !self.allows("change") {
            return;
        }
        let this = *self;
        let undoing = self.board.undo_move(id);
        spawn_local(async move {
            match undoing.await {
                Ok(moved) => this.say_undone(&moved.after.task),
                Err(NotUndone::Over) => {}
                Err(NotUndone::Overtaken(after, what)) => {
                    this.say_overtaken(&after, what, |s| s.board.not_undone);
                }
                Err(NotUndone::Refused(after, error)) => {
                    this.refuse(after.number, &error, |s| s.board.not_undone);
                }
            }
        });
    }

    /// Says that a card is back where it was.
    pub(super) fn say_undone(&self, task: &TaskId) {
        let tag = move_tag(task);
        self.toasts.dismiss_tagged(|other| other == tag);
        if let Some(card) = self.card(task) {
            let i18n = self.i18n;
            announce(&untrack(|| {
                i18n.t(|s| (s.board.undone)(&number_sign(card.number), i18n.status(card.status)))
            }));
        }
    }

    /// Takes the offers to undo out of sight, for when the board is left: Ctrl+Z still knows the
    /// moves when it is shown again.
    pub fn withdraw_offers(&self) {
        self.toasts.dismiss_tagged(|tag| tag.starts_with(MOVE_TAGS));
    }
}
