//! The rules: one function per kind of item.

use tasktree_protocol::attention::{AttentionItem, AttentionKind};
use tasktree_protocol::task::{AttemptOutcome, Verdict};
use tasktree_protocol::{Agent, AgentId, AgentStatus, ProjectId, Status, TaskId, Timestamp};

use crate::asking;
use crate::error::Result;
use crate::limits::{ATTENTION_OPTIONS_BYTES, ATTENTION_TEXT_BYTES, Limits};
use crate::record::Clash;
use crate::store::{OverdueTask, Read, StoredAgent};
use crate::validate::cut;

/// An item as a rule derives it, without its number.
#[derive(Debug)]
pub(super) struct Derived {
    pub(super) item: AttentionItem,
    /// True if time causes the item: only the sweeper opens it.
    pub(super) is_due: bool,
}

/// Moment and limits by which the rules decide.
#[derive(Clone, Copy, Debug)]
pub(super) struct Basis<'a> {
    pub(super) now: Timestamp,
    pub(super) limits: &'a Limits,
}

/// Returns the item about an agent: the first of waiting, failed, silent, overdue and without
/// progress that applies, so that an agent appears once.
pub(super) fn of_agent(
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
/// It lasts until the agent works again, or its task is claimed, finished or deleted.
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
            let is_open = state.is_some_and(|state| {
                !state.removed && matches!(state.status, Status::Unclaimed | Status::UpNext)
            });
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

/// Returns the item about two agents with overlapping leases.
///
/// The leases of an agent end when it falls silent or ends, so both are heard from.
pub(super) fn lease_conflict(
    project: &ProjectId,
    (one, other): (&AgentId, &AgentId),
    clash: &Clash,
) -> Derived {
    let item = AttentionItem {
        agent: Some(one.clone()),
        other: Some(other.clone()),
        text: cut(&clash.paths.join(", "), ATTENTION_TEXT_BYTES).to_owned(),
        ..blank(project, AttentionKind::LeaseConflict, clash.since)
    };
    Derived {
        item,
        is_due: false,
    }
}

/// Returns the item about a completed task whose evidence is contradicted.
///
/// It lasts until the task is reopened or merged.
pub(super) fn contradicted(
    rows: &dyn Read,
    project: &ProjectId,
    number: u64,
) -> Result<Option<Derived>> {
    let found = rows.task(project, number)?;
    let Some(task) = found
        .filter(|found| found.deleted_at.is_none())
        .map(|found| found.task)
    else {
        return Ok(None);
    };
    if task.status != Status::Completed || task.verdict != Some(Verdict::Contradicted) {
        return Ok(None);
    }
    let findings = task.evidence.map(|evidence| evidence.findings.join(" "));
    let since = task.completed_at.unwrap_or(task.updated_at);
    let item = AttentionItem {
        agent: task.session.map(AgentId::from),
        task: Some(task.id),
        text: cut(&findings.unwrap_or_default(), ATTENTION_TEXT_BYTES).to_owned(),
        ..blank(project, AttentionKind::Contradicted, since)
    };
    Ok(Some(Derived {
        item,
        is_due: false,
    }))
}

/// Returns the item about a ready task that nobody has claimed although an agent is free.
///
/// A project has one such item, about its most urgent such task: agents take one after the other.
/// An open item stays with its task for as long as the task is ready.
pub(super) fn ready_unclaimed(
    rows: &dyn Read,
    project: &ProjectId,
    open: Option<&AttentionItem>,
    due: Option<OverdueTask>,
) -> Result<Option<Derived>> {
    if !rows.has_free_agent(project)? {
        return Ok(None);
    }
    if let Some(open) = open
        && let Some(number) = open.task.as_ref().and_then(|task| task.number_in(project))
        && rows.is_ready(project, number)?
    {
        return Ok(Some(Derived {
            item: open.clone(),
            is_due: true,
        }));
    }
    let Some(due) = due else {
        return Ok(None);
    };
    // It may have been claimed since it was found.
    if !rows.is_ready(project, due.number)? {
        return Ok(None);
    }
    let found = rows.task(project, due.number)?;
    let title = found.map(|found| found.task.title).unwrap_or_default();
    let item = AttentionItem {
        task: Some(TaskId::new(due.number, project)),
        text: cut(&title, ATTENTION_TEXT_BYTES).to_owned(),
        ..blank(project, AttentionKind::ReadyUnclaimed, due.since)
    };
    Ok(Some(Derived { item, is_due: true }))
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

fn blank(project: &ProjectId, kind: AttentionKind, since: Timestamp) -> AttentionItem {
    AttentionItem {
        id: 0,
        project: project.clone(),
        kind,
        agent: None,
        other: None,
        task: None,
        text: String::new(),
        since,
        question: None,
        wait: None,
        options: Vec::new(),
        machine: None,
        folder: None,
        answerable: false,
        answered: false,
        seen: false,
        done: false,
        snoozed_until: None,
    }
}
