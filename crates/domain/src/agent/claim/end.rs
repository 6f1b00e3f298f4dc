//! End of a claim: the two rows, the record of attempts, and the events.

use tasktree_protocol::task::{Attempt, AttemptOutcome};
use tasktree_protocol::{AgentStatus, Event, ProjectId, Status};

use super::apply;
use crate::agent::machine::{AgentEvent, ClaimStep};
use crate::agent::presence::emit_status;
use crate::agent::save;
use crate::error::Result;
use crate::store::{Signs, StoredAgent};
use crate::task::{Draft, Observed, Statement};
use crate::{Change, lease, task};

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
    save(change, project, &mut stored)?;
    emit_status(change, project, &holder)?;
    lease::release_of(change, project, &holder)
}

/// Ends an agent's claim on its task, saves the task, and emits its event. The caller saves the
/// agent.
///
/// Returns false if the agent holds no task.
pub(in crate::agent) fn give_back(
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
