//! Ownership of stored changes: of each page's changes, one living page is the owner.
//!
//! It is decided by locks of the browser, or by leases in its storage where it has no locks.

use std::rc::{Rc, Weak};

use super::lease::LeaseTable;
use super::lock::Locks;
use super::owner::Owner;

/// Ownership of this page. Locks are not lost once they are held; leases may be.
#[derive(Debug)]
pub(super) enum Ownership {
    Locks(Rc<Locks>),
    Leases(Rc<LeaseTable>),
}

impl Ownership {
    /// Makes the page the owner of the changes under its name, and of those of pages that are gone.
    pub(super) fn open(page: &str, owner: &Weak<dyn Owner>) -> Self {
        Locks::open(page, owner.clone()).map_or_else(
            || Self::Leases(LeaseTable::open(page, owner.clone())),
            Self::Locks,
        )
    }

    /// Makes the page the owner of the changes under a new name. Returns false if that is not so
    /// yet, or the storage has no room.
    pub(super) fn create(&self, page: &str) -> bool {
        match self {
            Self::Locks(_) => false,
            Self::Leases(leases) => leases.create(page),
        }
    }

    /// Returns true if the storage had no room for what this page has to write there.
    pub(super) fn is_refused(&self) -> bool {
        match self {
            Self::Locks(_) => false,
            Self::Leases(leases) => leases.is_refused(),
        }
    }

    /// Waits until [`Ownership::take_lost`] is certain to know what happened while the page or the
    /// machine slept.
    pub(super) async fn settled(&self) {
        if let Self::Leases(leases) = self {
            leases.settled().await;
        }
    }

    /// Returns the names whose changes another page owns by now.
    pub(super) fn take_lost(&self) -> Vec<String> {
        match self {
            Self::Locks(_) => Vec::new(),
            Self::Leases(leases) => leases.take_lost(),
        }
    }

    /// Ends the ownership of a page without changes.
    pub(super) fn forget(&self, page: &str) {
        if let Self::Leases(leases) = self {
            leases.forget(page);
        }
    }

    /// Leaves all changes to other pages.
    pub(super) fn end(&self) {
        match self {
            Self::Locks(locks) => locks.end(),
            Self::Leases(leases) => leases.end(),
        }
    }
}
