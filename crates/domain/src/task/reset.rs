//! Reset of all tasks to unclaimed, as by the older dashboard's button.
//!
//! A reset shows at once, whatever the number of tasks: one row makes reads show them as reset.
//! Their own rows, and the ends of agents, are written after that: in the same transaction if they
//! are few, else in parts, with other writes between them. A task that changes meanwhile is written
//! first, and so is the end of an agent whose name is reused.

use tasktree_protocol::event::TasksReset;
use tasktree_protocol::question::QuestionOutcome;
use tasktree_protocol::{AgentId, Event, ProjectId, Status, StreamId, TaskCard};

use super::{Draft, undo};
use crate::change::EventContext;
use crate::error::{Error, Result};
use crate::limits::{HISTORY_KEPT, HISTORY_TRIM_EVERY, RESET_AGENTS_AT_ONCE, RESET_TASKS_AT_ONCE};
use crate::record::Earlier;
use crate::store::{HistoryEntry, PendingReset, StoredTask, TaskBefore};
use crate::{Change, agent, asking, lease};

/// Resets all tasks except merged ones to unclaimed, and unregisters their agents.
///
/// This server cannot stop the agents, but each learns at its next heartbeat that it is no longer
/// known. The response and the event name the tasks if they are few, and the event the agents;
/// otherwise all clients fetch the state.
pub fn reset_all(change: &mut Change<'_>, project: &ProjectId) -> Result<TasksReset> {
    change.require(project)?;
    if change.tx.pending_reset(project)?.is_some() {
        return Err(Error::Refused(
            "An earlier reset of all tasks is still in progress. Try again in a moment.".to_owned(),
        ));
    }
    let agents = change.tx.agent_ids(project)?;
    let reset_count = change.tx.count_to_reset(project)?;
    let is_small =
        reset_count <= RESET_TASKS_AT_ONCE as u64 && agents.len() <= RESET_AGENTS_AT_ONCE;
    let millis = change.millis();
    let crew = change.tx.dismiss_agents(project, millis)?;
    if is_small {
        for agent in &agents {
            settle_agent(change, project, agent)?;
        }
    }
    let mut reset = TasksReset {
        reset_count,
        killed_sessions: agents.iter().map(ToString::to_string).collect(),
        tasks: Vec::new(),
        undo: None,
    };
    if reset_count > 0 || crew.is_some() {
        let undo = undo::keep(change, project, crew)?;
        let stream = StreamId::project(project);
        let position = change.tx.stream(&stream)?;
        let pending = PendingReset {
            at: change.now,
            // The event takes the next position.
            seq: position.map_or(0, |position| position.seq) + 1,
            actor: change.actor().to_string(),
            undo: undo.clone(),
            next: 0,
            last: change.tx.last_number(project)?,
        };
        reset.undo = Some(undo);
        change.tx.begin_reset(project, &pending)?;
        if is_small {
            for number in change.tx.numbers_to_reset(project)? {
                reset.tasks.extend(settle(change, project, number)?);
            }
            change.tx.end_reset(project)?;
        } else {
            change.tx.renew_stream(&stream)?;
            change.stream_goes_on(&stream)?;
        }
    }
    let mut told = reset.clone();
    if !is_small {
        // All clients fetch the state, and an event of all agents would grow with their number.
        told.killed_sessions.clear();
    }
    change.emit(
        Some(project),
        Event::TasksReset(told),
        EventContext::default(),
    )?;
    if !agents.is_empty() {
        lease::release_all(change, project)?;
        agent::emit_presence(change, project, None)?;
    }
    Ok(reset)
}

/// Writes a part of a reset that already shows; returns true while there is more.
pub fn settle_part(change: &mut Change<'_>, project: &ProjectId) -> Result<bool> {
    let Some(reset) = change.tx.pending_reset(project)? else {
        return Ok(false);
    };
    if reset.next == 0 {
        let agents = change.tx.dismissed(project, RESET_AGENTS_AT_ONCE)?;
        for agent in &agents {
            settle_agent(change, project, agent)?;
        }
        if agents.is_empty() {
            change.tx.advance_reset(project, 1)?;
        }
        return Ok(true);
    }
    let last = reset.last.min(reset.next + RESET_TASKS_AT_ONCE as u64 - 1);
    for task in change.tx.unsettled(project, reset.next, last)? {
        write(change, project, &reset, task)?;
    }
    if last < reset.last {
        change.tx.advance_reset(project, last + 1)?;
        return Ok(true);
    }
    change.tx.end_reset(project)?;
    Ok(false)
}

/// Writes a task's row as a pending reset leaves it; returns its card if it did.
///
/// Does nothing if the row is already written or no reset is pending.
pub(crate) fn settle(
    change: &mut Change<'_>,
    project: &ProjectId,
    number: u64,
) -> Result<Option<TaskCard>> {
    let Some(reset) = change.tx.pending_reset(project)? else {
        return Ok(None);
    };
    match change.tx.unsettled(project, number, number)?.pop() {
        Some(task) => write(change, project, &reset, task).map(Some),
        None => Ok(None),
    }
}

/// Writes the end of an agent that a reset removed, unless it is already written or there is none.
///
/// Called before the name is reused, so that the records of the two stay in order.
pub(crate) fn settle_agent(
    change: &mut Change<'_>,
    project: &ProjectId,
    id: &AgentId,
) -> Result<()> {
    let Some(stored) = change.tx.dismissed_agent(project, id)? else {
        return Ok(());
    };
    let reset = change.tx.pending_reset(project)?;
    change.tx.record_as(reset.map(|reset| Earlier {
        at: reset.at,
        actor: reset.actor,
        seq: reset.seq,
    }));
    asking::end_of(change, project, id, QuestionOutcome::Reset)?;
    change.tx.note_removed(project, &stored)?;
    change.tx.record_as(None);
    change.tx.end_dismissed(project, id)
}

fn write(
    change: &mut Change<'_>,
    project: &ProjectId,
    reset: &PendingReset,
    stored: StoredTask,
) -> Result<TaskCard> {
    let was = &stored.task;
    let mut before = TaskBefore {
        number: was.number,
        rev: was.rev,
        status: was.status,
        session: was.session.clone(),
        status_changed_at: was.status_changed_at,
        completed_at: was.completed_at,
        holder: was.holder.clone(),
        evidence: was.evidence.clone(),
        verdict: was.verdict,
    };
    let mut draft = Draft::of(stored);
    reset.apply(&mut draft.task);
    before.rev = draft.task.rev;
    change.tx.add_undo_task(&reset.undo, &before)?;
    let fields = draft.changes()?;
    change.tx.put_task(project, &draft)?;
    let task = &draft.task;
    let entry = HistoryEntry {
        seq: reset.seq,
        kind: "tasks_reset".to_owned(),
        timestamp: reset.at,
        actor: Some(reset.actor.clone()),
        changed: Vec::new(),
        status: Some(Status::Unclaimed),
        generation: Some(task.generation).filter(|generation| *generation > 0),
        cause: None,
        fields,
    };
    let subject = format!("task:{}", task.number);
    change.tx.add_change(project, &subject, &entry)?;
    if task.rev.is_multiple_of(HISTORY_TRIM_EVERY) {
        change.tx.trim_changes(project, &subject, HISTORY_KEPT)?;
    }
    Ok(TaskCard::from(task))
}
