//! Import of tasks from elsewhere.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tasktree_protocol::{ProjectId, StreamId};

use super::{Receipt, Service, WriteContext, operation, unstoppable};
use crate::auth::{Permission, Target};
use crate::domain::Change;
use crate::domain::import::{self, ImportParts, ImportReport, ImportedTask};
use crate::error::{Error, Result};

impl Service {
    /// Creates or updates tasks by the id that they have at their source.
    ///
    /// A task that is the same at the source is left alone. With `dry_run` nothing is changed; the
    /// report is the same.
    ///
    /// An import larger than [`IMPORT_CHUNK_TASKS`](crate::limits::IMPORT_CHUNK_TASKS) or
    /// [`IMPORT_CHUNK_BYTES`](crate::limits::IMPORT_CHUNK_BYTES) is written in several
    /// transactions, between which others write. It is checked as a whole before. Its new tasks
    /// appear together, and its changes of other tasks follow. A repetition completes it.
    ///
    /// # Errors
    /// If a task is not valid or there is no room for all of them: then nothing is changed.
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
        // A large import in progress has tasks that this one would not find.
        let _one_at_a_time = self.inner.importing.lock().await;
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
        let _one_at_a_time = self.inner.importing.lock().await;
        let (again, now, limits) = (context.clone(), self.unset_now(), self.limits().clone());
        let answered = self
            .read(Target::Project(&project), move |rows| {
                operation::is_answered(rows, &again, now, &limits)
            })
            .await?;
        let mut written = Written::default();
        let report = if answered {
            Ok(ImportReport::default())
        } else {
            let step = WriteContext {
                idempotency: None,
                ..context.clone()
            };
            self.import_in_parts(&step, &project, tasks, &mut written)
                .await
        };
        let kept = match report {
            Ok(report) => {
                self.change(context, Permission::Manage, &project, move |change, id| {
                    change.require(id)?;
                    Ok(report)
                })
                .await
            }
            Err(error) => Err(error),
        };
        kept.map_err(|error| incomplete(error, &project, &written))
    }

    pub(super) async fn import_in_parts(
        &self,
        step: &WriteContext,
        project: &ProjectId,
        tasks: Arc<[ImportedTask]>,
        written: &mut Written,
    ) -> Result<ImportReport> {
        let mut parts = self.plan_import(project, &tasks, None).await?;
        written.all = parts.changed.iter().map(Vec::len).sum();
        let count = parts.report.created.len() as u64;
        if count > 0 {
            let first = self
                .step(step, project, move |change, id| {
                    import::begin(change, id, count)
                })
                .await?;
            if let Err(error) = self
                .show_new(step, project, &tasks, &mut parts, first)
                .await
            {
                self.discard_import(step, project, first).await;
                return Err(error);
            }
            written.new = parts.report.created.len();
        }
        let mut report = parts.report;
        let changed = self.change_known(step, project, parts.changed, written);
        report.warnings.extend(changed.await?);
        Ok(report)
    }

    /// Updates tasks that existed before; returns warnings about values that could not be imported.
    async fn change_known(
        &self,
        step: &WriteContext,
        project: &ProjectId,
        parts: Vec<Vec<import::Row>>,
        written: &mut Written,
    ) -> Result<Vec<String>> {
        if parts.len() > 1 {
            for part in &parts {
                let ties = part.iter().map(import::Row::ties).collect();
                self.step(step, project, move |change, id| {
                    import::loosen(change, id, ties)
                })
                .await?;
            }
        }
        let mut warnings = Vec::new();
        for part in parts {
            let count = part.len();
            let more = self.step(step, project, move |change, id| {
                import::update(change, id, part)
            });
            warnings.extend(more.await?);
            written.changed += count;
        }
        Ok(warnings)
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
            Ok(plan.into_parts())
        })
        .await
    }

    /// Stores the new tasks under the numbers from `first` on, and shows them.
    async fn show_new(
        &self,
        step: &WriteContext,
        project: &ProjectId,
        tasks: &Arc<[ImportedTask]>,
        parts: &mut ImportParts,
        first: u64,
    ) -> Result<()> {
        let count = parts.report.created.len();
        if parts.first != first {
            // Others have created tasks since the plan.
            *parts = self.plan_import(project, tasks, Some(first)).await?;
        }
        let Some(last) = parts.report.created.last().cloned() else {
            return Err(changed_meanwhile());
        };
        if parts.report.created.len() != count {
            return Err(changed_meanwhile());
        }
        for part in std::mem::take(&mut parts.new) {
            self.step(step, project, move |change, id| {
                import::stage(change, id, first, part)
            })
            .await?;
        }
        self.step(step, project, move |change, id| {
            import::publish(change, id, first, &last)
        })
        .await
    }

    /// Removes the stored tasks of an import that failed before it was shown.
    ///
    /// If that fails too, the remaining ones stay hidden, and are removed when the server starts.
    async fn discard_import(&self, step: &WriteContext, project: &ProjectId, first: u64) {
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

/// Progress of a large import.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Written {
    /// Number of new tasks that are shown.
    new: usize,
    /// Number of existing tasks that are updated.
    changed: usize,
    /// Number of existing tasks to update.
    all: usize,
}

/// Returns the error of a failed import, with the changes that it has left in a project.
pub(super) fn incomplete(error: Error, project: &ProjectId, written: &Written) -> Error {
    let Written { new, changed, all } = *written;
    match error {
        Error::Storage { message, temporary } if new > 0 || changed > 0 => Error::Storage {
            message: format!(
                "The import into '{project}' is incomplete: its {new} new tasks were created, and \
                 {changed} of {all} changed tasks were updated. Repeat the import to complete it. \
                 The next step failed: {message}"
            ),
            temporary,
        },
        other => other,
    }
}

fn changed_meanwhile() -> Error {
    Error::Refused(
        "The project was removed or reset during the import; nothing was imported.".to_owned(),
    )
}
