//! Facts about a project's repository, for the evidence of a completion.
//!
//! The server looks by itself, with commands that only read. Facts that it cannot find out in time
//! stay unknown: nobody's report waits for git, and none is refused because of it.

use std::time::Duration;

use tasktree_protocol::error::code;
use tasktree_protocol::{AgentId, Project, ProjectId, Timestamp};
use tokio::time::timeout;

use super::merge::Merge;
use super::repository::Repository;
use crate::auth::Target;
use crate::domain::{AgentPatch, Observed, Statement, read};
use crate::error::{Error, Result};
use crate::service::Service;
use crate::store::ClaimBase;

/// Longest time for which a report waits for git.
const PATIENCE: Duration = Duration::from_secs(3);

/// Claim that a completion ends.
struct Claim {
    generation: u64,
    /// True if no claim of the task came before.
    is_first: bool,
    started_at: Timestamp,
    /// Branch of the task: a person may have corrected it since the claim began.
    branch: String,
    base: Option<ClaimBase>,
}

impl Service {
    /// Observes the facts that a report states about the repository.
    ///
    /// # Errors
    /// If the project or the agent cannot be read.
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
        let Some(claim) = self.claim_of(project, agent).await? else {
            return Ok(Observed::default());
        };
        let looked = timeout(PATIENCE, self.look(&row, stated, &claim)).await;
        Ok(match looked {
            Ok(Ok(observed)) => observed,
            Ok(Err(error)) => {
                tracing::debug!(%error, "cannot check the evidence of a completion");
                Observed::default()
            }
            Err(_) => Observed::default(),
        })
    }

    /// Returns the claim of an agent, if it holds a task.
    async fn claim_of(&self, project: &ProjectId, agent: &AgentId) -> Result<Option<Claim>> {
        let (id, agent, now) = (project.clone(), agent.clone(), self.now());
        self.read(Target::Project(project), move |rows| {
            let agent = read::agent(rows, &id, &agent, now)?;
            let (Some(held), Some(generation)) = (agent.held_task(), agent.generation) else {
                return Ok(None);
            };
            let task = read::task(rows, &id, &held)?;
            let attempts = rows.attempts(&id, task.number, 2)?;
            let is_first = attempts.len() == 1;
            let newest = attempts.into_iter().next();
            let Some(attempt) = newest.filter(|newest| newest.generation == generation) else {
                return Ok(None);
            };
            Ok(Some(Claim {
                generation,
                is_first,
                started_at: attempt.started_at,
                branch: task.branch,
                base: rows.claim_base(&id, task.number, generation)?,
            }))
        })
        .await
    }

    async fn look(&self, project: &Project, stated: &Statement, claim: &Claim) -> Result<Observed> {
        let Some((_turn, repository)) = self.open_repository(project).await? else {
            return Ok(Observed::default());
        };
        let main = project.main_branch.as_deref();
        let main_tip = repository.main_tip(main, &claim.branch).await?;
        let task_tip = repository.tip(&claim.branch).await?;
        let branch = stated.branch.as_deref().unwrap_or(&claim.branch);
        let tip = match branch == claim.branch {
            true => task_tip.clone(),
            false => repository.tip(branch).await?,
        };
        let mut observed = Observed {
            generation: claim.generation,
            is_first_claim: claim.is_first,
            branch_exists: exists(branch, tip.as_deref(), claim),
            ..Observed::default()
        };
        if let Some(named) = &stated.commit {
            let found = find(&repository, named).await?;
            observed.commit_exists = Some(found.is_some());
            if let Some(commit) = found {
                observed.commit_on_branch = contains(&repository, tip.as_deref(), &commit).await;
                observed.commit_on_task_branch =
                    contains(&repository, task_tip.as_deref(), &commit).await;
                observed.commit_in_main = contains(&repository, main_tip.as_deref(), &commit).await;
                let age = Age::of(&repository, &commit, claim).await?;
                observed.commit_was_in_main = age.was_in_main;
                observed.commit_is_new = age.is_new;
            }
        }
        if let (Some(main_tip), Some(tip)) = (&main_tip, &tip) {
            observed.commits_ahead = match ahead(&repository, main_tip, tip).await? {
                Some(0) if is_merged(repository, main, branch, tip, claim).await? => None,
                count => count,
            };
        }
        Ok(observed)
    }
}

/// Returns true if a branch exists; `None` if it is gone since the claim began.
fn exists(branch: &str, tip: Option<&str>, claim: &Claim) -> Option<bool> {
    let existed = |base: &ClaimBase| base.branch == branch && base.tip.is_some();
    match tip {
        Some(_) => Some(true),
        None if claim.base.as_ref().is_some_and(existed) => None,
        None => Some(false),
    }
}

/// Returns the full id of a commit whose beginning is given.
///
/// The name of a branch or a tag is no id, even if it looks like one.
async fn find(repository: &Repository, named: &str) -> Result<Option<String>> {
    let beginning = named.to_ascii_lowercase();
    let ask = format!("--disambiguate={beginning}");
    let listed = repository.git.run(&["rev-parse", &ask]).await?;
    for id in listed.lines().filter(|id| id.starts_with(&beginning)) {
        let commit = format!("{id}^{{commit}}");
        let ask = [
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &commit,
        ];
        if repository.git.maybe(&ask).await?.as_deref() == Some(id) {
            return Ok(Some(id.to_owned()));
        }
    }
    Ok(None)
}

/// Returns true if one commit is in the history of another.
///
/// `None` if there is no other, or the repository no longer has it.
async fn contains(repository: &Repository, whole: Option<&str>, part: &str) -> Option<bool> {
    repository.contains(whole?, part).await.ok()
}

/// Counts the commits of a branch that the main branch lacks.
async fn ahead(repository: &Repository, main: &str, tip: &str) -> Result<Option<u64>> {
    let without = format!("^{main}");
    let ask = ["rev-list", "--count", &without, tip];
    Ok(repository.git.run(&ask).await?.parse().ok())
}

/// Returns true if the main branch, which has all of a branch, may have merged it.
///
/// Only a branch on which no commit was ever made is known to have none of its own.
async fn is_merged(
    repository: Repository,
    main: Option<&str>,
    branch: &str,
    tip: &str,
    claim: &Claim,
) -> Result<bool> {
    if let Some(base) = &claim.base
        && contains(&repository, base.main.as_deref(), tip).await == Some(false)
    {
        return Ok(true);
    }
    // `Merge::new` refuses the main branch itself.
    let Ok(merge) = Merge::new(repository, main, branch).await else {
        return Ok(true);
    };
    match merge.contained().await {
        // Without a log nothing is known of the commits that it had.
        Err(Error::Repository(refusal)) if refusal.code == code::NOTHING_TO_MERGE => {
            Ok(merge.log_of(branch).await?.is_empty())
        }
        Ok(_) | Err(Error::Repository(_)) => Ok(true),
        Err(error) => Err(error),
    }
}

/// Age of a commit, relative to the start of a claim.
struct Age {
    /// True if the main branch had it when the claim began.
    was_in_main: Option<bool>,
    /// True if it was made since the claim began.
    is_new: Option<bool>,
}

impl Age {
    /// Compares a commit with the repository at the start of the claim, or by its date if that is
    /// unknown.
    ///
    /// A date alone says nothing within the second in which the claim began.
    async fn of(repository: &Repository, commit: &str, claim: &Claim) -> Result<Self> {
        let ask = ["log", "-1", "--no-show-signature", "--format=%ct", commit];
        let seconds: Option<i64> = repository.git.run(&ask).await?.parse().ok();
        let start = claim.started_at.unix_millis(0);
        let by_date = seconds.and_then(|seconds| match seconds.saturating_mul(1000) {
            millis if millis >= start => Some(true),
            millis if millis.saturating_add(1000) <= start => Some(false),
            _ => None,
        });
        let Some(base) = &claim.base else {
            return Ok(Self {
                was_in_main: by_date.filter(|is_new| *is_new).map(|_| false),
                is_new: by_date,
            });
        };
        let was_in_main = match &base.main {
            Some(main) => contains(repository, Some(main), commit).await,
            None => Some(false),
        };
        let was_on_branch = match &base.tip {
            Some(tip) => contains(repository, Some(tip), commit).await,
            None => Some(false),
        };
        let is_new = match (was_in_main, was_on_branch) {
            (Some(true), _) | (_, Some(true)) => Some(false),
            (Some(false), Some(false)) if base.branch == claim.branch => {
                // A commit that is clearly older came from elsewhere.
                Some(by_date != Some(false))
            }
            _ => by_date,
        };
        Ok(Self {
            was_in_main,
            is_new,
        })
    }
}
