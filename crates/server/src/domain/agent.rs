//! Agents: registered, heard from, finished, gone.

mod claim;

use serde::{Deserialize, Serialize};
use serde_json::json;
use tasktree_protocol::agent::SILENT_AFTER_MS;
use tasktree_protocol::event::CoordinationUpdate;
use tasktree_protocol::{Agent, AgentId, AgentStatus, Event, Maybe, ProjectId, TaskId, Timestamp};

use super::validate::Checks;
use super::work::About;
use super::{Work, lease, number_of, task};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::store::{Read, StoredAgent};

/// An agent that says that it is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterAgent {
    /// Its name, unique in the project.
    pub id: AgentId,
    /// The task that it claims.
    #[serde(default)]
    pub task_id: Option<TaskId>,
    /// The branch that it works on; the task's where left out.
    #[serde(default)]
    pub branch: Option<String>,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
}

/// What an agent says anew of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AgentPatch {
    /// Its status. `completed` completes its task, `failed` gives it back.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub status: Maybe<AgentStatus>,
    /// How far it is, in percent.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub progress: Maybe<u8>,
    /// What it did last; `null` clears.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub last_activity: Maybe<String>,
    /// The task that it claims now; `null` gives its task back.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub task_id: Maybe<TaskId>,
}

/// Whether an agent in that status is at work, or would be if it were heard from.
pub(super) fn is_working(status: AgentStatus) -> bool {
    matches!(status, AgentStatus::Running | AgentStatus::Waiting)
}

/// The agent as it is seen at a moment: alive or not.
pub(super) fn seen_at(mut agent: Agent, now: Timestamp) -> Agent {
    let heard = agent.last_heartbeat.map(|at| at.unix_millis(0));
    agent.is_alive = heard.is_some_and(|heard| now.unix_millis(0) - heard < SILENT_AFTER_MS);
    agent
}

/// The agent of that name, if it is registered.
pub(super) fn find(rows: &dyn Read, project: &ProjectId, id: &AgentId) -> Result<StoredAgent> {
    rows.agent(project, id)?.ok_or_else(|| Error::no_agent(id))
}

/// Tells which agents there are.
pub(super) fn tell_agents(work: &mut Work<'_>, project: &ProjectId) -> Result<()> {
    let mut update = CoordinationUpdate::default();
    for stored in work.tx.agents(project)? {
        let agent = seen_at(stored.agent, work.now);
        update.active_agents += u64::from(agent.is_alive && is_working(agent.status));
        let summary = json!({
            "task_id": agent.task_id, "branch": agent.branch, "status": agent.status,
            "is_alive": agent.is_alive,
        });
        update.agents.insert(agent.id.to_string(), summary);
    }
    work.emit(
        Some(project),
        Event::CoordinationUpdate(update),
        About::default(),
    )
}

/// Tells what has become of an agent; gives it as an answer.
fn tell(work: &mut Work<'_>, project: &ProjectId, id: &AgentId) -> Result<Agent> {
    let agent = seen_at(find(&*work.tx, project, id)?.agent, work.now);
    let about = About {
        task: number(project, &agent),
        ..About::default()
    };
    work.emit(
        Some(project),
        Event::AgentStatusUpdate(agent.clone()),
        about,
    )?;
    Ok(agent)
}

fn number(project: &ProjectId, agent: &Agent) -> Option<u64> {
    agent.task().and_then(|task| number_of(project, &task))
}

/// Notes that something was heard from an agent, and stores its row. Tells it where the agent had been silent; says whether.
pub(super) fn hear(
    work: &mut Work<'_>,
    project: &ProjectId,
    mut stored: StoredAgent,
) -> Result<bool> {
    let was_silent = stored.silent;
    stored.silent = false;
    stored.agent.last_heartbeat = Some(work.now);
    work.tx.put_agent(project, &stored)?;
    if was_silent {
        tell(work, project, &stored.agent.id)?;
        tell_agents(work, project)?;
    }
    Ok(was_silent)
}

pub(crate) fn register(
    work: &mut Work<'_>,
    project: &ProjectId,
    new: RegisterAgent,
) -> Result<Agent> {
    work.project(project)?;
    check_registration(&new, work.limits)?;
    let known = work.tx.agent(project, &new.id)?;
    if known.is_none() {
        let most = work.limits.agents_per_project;
        if work.tx.agents(project)?.len() >= most {
            return Err(Error::Refused(format!(
                "The project already has its {most} agents."
            )));
        }
        work.tx.count_agent(project)?;
    }
    let before = known.clone();
    let mut stored = known.unwrap_or_else(|| blank(&new.id, work.now));
    let agent = &mut stored.agent;
    if !is_working(agent.status) {
        // It was through with its task, and begins anew.
        agent.status = AgentStatus::Running;
        agent.progress = 0;
        agent.started_at = work.now;
    }
    if new.description.is_some() {
        agent.description = new.description;
    }
    stored.silent = false;
    stored.agent.last_heartbeat = Some(work.now);
    let claimed = match &new.task_id {
        Some(task) => claim::claim(work, project, &mut stored, task)?,
        None => None,
    };
    if let Some(branch) = new.branch {
        stored.agent.branch = branch;
    }
    work.tx.put_agent(project, &stored)?;
    let agent = seen_at(find(&*work.tx, project, &new.id)?.agent, work.now);
    if let Some(task) = &claimed {
        task::tell_change(
            work,
            project,
            task,
            Event::AgentSpawned,
            Some(agent.clone()),
        )?;
    } else if before
        .as_ref()
        .is_none_or(|before| differs(before, &stored))
    {
        tell(work, project, &new.id)?;
    }
    if before.is_none_or(|before| before.silent || !is_working(before.agent.status)) {
        tell_agents(work, project)?;
    }
    Ok(agent)
}

/// Whether more than the time of the last heartbeat differs.
fn differs(before: &StoredAgent, after: &StoredAgent) -> bool {
    let mut before = before.clone();
    before.agent.last_heartbeat = after.agent.last_heartbeat;
    before != *after
}

fn blank(id: &AgentId, now: Timestamp) -> StoredAgent {
    let agent = Agent {
        id: id.clone(),
        session_name: id.to_string(),
        task_id: String::new(),
        task_title: String::new(),
        branch: String::new(),
        status: AgentStatus::Running,
        progress: 0,
        started_at: now,
        logs: Vec::new(),
        last_activity: None,
        output_preview: None,
        description: None,
        last_heartbeat: Some(now),
        is_alive: false,
    };
    StoredAgent {
        agent,
        silent: false,
    }
}

fn check_registration(new: &RegisterAgent, limits: &Limits) -> Result<()> {
    let mut checks = Checks::default();
    checks.line("id", new.id.as_str(), limits.name_chars);
    if new.id.as_str().contains('/') {
        let message = "must not have a slash: it is part of addresses";
        checks.fail("id", "agent_id", message, new.id.as_str());
    }
    if let Some(branch) = &new.branch {
        checks.chars("branch", branch, limits.branch_chars);
    }
    checks.bytes(
        "description",
        new.description.as_deref(),
        limits.message_bytes,
    );
    checks.finish()
}

pub(crate) fn update(
    work: &mut Work<'_>,
    project: &ProjectId,
    id: &AgentId,
    patch: AgentPatch,
) -> Result<Agent> {
    work.project(project)?;
    let before = find(&*work.tx, project, id)?;
    let mut checks = Checks::default();
    checks.not_null("status", patch.status == Maybe::Null);
    checks.not_null("progress", patch.progress == Maybe::Null);
    if let Maybe::Value(progress) = patch.progress {
        checks.at_most("progress", progress.into(), 100);
    }
    if let Maybe::Value(activity) = &patch.last_activity {
        checks.bytes("last_activity", Some(activity), work.limits.message_bytes);
    }
    checks.finish()?;

    let mut stored = before.clone();
    stored.silent = false;
    stored.agent.last_heartbeat = Some(work.now);
    patch
        .last_activity
        .apply_to(&mut stored.agent.last_activity);
    let claimed = match &patch.task_id {
        Maybe::Absent => None,
        Maybe::Null => {
            claim::give_back(work, project, &mut stored.agent)?;
            None
        }
        Maybe::Value(task) => claim::claim(work, project, &mut stored, task)?,
    };
    if let Maybe::Value(progress) = patch.progress {
        stored.agent.progress = progress;
    }
    if let Maybe::Value(status) = patch.status {
        claim::set_agent_status(work, project, &mut stored.agent, status)?;
    }
    work.tx.put_agent(project, &stored)?;
    if let Some(task) = &claimed {
        let agent = seen_at(find(&*work.tx, project, id)?.agent, work.now);
        task::tell_change(work, project, task, Event::AgentSpawned, Some(agent))?;
    }
    let agent = if differs(&before, &stored) {
        tell(work, project, id)?
    } else {
        seen_at(find(&*work.tx, project, id)?.agent, work.now)
    };
    if before.silent || is_working(before.agent.status) != is_working(stored.agent.status) {
        tell_agents(work, project)?;
    }
    Ok(agent)
}

pub(crate) fn remove(work: &mut Work<'_>, project: &ProjectId, id: &AgentId) -> Result<()> {
    work.project(project)?;
    let mut stored = find(&*work.tx, project, id)?;
    claim::give_back(work, project, &mut stored.agent)?;
    work.tx.delete_agent(project, id)?;
    lease::release_of(work, project, id)?;
    tell_agents(work, project)
}

/// Marks agents as silent that were not heard from for [`SILENT_AFTER_MS`], and ends their leases. Their tasks stay
/// theirs until another agent claims them: they may only be thinking.
pub(crate) fn fall_silent(work: &mut Work<'_>, project: &ProjectId, ids: &[AgentId]) -> Result<()> {
    let mut any = false;
    for id in ids {
        let Some(mut stored) = work.tx.agent(project, id)? else {
            continue;
        };
        let alive = seen_at(stored.agent.clone(), work.now).is_alive;
        if alive || stored.silent || !is_working(stored.agent.status) {
            continue;
        }
        stored.silent = true;
        work.tx.put_agent(project, &stored)?;
        tell(work, project, id)?;
        lease::release_of(work, project, id)?;
        any = true;
    }
    if any {
        tell_agents(work, project)
    } else {
        Ok(())
    }
}
