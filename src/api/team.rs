//! Agents, their leases and messages, the plan, log lines and the event log.

use serde::{Deserialize, Serialize};
use serde_json::json;
use tasktree_protocol::agent::Lease;
use tasktree_protocol::event::Level;
use tasktree_protocol::{Agent, AgentId, Epoch, Message, ProjectId, TaskId, Timestamp};

use super::ApiError;
use super::projects::path;
use super::request::{Call, Snapshot, segment};

/// A stored log line.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct LogEntry {
    /// When it came.
    pub at: Timestamp,
    /// How serious.
    #[serde(default)]
    pub level: Level,
    /// Who wrote it; empty for the system.
    #[serde(default)]
    pub agent: Option<AgentId>,
    /// About which task.
    #[serde(default)]
    pub task_id: Option<TaskId>,
    /// The line.
    pub line: String,
}

/// A part of the event log.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct EventPage {
    /// The life of the stream.
    pub epoch: Epoch,
    /// The stream's last event.
    pub seq: u64,
    /// Events, oldest first.
    pub events: Vec<Message>,
    /// Whether there are more after the last of them.
    #[serde(default)]
    pub more: bool,
}

/// The plan of a project (Markdown).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The text; none if nobody has made one.
    #[serde(default)]
    pub plan: Option<String>,
}

/// All agents of a project.
pub async fn list_agents(project: &ProjectId) -> Result<Snapshot<Vec<Agent>>, ApiError> {
    Call::get(&path(project, "/agents")).snapshot().await
}

/// Removes an agent; its task is free again.
pub async fn remove_agent(project: &ProjectId, agent: &AgentId) -> Result<(), ApiError> {
    Call::delete(&path(project, &format!("/agents/{}", segment(agent))))
        .done()
        .await
}

/// Sends a message to an agent.
pub async fn send_agent_message(
    project: &ProjectId,
    agent: &AgentId,
    from: &str,
    body: &str,
) -> Result<(), ApiError> {
    let url = path(project, &format!("/agents/{}/messages", segment(agent)));
    Call::post(&url)
        .json(&json!({ "from": from, "body": body }))?
        .done()
        .await
}

/// The leases that agents hold on files.
pub async fn list_leases(project: &ProjectId) -> Result<Vec<Lease>, ApiError> {
    #[derive(Deserialize)]
    struct Leases {
        leases: Vec<Lease>,
    }
    Call::get(&path(project, "/leases"))
        .read()
        .await
        .map(|answer: Leases| answer.leases)
}

/// Ends a lease.
pub async fn release_lease(project: &ProjectId, lease: u64) -> Result<(), ApiError> {
    Call::delete(&path(project, &format!("/leases/{lease}")))
        .done()
        .await
}

/// The plan.
pub async fn read_plan(project: &ProjectId) -> Result<Plan, ApiError> {
    Call::get(&path(project, "/plan")).read().await
}

/// Stores the plan.
pub async fn save_plan(project: &ProjectId, plan: &str) -> Result<(), ApiError> {
    Call::put(&path(project, "/plan"))
        .json(&json!({ "plan": plan }))?
        .done()
        .await
}

/// The newest `limit` log lines of a project, oldest first. Older backends keep none.
pub async fn project_logs(project: &ProjectId, limit: usize) -> Result<Vec<LogEntry>, ApiError> {
    match Call::get(&path(project, "/logs"))
        .query("limit", &limit.to_string())
        .read()
        .await
    {
        Err(ApiError::Rejected {
            status: 404 | 405, ..
        }) => Ok(Vec::new()),
        answer => answer,
    }
}

/// Events after a position, at most `limit`.
pub async fn project_events(
    project: &ProjectId,
    after: u64,
    limit: usize,
) -> Result<EventPage, ApiError> {
    Call::get(&path(project, "/events"))
        .query("after", &after.to_string())
        .query("limit", &limit.to_string())
        .read()
        .await
}
