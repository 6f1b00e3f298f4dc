//! Import of a whole file of another program.

use std::sync::Arc;

use tasktree_protocol::{ProjectId, StreamId};
use tokio::task::spawn_blocking;

use super::pending_imports::Published;
use super::{Receipt, Service, WriteContext, idempotency, unstoppable};
use crate::auth::{Permission, Target};
use crate::domain::import::{
    self, FileReport, ImportReport, Incoming, Portion, Room, Staged, Upload,
};
use crate::domain::{Change, project};
use crate::error::{Error, Result};

/// Rows that the import of a list has stored before anything of it shows.
#[derive(Debug)]
enum Begun {
    /// A new project, with its tasks.
    Project(ProjectId),
    /// Tasks of an existing project, from a number on.
    Tasks(ProjectId, u64),
}

impl Service {
    /// Creates or updates the tasks of a file, each list in its project, which is created if
    /// missing.
    ///
    /// A second import of the same file changes nothing. With `dry_run` nothing is changed; the
    /// report is the same.
    ///
    /// A large file is written in parts, as [`Service::import_tasks`] says, and one transaction
    /// publishes all its lists.
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
        let _one_at_a_time = self.import_turn().await?;
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
        let _one_at_a_time = self.import_turn().await?;
        let of = project.as_ref().map_or(Target::Everything, Target::Project);
        let (again, now, limits) = (context.clone(), self.now(), self.limits().clone());
        let unset = self.unset_now();
        let planned = self
            .read(of, move |rows| {
                if idempotency::is_answered(rows, &again, unset, &limits)? {
                    return Ok(None);
                }
                import::plan_portions(rows, incoming, now, &limits).map(Some)
            })
            .await?;
        let Some((planned, notes)) = planned else {
            // The kept answer is returned instead.
            let none = FileReport {
                dry_run: false,
                projects: Vec::new(),
                notes: Vec::new(),
            };
            let answer = move |_: &mut Change<'_>| Ok(none);
            return self
                .write(context, Permission::Manage, stream, answer)
                .await;
        };
        self.may_make(planned.iter().map(|(portion, _)| portion))?;
        let step = WriteContext {
            idempotency: None,
            ..context.clone()
        };
        let mut begun = Vec::new();
        let published = match self.stage_portions(&step, planned, &mut begun).await {
            Ok(staged) => {
                let is_stored = staged.iter().any(|(_, staged)| staged.is_stored());
                self.publish_import(context, stream, is_stored, move |change, import| {
                    import::publish_portions(change, staged, notes, import)
                })
                .await
            }
            Err(error) => Err(error),
        };
        match published {
            Ok(Published::Written(receipt)) => Ok(receipt),
            Ok(Published::Pending(import)) => self.complete_import(&import).await,
            Err(error) => {
                for begun in begun {
                    self.withdraw(&step, begun).await;
                }
                Err(error)
            }
        }
    }

    /// Stages the tasks of one list after the other, and records each list that it began.
    async fn stage_portions(
        &self,
        step: &WriteContext,
        planned: Vec<(Portion, ImportReport)>,
        begun: &mut Vec<Begun>,
    ) -> Result<Vec<(Arc<Portion>, Staged)>> {
        let mut room = Room::default();
        let mut all = Vec::with_capacity(planned.len());
        for (portion, _) in planned {
            let id = portion.target.project.clone();
            let portion = Arc::new(portion);
            if portion.target.is_new {
                let begin = Arc::clone(&portion);
                self.step(step, &id, move |change, _| {
                    import::begin_portion(change, &begin, true)
                })
                .await?;
                begun.push(Begun::Project(id.clone()));
            }
            let tasks = Arc::clone(&portion.tasks);
            let staged = self.stage_import(step, &id, tasks, &mut room).await?;
            if !portion.target.is_new {
                begun.push(Begun::Tasks(id, staged.first));
            }
            all.push((portion, staged));
        }
        Ok(all)
    }

    /// Removes what a failed import has stored. If that fails too, it is removed when the server
    /// starts.
    async fn withdraw(&self, step: &WriteContext, begun: Begun) {
        match begun {
            Begun::Project(id) => {
                if let Err(error) = self.step(step, &id, project::withdraw).await {
                    tracing::warn!(%error, "cannot remove the project of a failed import yet");
                }
            }
            Begun::Tasks(id, first) => self.discard_import(step, &id, first).await,
        }
    }
}
