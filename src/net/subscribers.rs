//! The subscribers of messages: an ordered list of callbacks that may change while it is called.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use leptos::prelude::{LocalStorage, StoredValue};
use tasktree_protocol::Message;

type Callback = Rc<dyn Fn(&Message)>;

/// Callbacks in the order in which they were added.
#[derive(Default)]
pub(super) struct Subscribers {
    next_id: Cell<u64>,
    list: RefCell<Vec<(u64, Callback)>>,
}

impl Subscribers {
    /// Adds a callback. It receives messages after the present one.
    pub(super) fn add(self: &Rc<Self>, callback: impl Fn(&Message) + 'static) -> Subscription {
        let id = self.next_id.get();
        self.next_id.set(id + 1);
        self.list.borrow_mut().push((id, Rc::new(callback)));
        Subscription {
            subscribers: Rc::downgrade(self),
            id,
        }
    }

    /// Calls every callback that existed before, and still exists when its turn comes.
    pub(super) fn notify(&self, message: &Message) {
        let present = self.list.borrow().clone();
        for (id, callback) in present {
            // A callback may have ended another's subscription, or its own.
            if self.list.borrow().iter().any(|(other, _)| *other == id) {
                callback(message);
            }
        }
    }
}

/// Subscription to messages: it ends when this is dropped.
#[must_use = "the subscription ends when this is dropped; `forget` ties it to the current component"]
pub struct Subscription {
    subscribers: Weak<Subscribers>,
    id: u64,
}

impl Subscription {
    /// Creates a subscription that receives nothing.
    pub(super) fn ended() -> Self {
        Self {
            subscribers: Weak::new(),
            id: 0,
        }
    }

    /// Keeps the subscription for as long as the current reactive owner (the component, the effect)
    /// lives.
    pub fn forget(self) {
        let _ = StoredValue::<_, LocalStorage>::new_local(self);
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(subscribers) = self.subscribers.upgrade() {
            // Dropped outside of the borrow: the callback's own values may end subscriptions too.
            let removed = {
                let mut list = subscribers.list.borrow_mut();
                let at = list.iter().position(|(id, _)| *id == self.id);
                at.map(|at| list.remove(at))
            };
            drop(removed);
        }
    }
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Subscription")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
