//! State of following an open project.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use tasktree_protocol::Epoch;

use super::following::Following;
use crate::net::{StreamGuard, Subscription};

/// Part of a project that is fetched by itself.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    Tasks,
    Agents,
    Leases,
}

/// Followers of an open project, and their state.
#[derive(Default)]
pub(super) struct Syncing {
    /// Followers of the parts; `None` after the project was closed.
    pub(super) parts: RefCell<Option<[Rc<Following>; 3]>>,
    /// Parts whose last fetch has failed.
    pub(super) failing: Cell<[bool; 3]>,
    pub(super) is_loaded: Cell<bool>,
    /// Epoch of the project that the board shows; `None` from older servers.
    pub(super) epoch: RefCell<Option<Epoch>>,
    pub(super) guard: RefCell<Option<StreamGuard>>,
    pub(super) subscription: RefCell<Option<Subscription>>,
}

impl Syncing {
    /// Returns the follower of a part; `None` after the project was closed.
    pub(super) fn part(&self, part: Part) -> Option<Rc<Following>> {
        let parts = self.parts.borrow();
        parts.as_ref().map(|parts| Rc::clone(&parts[part as usize]))
    }

    /// Ends fetching and listening.
    pub(super) fn stop(&self) {
        self.subscription.take();
        self.guard.take();
        self.parts.take();
    }
}
