//! The state of a project's repository, as git reports it or as it is stored.

use std::path::Path;

use serde::{Deserialize, Serialize};
use tasktree_protocol::error::code;
use tasktree_protocol::{Project, ProjectId, StreamId};

use super::obstacles::changed_files;
use super::repository::{Repository, folder};
use crate::auth::{Permission, Target};
use crate::domain;
use crate::error::{Error, Result};
use crate::remote::without_credentials;
use crate::service::{Service, WriteContext};

/// State of the repository in a project's directory, in the form of the older API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct GitStatus {
    /// True if the directory is in a repository; null if unknown.
    pub is_git_repo: Option<bool>,
    /// Branch that is checked out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_branch: Option<String>,
    /// True if there is something to commit; absent if the path has no work tree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_changes: Option<bool>,
    /// Address of `origin`; present (and maybe null) if it is a repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub remote_url: Option<Option<String>>,
    /// Reason for which git does not use the repository, mostly in its own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Service {
    /// Returns the state of the project's repository.
    ///
    /// Git runs if `may_run` is true and the caller may manage the project, and its result is
    /// stored; others get the stored state.
    ///
    /// # Errors
    /// `NotFound` if git is to run and the project's directory is not on this machine.
    pub async fn git_status(&self, project: &ProjectId, may_run: bool) -> Result<GitStatus> {
        let row = self.project(project).await?.value;
        let manages = self
            .principal()
            .check(Permission::Manage, Target::Project(project));
        if !may_run || manages.is_err() {
            return Ok(GitStatus {
                is_git_repo: row.is_git_repo,
                remote_url: row.git_remote.map(Some),
                ..GitStatus::default()
            });
        }
        let folder = folder(&row.path).await?;
        let turn = self.inner.git.take(&folder).await?;
        let status = self.ask_git(&folder).await?;
        drop(turn);
        self.keep_status(row, &status).await?;
        Ok(status)
    }

    async fn ask_git(&self, folder: &Path) -> Result<GitStatus> {
        let found = match Repository::find(folder, self.limits()).await {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(GitStatus::of(Some(false))),
            Err(error) => {
                let is_repository = match &error {
                    Error::Repository(refusal) if refusal.code == code::NOT_A_REPOSITORY => {
                        Some(false)
                    }
                    // There is one, and git does not use it.
                    Error::Repository(_) => Some(true),
                    Error::Command(words) if is_broken(words) => Some(false),
                    _ => None,
                };
                return unusable(is_repository, error);
            }
        };
        let status = state(&found).await;
        status.or_else(|error| unusable(Some(true), error))
    }

    /// Stores git's result, if it differs from the stored one.
    async fn keep_status(&self, row: Project, status: &GitStatus) -> Result<()> {
        let Some(is_repository) = status.is_git_repo else {
            return Ok(());
        };
        if row.is_git_repo == Some(is_repository) {
            return Ok(());
        }
        let context = WriteContext::new(self.principal().actor().clone());
        let stream = StreamId::project(&row.id);
        let kept = self.write(context, Permission::Manage, stream, move |change| {
            domain::project::repository_found(change, &row.id, &row.path, is_repository)
        });
        kept.await.map(drop)
    }
}

impl GitStatus {
    fn of(is_git_repo: Option<bool>) -> Self {
        Self {
            is_git_repo,
            ..Self::default()
        }
    }
}

async fn state(found: &Repository) -> Result<GitStatus> {
    let git = &found.git;
    let has_changes = match &found.work_tree {
        Some(_) => {
            let changed = changed_files(git, "--untracked-files=normal").await?;
            Some(!changed.is_empty())
        }
        None => None,
    };
    let remote = git.run(&["remote", "get-url", "origin"]).await.ok();
    Ok(GitStatus {
        is_git_repo: Some(true),
        current_branch: Some(found.current_branch().await?.unwrap_or_default()),
        has_changes,
        remote_url: Some(remote.as_deref().map(without_credentials)),
        error: None,
    })
}

/// Returns true if git said that the `.git` found there is no repository.
fn is_broken(words: &str) -> bool {
    words.contains("not a git repository") || words.contains("invalid gitfile format")
}

fn unusable(is_repository: Option<bool>, error: Error) -> Result<GitStatus> {
    let words = match error {
        Error::Command(words) => words,
        Error::Repository(refusal) => refusal.message,
        other => return Err(other),
    };
    Ok(GitStatus {
        error: Some(words),
        ..GitStatus::of(is_repository)
    })
}
