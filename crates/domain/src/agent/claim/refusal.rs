//! Refusals of claims, and of reports about a claim that has ended.

use tasktree_protocol::task::AttemptOutcome;
use tasktree_protocol::{AgentId, ProjectId};

use crate::Change;
use crate::error::{Error, Result};
use crate::limits::ATTEMPTS_KEPT;
use crate::store::StoredAgent;
use crate::task::Draft;

/// Returns the refusal of a report about a task that its agent no longer holds.
pub(in crate::agent) fn late(
    change: &Change<'_>,
    project: &ProjectId,
    agent: &AgentId,
    task: Option<u64>,
) -> Result<Error> {
    let Some(number) = task else {
        return Ok(Error::Taken(format!("Agent '{agent}' holds no task")));
    };
    let found = change.tx.task(project, number)?;
    let found = found.filter(|found| found.deleted_at.is_none());
    let message = match found.map(|found| found.task) {
        None => format!("Task #{number} was deleted"),
        Some(task) => match task.holder {
            Some(holder) if holder == *agent => format!(
                "{agent} holds task #{number} with generation {}: the report is for an older claim",
                task.generation
            ),
            Some(holder) => format!("Task #{number} is now held by {holder}"),
            None => format!(
                "Task #{number} is no longer held by {agent}: it is {}",
                task.status.as_str()
            ),
        },
    };
    Ok(Error::Taken(message))
}

/// Refuses an agent's report about a task whose last claim was taken from it, until it claims the
/// task again.
pub(crate) fn refuse_lost(
    change: &Change<'_>,
    project: &ProjectId,
    draft: &Draft,
    agent: &AgentId,
) -> Result<()> {
    if draft.task.holder.as_ref() == Some(agent) {
        return Ok(());
    }
    let number = draft.task.number;
    let attempts = change.tx.attempts(project, number, ATTEMPTS_KEPT)?;
    let own = attempts.iter().find(|attempt| attempt.agent == *agent);
    match own.and_then(|attempt| attempt.outcome) {
        Some(
            AttemptOutcome::Taken
            | AttemptOutcome::Removed
            | AttemptOutcome::Deleted
            | AttemptOutcome::Reset,
        ) => Err(late(change, project, agent, Some(number))?),
        Some(AttemptOutcome::Completed | AttemptOutcome::Failed | AttemptOutcome::Released)
        | None => Ok(()),
    }
}

/// Refuses a task that is on hold.
pub(crate) fn refuse_on_hold(draft: &Draft) -> Result<()> {
    match &draft.task.on_hold {
        None => Ok(()),
        Some(hold) => Err(Error::Blocked(format!(
            "Task #{} is on hold: {}",
            draft.task.number, hold.reason
        ))),
    }
}

/// Refuses an agent that already holds a task.
pub(crate) fn refuse_busy(project: &ProjectId, stored: &StoredAgent) -> Result<()> {
    let held = stored.agent.held_task();
    match held.and_then(|held| held.number_in(project)) {
        None => Ok(()),
        Some(number) => Err(Error::Taken(format!(
            "Agent '{}' is working on task #{number}; complete or release that task first",
            stored.agent.id
        ))),
    }
}
