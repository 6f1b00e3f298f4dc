//! The order in which changes are sent, and the warning if leaving the page would lose any.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;

use futures_channel::oneshot;
use leptos::prelude::*;
use tasktree_protocol::Command;
use tasktree_protocol::session::ConnectionState;

use super::{MOST_UNSENT, UnsentChange};
use crate::browser::Listener;
use crate::net::WebSocketHandle;

#[derive(Debug)]
pub(super) struct Queue {
    socket: WebSocketHandle,
    entries: RefCell<Vec<Entry>>,
    changes: ArcRwSignal<Vec<UnsentChange>>,
    /// Number of texts that somebody is writing.
    drafts: Cell<usize>,
    /// Set if the page is gone.
    is_closed: Cell<bool>,
    /// Listener that asks before the page is left while something would be lost. It exists only
    /// then, since it keeps a page out of the browser's back/forward cache.
    leave_warning: RefCell<Option<Listener>>,
}

#[derive(Debug)]
struct Entry {
    change: UnsentChange,
    /// Sender that signals the change's turn.
    turn: Option<oneshot::Sender<()>>,
}

/// Returns true if a change that is sent now can be answered.
pub(super) const fn takes_commands(state: &ConnectionState) -> bool {
    matches!(
        state,
        ConnectionState::Live
            | ConnectionState::CatchingUp { .. }
            | ConnectionState::Degraded
            | ConnectionState::Legacy
            | ConnectionState::Polling(_)
    )
}

impl Queue {
    pub(super) fn new(
        socket: WebSocketHandle,
        changes: ArcRwSignal<Vec<UnsentChange>>,
    ) -> Rc<Self> {
        Rc::new(Self {
            socket,
            entries: RefCell::default(),
            changes,
            drafts: Cell::new(0),
            is_closed: Cell::new(false),
            leave_warning: RefCell::default(),
        })
    }

    /// Appends a change; `None` if too many wait already.
    pub(super) fn add(self: &Rc<Self>, id: &str, command: Command) -> Option<Ticket> {
        if self.entries.borrow().len() >= MOST_UNSENT {
            return None;
        }
        self.entries.borrow_mut().push(Entry {
            change: UnsentChange {
                id: id.to_owned(),
                command: Arc::new(command),
                is_under_way: false,
            },
            turn: None,
        });
        self.tell();
        Some(Ticket {
            queue: Rc::clone(self),
            id: id.to_owned(),
        })
    }

    /// Counts a text that is being written.
    pub(super) fn hold_draft(self: &Rc<Self>) -> DraftGuard {
        self.count_drafts(|count| count + 1);
        DraftGuard(Rc::clone(self))
    }

    /// Queues a change for its turn. Returns `None` if it was discarded, or the page is gone.
    fn line_up(&self, id: &str) -> Option<oneshot::Receiver<()>> {
        if self.is_closed.get() {
            return None;
        }
        let (turn, given) = oneshot::channel();
        {
            let mut entries = self.entries.borrow_mut();
            let entry = entries.iter_mut().find(|entry| entry.change.id == id)?;
            entry.change.is_under_way = false;
            entry.turn = Some(turn);
        }
        self.tell();
        self.give_turns();
        Some(given)
    }

    /// Gives their turn to the first change of each task, while there is a connection.
    pub(super) fn give_turns(&self) {
        let is_open = self.socket.state.try_with_untracked(takes_commands) == Some(true);
        let mut busy = HashSet::new();
        let mut given = Vec::new();
        for entry in self.entries.borrow_mut().iter_mut() {
            let is_first = entry
                .change
                .task()
                .is_none_or(|task| busy.insert(task.clone()));
            if !is_open || !is_first {
                continue;
            }
            if let Some(turn) = entry.turn.take() {
                entry.change.is_under_way = true;
                given.push(turn);
            }
        }
        if given.is_empty() {
            return;
        }
        self.tell();
        for turn in given {
            // One that waits no longer is removed by its ticket.
            let _ = turn.send(());
        }
    }

    /// Removes the changes that `is_meant` accepts. Their waiting tickets end without a turn.
    pub(super) fn remove(&self, is_meant: impl Fn(&UnsentChange) -> bool) {
        let before = self.entries.borrow().len();
        self.entries
            .borrow_mut()
            .retain(|entry| !is_meant(&entry.change));
        if self.entries.borrow().len() != before {
            self.tell();
            self.give_turns();
        }
    }

    /// Ends all turns.
    pub(super) fn close(&self) {
        self.is_closed.set(true);
        for entry in self.entries.borrow_mut().iter_mut() {
            entry.turn = None;
        }
    }

    fn tell(&self) {
        let changes = self
            .entries
            .borrow()
            .iter()
            .map(|it| it.change.clone())
            .collect();
        self.changes.set(changes);
        self.warn_before_leaving();
    }

    fn count_drafts(&self, count: impl FnOnce(usize) -> usize) {
        self.drafts.set(count(self.drafts.get()));
        self.warn_before_leaving();
    }

    fn warn_before_leaving(&self) {
        let is_needed = self.drafts.get() > 0 || !self.entries.borrow().is_empty();
        if is_needed == self.leave_warning.borrow().is_some() {
            return;
        }
        let warning = web_sys::window().filter(|_| is_needed).map(|window| {
            // The browser asks in its own words.
            Listener::new(&window, "beforeunload", |event| event.prevent_default())
        });
        self.leave_warning.replace(warning);
    }
}

/// Guard that counts a text that is being written.
#[derive(Debug)]
pub(super) struct DraftGuard(Rc<Queue>);

impl Drop for DraftGuard {
    fn drop(&mut self) {
        self.0.count_drafts(|count| count.saturating_sub(1));
    }
}

/// Position of a change in the list, until it is dropped.
#[derive(Debug)]
pub(in crate::state) struct Ticket {
    queue: Rc<Queue>,
    id: String,
}

impl Ticket {
    /// Waits until the change may be sent. Returns false if it was discarded, or the page is gone.
    pub(super) async fn turn(&self) -> bool {
        match self.queue.line_up(&self.id) {
            Some(given) => given.await.is_ok(),
            None => false,
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.queue.remove(|change| change.id == self.id);
    }
}
