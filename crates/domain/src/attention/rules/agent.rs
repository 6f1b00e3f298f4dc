//! The rules about one agent.

use tasktree_protocol::attention::{AttentionItem, AttentionKind};
use tasktree_protocol::task::AttemptOutcome;
use tasktree_protocol::{Agent, AgentStatus, ProjectId, Status, Timestamp};

use super::{Basis, Derived, blank};
use crate::asking;
use crate::error::Result;
use crate::limits::{ATTENTION_OPTIONS_BYTES, ATTENTION_TEXT_BYTES};
use crate::store::{Read, StoredAgent};
use crate::validate::cut;

/// Returns the item about an agent: the first of waiting, failed, silent, overdue and without
/// progress that applies, so that an agent appears once.
pub(in crate::attention) fn of_agent(
    rows: &dyn Read,
    project: &ProjectId,
    stored: &StoredAgent,
    basis: Basis<'_>,
) -> Result<Option<Derived>> {
    let agent = &stored.agent;
    let by_change = |item| {
        Some(Derived {
            item,
            is_due: false,
        })
    };
    let by_time = |item| Some(Derived { item, is_due: true });
    if let Some(item) = waiting(rows, project, agent)? {
        return Ok(by_change(item));
    }
    if let Some(item) = failed(rows, project, agent, basis.now)? {
        return Ok(by_change(item));
    }
    if let Some(item) = silent(project, stored) {
        return Ok(by_change(item));
    }
    if let Some(item) = overdue(project, stored, basis.now) {
        return Ok(by_time(item));
    }
    Ok(no_progress(project, stored, basis).and_then(by_time))
}

/// Returns the item about an agent that waits for a person.
fn waiting(rows: &dyn Read, project: &ProjectId, agent: &Agent) -> Result<Option<AttentionItem>> {
    let waits = agent.status == AgentStatus::Waiting;
    let Some(wait) = agent.waiting_for.as_ref().filter(|_| waits) else {
        return Ok(None);
    };
    if !asking::asks_person(wait.kind) {
        return Ok(None);
    }
    let question = wait.request.as_deref().and_then(|id| id.parse().ok());
    let answers = match question {
        Some(question) => rows.question_answers(project, question)?,
        None => Vec::new(),
    };
    Ok(Some(AttentionItem {
        task: agent.held_task(),
        text: cut(&wait.text, ATTENTION_TEXT_BYTES).to_owned(),
        since: wait.since,
        question,
        wait: Some(wait.kind),
        options: fitting(&wait.options),
        answerable: is_answerable(agent),
        answered: answers.iter().any(|answer| !answer.late),
        ..about(project, AttentionKind::Waiting, agent)
    }))
}

/// Returns true if an answer that is given on a board reaches a waiting agent.
///
/// An agent that reports its wait itself gets the answer with the response to its next request: a
/// report, a heartbeat or a request for its next task. An agent that waits at a prompt in its
/// terminal hears nothing, unless its run delivers answers to the prompt: a hook that waits for a
/// decision, or `tasktree run`.
fn is_answerable(agent: &Agent) -> bool {
    let in_terminal = agent
        .waiting_for
        .as_ref()
        .is_some_and(|wait| wait.in_terminal);
    let delivers = |run: &tasktree_protocol::agent::Run| run.ended_at.is_none() && run.answers;
    !in_terminal || agent.run.as_ref().is_some_and(delivers)
}

/// Returns the proposed answers that fit an item: the first ones.
fn fitting(options: &[String]) -> Vec<String> {
    let mut bytes = 0;
    let mut fits = Vec::new();
    for option in options {
        bytes += option.len();
        if bytes > ATTENTION_OPTIONS_BYTES {
            break;
        }
        fits.push(option.clone());
    }
    fits
}

/// Returns the item about an agent that failed.
///
/// It lasts until the agent works again, or its task is put back into the queue, claimed, finished
/// or deleted. A failure leaves a task unclaimed: if it is next, a person has put it there.
fn failed(
    rows: &dyn Read,
    project: &ProjectId,
    agent: &Agent,
    now: Timestamp,
) -> Result<Option<AttentionItem>> {
    if agent.status != AgentStatus::Failed {
        return Ok(None);
    }
    let since = match agent.task().and_then(|task| task.number_in(project)) {
        None => agent.last_heartbeat.unwrap_or(now),
        Some(number) => {
            let state = rows.task_states(project, &[number])?.pop();
            let is_open =
                state.is_some_and(|state| !state.removed && state.status == Status::Unclaimed);
            let newest = rows.attempts(project, number, 1)?.pop();
            let failure = newest.filter(|attempt| {
                is_open
                    && attempt.agent == agent.id
                    && attempt.outcome == Some(AttemptOutcome::Failed)
            });
            match failure {
                Some(failure) => failure.ended_at.unwrap_or(now),
                None => return Ok(None),
            }
        }
    };
    let reason = agent.reason.as_deref().unwrap_or_default();
    Ok(Some(AttentionItem {
        task: agent.task(),
        text: cut(reason, ATTENTION_TEXT_BYTES).to_owned(),
        since,
        ..about(project, AttentionKind::Failed, agent)
    }))
}

/// Returns the item about a silent agent that holds a task.
fn silent(project: &ProjectId, stored: &StoredAgent) -> Option<AttentionItem> {
    let agent = &stored.agent;
    let holds = agent.status.is_open() && agent.generation.is_some();
    (stored.silent && holds).then(|| AttentionItem {
        task: agent.held_task(),
        text: activity(agent),
        since: agent.last_heartbeat.unwrap_or(agent.started_at),
        ..about(project, AttentionKind::Silent, agent)
    })
}

/// Returns the item about an agent that waits longer than it expected for something else than a
/// person: a usage limit, or another task.
fn overdue(project: &ProjectId, stored: &StoredAgent, now: Timestamp) -> Option<AttentionItem> {
    let agent = &stored.agent;
    let waits = agent.status == AgentStatus::Waiting;
    let wait = agent.waiting_for.as_ref().filter(|_| waits)?;
    let until = wait.until?;
    (until.unix_millis(0) <= now.unix_millis(0)).then(|| AttentionItem {
        task: agent.held_task(),
        text: cut(&wait.text, ATTENTION_TEXT_BYTES).to_owned(),
        since: until,
        wait: Some(wait.kind),
        ..about(project, AttentionKind::Waiting, agent)
    })
}

/// Returns the item about an agent that works, is heard from, and makes no progress.
///
/// An agent without a task counts only while a turn of its harness is open: otherwise it has
/// nothing to do.
fn no_progress(
    project: &ProjectId,
    stored: &StoredAgent,
    basis: Basis<'_>,
) -> Option<AttentionItem> {
    let agent = &stored.agent;
    let works = agent.status == AgentStatus::Working && !stored.silent;
    let has_turn = agent.run.as_ref().is_some_and(|run| run.turn_open);
    let since = agent
        .progressed_at
        .filter(|_| works && (agent.generation.is_some() || has_turn))?;
    let age = basis.now.unix_millis(0) - since.unix_millis(0);
    (age >= basis.limits.no_progress_ms()).then(|| AttentionItem {
        task: agent.held_task(),
        text: activity(agent),
        since,
        ..about(project, AttentionKind::NoProgress, agent)
    })
}

/// Returns the last activity of an agent.
fn activity(agent: &Agent) -> String {
    let activity = agent.last_activity.as_deref().unwrap_or_default();
    cut(activity, ATTENTION_TEXT_BYTES).to_owned()
}

/// Returns an empty item about an agent, with the place of its newest run.
fn about(project: &ProjectId, kind: AttentionKind, agent: &Agent) -> AttentionItem {
    let run = agent.run.as_ref();
    let machine = run.map(|run| run.machine.clone());
    AttentionItem {
        agent: Some(agent.id.clone()),
        machine: machine.filter(|machine| !machine.is_empty()),
        folder: run.and_then(|run| run.folder.clone()),
        ..blank(project, kind, agent.started_at)
    }
}
