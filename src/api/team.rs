//! Agents, their leases, log lines and the event log.

use serde::Deserialize;
use tasktree_protocol::agent::Lease;
use tasktree_protocol::event::Level;
use tasktree_protocol::{Agent, AgentId, Epoch, Message, ProjectId, TaskId, Timestamp};

use super::ApiError;
use super::projects::path;
use super::request::{Call, Snapshot};

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

/// All agents of a project.
pub async fn list_agents(project: &ProjectId) -> Result<Snapshot<Vec<Agent>>, ApiError> {
    Call::get(&path(project, "/agents")).snapshot().await
}

/// The leases that agents hold on files.
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

/// The newest `limit` log lines of a project, oldest first.
pub async fn project_logs(project: &ProjectId, limit: usize) -> Result<Vec<LogEntry>, ApiError> {
    Call::get(&path(project, "/logs"))
        .query("limit", &limit.to_string())
        .read()
        .await
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
