//! Moves of cards, with their messages: shared by drag, carry, menu and keys.

use leptos::prelude::*;
use leptos::task::spawn_local;
use tasktree_protocol::{AgentId, Status, TaskId, WireError};
use web_sys::Element;

use super::actions::BoardActions;
use super::take::holder_in;
use super::undo::move_tag;
use super::view::Taking;
use crate::components::common::actor::actor_name;
use crate::components::common::number_sign::number_sign;
use crate::components::common::status_icon::status_icon;
use crate::components::lazy::{act, lazy_call};
use crate::i18n::{I18n, Pair, Strings};
use crate::state::{MoveId, Overtaken, PickUp, UNDONE, overtaken_by};
use crate::ui::{Handler, MenuItem, announce};

lazy_call! {
    /// Opens the "Move to" menu of a card.
    fn move_menu(actions: BoardActions, pick: PickUp, anchor: Element) -> () {
        actions.show_move_menu(&pick, &anchor);
    }
}

impl BoardActions {
    /// Takes the snapshot of a card that is picked up; `None` if the role forbids moving it.
    pub fn pick_up(&self, task: &TaskId) -> Option<PickUp> {
        let may_change = untrack(|| self.access.may("change"));
        self.board.pick_up(task).filter(|_| may_change)
    }

    /// Moves a card as it is now, and reports where it went, or why it did not move.
    pub fn move_task(&self, task: &TaskId, to: Status) {
        if let Some(pick) = self.board.pick_up(task) {
            self.put_down(&pick, to);
        }
    }

    /// Puts a card down in a column, unless it was claimed, moved or removed since it was picked
    /// up. Reports where it went, with an undo, or why it did not move. If an agent works on the
    /// task, it asks first.
    pub fn put_down(&self, pick: &PickUp, to: Status) {
        self.put_down_taking(pick, to, None);
    }

    /// Puts a card down as [`Self::put_down`] does, taking the task from the agent of that name.
    pub(super) fn put_down_taking(&self, pick: &PickUp, to: Status, take: Option<AgentId>) {
        if let Err(what) = self.board.judge(pick) {
            self.say_overtaken(pick, what, |s| s.board.not_moved);
            return;
        }
        if pick.standing.status == to || !self.allows("change") {
            return;
        }
        let (this, pick) = (*self, pick.clone());
        // The card is in its new column from here on; the future is only the server's answer.
        let (id, answer) = self.board.put_down(&pick, to, take);
        spawn_local(async move {
            match answer.await {
                Ok(()) => this.say_moved(&pick, to, id),
                Err(error) if error.code == UNDONE => this.say_undone(&pick.task),
                Err(error) => match holder_in(&error) {
                    Some(holder) => this.take_and_put_down(&pick, to, holder).await,
                    None => this.say_not_moved(&pick, &error),
                },
            }
        });
    }

    /// Repeats a move that was refused because of an agent, if the person takes the task from it.
    ///
    /// A task that has changed since it was picked up is not moved.
    async fn take_and_put_down(&self, pick: &PickUp, to: Status, holder: AgentId) {
        match self.ask_to_take(&pick.task, pick.number, &holder).await {
            Taking::Yes => {
                self.view.focus(&pick.task);
                self.put_down_taking(pick, to, Some(holder));
            }
            // The card's element may have been created again: focus it.
            Taking::No => self.view.focus(&pick.task),
            Taking::Gone => self.say_overtaken(pick, Overtaken::Gone, |s| s.board.not_moved),
        }
    }

    fn say_moved(&self, pick: &PickUp, to: Status, id: Option<MoveId>) {
        let i18n = self.i18n;
        let number = number_sign(pick.number);
        let moved = untrack(|| match to {
            // A move by hand merges nothing, which the person should know.
            Status::Merged => i18n.t(|s| (s.merge.marked)(&number)),
            to => i18n.t(|s| (s.task.moved)(&number, i18n.status(to))),
        });
        let place = self.board.column(to).try_with_untracked(|column| {
            let at = column.iter().position(|other| *other == pick.task)? + 1;
            Some([at, column.len()])
        });
        let place = place.flatten().map(|place| {
            let [at, total] = place.map(|n| i18n.number(u64::try_from(n).unwrap_or(u64::MAX)));
            untrack(|| i18n.t(|s| (s.board.place)(&at, &total)))
        });
        announce(&format!("{moved}{}", place.unwrap_or_default()));
        if let Some(id) = id {
            self.offer_undo(&pick.task, moved, id);
        }
    }

    fn say_not_moved(&self, pick: &PickUp, error: &WireError) {
        match overtaken_by(pick, error) {
            Some(what) => self.say_overtaken(pick, what, |s| s.board.not_moved),
            None => self.refuse(pick.number, error, |s| s.board.not_moved),
        }
    }

    /// Shows a toast with the change that overtook a task and its actor, in a sentence about the
    /// action that was therefore refused.
    pub fn say_overtaken(
        &self,
        pick: &PickUp,
        what: Overtaken,
        sentence: impl Fn(&Strings) -> Pair + 'static,
    ) {
        let tag = move_tag(&pick.task);
        self.toasts.dismiss_tagged(|other| other == tag);
        let (this, pick) = (*self, pick.clone());
        spawn_local(async move {
            let actor = match &what {
                Overtaken::Claimed { by } => format!("agent:{by}"),
                what => this.board.who_did(&pick.task, what).await,
            };
            let reason = untrack(|| meanwhile(this.i18n, pick.number, &what, &actor));
            this.say_refused(pick.number, &reason, sentence);
        });
    }

    /// Opens the "Move to" menu of a card at `anchor`. A choice moves the card as it was when the
    /// menu opened.
    pub fn open_move_menu(&self, task: &TaskId, anchor: &Element) {
        if let Some(pick) = self.board.pick_up(task) {
            let menu = move_menu(*self, pick, anchor.clone());
            act(menu, self.i18n, self.toasts);
        }
    }

    fn show_move_menu(&self, pick: &PickUp, anchor: &Element) {
        let (this, number, task) = (*self, pick.number, &pick.task);
        let mut lines = untrack(|| {
            Status::ALL
                .map(|status| {
                    let pick = pick.clone();
                    MenuItem {
                        label: this.i18n.status(status).to_owned(),
                        icon: Some(status_icon(status)),
                        checked: Some(status == pick.standing.status),
                        on_select: Handler::new(move || {
                            this.view.focus(&pick.task);
                            this.put_down(&pick, status);
                        }),
                        ..MenuItem::default()
                    }
                })
                .to_vec()
        });
        if pick.standing.status == Status::Completed && untrack(|| this.offers_merge()) {
            lines.push(this.merge_item(task));
        }
        if self.has_failed(task) {
            lines.extend(self.failed_items(task, anchor));
        }
        let label = untrack(|| self.i18n.t(|s| (s.card.move_to)(&number_sign(number))));
        // The card stays mounted, and its neighbor gets the focus if it disappears.
        self.view.focused.set(Some(task.clone()));
        self.menu.toggle_about(anchor, label, lines, task.as_str());
    }
}

/// Describes a concurrent change of a task and its actor.
fn meanwhile(i18n: I18n, number: u64, what: &Overtaken, actor: &str) -> String {
    let who = actor_name(i18n, actor);
    let task = number_sign(number);
    match what {
        Overtaken::Gone => i18n.t(|s| (s.board.removed)(&task, &who)),
        Overtaken::Claimed { .. } => i18n.t(|s| (s.board.claimed)(&task, &who)),
        Overtaken::Moved { to } => i18n.t(|s| (s.board.overtaken)(&who, i18n.status(*to))),
        Overtaken::Released => i18n.t(|s| (s.board.released)(&task, &who)),
        Overtaken::Reprioritized => i18n.t(|s| (s.board.reprioritized)(&task, &who)),
    }
}
