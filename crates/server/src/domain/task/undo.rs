//! A reset of all tasks, undone: what it took away comes back, unless it has changed since.

use serde::{Deserialize, Serialize};
use tasktree_protocol::agent::AgentMessage;
use tasktree_protocol::task::{Evidence, Verdict};
use tasktree_protocol::{Agent, AgentId, Event, ProjectId, Status, Task, TaskId, Timestamp};

use super::{Draft, save, tell};
use crate::domain::agent::claim;
use crate::domain::{Work, agent, dependencies};
use crate::error::{Error, Result};
use crate::limits::KEPT_PER_PROJECT;
use crate::store::{Read, Signs, StoredAgent, UndoRow};

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
    #[serde(default)]
    holder: Option<AgentId>,
    #[serde(default)]
    evidence: Option<Evidence>,
    #[serde(default)]
    verdict: Option<Verdict>,
}

/// An agent that was registered, with its messages. Its leases are over.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct AgentBefore {
    agent: Agent,
    silent: bool,
    registered_by: Option<String>,
    messages: Vec<AgentMessage>,
    #[serde(default)]
    signs: Signs,
    #[serde(default)]
    lost_task: Option<u64>,
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
            holder: task.holder.clone(),
            evidence: task.evidence.clone(),
            verdict: task.verdict,
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
            signs: stored.signs,
            lost_task: stored.lost_task,
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
    // The agents first: their tasks are theirs again only while they are there.
    let mut skipped = Vec::new();
    for before in before.agents {
        let id = before.agent.id.clone();
        if work.tx.agent(project, &id)?.is_some() {
            skipped.push(format!("The agent '{id}' has registered again since."));
            continue;
        }
        bring_back(work, project, before)?;
        undone.agents.push(id);
    }
    for task in &before.tasks {
        match put_back(work, project, task)? {
            Ok(id) => undone.tasks.push(id),
            Err(why) => undone.skipped.push(why),
        }
    }
    undone.skipped.append(&mut skipped);
    for id in &undone.agents {
        settle(work, project, id)?;
    }
    work.tx.delete_undo(id)?;
    if !undone.agents.is_empty() {
        agent::give_to_tokens(work, project)?;
        agent::tell_agents(work, project, &undone.agents)?;
    }
    Ok(undone)
}

/// Registers an agent as it was, with its messages. Its runs are over.
fn bring_back(work: &mut Work<'_>, project: &ProjectId, before: AgentBefore) -> Result<()> {
    let mut agent = before.agent;
    agent.run = None;
    let id = agent.id.clone();
    let mut stored = StoredAgent {
        agent,
        silent: before.silent,
        registered_by: before.registered_by,
        signs: before.signs,
        lost_task: before.lost_task,
    };
    agent::save(work, project, &mut stored)?;
    for message in &before.messages {
        let most = work.limits.messages_per_agent;
        // It was sent long ago: nothing but its row comes back.
        work.tx.unrecorded().add_message(project, message, most)?;
    }
    agent::tell(work, project, &id).map(drop)
}

/// Ends the claim of an agent that came back where its task did not.
fn settle(work: &mut Work<'_>, project: &ProjectId, id: &AgentId) -> Result<()> {
    let mut stored = work.agent(project, id)?;
    let Some(held) = stored.agent.held_task() else {
        return Ok(());
    };
    let number = held.number_in(project).unwrap_or_default();
    let task = work.tx.task(project, number)?;
    if task.is_some_and(|task| task.task.holder.as_ref() == Some(id)) {
        return Ok(());
    }
    claim::forget(&mut stored, number);
    agent::save(work, project, &mut stored)?;
    agent::tell(work, project, id).map(drop)
}

/// Puts a task back, or says why not.
fn put_back(
    work: &mut Work<'_>,
    project: &ProjectId,
    before: &TaskBefore,
) -> Result<std::result::Result<TaskId, String>> {
    let number = before.number;
    let Some(stored) = work.tx.task(project, number)? else {
        return Ok(Err(format!("Task #{number} is not there any more.")));
    };
    if stored.deleted_at.is_some() {
        return Ok(Err(format!("Task #{number} was removed since.")));
    }
    if stored.task.rev != before.rev {
        return Ok(Err(format!("Task #{number} has changed since.")));
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
    match dependencies::refuse_blocked(&*work.tx, project, &draft.task, was) {
        Ok(()) => {}
        Err(Error::Blocked(why)) => return Ok(Err(why)),
        Err(error) => return Err(error),
    }
    if let Some(holder) = &before.holder {
        claim::reopen(work, project, &mut draft, holder)?;
    }
    let touched = save(work, project, &mut draft)?;
    let id = draft.task.id.clone();
    tell(
        work,
        project,
        draft.into_task(),
        touched,
        Event::TaskUpdated,
    )?;
    Ok(Ok(id))
}
