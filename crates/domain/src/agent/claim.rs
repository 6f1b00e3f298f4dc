//! Claims: the one place where an agent starts and stops holding a task.
//!
//! The functions change the rows of both sides together, so that a task in progress has at most one
//! holder, and the holder's row names that task. [`super::machine`] decides the states.

use tasktree_protocol::task::{Attempt, AttemptOutcome};
use tasktree_protocol::{AgentId, AgentStatus, Event, ProjectId, Status, TaskId};

use super::machine::{AgentEvent, ClaimStep, Hold, step};
use super::presence::{emit_status, is_silent, seen_at};
use crate::error::{Error, Result};
use crate::limits::ATTEMPTS_KEPT;
use crate::store::{Signs, StoredAgent};
use crate::task::{Draft, Observed, Statement};
use crate::{Change, dependencies, lease, task};

/// Reason why a claim ends.
#[derive(Clone, Debug)]
pub(crate) enum Ending {
    /// The holder completed the task.
    Completed(Statement, Observed),
    /// The holder gave up.
    Failed(Option<String>),
    /// The holder gave the task back.
    Released(Option<String>),
    /// Another caller took the task or decided about it, and sets its new state.
    Taken(String),
    /// The holder is no longer registered; the task is unclaimed again.
    Removed,
    /// The holder was evicted for another agent; the task stays in progress without a holder.
    Gone,
    /// The task was deleted.
    Deleted,
}

impl Ending {
    fn outcome(&self) -> AttemptOutcome {
        match self {
            Self::Completed(..) => AttemptOutcome::Completed,
            Self::Failed(_) => AttemptOutcome::Failed,
            Self::Released(_) => AttemptOutcome::Released,
            Self::Taken(_) => AttemptOutcome::Taken,
            Self::Removed | Self::Gone => AttemptOutcome::Removed,
            Self::Deleted => AttemptOutcome::Deleted,
        }
    }

    fn reason(&self) -> Option<String> {
        match self {
            Self::Failed(reason) | Self::Released(reason) => reason.clone(),
            Self::Taken(reason) => Some(reason.clone()),
            Self::Completed(..) | Self::Removed | Self::Gone | Self::Deleted => None,
        }
    }
}

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

/// Returns the refusal of a report about a task that its agent no longer holds.
pub(super) fn late(
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

/// Ends the claim of a task's holder, stores the holder's row, and emits its event. The caller
/// saves the task.
pub(crate) fn lose(
    change: &mut Change<'_>,
    project: &ProjectId,
    draft: &mut Draft,
    ending: Ending,
) -> Result<()> {
    let Some(holder) = draft.task.holder.clone() else {
        return Ok(());
    };
    let stored = change.tx.agent(project, &holder)?;
    let Some(mut stored) = stored else {
        close(change, project, draft, Signs::default(), ending)?;
        return Ok(());
    };
    end(change, project, draft, &mut stored, ending)?;
    super::save(change, project, &mut stored)?;
    emit_status(change, project, &holder)?;
    lease::release_of(change, project, &holder)
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

/// Ends the claim of an agent on its task in both rows. The caller saves both.
fn end(
    change: &mut Change<'_>,
    project: &ProjectId,
    draft: &mut Draft,
    stored: &mut StoredAgent,
    ending: Ending,
) -> Result<()> {
    let number = draft.task.number;
    let event = match &ending {
        Ending::Completed(..) => AgentEvent::Complete,
        Ending::Failed(_) => AgentEvent::Fail,
        Ending::Released(_) => AgentEvent::Release,
        Ending::Taken(_) | Ending::Removed | Ending::Gone | Ending::Deleted => AgentEvent::Lose,
    };
    let step = apply(change, project, stored, event)?;
    stored.agent.generation = None;
    if !matches!(stored.agent.status, AgentStatus::Waiting) {
        stored.agent.waiting_for = None;
    }
    stored.agent.reason = ending.reason();
    if step == ClaimStep::Complete {
        stored.agent.progress = 100;
    } else if event != AgentEvent::Fail {
        // A failed agent still names the task that it failed at.
        stored.agent.task_id = String::new();
        stored.agent.branch = String::new();
    }
    if step == ClaimStep::Lose {
        stored.lost_task = Some(number);
    }
    close(change, project, draft, stored.signs, ending)
}

/// Ends a claim in the task's row and in the record of attempts.
fn close(
    change: &mut Change<'_>,
    project: &ProjectId,
    draft: &mut Draft,
    seen: Signs,
    ending: Ending,
) -> Result<()> {
    let task = &mut draft.task;
    let holder = task.holder.take();
    let newest = change.tx.attempts(project, task.number, 1)?;
    let own = newest
        .into_iter()
        .find(|attempt| attempt.generation == task.generation);
    let (outcome, reason) = (ending.outcome(), ending.reason());
    match ending {
        Ending::Completed(stated, observed) => {
            task::set_status(task, Status::Completed, change.now);
            let judged = task::judge(stated, seen, observed, task.generation);
            (task.evidence, task.verdict) = judged.unzip();
        }
        Ending::Failed(_) | Ending::Released(_) | Ending::Removed => {
            task::set_status(task, Status::Unclaimed, change.now);
        }
        Ending::Taken(_) | Ending::Gone | Ending::Deleted => {}
    }
    if let Some(attempt) = own.filter(|attempt| holder.as_ref() == Some(&attempt.agent)) {
        let ended = Attempt {
            ended_at: Some(change.now),
            outcome: Some(outcome),
            reason,
            evidence: task.evidence.clone(),
            verdict: task.verdict,
            ..attempt
        };
        change.tx.put_attempt(project, task.number, &ended)?;
    }
    Ok(())
}

/// Ends an agent's claim on its task, saves the task, and emits its event. The caller saves the
/// agent.
///
/// Returns false if the agent holds no task.
pub(super) fn give_back(
    change: &mut Change<'_>,
    project: &ProjectId,
    stored: &mut StoredAgent,
    ending: Ending,
) -> Result<bool> {
    let Some(held) = stored.agent.held_task() else {
        return Ok(false);
    };
    let mut draft = task::find(&*change.tx, project, &held)?;
    let event = match &ending {
        Ending::Completed(..) => Event::TaskCompleted,
        _ => Event::TaskStatusChanged,
    };
    end(change, project, &mut draft, stored, ending)?;
    let affected = task::save(change, project, &mut draft)?;
    task::emit_task_change(change, project, &draft.task, affected, event, None)?;
    Ok(true)
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
