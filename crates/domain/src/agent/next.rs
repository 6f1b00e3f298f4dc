//! Next task of an agent: found and claimed in one transaction.

use serde::{Deserialize, Serialize};
use tasktree_protocol::{Agent, AgentId, ProjectId, Task, TaskId};

use super::claim::{self, Claimed};
use super::presence::{emit_status, mark_heard, seen_at, set_heard};
use super::require_voice_of;
use crate::error::{Error, Result};
use crate::store::{NotReady, Read, ReadyPlace, StoredAgent};
use crate::{Change, task};

/// Response to an agent that asked for its next task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NextTask {
    /// The agent.
    pub agent: Agent,
    /// Task that it now holds; none if no task is ready.
    pub task: Option<Task>,
    /// True if the task was claimed now, false if the agent already held it.
    pub claimed: bool,
    /// Tasks that the agent released for it.
    pub released: Vec<TaskId>,
    /// Reason why there is no task.
    pub reason: Option<String>,
}

/// Outcome of a search for the next ready task.
///
/// The search goes through all tasks that are not ready, so a reader runs it.
#[derive(Clone, Copy, Debug)]
pub enum Look {
    /// First ready task; those before it are not ready.
    Found(ReadyPlace),
    /// No task is ready, with the counts by reason.
    Nothing(NotReady),
}

/// Searches for the next ready task.
pub fn look(rows: &dyn Read, project: &ProjectId) -> Result<Look> {
    Ok(match rows.next_ready(project, None)? {
        Some(place) => Look::Found(place),
        None => Look::Nothing(rows.not_ready(project)?),
    })
}

/// Returns the task that the agent holds, or claims the named one or the next ready one.
///
/// The next ready one is the task that was found, or, if that was taken meanwhile, the first after
/// it.
pub fn claim_next(
    change: &mut Change<'_>,
    project: &ProjectId,
    id: &AgentId,
    wanted: Option<&TaskId>,
    look: Look,
) -> Result<NextTask> {
    change.require(project)?;
    let mut stored = change.agent(project, id)?;
    require_voice_of(change, &stored)?;
    let held = stored.agent.held_task();
    let wanted = match (wanted, &held) {
        (Some(task), _) => Some(task.clone()),
        (None, Some(_)) => None,
        (None, None) => match look {
            Look::Found(from) => change
                .tx
                .next_ready(project, Some(&from))?
                .map(|place| TaskId::new(place.number, project)),
            Look::Nothing(_) => None,
        },
    };
    let Some(wanted) = wanted else {
        return keep(change, project, stored, held.as_ref(), look);
    };
    let Claimed { draft, released } = claim::claim(change, project, &mut stored, &wanted)?;
    let Some(mut draft) = draft else {
        let held = stored
            .agent
            .held_task()
            .and_then(|held| held.number_in(project));
        if held != wanted.number_in(project) {
            return Err(Error::Taken(format!("Task {wanted} is already done")));
        }
        return keep(change, project, stored, Some(&wanted), look);
    };
    set_heard(&mut stored, change.now);
    claim::emit_claim(change, project, &mut draft, &mut stored)?;
    let agent = emit_status(change, project, id)?;
    Ok(NextTask {
        agent,
        task: Some(task::answer(&*change.tx, project, draft.into_task())?),
        claimed: true,
        released,
        reason: None,
    })
}

/// Responds without a claim, with the task that the agent already holds.
fn keep(
    change: &mut Change<'_>,
    project: &ProjectId,
    mut stored: StoredAgent,
    task: Option<&TaskId>,
    look: Look,
) -> Result<NextTask> {
    mark_heard(change, project, &mut stored)?;
    let agent = seen_at(change.agent(project, &stored.agent.id)?, change.now);
    let task = match task {
        Some(task) => {
            let found = task::find(&*change.tx, project, task)?;
            Some(task::answer(&*change.tx, project, found.into_task())?)
        }
        None => None,
    };
    let reason = match &task {
        Some(_) => None,
        None => Some(match look {
            Look::Nothing(others) => why_none(others),
            Look::Found(_) => why_none(change.tx.not_ready(project)?),
        }),
    };
    Ok(NextTask {
        agent,
        task,
        claimed: false,
        released: Vec::new(),
        reason,
    })
}

fn why_none(others: NotReady) -> String {
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
        return "No task is left to do.".to_owned();
    }
    format!("No task is ready: {}.", parts.join(", "))
}
