//! Interface of the storage in which changes outlive the page.

use std::pin::Pin;

use tasktree_protocol::Command;
use tasktree_protocol::unsent::Caller;

use super::kept::Kept;
use crate::browser::clock::server_span;

/// Storage in which changes outlive the page. It is used through `dyn`: its code is reached only by
/// callers of [`Unsent::keep`](super::Unsent::keep), and changes are sent without it too.
pub(super) trait Beyond: std::fmt::Debug {
    /// Keeps a change of this page, if that is possible.
    fn keep(&self, intent: &str, command: Command, caller: Option<Caller>);
    /// Returns true if a change is this page's: no other one has taken it over.
    fn has(&self, intent: &str) -> bool;
    /// Lets go of what is no longer this page's.
    fn look(&self);
    /// Waits until it is certain which changes are this page's.
    fn settled(&self) -> Pin<Box<dyn Future<Output = ()> + '_>>;
    /// Records that a command is about to be sent for a change.
    fn note_attempt(&self, intent: &str, id: &str, command: &Command);
    /// Forgets that a change could not be kept.
    fn forget(&self, intent: &str);
    /// Records that a change was made, with the version of the row.
    fn settle(&self, intent: &str, rev: Option<u64>);
    /// Leaves a change to another page.
    fn leave(&self, intent: &str);
    /// Removes a change.
    fn remove(&self, intent: &str);
    /// Leaves the kept changes to other pages.
    fn close(&self);
}

impl Beyond for Kept {
    fn keep(&self, intent: &str, command: Command, caller: Option<Caller>) {
        self.keep(intent, command, caller);
    }

    fn has(&self, intent: &str) -> bool {
        self.has(intent)
    }

    fn look(&self) {
        super::Owner::look(self);
    }

    fn settled(&self) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(self.settled())
    }

    fn note_attempt(&self, intent: &str, id: &str, command: &Command) {
        self.change(|keeper| keeper.note_attempt(intent, id, command, server_span()));
    }

    fn forget(&self, intent: &str) {
        self.forget(intent);
    }

    fn settle(&self, intent: &str, rev: Option<u64>) {
        self.change(|keeper| keeper.settle(intent, rev));
    }

    fn leave(&self, intent: &str) {
        self.change(|keeper| keeper.leave(intent));
    }

    fn remove(&self, intent: &str) {
        self.change(|keeper| keeper.remove(intent));
    }

    fn close(&self) {
        self.close();
    }
}
