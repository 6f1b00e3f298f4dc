//! Agents, their leases, log lines and the event log.

use serde::Deserialize;
use tasktree_protocol::agent::Lease;
use tasktree_protocol::event::Level;
use tasktree_protocol::{Agent, AgentId, Epoch, Message, ProjectId, TaskId, Timestamp};

use super::ApiError;
use super::projects::path;
use super::request::{Call, Snapshot};

/// Stored log line.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct LogEntry {
    /// Time of its arrival.
    pub at: Timestamp,
    /// Severity of the line.
    #[serde(default)]
    pub level: Level,
    /// Agent that wrote it; empty for the system.
    #[serde(default)]
    pub agent: Option<AgentId>,
    /// Task that it is about.
    #[serde(default)]
    pub task_id: Option<TaskId>,
    /// Text of the line.
    pub line: String,
}

/// Part of the event log.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct EventPage {
    /// Epoch of the stream.
    pub epoch: Epoch,
    /// Number of the stream's last event.
    pub seq: u64,
    /// Events, oldest first.
    pub events: Vec<Message>,
    /// Set if more events follow the last of them.
    #[serde(default)]
    pub more: bool,
}

/// Fetches all agents of a project.
pub async fn list_agents(project: &ProjectId) -> Result<Snapshot<Vec<Agent>>, ApiError> {
    Call::get(&path(project, "/agents")).snapshot().await
}

/// Fetches the leases that agents hold on files.
pub async fn list_leases(project: &ProjectId) -> Result<Snapshot<Vec<Lease>>, ApiError> {
    #[derive(Deserialize)]
    struct Leases {
        leases: Vec<Lease>,
    }
    let answer: Snapshot<Leases> = Call::get(&path(project, "/leases")).snapshot().await?;
    Ok(Snapshot {
        value: answer.value.leases,
        cursor: answer.cursor,
    })
}

/// Fetches the newest `limit` log lines of a project, oldest first.
pub async fn project_logs(project: &ProjectId, limit: usize) -> Result<Vec<LogEntry>, ApiError> {
    Call::get(&path(project, "/logs"))
        .query("limit", &limit.to_string())
        .read()
        .await
}

/// Fetches the events after a position, at most `limit`.
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
