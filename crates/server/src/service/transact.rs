//! The path of every read and every write to the store: the permission is checked, the write is
//! signed, and the position of a stream is taken with it.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tasktree_protocol::{NO_CREDENTIAL, ProjectId, StreamId};
use tokio::sync::oneshot;

use super::{Receipt, Service, Snapshot, WriteContext, operation};
use crate::auth::{Permission, Target};
use crate::domain::Change;
use crate::error::{Error, Result};
use crate::store::Read;

impl Service {
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
    pub(super) fn sign(&self, context: &mut WriteContext) {
        context.actor = self.principal.sign(context.actor.clone());
        if let Some(key) = &mut context.idempotency {
            key.bind(&self.principal);
        }
    }

    /// Runs a change of a project; the receipt has the position of the project's stream.
    pub(super) async fn change<T, F>(
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
    pub(super) async fn keep<T>(
        &self,
        apply: impl FnOnce(&mut Change<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
    {
        self.administer(WriteContext::server(), apply).await
    }

    /// Runs a change that belongs to no project.
    pub(super) async fn administer<T>(
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
    pub(super) fn check_stream(&self, needs: Permission, stream: &StreamId) -> Result<()> {
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
    pub(super) async fn snapshot<T, F>(
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
