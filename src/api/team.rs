//! Agents, their leases, log lines and the event log.

use tasktree_protocol::agent::Lease;
use tasktree_protocol::http::{EventPage, Leases, LogEntry, paths};
use tasktree_protocol::{Agent, ProjectId};

use super::ApiError;
use super::request::{Call, Snapshot};

/// Fetches all agents of a project.
pub async fn list_agents(project: &ProjectId) -> Result<Snapshot<Vec<Agent>>, ApiError> {
    Call::get(&paths::agents(project)).snapshot().await
}

/// Fetches the leases that agents hold on files.
pub async fn list_leases(project: &ProjectId) -> Result<Snapshot<Vec<Lease>>, ApiError> {
    let answer: Snapshot<Leases> = Call::get(&paths::leases(project)).snapshot().await?;
    Ok(Snapshot {
        value: answer.value.leases,
        cursor: answer.cursor,
    })
}

/// Fetches the newest `limit` log lines of a project, oldest first.
pub async fn project_logs(project: &ProjectId, limit: usize) -> Result<Vec<LogEntry>, ApiError> {
    Call::get(&paths::logs(project))
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
    Call::get(&paths::events(project))
        .query("after", &after.to_string())
        .query("limit", &limit.to_string())
        .read()
        .await
}
