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
mod clock;
mod commands;
mod comments;
mod events;
mod git;
mod health;
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

use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tasktree_protocol::{Bound, Command, Cursor, NO_CREDENTIAL, ProjectId, StreamId, Timestamp};
use tokio::sync::oneshot;

use crate::actor::Actor;
use crate::auth::{Permission, Principal, Target};
use crate::domain::Change;
pub use crate::domain::{Ephemeral, Subject};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::store::{Read, Store};
pub use clock::{Clock, ManualClock, Moment, SystemClock};
pub(crate) use clock::{every, system_millis};
pub use git::{GitStatus, MergeBy};
pub use listing::{ListPart, Rest};
pub use operation::IdempotencyKey;
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

/// Actor of a write, and the key that tells it from a repetition.
#[derive(Clone, Debug)]
pub struct WriteContext {
    /// Actor that causes the change.
    pub actor: Actor,
    /// Key under which the answer is kept, so that a repetition gets it again.
    pub idempotency: Option<IdempotencyKey>,
    /// Id of the command that causes the change; events carry it.
    pub cause: Option<String>,
    /// Conditions under which the write is made.
    pub bound: Option<Bound>,
    /// Reservation of memory, which is released when the write ends, even if its caller is gone.
    pub holds: Option<Holding>,
}

/// Something that is held for as long as others depend on it.
pub type Holding = Arc<dyn std::fmt::Debug + Send + Sync>;

impl WriteContext {
    /// Returns the context of a write without an idempotency key.
    pub fn new(actor: Actor) -> Self {
        Self {
            actor,
            idempotency: None,
            cause: None,
            bound: None,
            holds: None,
        }
    }

    /// Returns the context of a socket's command: executed once under its id, which its events
    /// carry as their cause.
    ///
    /// # Errors
    /// If the command cannot be written as JSON.
    pub fn command(actor: Actor, id: &str, command: &Command) -> Result<Self> {
        let idempotency = IdempotencyKey::command(id, &serde_json::to_vec(command)?);
        Ok(Self {
            actor,
            idempotency: Some(idempotency),
            cause: Some(id.to_owned()),
            bound: command.bound().cloned(),
            holds: None,
        })
    }

    /// Returns the context of the server's own writes.
    pub fn server() -> Self {
        Self::new(Actor::server())
    }
}

/// Result of a write.
#[derive(Clone, Debug, PartialEq)]
pub struct Receipt<T> {
    /// The row, or whatever the operation returns.
    pub value: T,
    /// Position of the project's stream with the write in it; of the system's stream if the write
    /// has no project or removed it.
    pub cursor: Cursor,
    /// True if this is the kept answer to an earlier request with the same idempotency key.
    pub replayed: bool,
    /// Time of the commit; `None` for a kept answer and for a dry run, which commit nothing.
    pub committed: Option<Instant>,
}

/// Result of a read, and the position at which it was taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot<T> {
    /// The value.
    pub value: T,
    /// Position of the project's stream; of the system's if the read has no project.
    pub cursor: Cursor,
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

    /// Runs a change in a transaction, if the principal may; the receipt has the position of
    /// `stream`.
    ///
    /// A change that belongs to the system's stream needs the permission for everything.
    pub(crate) async fn write<T, F>(
        &self,
        mut context: WriteContext,
        needs: Permission,
        stream: StreamId,
        apply: F,
    ) -> Result<Receipt<T>>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
        F: FnOnce(&mut Change<'_>) -> Result<T> + Send + 'static,
    {
        self.check_stream(needs, &stream)?;
        self.check_caller(&context)?;
        self.sign(&mut context);
        let speaks_as = self.principal.speaks_as().clone();
        let (answer, outcome) = oneshot::channel();
        let job = operation::Operation {
            context,
            speaks_as,
            stream,
            now: self.now(),
            unset: self.unset_now(),
            limits: Arc::clone(&self.inner.limits),
            publisher: Arc::clone(&self.inner.publisher),
            apply: Some(apply),
            receipt: None,
            effects: Vec::new(),
            answer,
        };
        self.inner.store.write(Box::new(job)).await;
        let outcome = outcome.await.unwrap_or_else(|_| Err(Error::store_closed()));
        self.inner.health.written(&outcome);
        let (receipt, claims) = outcome?;
        if !claims.is_empty() {
            // Before the answer: from then on the agent may commit.
            drop(self.note_bases(claims).await);
        }
        Ok(receipt)
    }

    /// Refuses a write that names another credential than the principal's.
    fn check_caller(&self, context: &WriteContext) -> Result<()> {
        let named = context.bound.as_ref().and_then(|it| it.caller.as_deref());
        let is_theirs = |named| named == self.principal.credential().unwrap_or(NO_CREDENTIAL);
        if named.is_none_or(is_theirs) {
            Ok(())
        } else {
            Err(Error::OtherCaller)
        }
    }

    /// Sets the principal as the actor of a write, and binds its key to them.
    fn sign(&self, context: &mut WriteContext) {
        context.actor = self.principal.sign(context.actor.clone());
        if let Some(key) = &mut context.idempotency {
            key.bind(&self.principal);
        }
    }

    /// Runs a change of a project; the receipt has the position of the project's stream.
    async fn change<T, F>(
        &self,
        context: WriteContext,
        needs: Permission,
        project: &ProjectId,
        apply: F,
    ) -> Result<Receipt<T>>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
        F: FnOnce(&mut Change<'_>, &ProjectId) -> Result<T> + Send + 'static,
    {
        let project = project.clone();
        let stream = StreamId::project(&project);
        self.write(context, needs, stream, move |change| {
            apply(change, &project)
        })
        .await
    }

    /// Runs a change of the server's own that belongs to no project.
    async fn keep<T>(
        &self,
        apply: impl FnOnce(&mut Change<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
    {
        self.administer(WriteContext::server(), apply).await
    }

    /// Runs a change that belongs to no project.
    async fn administer<T>(
        &self,
        context: WriteContext,
        apply: impl FnOnce(&mut Change<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
    {
        let system = StreamId::system();
        let written = self.write(context, Permission::Administer, system, apply);
        Ok(written.await?.value)
    }

    /// Checks a permission for the project of a stream.
    ///
    /// The system's stream needs it for everything, except for reads.
    fn check_stream(&self, needs: Permission, stream: &StreamId) -> Result<()> {
        let project = ProjectId::from(stream.as_str());
        let target = match (*stream == StreamId::system(), needs) {
            // Readers get the events about other projects without their contents.
            (true, Permission::Read) => Target::Visible,
            (true, _) => Target::Everything,
            (false, _) => Target::Project(&project),
        };
        self.principal.check(needs, target)
    }

    /// Runs a read, if the principal may read the target.
    pub(crate) async fn read<T, F>(&self, of: Target<'_>, reading: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&dyn Read) -> Result<T> + Send + 'static,
    {
        self.principal.check(Permission::Read, of)?;
        let (answer, outcome) = oneshot::channel();
        let job = move |rows: Result<&dyn Read>| {
            // Nobody waits any more if the request was dropped.
            let _ = answer.send(rows.and_then(reading));
        };
        self.inner.store.read(Box::new(job)).await;
        outcome.await.unwrap_or_else(|_| Err(Error::store_closed()))
    }

    /// Runs a read and takes the position of `stream` with it.
    async fn snapshot<T, F>(
        &self,
        of: Target<'_>,
        stream: StreamId,
        reading: F,
    ) -> Result<Snapshot<T>>
    where
        T: Send + 'static,
        F: FnOnce(&dyn Read) -> Result<T> + Send + 'static,
    {
        self.read(of, move |rows| {
            let value = reading(rows)?;
            Ok(Snapshot {
                value,
                cursor: operation::cursor(rows, &stream)?,
            })
        })
        .await
    }

    /// Runs a read of a project and takes the position of the project's stream with it.
    pub(crate) async fn view<T, F>(&self, project: &ProjectId, reading: F) -> Result<Snapshot<T>>
    where
        T: Send + 'static,
        F: FnOnce(&dyn Read, &ProjectId) -> Result<T> + Send + 'static,
    {
        let (stream, id) = (StreamId::project(project), project.clone());
        self.snapshot(Target::Project(project), stream, move |rows| {
            reading(rows, &id)
        })
        .await
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
