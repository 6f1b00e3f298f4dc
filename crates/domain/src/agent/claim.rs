//! Claims: the one place where an agent starts and stops holding a task.
//!
//! The functions change the rows of both sides together, so that a task in progress has at most one
//! holder, and the holder's row names that task. [`super::machine`] decides the states.

mod end;
mod refusal;

use tasktree_protocol::task::Attempt;
use tasktree_protocol::{AgentId, AgentStatus, Event, ProjectId, Status, TaskId};

use super::machine::{AgentEvent, ClaimStep, Hold, step};
use super::presence::{is_silent, seen_at};
use crate::error::{Error, Result};
use crate::limits::ATTEMPTS_KEPT;
use crate::store::{Signs, StoredAgent};
use crate::task::Draft;
use crate::{Change, dependencies, task};

pub(super) use end::give_back;
pub(crate) use end::{Ending, lose};
pub(super) use refusal::late;
pub(crate) use refusal::{refuse_busy, refuse_lost, refuse_on_hold};

/// Returns the hold that an agent's row describes.
pub(crate) fn hold_of(stored: &StoredAgent) -> Hold {
    match (stored.agent.generation, stored.lost_task) {
        (Some(_), _) => Hold::Task,
        (None, Some(_)) => Hold::Lost,
        (None, None) => Hold::Nothing,
    }
}

/// Applies an event that does not affect the claim.
pub(super) fn apply(
    change: &Change<'_>,
    project: &ProjectId,
    stored: &mut StoredAgent,
    event: AgentEvent,
) -> Result<ClaimStep> {
    match step(stored.agent.status, hold_of(stored), event) {
        Ok(step) => {
            let starts =
                step.status == AgentStatus::Working && stored.agent.status != AgentStatus::Working;
            if starts && stored.agent.progressed_at.is_some() {
                // The time at rest is no time without progress.
                stored.agent.progressed_at = Some(change.now);
            }
            stored.agent.status = step.status;
            if step.status.is_open() && stored.agent.generation.is_none() {
                // Only a finished agent still names its last task.
                stored.agent.task_id = String::new();
                stored.agent.branch = String::new();
            }
            Ok(step.claim)
        }
        Err(_) => Err(late(change, project, &stored.agent.id, stored.lost_task)?),
    }
}

/// Outcome of a claim.
pub(super) struct Claimed {
    /// The task, if it was claimed now.
    pub(super) draft: Option<Draft>,
    /// Tasks that were released for it.
    pub(super) released: Vec<TaskId>,
}

/// Claims a named task for an agent, by the rules for agents.
///
/// A task on which another agent works is refused; that of a silent agent is taken over.
pub(super) fn claim(
    change: &mut Change<'_>,
    project: &ProjectId,
    stored: &mut StoredAgent,
    wanted: &TaskId,
) -> Result<Claimed> {
    let mut draft = task::find(&*change.tx, project, wanted)?;
    let id = stored.agent.id.clone();
    let nothing = Claimed {
        draft: None,
        released: Vec::new(),
    };
    if draft.task.holder.as_ref() == Some(&id) {
        return Ok(nothing);
    }
    let (number, status) = (draft.task.number, draft.task.status);
    if status.is_done() {
        if draft.task.session.as_deref() == Some(id.as_str()) {
            return Ok(nothing);
        }
        let status = status.as_str();
        return Err(Error::Taken(format!("Task #{number} is already {status}")));
    }
    refuse_on_hold(&draft)?;
    take_from_silent(change, project, &mut draft, &id)?;
    let released = match stored.agent.held_task() {
        Some(held) => {
            let reason = format!("Switched to #{number}");
            give_back(change, project, stored, Ending::Released(Some(reason)))?;
            vec![held]
        }
        None => Vec::new(),
    };
    begin(change, project, &mut draft, stored)?;
    Ok(Claimed {
        draft: Some(draft),
        released,
    })
}

/// Refuses a task whose holder works on it; ends the claim of a silent holder.
pub(crate) fn take_from_silent(
    change: &mut Change<'_>,
    project: &ProjectId,
    draft: &mut Draft,
    by: &AgentId,
) -> Result<()> {
    let Some(holder) = draft.task.holder.clone().filter(|holder| holder != by) else {
        return Ok(());
    };
    if is_live(change, project, &holder)? {
        let number = draft.task.number;
        return Err(Error::Taken(format!(
            "Agent '{holder}' is working on task #{number}"
        )));
    }
    let reason = format!("Taken by {by}: {holder} was silent");
    lose(change, project, draft, Ending::Taken(reason))
}

/// Returns true if the agent holds a live claim on the task: it is not silent.
pub(crate) fn is_live(change: &Change<'_>, project: &ProjectId, holder: &AgentId) -> Result<bool> {
    let stored = change.tx.agent(project, holder)?;
    Ok(stored.is_some_and(|stored| !is_silent(&stored)))
}

/// Starts a claim: both rows name each other, under a generation new to both the task and the
/// agent.
///
/// The caller saves the task.
pub(crate) fn begin(
    change: &mut Change<'_>,
    project: &ProjectId,
    draft: &mut Draft,
    stored: &mut StoredAgent,
) -> Result<()> {
    let id = stored.agent.id.clone();
    let was = draft.task.status;
    task::set_status(&mut draft.task, Status::InProgress, change.now);
    dependencies::refuse_blocked(&*change.tx, project, &draft.task, was)?;
    let task = &mut draft.task;
    task.session = Some(id.to_string());
    task.holder = Some(id.clone());
    let last = change.tx.last_generation(project, &id)?;
    task.generation = task.generation.max(last) + 1;
    task.evidence = None;
    task.verdict = None;
    let (number, generation) = (task.number, task.generation);
    stored.agent.task_id = task.id.to_string();
    stored.agent.branch.clone_from(&task.branch);
    stored.agent.generation = Some(generation);
    stored.agent.progress = 0;
    stored.agent.progressed_at = Some(change.now);
    stored.agent.reason = None;
    stored.agent.waiting_for = None;
    stored.lost_task = None;
    stored.signs = Signs::default();
    apply(change, project, stored, AgentEvent::Claim)?;
    let attempt = Attempt {
        generation,
        agent: id,
        started_at: change.now,
        ended_at: None,
        outcome: None,
        reason: None,
        evidence: None,
        verdict: None,
    };
    change.note_claim(project, number, generation);
    change.tx.put_attempt(project, number, &attempt)?;
    change.tx.trim_attempts(project, number, ATTEMPTS_KEPT)
}

/// Removes the claim from an agent's row if its task was not restored with it.
pub(crate) fn forget(stored: &mut StoredAgent, number: u64) {
    stored.agent.generation = None;
    stored.agent.task_id = String::new();
    stored.agent.branch = String::new();
    stored.agent.status = AgentStatus::Idle;
    stored.agent.waiting_for = None;
    stored.lost_task = Some(number);
}

/// Restores an ended claim under the same generation, if the agent's row still has it.
pub(crate) fn reopen(
    change: &mut Change<'_>,
    project: &ProjectId,
    draft: &mut Draft,
    holder: &AgentId,
) -> Result<()> {
    let task = &mut draft.task;
    let stored = change.tx.agent(project, holder)?;
    // No two claims of an agent share a generation, so it identifies the task too.
    let claims = stored.is_some_and(|stored| stored.agent.generation == Some(task.generation));
    if !claims {
        return Ok(());
    }
    task.holder = Some(holder.clone());
    let newest = change.tx.attempts(project, task.number, 1)?;
    for attempt in newest {
        let reopened = Attempt {
            ended_at: None,
            outcome: None,
            ..attempt
        };
        change.tx.put_attempt(project, task.number, &reopened)?;
    }
    Ok(())
}

/// Emits the event that an agent has claimed a task.
pub(super) fn emit_claim(
    change: &mut Change<'_>,
    project: &ProjectId,
    draft: &mut Draft,
    stored: &mut StoredAgent,
) -> Result<()> {
    let affected = task::save(change, project, draft)?;
    super::save(change, project, stored)?;
    let stored = change.agent(project, &stored.agent.id)?;
    let agent = seen_at(stored, change.now);
    let event = Event::AgentSpawned;
    task::emit_task_change(change, project, &draft.task, affected, event, Some(agent))
}
