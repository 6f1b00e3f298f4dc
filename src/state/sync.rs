//! Snapshots: the rules for fetching one, and its merge with the events received meanwhile.

use std::rc::Rc;

use leptos::prelude::{GetUntracked, Set};
use tasktree_protocol::session::SnapshotReason;
use tasktree_protocol::{Cursor, Event, Message, StreamId};

use super::apply::is_included;
use super::board::Load;
use super::cells::write;
use super::core::Core;
use super::refetch::Refetch;
use crate::api::{self, ApiError};
use crate::net::Watcher;

/// Delay of the next attempt after a failure, doubled with every failure, in milliseconds.
const RETRY_MS: i64 = 1_000;
/// Longest delay between two attempts, in milliseconds.
const RETRY_LONGEST_MS: i64 = 30_000;

impl Core {
    /// Fetches the project, subscribes to its stream, and applies the events.
    pub(super) fn follow(self: &Rc<Self>) {
        let me = Rc::downgrade(self);
        let refetch = Refetch::new(Box::new(move || {
            let core = me.upgrade();
            Box::pin(async move {
                if let Some(core) = core {
                    core.fetch().await;
                }
            })
        }));
        self.sync.refetch.replace(Some(refetch));
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
                        core.snapshot_wanted(&reason);
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

    /// Handles the session's request for a snapshot to continue from.
    fn snapshot_wanted(&self, reason: &SnapshotReason) {
        self.sync.wanted.set(true);
        // The page's first fetch, which has just begun, answers the session's first request.
        if *reason == SnapshotReason::New && self.fetch_is_running() {
            return;
        }
        self.sync.wanted_late.set(self.fetch_is_running());
        self.fetch_now();
    }

    fn refetch(&self) -> Option<Rc<Refetch>> {
        self.sync.refetch.borrow().clone()
    }

    pub(super) fn fetch_is_running(&self) -> bool {
        self.refetch().is_some_and(|refetch| refetch.is_running())
    }

    /// Fetches soon, shared with other requests.
    pub(super) fn ask_for_refetch(&self) {
        if let Some(refetch) = self.refetch() {
            refetch.ask();
        }
    }

    /// Fetches at once.
    pub(super) fn fetch_now(&self) {
        if let Some(refetch) = self.refetch() {
            refetch.ask_now();
        }
    }

    async fn fetch(&self) {
        self.sync.heard.borrow_mut().clear();
        self.sync.wanted_late.set(false);
        if let Err(error) = self.fetch_all().await {
            self.failed(error);
        }
        self.sync.heard.borrow_mut().clear();
    }

    /// Fetches tasks, then agents and leases, so that no event falls between. A board without the
    /// latter is still a board.
    async fn fetch_all(&self) -> Result<(), ApiError> {
        let tasks = api::list_tasks(&self.project).await?;
        self.enter(tasks.cursor.as_ref());
        self.change(|rows, changes| rows.replace_all(tasks.value, changes));
        self.replay(tasks.cursor.as_ref(), |_| true);
        self.loaded(tasks.cursor);
        if let Some(agents) = self.unless_missing(api::list_agents(&self.project).await)? {
            self.agents.borrow_mut().replace_all(agents.value);
            self.sync.agents_floor.replace(agents.cursor.clone());
            self.agents_changed.set(true);
            self.replay(agents.cursor.as_ref(), |event| {
                event.agent().is_some()
                    || matches!(event, Event::CoordinationUpdate(_) | Event::AgentRemoved(_))
            });
            self.flush();
        }
        if let Some(leases) = self.unless_missing(api::list_leases(&self.project).await)? {
            write(&self.signals.leases, leases.value);
            self.replay(leases.cursor.as_ref(), |event| {
                matches!(event, Event::FileLocksUpdate(_))
            });
        }
        write(&self.signals.team, Load::Ready);
        self.sync.failures.set(0);
        self.signals.refresh_error.set(None);
        Ok(())
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

    /// Returns `None` if an older server has no such list or fails at it.
    fn unless_missing<T>(&self, answer: Result<T, ApiError>) -> Result<Option<T>, ApiError> {
        match answer {
            Ok(value) => Ok(Some(value)),
            Err(error) if self.is_legacy() || error.is_no_endpoint() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Applies the messages received during the fetch that its answer may lack.
    fn replay(&self, cursor: Option<&Cursor>, concerns: impl Fn(&Event) -> bool) {
        let heard: Vec<Message> = self.sync.heard.borrow().clone();
        for message in heard.iter().filter(|message| concerns(&message.event)) {
            if !is_included(message, cursor) {
                self.apply(message, false);
            }
        }
    }

    fn loaded(&self, cursor: Option<Cursor>) {
        self.sync.floor.replace(cursor.clone());
        self.flush();
        write(&self.signals.load, Load::Ready);
        let first = !self.sync.loaded.replace(true);
        // A snapshot with a cursor is one to continue from, whenever its fetch began. One without
        // is of use only if it began after the session requested it: everything that happened
        // before must be in it.
        let late = self.sync.wanted_late.get() && cursor.is_none();
        if (self.sync.wanted.get() || first) && !late {
            self.sync.wanted.set(false);
            if let Some(guard) = self.sync.guard.borrow().as_ref() {
                guard.snapshot_applied(cursor);
            }
        }
    }

    fn failed(&self, error: ApiError) {
        let failures = self.sync.failures.get();
        self.sync.failures.set(failures.saturating_add(1));
        if error.is_temporary() {
            let delay = RETRY_LONGEST_MS.min(RETRY_MS << failures.min(5));
            let me = self.me.clone();
            // After this fetch has ended: until then it counts as running.
            wasm_bindgen_futures::spawn_local(async move {
                if let Some(refetch) = me.upgrade().and_then(|core| core.refetch()) {
                    refetch.ask_in(delay);
                }
            });
        }
        if !self.signals.team.get_untracked().is_ready() {
            write(&self.signals.team, Load::Failed(error.clone()));
        }
        let is_shown = self.sync.loaded.get() || self.signals.load.get_untracked().is_ready();
        if is_shown && !error.is_not_found() {
            self.signals.refresh_error.set(Some(error));
        } else {
            write(&self.signals.load, Load::Failed(error));
        }
    }
}
