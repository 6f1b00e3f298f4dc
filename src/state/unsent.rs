//! What people have asked for and the server has not answered, in the order in which it was asked: it waits, in sight, while there is no
//! connection, and goes when there is one again.
//!
//! Changes of one task go one after the other, so that what was asked for last is what stands in the end. Those of different tasks
//! do not wait for each other.

use std::rc::Rc;
use std::sync::Arc;

use leptos::prelude::*;
use tasktree_protocol::{Command, TaskId};

use crate::later::when_here;
use crate::net::use_websocket;

mod queue;

pub(super) use queue::Ticket;
use queue::{DraftGuard, Queue, takes_commands};

/// The most changes that wait, as in the outbox of the connection (`protocol::session`).
pub const MOST_UNSENT: usize = 256;

/// A change that is not answered yet.
#[derive(Clone, Debug, PartialEq)]
pub struct UnsentChange {
    /// The id of its command.
    pub id: String,
    /// What is asked for.
    pub command: Arc<Command>,
    /// Whether it is on its way, and cannot be taken back any more.
    pub is_under_way: bool,
}

impl UnsentChange {
    /// The task that it changes; a new one has none yet.
    pub fn task(&self) -> Option<&TaskId> {
        match &*self.command {
            Command::CreateTask { .. } => None,
            Command::UpdateTask { task, .. }
            | Command::DeleteTask { task, .. }
            | Command::RestoreTask { task, .. } => Some(task),
        }
    }
}

/// All that waits on this page. All handles are the same list.
#[derive(Clone, Copy, Debug)]
pub struct Unsent {
    /// In the order in which it was asked for.
    pub changes: Signal<Vec<UnsentChange>>,
    /// Whether it waits for the connection, rather than for an answer.
    pub is_waiting: Signal<bool>,
    list: RwSignal<Vec<UnsentChange>>,
    queue: StoredValue<Option<Rc<Queue>>, LocalStorage>,
}

/// The list of the page, for everything below the current owner.
pub fn provide_unsent() -> Unsent {
    if let Some(unsent) = use_context::<Unsent>() {
        return unsent;
    }
    let socket = use_websocket();
    let list = RwSignal::new(Vec::new());
    let unsent = Unsent {
        is_waiting: Memo::new(move |_| {
            !list.read().is_empty() && !socket.state.with(takes_commands)
        })
        .into(),
        changes: list.into(),
        list,
        queue: StoredValue::new_local(None),
    };
    provide_context(unsent);
    when_here(move |parts| (parts.follow_unsent)(unsent));
    unsent
}

/// Begins to take changes, and gives them their turns.
pub(crate) fn follow_unsent(unsent: Unsent) {
    let socket = use_websocket();
    unsent
        .queue
        .set_value(Some(Queue::new(socket, unsent.list.into())));
    on_cleanup(move || {
        if let Some(queue) = unsent.queue() {
            queue.close();
        }
    });
    Effect::new(move |_| {
        socket.state.track();
        if let Some(queue) = unsent.queue() {
            queue.give_turns();
        }
    });
}

/// What waits on this page.
///
/// # Panics
/// Where [`provide_unsent`] was not called above.
#[must_use]
#[track_caller]
pub fn use_unsent() -> Unsent {
    expect_context()
}

impl Unsent {
    /// `None` before it was made, and when the page is gone.
    fn queue(&self) -> Option<Rc<Queue>> {
        self.queue.try_get_value().flatten()
    }

    /// Takes a change, as the last; nothing where too many wait already, or the page is gone.
    pub(super) fn add(&self, id: &str, command: Command) -> Option<Ticket> {
        self.queue()?.add(id, command)
    }

    /// Has the page ask before it is left while `is_written` says that somebody is writing what is nowhere else; tracked, until the
    /// owner ends.
    pub fn hold_while(&self, is_written: impl Fn() -> bool + 'static) {
        let this = *self;
        Effect::new(move |_: Option<Option<DraftGuard>>| {
            let is_written = is_written();
            let queue = this.queue().filter(|_| is_written)?;
            Some(queue.hold_draft())
        });
    }

    /// Takes a change back. One that is under way stays: it may have taken effect.
    pub fn discard(&self, id: &str) {
        if let Some(queue) = self.queue() {
            queue.remove(|change| change.id == id && !change.is_under_way);
        }
    }
}
