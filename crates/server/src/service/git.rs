//! Git operations in a project's folder: status, a new repository, a merge.
//!
//! Git runs for callers who may manage a project, and for the server itself when it looks at the
//! start and the end of a claim (`base`, `evidence`). It runs outside of the store's thread, one
//! operation at a time per repository (`turns`), and never starts another program (`config`).

mod advance;
mod base;
mod changes;
mod command;
mod config;
mod contained;
mod evidence;
mod init;
mod main_branch;
mod merge;
mod obstacles;
mod plain;
mod preview;
mod programs;
mod repository;
mod status;
mod turns;

use std::time::Duration;

use tasktree_protocol::error::code;
use tasktree_protocol::http::MergePreview;
use tasktree_protocol::{Project, ProjectId, StreamId, Task, TaskId};

use super::{Receipt, Service, WriteContext, idempotency, unstoppable};
use crate::auth::{Permission, Target};
use crate::domain;
use crate::error::{Error, Result};
use merge::Merge;
use repository::{Repository, folder};
pub use status::GitStatus;
use turns::Turn;
pub(super) use turns::Turns;

/// Way in which a task becomes merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeBy {
    /// A merge of its branch into the main branch.
    Git,
    /// A check that the main branch contains its branch already.
    Containment,
    /// The word of a person; git does not run.
    Hand,
}

impl Service {
    /// Merges a completed task's branch into the project's main branch, and marks the task merged.
    ///
    /// # Errors
    /// `Refused` if the task is not completed, `Repository` if the repository does not allow it,
    /// `Command` if git fails, `Conflict` if the task changed while git was at work.
    pub async fn merge_task(
        &self,
        context: WriteContext,
        project: &ProjectId,
        task: &TaskId,
        by: MergeBy,
    ) -> Result<Receipt<Task>> {
        self.principal()
            .check(Permission::Manage, Target::Project(project))?;
        let (service, project, task) = (self.clone(), project.clone(), task.clone());
        // Cancelled in the middle, it would leave a repository that does not agree with the board.
        unstoppable(async move { service.merge(context, project, task, by).await }).await
    }

    async fn merge(
        &self,
        mut context: WriteContext,
        project: ProjectId,
        task: TaskId,
        by: MergeBy,
    ) -> Result<Receipt<Task>> {
        self.sign(&mut context);
        let stream = StreamId::project(&project);
        let by_hand = by == MergeBy::Hand;
        let Some((row, _)) = self.unanswered(&context, &project, &task, by_hand).await? else {
            return self
                .write(context, Permission::Manage, stream, move |change| {
                    domain::task::merged_by_hand(change, &project, &task)
                })
                .await;
        };
        let folder = mergeable_folder(&row).await?;
        // Held until the task is marked: a repetition of the request then finds the kept answer.
        let _turn = self.inner.git.take(&folder).await?;
        let found = self.unanswered(&context, &project, &task, false).await?;
        let (rev, commit) = match found {
            Some((row, found)) => {
                let commit = self.merge_with_git(&row, &found, by).await?;
                (found.rev, commit)
            }
            // The kept answer is returned instead.
            None => (0, String::new()),
        };
        self.write(context, Permission::Manage, stream, move |change| {
            domain::task::merged(change, &project, &task, rev, commit)
        })
        .await
    }

    /// Merges, and returns the commit that contains the task's work.
    async fn merge_with_git(&self, project: &Project, task: &Task, by: MergeBy) -> Result<String> {
        let merge = self.find_merge(project, &task.branch).await?;
        if by == MergeBy::Containment {
            return merge.contained().await;
        }
        let ready = merge.check(self.limits()).await?;
        let commit = merge.commit(&ready, task).await?;
        // Nothing points to the commit yet: a task that changed meanwhile costs nothing here.
        let now = self.task(&project.id, &task.id).await?.value;
        if now.rev != task.rev {
            let message = format!(
                "Task #{} changed during the request; nothing was merged.",
                now.number
            );
            let current = Box::new(now);
            return Err(Error::Conflict { message, current });
        }
        merge.advance(&ready, &commit, self.limits()).await?;
        Ok(commit)
    }

    /// Reads the project and the completed task.
    ///
    /// Returns `None` if the request was answered before, or if git has no part in it.
    async fn unanswered(
        &self,
        context: &WriteContext,
        project: &ProjectId,
        task: &TaskId,
        by_hand: bool,
    ) -> Result<Option<(Project, Task)>> {
        if by_hand {
            return Ok(None);
        }
        let (id, wanted, now) = (project.clone(), task.clone(), self.unset_now());
        let (again, limits) = (context.clone(), self.limits().clone());
        self.read(Target::Project(project), move |rows| {
            if idempotency::is_answered(rows, &again, now, &limits)? {
                return Ok(None);
            }
            let row = domain::read::project(rows, &id)?;
            Ok(Some((row, domain::task::mergeable(rows, &id, &wanted)?)))
        })
        .await
    }

    /// Returns the contents of a completed task's merge, and the obstacles to it.
    ///
    /// # Errors
    /// As [`Service::merge_task`], if not even the branches are found.
    pub async fn preview_merge(&self, project: &ProjectId, task: &TaskId) -> Result<MergePreview> {
        self.principal()
            .check(Permission::Manage, Target::Project(project))?;
        let (id, wanted) = (project.clone(), task.clone());
        let found = self.read(Target::Project(project), move |rows| {
            let row = domain::read::project(rows, &id)?;
            Ok((row, domain::task::mergeable(rows, &id, &wanted)?))
        });
        let (row, task) = found.await?;
        let opened = self.open_repository(&row).await?;
        let (_turn, repository) = opened.ok_or_else(|| no_repository(&row.path))?;
        let merge = Merge::new(repository, row.main_branch.as_deref(), &task.branch).await?;
        merge.preview(self.limits()).await
    }

    /// Takes the turn in the repository of a project's folder, and opens it; returns `None` if
    /// there is none.
    async fn open_repository(&self, project: &Project) -> Result<Option<(Turn<'_>, Repository)>> {
        let Ok(folder) = folder(&project.path).await else {
            return Ok(None);
        };
        let turn = self.inner.git.take(&folder).await?;
        let found = Repository::find(&folder, self.limits()).await?;
        Ok(found.map(|repository| (turn, repository)))
    }

    async fn find_merge(&self, project: &Project, branch: &str) -> Result<Merge> {
        let folder = mergeable_folder(project).await?;
        let repository = Repository::find(&folder, self.limits()).await?;
        let repository = repository.ok_or_else(|| no_repository(&project.path))?;
        Merge::new(repository, project.main_branch.as_deref(), branch).await
    }

    /// Creates a repository in the project's directory. The value is true if a `.gitignore` was
    /// created.
    ///
    /// # Errors
    /// `NotFound` if the directory is not on this machine; `Refused` or `Repository` if it is in a
    /// repository already.
    pub async fn init_git(
        &self,
        context: WriteContext,
        project: &ProjectId,
    ) -> Result<Receipt<bool>> {
        self.principal()
            .check(Permission::Manage, Target::Project(project))?;
        let (service, project) = (self.clone(), project.clone());
        unstoppable(async move { service.init(context, project).await }).await
    }

    async fn init(&self, context: WriteContext, project: ProjectId) -> Result<Receipt<bool>> {
        let row = self.project(&project).await?.value;
        let folder = folder(&row.path).await?;
        let _turn = self.inner.git.take(&folder).await?;
        let (again, now, limits) = (context.clone(), self.unset_now(), self.limits().clone());
        let is_answered = self.read(Target::Project(&project), move |rows| {
            idempotency::is_answered(rows, &again, now, &limits)
        });
        let created = if is_answered.await? {
            false
        } else {
            init::make(&folder, self.limits()).await?
        };
        let stream = StreamId::project(&project);
        self.write(context, Permission::Manage, stream, move |change| {
            domain::project::git_initialized(change, &project, &row.path)?;
            Ok(created)
        })
        .await
    }

    /// Waits until running git operations have ended, for as long as a command may take; operations
    /// that wait are dropped.
    ///
    /// Git killed in the middle leaves a repository that somebody has to clean up.
    pub async fn finish_git(&self) {
        let patience = Duration::from_secs(self.limits().git_seconds);
        if !self.inner.git.end(patience).await {
            tracing::warn!("stopped while git was running");
        }
    }
}

/// Returns the project's folder, for a merge.
async fn mergeable_folder(project: &Project) -> Result<std::path::PathBuf> {
    folder(&project.path)
        .await
        .map_err(|_| no_repository(&project.path))
}

fn no_repository(path: &str) -> Error {
    let text = if path.is_empty() {
        "The project has no folder, so it has no git repository.".to_owned()
    } else {
        format!("There is no git repository in '{path}' on this machine.")
    };
    Error::repository(
        code::NOT_A_REPOSITORY,
        format!("{text} To mark the task as merged by hand, without git, send force=true."),
    )
}
