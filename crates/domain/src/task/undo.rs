//! Undo of a reset of all tasks: everything it changed is restored, unless it has changed since.
//!
//! Each task and each agent is restored by itself, and then dropped from the undo record. So a
//! large undo is made in parts, and an interrupted one is completed by asking for it again.

use serde::{Deserialize, Serialize};
pub use tasktree_protocol::http::{Undoable, Undone};
use tasktree_protocol::{AgentId, Event, ProjectId, TaskId};

use super::{Draft, save_and_emit};
use crate::agent::claim;
use crate::error::{Error, Result};
use crate::limits::{RESET_TASKS_AT_ONCE, TRASH_PER_PROJECT, UNDO_AGENTS_AT_ONCE};
use crate::store::{Read, TaskBefore, UndoRow};
use crate::{Change, agent, dependencies};

/// Kind of this undo: the type of the undone event.
const KIND: &str = "tasks_reset";

/// Outcome of one part of an undo.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct UndoPart {
    /// Restored and skipped tasks, and restored agents.
    undone: Undone,
    /// Sentences about agents that stay as they are, with the reasons.
    agents_skipped: Vec<String>,
    /// True while there is more to undo.
    pub more: bool,
}

impl UndoPart {
    /// Returns the outcome before the first part, of an undo that is to start or is already done.
    pub fn before(more: bool) -> Self {
        Self {
            more,
            ..Self::default()
        }
    }

    /// Adds the outcome of the next part.
    pub fn then(&mut self, next: Self) {
        self.undone.tasks.extend(next.undone.tasks);
        self.undone.agents.extend(next.undone.agents);
        self.undone.skipped.extend(next.undone.skipped);
        self.agents_skipped.extend(next.agents_skipped);
        self.more = next.more;
    }

    /// Returns the complete outcome, tasks sorted by number.
    pub fn finish(mut self, project: &ProjectId) -> Undone {
        let number = |id: &TaskId| id.number_in(project);
        self.undone.tasks.sort_by_key(number);
        self.undone.skipped.append(&mut self.agents_skipped);
        self.undone
    }
}

/// Stores the undo record of a reset, with the agents that it removed; returns its identifier.
pub(super) fn keep(
    change: &mut Change<'_>,
    project: &ProjectId,
    crew: Option<String>,
) -> Result<String> {
    let undo = UndoRow {
        id: uuid::Uuid::new_v4().simple().to_string(),
        kind: KIND.to_owned(),
        made_at: change.now,
        made_by: change.actor().to_string(),
        crew,
    };
    change.tx.add_undo(project, &undo, TRASH_PER_PROJECT)?;
    Ok(undo.id)
}

/// Returns the operations that can be undone, newest first.
pub fn list_undos(rows: &dyn Read, project: &ProjectId) -> Result<Vec<Undoable>> {
    crate::exists::require(rows, project)?;
    let undos = rows.undos(project)?.into_iter().map(|undo| Undoable {
        id: undo.id,
        kind: undo.kind,
        made_at: undo.made_at,
        made_by: undo.made_by,
    });
    Ok(undos.collect())
}

/// Returns true if an undo fits one transaction, or there is nothing to undo.
pub fn is_small(rows: &dyn Read, project: &ProjectId, id: &str) -> Result<bool> {
    let undos = rows.undos(project)?;
    let Some(undo) = undos.iter().find(|undo| undo.id == id) else {
        return Ok(true);
    };
    let tasks = rows.undo_tasks(id, false, RESET_TASKS_AT_ONCE)?.len()
        + rows.undo_tasks(id, true, RESET_TASKS_AT_ONCE)?.len();
    let agents = rows.undo_agents(undo, UNDO_AGENTS_AT_ONCE + 1)?.len();
    Ok(tasks < RESET_TASKS_AT_ONCE && agents <= UNDO_AGENTS_AT_ONCE)
}

/// Undoes an operation, once.
pub fn undo(change: &mut Change<'_>, project: &ProjectId, id: &str) -> Result<Undone> {
    let mut all = undo_part(change, project, id)?;
    while all.more {
        all.then(undo_part(change, project, id)?);
    }
    Ok(all.finish(project))
}

/// Undoes a part of an operation.
///
/// First come the tasks that nobody works on, then the agents, each with its task, then the other
/// tasks in progress. So no task waits for one that is still to come.
pub fn undo_part(change: &mut Change<'_>, project: &ProjectId, id: &str) -> Result<UndoPart> {
    change.require(project)?;
    let mut undos = change.tx.undos(project)?.into_iter();
    let undo = undos.find(|undo| undo.id == id).ok_or_else(|| {
        Error::NotFound("Undo not found: it was already used, or has expired".into())
    })?;
    let mut part = UndoPart::before(true);
    let tasks = change.tx.undo_tasks(id, false, RESET_TASKS_AT_ONCE)?;
    if !tasks.is_empty() {
        put_all_back(change, project, id, &tasks, &mut part)?;
        return Ok(part);
    }
    let agents = change.tx.undo_agents(&undo, UNDO_AGENTS_AT_ONCE)?;
    if !agents.is_empty() {
        for agent in agents {
            if change.tx.agent(project, &agent)?.is_some() {
                change.tx.drop_undo_agent(&undo, &agent)?;
                let why = format!("The agent '{agent}' has registered again since then.");
                part.agents_skipped.push(why);
                continue;
            }
            bring_back(change, project, &undo, &agent, &mut part)?;
            part.undone.agents.push(agent);
        }
        if !part.undone.agents.is_empty() {
            agent::give_to_tokens(change, project)?;
            for agent in &part.undone.agents {
                agent::emit_presence(change, project, Some(agent))?;
            }
        }
        return Ok(part);
    }
    let tasks = change.tx.undo_tasks(id, true, RESET_TASKS_AT_ONCE)?;
    put_all_back(change, project, id, &tasks, &mut part)?;
    if tasks.is_empty() {
        change.tx.delete_undo(id)?;
        part.more = false;
    }
    Ok(part)
}

/// Restores tasks, and drops them from the undo record.
fn put_all_back(
    change: &mut Change<'_>,
    project: &ProjectId,
    undo: &str,
    tasks: &[TaskBefore],
    part: &mut UndoPart,
) -> Result<()> {
    for task in tasks {
        match put_back(change, project, task)? {
            Ok(id) => part.undone.tasks.push(id),
            Err(why) => part.undone.skipped.push(why),
        }
        change.tx.delete_undo_task(undo, task.number)?;
    }
    Ok(())
}

/// Registers an agent as it was, with its messages and its task. Its runs have ended.
fn bring_back(
    change: &mut Change<'_>,
    project: &ProjectId,
    undo: &UndoRow,
    id: &AgentId,
    part: &mut UndoPart,
) -> Result<()> {
    change.tx.bring_back_agent(project, undo, id)?;
    let mut stored = change.agent(project, id)?;
    change.tx.note_returned(project, &stored)?;
    agent::save(change, project, &mut stored)?;
    agent::emit_status(change, project, id)?;
    let held = stored.agent.held_task();
    if let Some(number) = held.and_then(|held| held.number_in(project)) {
        let task = change.tx.undo_task(&undo.id, number)?;
        put_all_back(change, project, &undo.id, task.as_slice(), part)?;
        settle(change, project, id)?;
    }
    Ok(())
}

/// Ends the claim of a restored agent whose task was not restored.
fn settle(change: &mut Change<'_>, project: &ProjectId, id: &AgentId) -> Result<()> {
    let mut stored = change.agent(project, id)?;
    let Some(held) = stored.agent.held_task() else {
        return Ok(());
    };
    let number = held.number_in(project).unwrap_or_default();
    let task = change.tx.task(project, number)?;
    if task.is_some_and(|task| task.task.holder.as_ref() == Some(id)) {
        return Ok(());
    }
    claim::forget(&mut stored, number);
    agent::save(change, project, &mut stored)?;
    agent::emit_status(change, project, id).map(drop)
}

/// Restores a task, or gives the reason why not.
fn put_back(
    change: &mut Change<'_>,
    project: &ProjectId,
    before: &TaskBefore,
) -> Result<std::result::Result<TaskId, String>> {
    let number = before.number;
    let Some(stored) = change.tx.task(project, number)? else {
        return Ok(Err(format!("Task #{number} no longer exists.")));
    };
    if stored.deleted_at.is_some() {
        return Ok(Err(format!("Task #{number} was removed after the reset.")));
    }
    if stored.task.rev != before.rev {
        return Ok(Err(format!("Task #{number} has changed since the reset.")));
    }
    let was = stored.task.status;
    let mut draft = Draft::of(stored);
    let task = &mut draft.task;
    task.status = before.status;
    task.session.clone_from(&before.session);
    task.status_changed_at = before.status_changed_at;
    task.completed_at = before.completed_at;
    task.evidence.clone_from(&before.evidence);
    task.verdict = before.verdict;
    match dependencies::refuse_blocked(&*change.tx, project, &draft.task, was) {
        Ok(()) => {}
        Err(Error::Blocked(why)) => return Ok(Err(why)),
        Err(error) => return Err(error),
    }
    if let Some(holder) = &before.holder {
        claim::reopen(change, project, &mut draft, holder)?;
    }
    let id = draft.task.id.clone();
    save_and_emit(change, project, draft, Event::TaskUpdated)?;
    Ok(Ok(id))
}
