//! Whether an agent is there, and who is told.

use serde_json::json;
use tasktree_protocol::agent::SILENT_AFTER_MS;
use tasktree_protocol::event::CoordinationUpdate;
use tasktree_protocol::{Agent, AgentId, AgentStatus, Event, ProjectId, Timestamp};

use crate::domain::Work;
use crate::domain::work::About;
use crate::error::{Error, Result};
use crate::store::{Read, StoredAgent};

/// Returns true for an agent at work: one that works, or waits until it can go on.
pub(in crate::domain) fn is_working(status: AgentStatus) -> bool {
    matches!(status, AgentStatus::Working | AgentStatus::Waiting)
}

/// Returns true for an agent whose silence was noted: its claim is no longer live.
pub(in crate::domain) fn is_silent(stored: &StoredAgent) -> bool {
    stored.silent || !stored.agent.status.is_open()
}

/// The agent as it is seen at a moment. One that works is alive until the sweeper says that it fell silent: only that one knows whether anybody
/// listened all the while.
pub(in crate::domain) fn seen_at(stored: StoredAgent, now: Timestamp) -> Agent {
    let mut agent = stored.agent;
    agent.is_alive = if agent.status.is_open() {
        !stored.silent
    } else {
        was_heard_within(&agent, SILENT_AFTER_MS, now)
    };
    agent
}

/// Returns true for an agent that was heard from in the last `limit` milliseconds; not for one that
/// was heard at a time to come, by a clock that has been set back since.
pub(super) fn was_heard_within(agent: &Agent, limit: i64, now: Timestamp) -> bool {
    let heard = agent.last_heartbeat.map(|at| at.unix_millis(0));
    heard.is_some_and(|heard| (0..limit).contains(&(now.unix_millis(0) - heard)))
}

/// The agent of that name, if it is registered.
pub(in crate::domain) fn find(
    rows: &dyn Read,
    project: &ProjectId,
    id: &AgentId,
) -> Result<StoredAgent> {
    rows.agent(project, id)?.ok_or_else(|| Error::no_agent(id))
}

/// Tells that an agent came or changed its state; with none, that some went. The event has that
/// agent only, so that its size does not grow with the project.
pub(in crate::domain) fn tell_presence(
    work: &mut Work<'_>,
    project: &ProjectId,
    changed: Option<&AgentId>,
) -> Result<()> {
    let mut update = CoordinationUpdate {
        active_agents: work.tx.active_agents(project)?,
        ..CoordinationUpdate::default()
    };
    let stored = match changed {
        Some(id) => work.tx.agent(project, id)?,
        None => None,
    };
    if let Some(stored) = stored {
        let agent = seen_at(stored, work.now);
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
pub(in crate::domain) fn tell(
    work: &mut Work<'_>,
    project: &ProjectId,
    id: &AgentId,
) -> Result<Agent> {
    let agent = seen_at(work.agent(project, id)?, work.now);
    // Not about its task: what an agent does every few seconds would drive out of a task's history what became of it.
    work.emit(
        Some(project),
        Event::AgentStatusUpdate(agent.clone()),
        About::default(),
    )?;
    Ok(agent)
}

/// Tells that an agent was heard from, where nothing else has changed: to whoever looks now, and not in the log.
pub(super) fn tell_sign_of_life(
    work: &mut Work<'_>,
    project: &ProjectId,
    agent: &Agent,
) -> Result<()> {
    work.tell(project, Event::AgentStatusUpdate(agent.clone()))
}

/// Notes that something was heard from an agent. The caller stores its row.
pub(super) fn note_heard(stored: &mut StoredAgent, now: Timestamp) {
    stored.silent = false;
    stored.agent.last_heartbeat = Some(now);
}

/// Notes that something was heard from an agent, and stores its row. Tells it where the agent had
/// been silent.
pub(in crate::domain) fn hear(
    work: &mut Work<'_>,
    project: &ProjectId,
    stored: &mut StoredAgent,
) -> Result<()> {
    let was_silent = stored.silent;
    note_heard(stored, work.now);
    super::save(work, project, stored)?;
    if was_silent {
        let id = &stored.agent.id;
        tell(work, project, id)?;
        tell_presence(work, project, Some(id))?;
    }
    Ok(())
}
