//! What the server does with git in a project's directory: its state, a new repository, a merge.
//!
//! Git runs outside of the store's thread, so it holds nobody up; one merge at a time, and to its end whether or not somebody still waits.

mod command;

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use serde::{Deserialize, Serialize};
use tasktree_protocol::{ProjectId, StreamId, Task, TaskId};
use tokio::sync::MutexGuard;
use tokio::time::timeout;

use super::{Receipt, Service, WriteContext, operation, unstoppable};
use crate::auth::{Permission, Target};
use crate::domain;
use crate::error::{Error, Result};
use command::{Git, PATIENCE};

/// State of the repository in a project's directory, as the older API has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GitStatus {
    /// Whether the directory is in a repository.
    pub is_git_repo: bool,
    /// The branch that is checked out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_branch: Option<String>,
    /// Whether there is something to commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_changes: Option<bool>,
    /// The address of `origin`; present (and maybe null) where it is a repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_url: Option<Option<String>>,
}

/// What is not worth a commit in a new repository.
const GITIGNORE: &str = "# What is made, fetched or secret is not committed.\n\
    node_modules/\ntarget/\ndist/\n__pycache__/\n.venv/\n*.log\n.env\n.DS_Store\n";

impl Service {
    /// Merges a completed task's branch into the branch that is checked out (`--no-ff`), and marks the task merged. With `force` it
    /// is marked without git. A conflict is aborted, and the error has git's message.
    ///
    /// # Errors
    /// `Refused` where the task is not completed, or the project has no repository here; `Command` where git refuses.
    pub async fn merge_task(
        &self,
        context: WriteContext,
        project: &ProjectId,
        task: &TaskId,
        force: bool,
    ) -> Result<Receipt<Task>> {
        self.principal()
            .check(Permission::Manage, Target::Project(project))?;
        let (service, project, task) = (self.clone(), project.clone(), task.clone());
        unstoppable(async move { service.merge(context, project, task, force).await }).await
    }

    async fn merge(
        &self,
        mut context: WriteContext,
        project: ProjectId,
        task: TaskId,
        force: bool,
    ) -> Result<Receipt<Task>> {
        self.sign(&mut context);
        let stream = StreamId::project(&project);
        // Held until the task is marked: a repetition of the request then finds the kept answer.
        let _one_at_a_time = self.git_turn().await?;
        if !force {
            let (id, wanted, now) = (project.clone(), task.clone(), self.now());
            let (again, repeated) = (context.clone(), self.limits().clone());
            let found = self
                .read(Target::Project(&project), move |rows| {
                    if operation::is_answered(rows, &again, now, &repeated)? {
                        return Ok(None);
                    }
                    let row = domain::read::project(rows, &id)?;
                    Ok(Some((row, domain::task::mergeable(rows, &id, &wanted)?)))
                })
                .await?;
            if let Some((row, found)) = found {
                let git = repository(&row.path).await?.ok_or_else(|| {
                    let text = "The project has no git repository on this machine; force=true \
                                marks the task merged without git.";
                    Error::Refused(text.to_owned())
                })?;
                let message = format!("Merge task #{}: {}", found.number, found.title);
                git.merge(&found.branch, &message).await?;
            }
        }
        self.write(context, Permission::Manage, stream, move |work| {
            domain::task::merged(work, &project, &task)
        })
        .await
    }

    /// Waits until git has done what it is doing, for as long as git may take: killed in the middle it leaves a repository that somebody has to
    /// clean up. What waits for its turn is given up.
    pub async fn finish_git(&self) {
        self.inner.ending.store(true, Ordering::Relaxed);
        if timeout(PATIENCE, self.inner.git.lock()).await.is_err() {
            tracing::warn!("ended while git was at work");
        }
    }

    /// One at a time, and none any more when the server ends.
    async fn git_turn(&self) -> Result<MutexGuard<'_, ()>> {
        let turn = self.inner.git.lock().await;
        if self.inner.ending.load(Ordering::Relaxed) {
            return Err(Error::store_closed());
        }
        Ok(turn)
    }

    /// The state of the project's repository.
    ///
    /// # Errors
    /// `NotFound` where the project's directory is not on this machine.
    pub async fn git_status(&self, project: &ProjectId) -> Result<GitStatus> {
        let row = self.project(project).await?.value;
        directory(&row.path).await?;
        let Some(git) = repository(&row.path).await? else {
            return Ok(GitStatus {
                is_git_repo: false,
                current_branch: None,
                has_changes: None,
                remote_url: None,
            });
        };
        let branch = git.run(&["branch", "--show-current"]).await?;
        let changes = git.run(&["status", "--porcelain"]).await?;
        let remote = git.run(&["remote", "get-url", "origin"]).await.ok();
        Ok(GitStatus {
            is_git_repo: true,
            current_branch: Some(branch),
            has_changes: Some(!changes.is_empty()),
            remote_url: Some(remote),
        })
    }

    /// Makes a repository in the project's directory. The value says whether a `.gitignore` was made.
    ///
    /// # Errors
    /// `NotFound` where the directory is not on this machine, `Refused` where it is a repository already.
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
        let path = directory(&row.path).await?;
        let _one_at_a_time = self.git_turn().await?;
        if repository(&row.path).await?.is_some() {
            return Err(Error::Refused("Already a Git repository".to_owned()));
        }
        Git::new(&path).run(&["init"]).await?;
        let created = write_new(&path.join(".gitignore")).await?;
        let stream = StreamId::project(&project);
        self.write(context, Permission::Manage, stream, move |work| {
            domain::project::git_initialized(work, &project)?;
            Ok(created)
        })
        .await
    }
}

/// Makes a `.gitignore` unless there is one; says whether.
async fn write_new(path: &Path) -> Result<bool> {
    if tokio::fs::try_exists(path).await.unwrap_or(true) {
        return Ok(false);
    }
    match tokio::fs::write(path, GITIGNORE).await {
        Ok(()) => Ok(true),
        Err(error) => Err(Error::Command(format!(
            "The .gitignore could not be written: {error}"
        ))),
    }
}

async fn directory(path: &str) -> Result<PathBuf> {
    let path = PathBuf::from(path);
    // A relative path would depend on where the server was started.
    let exists = path.is_absolute() && tokio::fs::metadata(&path).await.is_ok_and(|it| it.is_dir());
    if exists {
        Ok(path)
    } else {
        Err(Error::NotFound("Project path does not exist".to_owned()))
    }
}

/// Git in the project's directory, where that is in a repository.
async fn repository(path: &str) -> Result<Option<Git>> {
    let Ok(path) = directory(path).await else {
        return Ok(None);
    };
    let git = Git::new(&path);
    Ok(git
        .succeeds(&["rev-parse", "--is-inside-work-tree"])
        .await?
        .then_some(git))
}
