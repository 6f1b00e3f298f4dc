//! Presence of agents, and the events that report it.

use serde_json::json;
use tasktree_protocol::agent::SILENT_AFTER_MS;
use tasktree_protocol::event::CoordinationUpdate;
use tasktree_protocol::{Agent, AgentId, AgentStatus, Event, ProjectId, Timestamp};

use crate::Change;
use crate::change::EventContext;
use crate::error::{Error, Result};
use crate::store::{Read, StoredAgent};

/// Returns true if the agent is at work: running, or waiting until it can continue.
pub(crate) fn is_working(status: AgentStatus) -> bool {
    matches!(status, AgentStatus::Working | AgentStatus::Waiting)
}

/// Returns true if the agent was marked silent: its claim is no longer live.
pub(crate) fn is_silent(stored: &StoredAgent) -> bool {
    stored.silent || !stored.agent.status.is_open()
}

/// Returns the agent as seen at a moment.
///
/// A working agent is alive until the sweeper marks it silent: only the sweeper knows whether the
/// server was listening all the time.
pub(crate) fn seen_at(stored: StoredAgent, now: Timestamp) -> Agent {
    let mut agent = stored.agent;
    agent.is_alive = if agent.status.is_open() {
        !stored.silent
    } else {
        was_heard_within(&agent, SILENT_AFTER_MS, now)
    };
    agent
}

/// Returns true if the agent was heard within the last `limit` milliseconds.
///
/// False if it was heard at a future time, by a clock that has since been set back.
pub(super) fn was_heard_within(agent: &Agent, limit: i64, now: Timestamp) -> bool {
    let heard = agent.last_heartbeat.map(|at| at.unix_millis(0));
    heard.is_some_and(|heard| (0..limit).contains(&(now.unix_millis(0) - heard)))
}

/// Returns the agent with that name, if registered.
pub(crate) fn find(rows: &dyn Read, project: &ProjectId, id: &AgentId) -> Result<StoredAgent> {
    rows.agent(project, id)?.ok_or_else(|| Error::no_agent(id))
}

/// Emits an event that an agent came or changed its state; without an agent, that some were
/// removed.
///
/// The event carries only that agent, so that its size does not grow with the project.
pub(crate) fn emit_presence(
    change: &mut Change<'_>,
    project: &ProjectId,
    changed: Option<&AgentId>,
) -> Result<()> {
    let mut update = CoordinationUpdate {
        active_agents: change.tx.active_agents(project)?,
        ..CoordinationUpdate::default()
    };
    let stored = match changed {
        Some(id) => change.tx.agent(project, id)?,
        None => None,
    };
    if let Some(stored) = stored {
        let agent = seen_at(stored, change.now);
        let summary = json!({
            "task_id": agent.task_id, "branch": agent.branch, "status": agent.status,
            "is_alive": agent.is_alive,
        });
        update.agents.insert(agent.id.to_string(), summary);
    }
    change.emit(
        Some(project),
        Event::CoordinationUpdate(update),
        EventContext::default(),
    )
}

/// Emits an agent's new state; returns it as a response.
pub(crate) fn emit_status(
    change: &mut Change<'_>,
    project: &ProjectId,
    id: &AgentId,
) -> Result<Agent> {
    let agent = seen_at(change.agent(project, id)?, change.now);
    // The event does not name the task: an agent's updates every few seconds would drive the task's
    // own changes out of its history.
    change.emit(
        Some(project),
        Event::AgentStatusUpdate(agent.clone()),
        EventContext::default(),
    )?;
    Ok(agent)
}

/// Sends a sign of life from an agent without other changes: to current watchers only, not to the
/// log.
pub(super) fn send_sign_of_life(
    change: &mut Change<'_>,
    project: &ProjectId,
    agent: &Agent,
) -> Result<()> {
    change.send_ephemeral(project, Event::AgentStatusUpdate(agent.clone()))
}

/// Updates the time at which an agent was last heard. The caller stores its row.
pub(super) fn set_heard(stored: &mut StoredAgent, now: Timestamp) {
    stored.silent = false;
    stored.agent.last_heartbeat = Some(now);
}

/// Updates the time at which an agent was last heard, and stores its row.
///
/// Emits an event if the agent had been silent.
pub(crate) fn mark_heard(
    change: &mut Change<'_>,
    project: &ProjectId,
    stored: &mut StoredAgent,
) -> Result<()> {
    let was_silent = stored.silent;
    set_heard(stored, change.now);
    super::save(change, project, stored)?;
    if was_silent {
        let id = &stored.agent.id;
        emit_status(change, project, id)?;
        emit_presence(change, project, Some(id))?;
    }
    Ok(())
}
