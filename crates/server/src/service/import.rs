//! Import of tasks from elsewhere.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tasktree_protocol::{ProjectId, StreamId};

use super::pending_imports::Published;
use super::{Receipt, Service, WriteContext, idempotency, unstoppable};
use crate::auth::{Permission, Target};
use crate::domain::Change;
use crate::domain::import::{
    self, ImportParts, ImportReport, ImportedTask, Known, Room, Staged, StagedChanges,
};
use crate::error::Result;

impl Service {
    /// Creates or updates tasks by the id that they have at their source.
    ///
    /// A task that is the same at the source is left alone. With `dry_run` nothing is changed; the
    /// report is the same.
    ///
    /// An import larger than [`IMPORT_CHUNK_TASKS`](crate::limits::IMPORT_CHUNK_TASKS) or
    /// [`IMPORT_CHUNK_BYTES`](crate::limits::IMPORT_CHUNK_BYTES) is written in several
    /// transactions, between which others write. It is stored first, hidden. If that fails, it is
    /// removed. One transaction then publishes it and shows the new tasks. If only a few existing
    /// tasks change, it writes these changes too. Otherwise they are written in parts after it, by
    /// the sweeper if a write fails.
    ///
    /// # Errors
    /// If a task is not valid, there is no room for all of them, or a write fails before the import
    /// is published: then nothing is changed. If a later write fails, the error says that the
    /// import will be completed.
    pub async fn import_tasks(
        &self,
        context: WriteContext,
        project: &ProjectId,
        tasks: Vec<ImportedTask>,
        dry_run: bool,
    ) -> Result<Receipt<ImportReport>> {
        let of = Target::Project(project);
        self.principal().check(Permission::Manage, of)?;
        let (stream, project) = (StreamId::project(project), project.clone());
        if dry_run {
            let (now, limits) = (self.now(), self.limits().clone());
            let snapshot = self
                .snapshot(of, stream, move |rows| {
                    let _holds = context.holds;
                    import::plan(rows, &project, &tasks, None, now, &limits)
                })
                .await?;
            return Ok(Receipt {
                value: snapshot.value.report,
                cursor: snapshot.cursor,
                replayed: false,
                committed: None,
            });
        }
        if import::is_large(tasks.iter()) {
            let (service, tasks) = (self.clone(), tasks.into());
            return unstoppable(async move { service.import(context, project, tasks).await }).await;
        }
        let _one_at_a_time = self.import_turn().await?;
        self.write(context, Permission::Manage, stream, move |change| {
            import::apply(change, &project, &tasks)
        })
        .await
    }

    async fn import(
        &self,
        mut context: WriteContext,
        project: ProjectId,
        tasks: Arc<[ImportedTask]>,
    ) -> Result<Receipt<ImportReport>> {
        self.sign(&mut context);
        let _one_at_a_time = self.import_turn().await?;
        let (again, now, limits) = (context.clone(), self.unset_now(), self.limits().clone());
        let answered = self
            .read(Target::Project(&project), move |rows| {
                idempotency::is_answered(rows, &again, now, &limits)
            })
            .await?;
        if answered {
            return self
                .change(context, Permission::Manage, &project, |change, id| {
                    change.require(id)?;
                    Ok(ImportReport::default())
                })
                .await;
        }
        let step = WriteContext {
            idempotency: None,
            ..context.clone()
        };
        let mut room = Room::default();
        let staged = self.stage_import(&step, &project, tasks, &mut room).await?;
        let (first, is_stored) = (staged.first, staged.is_stored());
        let (stream, id) = (StreamId::project(&project), project.clone());
        let published = self
            .publish_import(context, stream, is_stored, move |change, import| {
                change.require(&id)?;
                staged.publish(change, &id, import)
            })
            .await;
        match published {
            Ok(Published::Written(receipt)) => Ok(receipt),
            Ok(Published::Pending(import)) => self.complete_import(&import).await,
            Err(error) => {
                self.discard_import(&step, &project, first).await;
                Err(error)
            }
        }
    }

    /// Plans an import, and stores its new tasks and its changes, hidden.
    ///
    /// Changes for which there is room are written when the import is published, and not stored. If
    /// this fails, nothing is left of it.
    pub(super) async fn stage_import(
        &self,
        step: &WriteContext,
        project: &ProjectId,
        tasks: Arc<[ImportedTask]>,
        room: &mut Room,
    ) -> Result<Staged> {
        // Left by an import that failed, and whose removal failed too.
        let id = project.clone();
        let stale = self.read(Target::Project(project), move |rows| rows.stagings(&id));
        for first in stale.await? {
            self.discard_import(step, project, first).await;
        }
        let mut parts = self.plan_import(project, &tasks, None).await?;
        let count = parts.report.created.len() as u64;
        let first = self
            .step(step, project, move |change, id| {
                import::begin(change, id, count)
            })
            .await?;
        let changed = async {
            self.store_new(step, project, &tasks, &mut parts, first)
                .await?;
            let changed = std::mem::take(&mut parts.changed);
            if room.take(&changed) {
                return Ok(StagedChanges::Few(changed));
            }
            self.store_changes(step, project, changed, first).await?;
            Ok(StagedChanges::Stored)
        };
        match changed.await {
            Ok(changed) => Ok(Staged {
                report: parts.report,
                first,
                changed,
            }),
            Err(error) => {
                self.discard_import(step, project, first).await;
                Err(error)
            }
        }
    }

    /// Stores changes of existing tasks where nothing reads them.
    async fn store_changes(
        &self,
        step: &WriteContext,
        project: &ProjectId,
        changed: Vec<Known>,
        first: u64,
    ) -> Result<()> {
        let mut position = 0;
        for part in Known::in_parts(changed) {
            let rows = part.iter().map(serde_json::to_string);
            let rows: Vec<String> = rows.collect::<serde_json::Result<_>>()?;
            let next = position + rows.len() as u64;
            self.step(step, project, move |change, id| {
                import::stage_changes(change, id, first, position, &rows)
            })
            .await?;
            position = next;
        }
        Ok(())
    }

    /// Plans an import on a state that it reads without holding up a writer.
    async fn plan_import(
        &self,
        project: &ProjectId,
        tasks: &Arc<[ImportedTask]>,
        first: Option<u64>,
    ) -> Result<ImportParts> {
        let (id, tasks) = (project.clone(), Arc::clone(tasks));
        let (now, limits) = (self.now(), self.limits().clone());
        self.read(Target::Project(project), move |rows| {
            let plan = import::plan(rows, &id, &tasks, first, now, &limits)?;
            plan.into_parts(rows, &id)
        })
        .await
    }

    /// Stores the new tasks under the numbers from `first` on.
    async fn store_new(
        &self,
        step: &WriteContext,
        project: &ProjectId,
        tasks: &Arc<[ImportedTask]>,
        parts: &mut ImportParts,
        first: u64,
    ) -> Result<()> {
        let count = parts.report.created.len();
        if count > 0 && parts.first != first {
            // Others have created tasks since the plan.
            *parts = self.plan_import(project, tasks, Some(first)).await?;
            if parts.report.created.len() != count {
                return Err(import::changed_meanwhile());
            }
        }
        for part in std::mem::take(&mut parts.new) {
            self.step(step, project, move |change, id| {
                import::stage(change, id, first, part)
            })
            .await?;
        }
        Ok(())
    }

    /// Removes what an import stored that failed before it was published.
    ///
    /// If that fails too, the rest stays hidden. It is removed with the next large import into the
    /// project, or when the server starts.
    pub(super) async fn discard_import(
        &self,
        step: &WriteContext,
        project: &ProjectId,
        first: u64,
    ) {
        loop {
            let more = self
                .step(step, project, move |change, id| {
                    import::discard(change, id, first)
                })
                .await;
            match more {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    tracing::warn!(%error, "cannot remove the tasks of a failed import yet");
                    return;
                }
            }
        }
    }

    /// Runs one transaction of an import.
    pub(super) async fn step<T, F>(
        &self,
        context: &WriteContext,
        project: &ProjectId,
        change: F,
    ) -> Result<T>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
        F: FnOnce(&mut Change<'_>, &ProjectId) -> Result<T> + Send + 'static,
    {
        let context = context.clone();
        let receipt = self.change(context, Permission::Manage, project, change);
        Ok(receipt.await?.value)
    }
}
