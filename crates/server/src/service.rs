//! The async facade that HTTP and WebSocket call: every operation of the system, with its actor.
//!
//! A write is one transaction (row, event, stream position, idempotency record). It is published
//! after the commit, in the order of the commits, and answered after that. A read sees one state
//! and returns the position at which it was taken.
//!
//! A service acts for a [`Principal`]. Every read and every write names the permission that it
//! needs, and is refused here if the principal lacks it, whether it came through HTTP or a socket.
//! A service made by [`Service::with`] acts for the server itself.

pub(crate) mod accounts;
mod agents;
mod attention;
mod call;
mod clock;
mod commands;
mod comments;
mod events;
mod git;
mod health;
mod hooks;
mod idempotency;
mod import;
mod import_file;
mod leases;
mod listing;
mod operation;
mod pending_imports;
mod people;
mod projects;
mod publisher;
mod questions;
mod sweeper;
mod tasks;
mod transact;

use std::sync::Arc;

use tasktree_protocol::Timestamp;

use crate::auth::{Permission, Principal, Target};
pub use crate::domain::{Ephemeral, Subject};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::store::Store;
pub use call::{Holding, Receipt, Snapshot, WriteContext};
pub use clock::{Clock, ManualClock, Moment, SystemClock};
pub(crate) use clock::{every, system_millis};
pub use git::{GitStatus, MergeBy};
pub use hooks::{Asking, Briefed};
pub use idempotency::IdempotencyKey;
pub use listing::{ListPart, Rest};
pub use publisher::{NoPublisher, Publisher};
pub use questions::Reported;

/// Every operation of the system. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    inner: Arc<Inner>,
    principal: Principal,
}

struct Inner {
    store: Arc<dyn Store>,
    publisher: Arc<dyn Publisher>,
    clock: Arc<dyn Clock>,
    limits: Arc<Limits>,
    /// Detects that the clock was set.
    setting: clock::Setting,
    git: git::Turns,
    /// Held while tasks are imported.
    importing: tokio::sync::Mutex<()>,
    health: health::Health,
}

impl std::fmt::Debug for Service {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Service")
            .field("principal", &self.principal)
            .field("limits", &self.inner.limits)
            .finish_non_exhaustive()
    }
}

impl Service {
    /// Creates the service over a store, with the default limits and the machine's clock.
    pub fn new(store: Arc<dyn Store>, publisher: Arc<dyn Publisher>) -> Self {
        Self::with(store, publisher, Arc::new(SystemClock), Limits::default())
    }

    /// Creates the service with a clock and limits of the caller's choice.
    pub fn with(
        store: Arc<dyn Store>,
        publisher: Arc<dyn Publisher>,
        clock: Arc<dyn Clock>,
        limits: Limits,
    ) -> Self {
        let now = Moment {
            millis: clock.now().unix_millis(0),
            steady: clock.steady(),
        };
        Self {
            inner: Arc::new(Inner {
                store,
                publisher,
                setting: clock::Setting::new(now),
                clock,
                git: git::Turns::new(&limits),
                limits: Arc::new(limits),
                importing: tokio::sync::Mutex::new(()),
                health: health::Health::default(),
            }),
            principal: Principal::server(),
        }
    }

    /// Returns the same service acting for a principal: with their permissions, and in their name.
    #[must_use]
    pub fn acting_for(&self, principal: Principal) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            principal,
        }
    }

    /// Refuses an operation that the principal's role never permits, in any project.
    ///
    /// # Errors
    /// As [`Principal::check`].
    pub fn may(&self, needs: Permission) -> Result<()> {
        self.principal.check(needs, Target::Visible)
    }

    /// Returns the principal that it acts for.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// Returns the limits that it enforces.
    pub fn limits(&self) -> &Limits {
        &self.inner.limits
    }

    /// Returns the time by its clock.
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// Returns the time by its clock and by the steady one.
    pub(crate) fn moment(&self) -> Moment {
        Moment {
            millis: self.now().unix_millis(0),
            steady: self.inner.clock.steady(),
        }
    }

    /// Returns the time that stored deadlines are relative to, until the sweeper moves them after a
    /// clock change.
    fn unset_now(&self) -> Timestamp {
        self.inner.setting.unset(self.moment())
    }
}

/// Runs to its end even if the request that started it is dropped.
///
/// Work that is cancelled in the middle would leave an inconsistent state.
pub(crate) async fn unstoppable<T: Send + 'static>(
    change: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    tokio::spawn(change).await.unwrap_or_else(|_| {
        Err(Error::Internal(
            "Internal error: the operation panicked.".to_owned(),
        ))
    })
}
