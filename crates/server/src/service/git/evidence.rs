//! Facts about a project's repository, for the evidence of a completion.
//!
//! The server looks by itself, with commands that only read. What it cannot find out in time stays
//! unknown: nobody's report waits for git, and none is refused because of it.

use std::time::Duration;

use tasktree_protocol::error::code;
use tasktree_protocol::{AgentId, Project, ProjectId};
use tokio::time::timeout;

use super::repository::{Repository, folder};
use crate::domain::{AgentPatch, Observed, Statement};
use crate::error::{Error, Result};
use crate::service::Service;

/// The longest time for which a report waits for git.
const PATIENCE: Duration = Duration::from_secs(3);

impl Service {
    /// Looks for what a report states about the repository.
    ///
    /// # Errors
    /// The project or the agent cannot be read.
    pub(in crate::service) async fn observe(
        &self,
        project: &ProjectId,
        agent: &AgentId,
        patch: &AgentPatch,
    ) -> Result<Observed> {
        let Some(stated) = &patch.evidence else {
            return Ok(Observed::default());
        };
        if stated.commit.is_none() && stated.branch.is_none() {
            return Ok(Observed::default());
        }
        let row = self.project(project).await?.value;
        let own = self.agent(project, agent).await?.value.branch;
        let branch = stated.branch.clone().unwrap_or(own);
        let looked = timeout(PATIENCE, self.look(&row, stated, &branch)).await;
        Ok(match looked {
            Ok(Ok(observed)) => observed,
            Ok(Err(error)) => {
                tracing::debug!(%error, "the evidence of a completion could not be checked");
                Observed::default()
            }
            Err(_) => Observed::default(),
        })
    }

    async fn look(&self, project: &Project, stated: &Statement, branch: &str) -> Result<Observed> {
        let folder = folder(&project.path).await?;
        let _turn = self.inner.git.take(&folder).await?;
        let Some(repository) = Repository::find(&folder, self.limits()).await? else {
            return Ok(Observed::default());
        };
        let tip = match crate::domain::branch::fault(branch) {
            None => repository.tip(branch).await?,
            Some(_) => None,
        };
        let commit = match &stated.commit {
            Some(commit) => Some(find(&repository, commit).await?),
            None => None,
        };
        let commit_on_branch = match (&tip, commit.as_ref().and_then(Option::as_ref)) {
            (Some(tip), Some(commit)) => Some(repository.contains(tip, commit).await?),
            _ => None,
        };
        let commits_ahead = match &tip {
            Some(tip) => {
                let main = repository.main_branch(project.main_branch.as_deref(), branch);
                ahead(&repository, main.await, tip).await?
            }
            None => None,
        };
        Ok(Observed {
            commit_exists: commit.as_ref().map(Option::is_some),
            branch_exists: Some(tip.is_some()),
            commit_on_branch,
            commits_ahead,
        })
    }
}

/// Returns the full id of a commit, where there is one of that name.
async fn find(repository: &Repository, commit: &str) -> Result<Option<String>> {
    let name = format!("{commit}^{{commit}}");
    let ask = [
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        &name,
    ];
    repository.git.maybe(&ask).await
}

/// Counts the commits of a branch that the main branch has not; none where no main branch is known.
async fn ahead(repository: &Repository, main: Result<String>, tip: &str) -> Result<Option<u64>> {
    let main = match main {
        Err(Error::Repository(refusal)) if refusal.code == code::MAIN_MISSING => return Ok(None),
        main => main?,
    };
    let Some(main_tip) = repository.tip(&main).await? else {
        return Ok(None);
    };
    let without = format!("^{main_tip}");
    let count = repository
        .git
        .run(&["rev-list", "--count", &without, tip])
        .await?;
    Ok(count.parse().ok())
}
