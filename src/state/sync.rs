//! Keeping an open project current: its tasks, agents and leases, each with a follower.
//!
//! A snapshot of the tasks causes a fetch of the agents, and that one of the leases. So the cards
//! come first, and agents and leases are never older than the tasks that they belong to.

use std::rc::Rc;

use leptos::prelude::{GetUntracked, Set};
use tasktree_protocol::follower::Input;
use tasktree_protocol::session::SnapshotReason;
use tasktree_protocol::{Cursor, Event, Message, StreamId, replica};

use super::cells::write;
use super::core::Core;
use super::load::Load;
use super::syncing::Part;
use crate::api::ApiError;
use crate::net::Watcher;

mod parts;

impl Core {
    /// Fetches the project, subscribes to its stream, and applies the events.
    pub(super) fn follow(self: &Rc<Self>) {
        self.sync.parts.replace(Some(parts::follow(self)));
        let me = Rc::downgrade(self);
        let subscription = self.socket.on_message(move |message| {
            if let Some(core) = me.upgrade() {
                core.on_message(message);
            }
        });
        self.sync.subscription.replace(Some(subscription));
        // The first fetch does not wait for the socket.
        self.fetch_now();
        let [me, missed, refused] = [(); 3].map(|()| Rc::downgrade(self));
        let guard = self.socket.watch(
            StreamId::project(&self.project),
            Watcher {
                need_snapshot: Box::new(move |reason| {
                    if let Some(core) = me.upgrade() {
                        core.snapshot_wanted(reason == SnapshotReason::New);
                    }
                }),
                missed: Box::new(move || {
                    if let Some(core) = missed.upgrade() {
                        core.lines_missed();
                    }
                }),
                // The fetch reports a missing project too, and better.
                refused: Box::new(move |_| {
                    if let Some(core) = refused.upgrade() {
                        core.fetch_now();
                    }
                }),
            },
        );
        self.sync.guard.replace(Some(guard));
    }

    /// Fetches a snapshot for the session to continue from. `first` is true for the request of a
    /// new subscription.
    pub(super) fn snapshot_wanted(&self, first: bool) {
        if let Some(tasks) = self.sync.part(Part::Tasks) {
            tasks.input(Input::SnapshotWanted { first });
        }
    }

    /// Fetches soon, shared with other requests.
    pub(super) fn fetch_soon(&self) {
        if let Some(tasks) = self.sync.part(Part::Tasks) {
            tasks.fetch_soon();
        }
    }

    /// Fetches at once.
    pub(super) fn fetch_now(&self) {
        self.fetch_part(Part::Tasks);
    }

    fn fetch_part(&self, part: Part) {
        if let Some(part) = self.sync.part(part) {
            part.fetch_now();
        }
    }

    /// Passes an event of the log to the parts that it concerns.
    pub(super) fn on_event(&self, message: &Message) {
        let event = &message.event;
        let concerned = [
            (Part::Agents, concerns_agents(event)),
            (Part::Leases, matches!(event, Event::FileLocksUpdate(_))),
            (Part::Tasks, concerns_tasks(message)),
        ];
        for (part, _) in concerned.into_iter().filter(|(_, concerns)| *concerns) {
            if let Some(part) = self.sync.part(part) {
                part.on_message(message);
            }
        }
    }

    /// Shows a part after a snapshot of it, and fetches the next one.
    fn show_part(&self, part: Part) {
        self.flush();
        let mut failing = self.sync.failing.get();
        failing[part as usize] = false;
        self.sync.failing.set(failing);
        match part {
            Part::Tasks => {
                write(&self.signals.load, Load::Ready);
                self.sync.is_loaded.set(true);
                self.fetch_part(Part::Agents);
            }
            Part::Agents => self.fetch_part(Part::Leases),
            Part::Leases => {
                write(&self.signals.team, Load::Ready);
                if !failing.contains(&true) {
                    self.signals.refresh_error.set(None);
                }
            }
        }
    }

    /// Tells the session that the tasks are at a position.
    fn acknowledge(&self, cursor: Option<Cursor>) {
        if let Some(guard) = self.sync.guard.borrow().as_ref() {
            guard.snapshot_applied(cursor);
        }
    }

    /// Records the epoch of the project that is about to be shown. Changes made in another epoch
    /// cannot be undone in this one: its tasks only have the same numbers.
    fn enter(&self, cursor: Option<&Cursor>) {
        let epoch = cursor.map(|cursor| cursor.epoch.clone());
        let former = self.sync.epoch.replace(epoch.clone());
        if former.is_some() && former != epoch {
            self.moves.borrow_mut().clear();
            self.deletions.borrow_mut().clear();
        }
    }

    /// Reports the failed fetch of a part.
    fn failed(&self, part: Part, error: ApiError) {
        let mut failing = self.sync.failing.get();
        failing[part as usize] = true;
        self.sync.failing.set(failing);
        if !self.signals.team.get_untracked().is_ready() {
            write(&self.signals.team, Load::Failed(error.clone()));
        }
        let is_shown = self.sync.is_loaded.get() || self.signals.load.get_untracked().is_ready();
        if is_shown && !error.is_not_found() {
            self.signals.refresh_error.set(Some(error));
        } else {
            write(&self.signals.load, Load::Failed(error));
        }
    }
}

/// Returns true if a message changes tasks, or says that they have changed.
fn concerns_tasks(message: &Message) -> bool {
    replica::changes(&message.event).next().is_some() || replica::is_stale_after(message)
}

fn concerns_agents(event: &Event) -> bool {
    event.agent().is_some()
        || matches!(
            event,
            Event::AgentRemoved(_) | Event::CoordinationUpdate(_) | Event::TasksReset(_)
        )
}
