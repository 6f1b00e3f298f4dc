//! The rules: one function per kind of item.

mod agent;

use tasktree_protocol::attention::{AttentionItem, AttentionKind};
use tasktree_protocol::task::Verdict;
use tasktree_protocol::{AgentId, ProjectId, Status, TaskId, Timestamp};

use crate::error::Result;
use crate::limits::{ATTENTION_TEXT_BYTES, Limits};
use crate::record::Clash;
use crate::store::{OverdueTask, Read};
use crate::validate::cut;
pub(super) use agent::of_agent;

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
