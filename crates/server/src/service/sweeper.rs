//! What happens by the clock: leases run out, agents fall silent, kept answers are forgotten, and what was removed is gone for good.

use std::collections::BTreeMap;
use std::time::Duration;

use tasktree_protocol::agent::SILENT_AFTER_MS;
use tasktree_protocol::{AgentId, ProjectId, StreamId};

use super::{Service, WriteContext, every};
use crate::auth::{Permission, Target};
use crate::domain::{agent, lease};
use crate::error::{Error, Result};
use crate::limits::KEPT_MS;

/// How often the clock is looked at.
pub(super) const SWEEP_EVERY: Duration = Duration::from_secs(1);

/// What is due.
struct Due {
    leases: Vec<ProjectId>,
    silent: BTreeMap<ProjectId, Vec<AgentId>>,
    answers: bool,
    kept: bool,
}

impl Service {
    /// Does all that is due at the service's clock, once. It writes only where something is due.
    ///
    /// # Errors
    /// Where the store fails; what is due stays due.
    pub async fn sweep(&self) -> Result<()> {
        let now = self.now().unix_millis(0);
        let due = self
            .read(Target::Everything, move |rows| {
                let mut silent: BTreeMap<ProjectId, Vec<AgentId>> = BTreeMap::new();
                for (project, agent) in rows.agents_heard_before(now - SILENT_AFTER_MS)? {
                    silent.entry(project).or_default().push(agent);
                }
                let leases = rows.projects_with_leases_until(now)?;
                Ok(Due {
                    leases,
                    silent,
                    answers: rows.has_answers_until(now)?,
                    kept: rows.has_kept_until(now - KEPT_MS)?,
                })
            })
            .await?;
        for project in due.leases {
            self.write(
                WriteContext::server(),
                Permission::Speak,
                StreamId::project(&project),
                move |work| unless_gone(lease::expire(work, &project)),
            )
            .await?;
        }
        for (project, agents) in due.silent {
            self.write(
                WriteContext::server(),
                Permission::Speak,
                StreamId::project(&project),
                move |work| unless_gone(agent::fall_silent(work, &project, &agents)),
            )
            .await?;
        }
        if due.answers {
            let all = StreamId::system();
            self.write(
                WriteContext::server(),
                Permission::Administer,
                all,
                move |work| work.tx.delete_answers_until(now),
            )
            .await?;
        }
        if due.kept {
            let all = StreamId::system();
            self.write(
                WriteContext::server(),
                Permission::Administer,
                all,
                move |work| work.tx.drop_kept_until(now - KEPT_MS),
            )
            .await?;
        }
        Ok(())
    }

    /// Sweeps every [`SWEEP_EVERY`], for ever: the caller spawns it, and drops it to stop.
    pub async fn run_sweeper(self) {
        let failed = "what was due by the clock could not be done";
        every(SWEEP_EVERY, failed, || self.sweep()).await;
    }
}

/// The project may have been removed since it was found.
fn unless_gone(outcome: Result<()>) -> Result<()> {
    match outcome {
        Err(Error::NotFound(_)) => Ok(()),
        other => other,
    }
}
