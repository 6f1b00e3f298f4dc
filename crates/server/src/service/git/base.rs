//! State of a project's repository at the start of a claim, with which the evidence of its
//! completion is compared.
//!
//! The server looks right after the claim and before it is answered. Facts that it cannot find out
//! in time stay unknown: no claim waits for git.

use std::time::Duration;

use tasktree_protocol::{StreamId, TaskId};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::auth::{Permission, Target};
use crate::domain::{Claimed, read};
use crate::error::Result;
use crate::service::{Service, WriteContext};
use crate::store::ClaimBase;

/// Longest time for which a claim waits for git.
const PATIENCE: Duration = Duration::from_secs(2);

impl Service {
    /// Records the state of the repository at the start of claims; it continues even if nobody
    /// waits for it any more.
    pub(in crate::service) fn note_bases(&self, claims: Vec<Claimed>) -> JoinHandle<()> {
        let service = self.clone();
        tokio::spawn(async move {
            for claim in claims {
                if let Err(error) = service.note_base(claim).await {
                    tracing::debug!(%error, "cannot inspect the repository at the start of a claim");
                }
            }
        })
    }

    async fn note_base(&self, claim: Claimed) -> Result<()> {
        let Ok(looked) = timeout(PATIENCE, self.base_of(&claim)).await else {
            return Ok(());
        };
        let Some(base) = looked? else {
            return Ok(());
        };
        let stream = StreamId::project(&claim.project);
        let noted = self.write(
            WriteContext::server(),
            Permission::Speak,
            stream,
            move |change| {
                change
                    .tx
                    .put_claim_base(&claim.project, claim.task, claim.generation, &base)
            },
        );
        noted.await.map(drop)
    }

    async fn base_of(&self, claim: &Claimed) -> Result<Option<ClaimBase>> {
        let (id, number) = (claim.project.clone(), claim.task);
        let found = self.read(Target::Project(&claim.project), move |rows| {
            let task = read::task(rows, &id, &TaskId::new(number, &id))?;
            Ok((read::project(rows, &id)?, task.branch))
        });
        let (project, branch) = found.await?;
        let Some((_turn, repository)) = self.open_repository(&project).await? else {
            return Ok(None);
        };
        Ok(Some(ClaimBase {
            main: repository
                .main_tip(project.main_branch.as_deref(), &branch)
                .await?,
            tip: repository.tip(&branch).await?,
            branch,
        }))
    }
}
