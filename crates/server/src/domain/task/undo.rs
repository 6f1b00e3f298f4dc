//! A reset of all tasks, undone: what it took away comes back, unless it has changed since.

use serde::{Deserialize, Serialize};
use tasktree_protocol::agent::AgentMessage;
use tasktree_protocol::{Agent, AgentId, Event, ProjectId, Status, Task, TaskId, Timestamp};

use super::{save, tell};
use crate::domain::{Work, agent, dependencies};
use crate::error::{Error, Result};
use crate::limits::KEPT_PER_PROJECT;
use crate::store::{Read, StoredAgent, UndoRow};

/// The kind of undo that this is: the event that is undone.
const KIND: &str = "tasks_reset";

/// What a reset took away.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Before {
    pub(super) tasks: Vec<TaskBefore>,
    pub(super) agents: Vec<AgentBefore>,
}

/// What of a task was another before.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct TaskBefore {
    number: u64,
    /// The version after the reset: with another one the task has changed since.
    rev: u64,
    status: Status,
    session: Option<String>,
    status_changed_at: Option<Timestamp>,
    completed_at: Option<Timestamp>,
}

/// An agent that was registered, with its messages. Its leases are over.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct AgentBefore {
    agent: Agent,
    silent: bool,
    registered_by: Option<String>,
    messages: Vec<AgentMessage>,
}

/// Something that can be undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undoable {
    /// Names it.
    pub id: String,
    /// What would be undone: the type of its event.
    pub kind: String,
    /// When that was done.
    pub made_at: Timestamp,
    /// By whom.
    pub made_by: String,
}

/// What became of an undo.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// Tasks that are as they were.
    pub tasks: Vec<TaskId>,
    /// Agents that are registered again.
    pub agents: Vec<AgentId>,
    /// What stays as it is, and why, each in a sentence.
    pub skipped: Vec<String>,
}

impl TaskBefore {
    pub(super) fn new(task: &Task, rev: u64) -> Self {
        Self {
            number: task.number,
            rev,
            status: task.status,
            session: task.session.clone(),
            status_changed_at: task.status_changed_at,
            completed_at: task.completed_at,
        }
    }
}

impl AgentBefore {
    pub(super) fn new(stored: StoredAgent, messages: Vec<AgentMessage>) -> Self {
        Self {
            agent: stored.agent,
            silent: stored.silent,
            registered_by: stored.registered_by,
            messages,
        }
    }
}

impl Before {
    /// Stores it; gives its name. Nothing where nothing was taken away.
    pub(super) fn keep(&self, work: &mut Work<'_>, project: &ProjectId) -> Result<Option<String>> {
        if self.tasks.is_empty() && self.agents.is_empty() {
            return Ok(None);
        }
        let undo = UndoRow {
            id: uuid::Uuid::new_v4().simple().to_string(),
            kind: KIND.to_owned(),
            made_at: work.now,
            made_by: work.actor().to_string(),
            state: serde_json::to_string(self)?,
        };
        work.tx.add_undo(project, &undo, KEPT_PER_PROJECT)?;
        Ok(Some(undo.id))
    }
}

/// What can be undone, the newest first.
pub(crate) fn list_undos(rows: &dyn Read, project: &ProjectId) -> Result<Vec<Undoable>> {
    crate::domain::read::require(rows, project)?;
    let undos = rows.undos(project)?.into_iter().map(|undo| Undoable {
        id: undo.id,
        kind: undo.kind,
        made_at: undo.made_at,
        made_by: undo.made_by,
    });
    Ok(undos.collect())
}

/// Undoes it, once.
pub(crate) fn undo(work: &mut Work<'_>, project: &ProjectId, id: &str) -> Result<Undone> {
    work.require(project)?;
    let mut undos = work.tx.undos(project)?.into_iter();
    let found = undos.find(|undo| undo.id == id).ok_or_else(|| {
        Error::NotFound(
            "There is nothing to undo under that name: it was undone, or is too long ago".into(),
        )
    })?;
    let before: Before = serde_json::from_str(&found.state)?;
    let mut undone = Undone::default();
    for task in &before.tasks {
        match put_back(work, project, task)? {
            Ok(id) => undone.tasks.push(id),
            Err(why) => undone.skipped.push(why),
        }
    }
    for before in before.agents {
        let id = before.agent.id.clone();
        if work.tx.agent(project, &id)?.is_some() {
            let why = format!("The agent '{id}' has registered again since.");
            undone.skipped.push(why);
            continue;
        }
        let stored = StoredAgent {
            agent: before.agent,
            silent: before.silent,
            registered_by: before.registered_by,
        };
        work.tx.put_agent(project, &stored)?;
        for message in &before.messages {
            let most = work.limits.messages_per_agent;
            work.tx.add_message(project, message, most)?;
        }
        undone.agents.push(id);
    }
    work.tx.delete_undo(id)?;
    if !undone.agents.is_empty() {
        agent::give_to_tokens(work, project)?;
        agent::tell_agents(work, project)?;
    }
    Ok(undone)
}

/// Puts a task back, or says why not.
fn put_back(
    work: &mut Work<'_>,
    project: &ProjectId,
    before: &TaskBefore,
) -> Result<std::result::Result<TaskId, String>> {
    let number = before.number;
    let Some(mut stored) = work.tx.task(project, number)? else {
        return Ok(Err(format!("Task #{number} is not there any more.")));
    };
    if stored.deleted_at.is_some() {
        return Ok(Err(format!("Task #{number} was removed since.")));
    }
    if stored.task.rev != before.rev {
        return Ok(Err(format!("Task #{number} has changed since.")));
    }
    let was = stored.task.status;
    stored.task.status = before.status;
    stored.task.session.clone_from(&before.session);
    stored.task.status_changed_at = before.status_changed_at;
    stored.task.completed_at = before.completed_at;
    match dependencies::refuse_blocked(&*work.tx, project, &stored.task, was) {
        Ok(()) => {}
        Err(Error::Blocked(why)) => return Ok(Err(why)),
        Err(error) => return Err(error),
    }
    save(work, project, &mut stored)?;
    let id = stored.task.id.clone();
    let changed = ["status", "session"].map(str::to_owned).to_vec();
    tell(work, project, stored.task, Event::TaskUpdated, changed)?;
    Ok(Ok(id))
}
