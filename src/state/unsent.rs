//! Changes that people have requested and the server has not answered, in their order.
//!
//! They wait visibly while there is no connection, and are sent after a reconnect. They outlive the
//! page, see [`kept`] and [`ownership`].
//!
//! Changes of one task are sent one after the other, so that the last request determines the
//! result. Those of different tasks do not wait for each other.

use std::rc::Rc;
use std::sync::Arc;

use leptos::prelude::*;
use tasktree_protocol::error::code;
use tasktree_protocol::unsent::Caller;
use tasktree_protocol::{Command, TaskId};

use super::access::{AccessState, use_access};
use super::send::{Answer, handed_over};
use crate::net::{WebSocketHandle, use_websocket};
use crate::ui::{boxed_effect, boxed_effect_keeping};

mod beyond;
mod kept;
mod lease;
mod lock;
mod owner;
mod ownership;
mod queue;
mod recovery;
mod shelf;
mod told;

use beyond::Beyond;
use kept::Kept;
use owner::Owner;
pub(super) use queue::Ticket;
use queue::{Queue, takes_commands};
use told::Told;
pub use told::{Keeping, Report};

/// Maximum number of waiting changes, as in the outbox of the connection (`protocol::session`).
pub const MOST_UNSENT: usize = 256;

/// Change that is not answered yet.
#[derive(Clone, Debug, PartialEq)]
pub struct UnsentChange {
    /// Id of its command.
    pub id: String,
    /// Command of the change.
    pub command: Arc<Command>,
    /// Set if it is being sent, and can no longer be discarded.
    pub is_under_way: bool,
}

impl UnsentChange {
    /// Returns the task that it changes; a new one has none yet.
    pub fn task(&self) -> Option<&TaskId> {
        self.command.task()
    }
}

/// Unsent changes of this page. All copies are handles to the same list.
#[derive(Clone, Copy, Debug)]
pub struct Unsent {
    /// Changes in the order of their requests.
    pub changes: Signal<Vec<UnsentChange>>,
    /// Set if they wait for the connection, rather than for an answer.
    pub is_waiting: Signal<bool>,
    /// Changes from closed pages that could not be made, until somebody has read them.
    pub reports: Signal<Vec<Report>>,
    /// Period for which waiting changes are kept.
    pub keeping: Signal<Keeping>,
    list: RwSignal<Vec<UnsentChange>>,
    socket: WebSocketHandle,
    told: RwSignal<Told>,
    access: AccessState,
    kept: StoredValue<Option<Rc<dyn Beyond>>, LocalStorage>,
    queue: StoredValue<Option<Rc<Queue>>, LocalStorage>,
}

/// Provides the page's list to everything below the current owner.
pub fn provide_unsent() -> Unsent {
    if let Some(unsent) = use_context::<Unsent>() {
        return unsent;
    }
    let socket = use_websocket();
    let list = RwSignal::new(Vec::new());
    let (told, access) = (RwSignal::new(Told::default()), use_access());
    let unsent = Unsent {
        is_waiting: Memo::new(move |_| {
            !list.read().is_empty() && !socket.state.with(takes_commands)
        })
        .into(),
        changes: list.into(),
        reports: Memo::new(move |_| told.with(|told| told.reports.clone())).into(),
        keeping: Memo::new(move |_| told.with(|told| told.keeping)).into(),
        list,
        socket,
        told,
        access,
        kept: StoredValue::new_local(None),
        queue: StoredValue::new_local(None),
    };
    provide_context(unsent);
    follow(unsent);
    unsent
}

/// Starts to accept changes, and to give them their turns.
fn follow(unsent: Unsent) {
    let socket = use_websocket();
    unsent
        .queue
        .set_value(Some(Queue::new(socket, unsent.list.into())));
    on_cleanup(move || {
        if let Some(queue) = unsent.queue() {
            queue.close();
        }
        // Another page may adopt the changes from here on.
        if let Some(kept) = unsent.kept() {
            kept.close();
        }
    });
    boxed_effect(move || {
        socket.state.track();
        if let Some(queue) = unsent.queue() {
            queue.give_turns();
        }
    });
}

/// Returns the unsent changes of this page.
///
/// # Panics
/// If [`provide_unsent`] was not called above.
#[must_use]
#[track_caller]
pub fn use_unsent() -> Unsent {
    expect_context()
}

impl Unsent {
    /// Returns the queue, or `None` before it was created, and when the page is gone.
    fn queue(&self) -> Option<Rc<Queue>> {
        self.queue.try_get_value().flatten()
    }

    fn kept(&self) -> Option<Rc<dyn Beyond>> {
        self.kept.try_get_value().flatten()
    }

    /// Returns the signed-in caller, if it is known. Not tracked.
    pub(super) fn caller(&self) -> Option<Caller> {
        untrack(|| self.access.caller())
    }

    /// Appends a change; `None` if too many wait already, or the page is gone.
    pub(super) fn add(&self, id: &str, command: Command) -> Option<Ticket> {
        let ticket = self.queue()?.add(id, command.clone())?;
        if let Some(kept) = self.kept() {
            kept.keep(id, command, self.caller());
        }
        Some(ticket)
    }

    /// Waits until a change may be sent. Returns false if it was discarded or handed over, or the
    /// page is gone.
    pub(super) async fn turn(&self, ticket: &Ticket) -> bool {
        let has_turn = ticket.turn().await;
        if let Some(kept) = self.kept() {
            kept.settled().await;
        }
        has_turn
    }

    /// Records that a command is about to be sent for a change of this page. Returns false if
    /// another page has taken the change over.
    pub(super) fn note_attempt(&self, intent: &str, id: &str, command: &Command) -> bool {
        let Some(kept) = self.kept() else { return true };
        kept.note_attempt(intent, id, command);
        kept.has(intent)
    }

    /// Records the outcome of a change, which this page reports to its author. A change by somebody
    /// who is no longer signed in is kept for them. A failure of one that another page has taken
    /// over says nothing of what becomes of it.
    pub(super) fn settle(&self, intent: &str, answer: &mut Answer) {
        let Some(kept) = self.kept() else { return };
        kept.look();
        if answer.is_err() && !kept.has(intent) {
            *answer = Err(handed_over());
        }
        kept.forget(intent);
        match answer {
            Ok(row) => {
                let rev = row.as_ref().map(|row| row.rev);
                kept.settle(intent, rev);
            }
            Err(error) if error.code == code::OTHER_CALLER => {
                kept.leave(intent);
                self.access.ask(self.socket);
            }
            Err(_) => kept.remove(intent),
        }
    }

    /// Starts to keep the changes beyond the page, and to adopt those of closed pages.
    pub fn keep(&self) {
        if self.kept().is_none() {
            recovery::begin(*self);
        }
    }

    /// Removes a report that somebody has read.
    pub fn dismiss(&self, intent: &str) {
        if let Some(kept) = self.kept() {
            kept.remove(intent);
        }
    }

    /// Lets the browser ask before the page is left while `is_written` returns true, because a text
    /// exists nowhere else. Tracked, until the owner ends.
    pub fn hold_while(&self, is_written: impl Fn() -> bool + 'static) {
        let this = *self;
        boxed_effect_keeping(move || {
            let is_written = is_written();
            let queue = this.queue().filter(|_| is_written)?;
            Some(queue.hold_draft())
        });
    }

    /// Discards a change. One that is being sent stays: it may have taken effect.
    pub fn discard(&self, id: &str) {
        if let Some(queue) = self.queue() {
            queue.remove(|change| change.id == id && !change.is_under_way);
        }
    }
}
