//! The next task of an agent: found and claimed in one transaction.

use serde::{Deserialize, Serialize};
use tasktree_protocol::{Agent, AgentId, ProjectId, Task, TaskId};

use super::claim::{self, Claimed};
use super::presence::{hear, seen_at};
use super::require_voice_of;
use crate::domain::{Work, task};
use crate::error::{Error, Result};
use crate::store::StoredAgent;

/// Answer to an agent that asked for its next task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NextTask {
    /// The agent.
    pub agent: Agent,
    /// The task that it holds now; none where no task is ready.
    pub task: Option<Task>,
    /// True where the task was claimed now; false where the agent held it already.
    pub claimed: bool,
    /// Tasks that the agent gave back for it.
    pub released: Vec<TaskId>,
    /// Reason for which there is no task.
    pub reason: Option<String>,
}

/// Gives an agent the task that it holds, or claims the named one, or the next that is ready.
pub(crate) fn claim_next(
    work: &mut Work<'_>,
    project: &ProjectId,
    id: &AgentId,
    wanted: Option<&TaskId>,
) -> Result<NextTask> {
    work.require(project)?;
    let mut stored = work.agent(project, id)?;
    require_voice_of(work, &stored)?;
    let held = stored.agent.held_task();
    let wanted = match (wanted, &held) {
        (Some(task), _) => Some(task.clone()),
        (None, Some(_)) => None,
        (None, None) => work
            .tx
            .next_ready(project)?
            .map(|number| TaskId::new(number, project)),
    };
    let Some(wanted) = wanted else {
        return keep(work, project, stored, held.as_ref());
    };
    let Claimed { draft, released } = claim::claim(work, project, &mut stored, &wanted)?;
    let Some(mut draft) = draft else {
        let held = stored
            .agent
            .held_task()
            .and_then(|held| held.number_in(project));
        if held.is_none() || held != wanted.number_in(project) {
            return Err(Error::Taken(format!("Task {wanted} is done already")));
        }
        return keep(work, project, stored, Some(&wanted));
    };
    stored.silent = false;
    stored.agent.last_heartbeat = Some(work.now);
    claim::tell_claim(work, project, &mut draft, &mut stored)?;
    let agent = super::presence::tell(work, project, id)?;
    Ok(NextTask {
        agent,
        task: Some(task::answer(&*work.tx, project, draft.into_task())?),
        claimed: true,
        released,
        reason: None,
    })
}

/// Answers without a claim, with the task that the agent has.
fn keep(
    work: &mut Work<'_>,
    project: &ProjectId,
    stored: StoredAgent,
    task: Option<&TaskId>,
) -> Result<NextTask> {
    let id = stored.agent.id.clone();
    hear(work, project, stored)?;
    let agent = seen_at(work.agent(project, &id)?, work.now);
    let task = match task {
        Some(task) => {
            let found = task::find(&*work.tx, project, task)?;
            Some(task::answer(&*work.tx, project, found.into_task())?)
        }
        None => None,
    };
    let reason = match &task {
        Some(_) => None,
        None => Some(why_none(work, project)?),
    };
    Ok(NextTask {
        agent,
        task,
        claimed: false,
        released: Vec::new(),
        reason,
    })
}

fn why_none(work: &Work<'_>, project: &ProjectId) -> Result<String> {
    let others = work.tx.not_ready(project)?;
    let counts = [
        (others.in_progress, "in progress"),
        (others.blocked, "blocked"),
        (others.on_hold, "on hold"),
    ];
    let parts: Vec<_> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if parts.is_empty() {
        return Ok("No task is left to do.".to_owned());
    }
    Ok(format!("No task is ready: {}.", parts.join(", ")))
}
