//! Import of a whole file of another program.

use std::sync::Arc;

use tasktree_protocol::{ProjectId, StreamId};
use tokio::task::spawn_blocking;

use super::import::{Written, incomplete};
use super::{Receipt, Service, WriteContext, operation, unstoppable};
use crate::auth::{Permission, Target};
use crate::domain::import::{
    self, FileReport, ImportReport, Incoming, Note, Portion, PortionReport, Upload,
};
use crate::domain::project;
use crate::error::{Error, Result};

/// A list of a file whose import began.
#[derive(Debug)]
struct Begun {
    project: ProjectId,
    /// True if the import creates the project.
    is_new: bool,
    written: Written,
}

impl Service {
    /// Creates or updates the tasks of a file, each list in its project, which is created if
    /// missing.
    ///
    /// A second import of the same file changes nothing. With `dry_run` nothing is changed; the
    /// report is the same.
    ///
    /// A large file is written in parts, as [`Service::import_tasks`] says. If that fails,
    /// everything that it has created is removed again.
    ///
    /// # Errors
    /// If the file cannot be read, a project remembers another file, or there is no room for all
    /// tasks: then nothing is changed.
    pub async fn import_file(
        &self,
        context: WriteContext,
        upload: Upload,
        bytes: Vec<u8>,
        dry_run: bool,
    ) -> Result<Receipt<FileReport>> {
        let project = upload.project.clone();
        let of = project.as_ref().map_or(Target::Everything, Target::Project);
        self.principal().check(Permission::Manage, of)?;
        let stream = project
            .as_ref()
            .map_or_else(StreamId::system, StreamId::project);
        let limits = self.limits().clone();
        let reading = spawn_blocking(move || Incoming::read(upload, &bytes, &limits));
        let incoming = reading.await.map_err(|_| {
            Error::Internal("Internal error: reading the file panicked.".to_owned())
        })??;
        if dry_run {
            return self.foretell(context, incoming, of).await;
        }
        if incoming.is_large() {
            let service = self.clone();
            let import = async move {
                service
                    .import_large(context, incoming, stream, project)
                    .await
            };
            return unstoppable(import).await;
        }
        // A large import in progress has tasks that this one would not find.
        let _one_at_a_time = self.inner.importing.lock().await;
        let principal = self.principal().clone();
        let may_make = move || principal.check(Permission::Manage, Target::Everything);
        self.write(context, Permission::Manage, stream, move |change| {
            import::apply_portions(change, incoming, may_make)
        })
        .await
    }

    /// Returns the report of a dry run.
    async fn foretell(
        &self,
        context: WriteContext,
        incoming: Incoming,
        of: Target<'_>,
    ) -> Result<Receipt<FileReport>> {
        let (now, limits) = (self.now(), self.limits().clone());
        let snapshot = self
            .snapshot(of, StreamId::system(), move |rows| {
                let _holds = context.holds;
                import::plan_portions(rows, incoming, now, &limits)
            })
            .await?;
        let (planned, notes) = snapshot.value;
        self.may_make(planned.iter().map(|(portion, _)| portion))?;
        let projects = planned.into_iter();
        let projects = projects.map(|(portion, report)| portion.report(report));
        Ok(Receipt {
            value: FileReport {
                dry_run: true,
                projects: projects.collect(),
                notes,
            },
            cursor: snapshot.cursor,
            replayed: false,
            committed: None,
        })
    }

    /// Refuses a principal who may not create the missing projects.
    fn may_make<'a>(&self, mut portions: impl Iterator<Item = &'a Portion>) -> Result<()> {
        if portions.any(|portion| portion.target.is_new) {
            self.principal()
                .check(Permission::Manage, Target::Everything)?;
        }
        Ok(())
    }

    /// Imports a file in several transactions.
    async fn import_large(
        &self,
        mut context: WriteContext,
        incoming: Incoming,
        stream: StreamId,
        project: Option<ProjectId>,
    ) -> Result<Receipt<FileReport>> {
        self.sign(&mut context);
        let _one_at_a_time = self.inner.importing.lock().await;
        let of = project.as_ref().map_or(Target::Everything, Target::Project);
        let (again, now, limits) = (context.clone(), self.now(), self.limits().clone());
        let planned = self
            .read(of, move |rows| {
                if operation::is_answered(rows, &again, now, &limits)? {
                    return Ok(None);
                }
                import::plan_portions(rows, incoming, now, &limits).map(Some)
            })
            .await?;
        let step = WriteContext {
            idempotency: None,
            ..context.clone()
        };
        let mut begun = Vec::new();
        let report = match planned {
            Some((planned, notes)) => {
                self.may_make(planned.iter().map(|(portion, _)| portion))?;
                self.import_portions(&step, planned, notes, &mut begun)
                    .await
            }
            // The kept answer is returned instead.
            None => Ok(FileReport {
                dry_run: false,
                projects: Vec::new(),
                notes: Vec::new(),
            }),
        };
        let kept = match report {
            Ok(report) => {
                self.write(context, Permission::Manage, stream, move |_| Ok(report))
                    .await
            }
            Err(error) => Err(error),
        };
        let Err(mut error) = kept else {
            return kept;
        };
        for Begun {
            project,
            is_new,
            written,
        } in begun
        {
            if is_new {
                self.withdraw(&step, &project).await;
            } else {
                error = incomplete(error, &project, &written);
            }
        }
        Err(error)
    }

    /// Imports lists one after the other, and records the progress of each.
    async fn import_portions(
        &self,
        step: &WriteContext,
        planned: Vec<(Portion, ImportReport)>,
        notes: Vec<Note>,
        begun: &mut Vec<Begun>,
    ) -> Result<FileReport> {
        let mut projects: Vec<PortionReport> = Vec::with_capacity(planned.len());
        for (portion, _) in planned {
            let mut own = Begun {
                project: portion.target.project.clone(),
                is_new: portion.target.is_new,
                written: Written::default(),
            };
            let report = self.import_portion(step, portion, &mut own.written).await;
            begun.push(own);
            projects.push(report?);
        }
        Ok(FileReport {
            dry_run: false,
            projects,
            notes,
        })
    }

    async fn import_portion(
        &self,
        step: &WriteContext,
        portion: Portion,
        written: &mut Written,
    ) -> Result<PortionReport> {
        let id = portion.target.project.clone();
        let portion = Arc::new(portion);
        let begun = Arc::clone(&portion);
        self.step(step, &id, move |change, _| {
            import::begin_portion(change, &begun, true)
        })
        .await?;
        let tasks = Arc::clone(&portion.tasks);
        let report = self.import_in_parts(step, &id, tasks, written).await?;
        let source = portion.source();
        self.step(step, &id, move |change, id| {
            import::finish_portion(change, id, source.as_ref())
        })
        .await?;
        Ok(portion.report(report))
    }

    /// Removes a project that a failed import has created. If that fails too, it is removed when
    /// the server starts.
    async fn withdraw(&self, step: &WriteContext, id: &ProjectId) {
        let removed = self.step(step, id, project::withdraw).await;
        if let Err(error) = removed {
            tracing::warn!(%error, "cannot remove the project of a failed import yet");
        }
    }
}
