//! Readings: rows with what is derived from others.

use serde::{Deserialize, Serialize};
use tasktree_protocol::agent::Lease;
use tasktree_protocol::{
    Agent, AgentId, Project, ProjectId, ProjectStats, Status, Task, TaskCard, TaskId, Timestamp,
};

use crate::error::{Error, Result};
use crate::store::{LogEntry, Read};

/// What the log says of a task at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// Position in the project's stream.
    pub seq: u64,
    /// Type of the event.
    #[serde(rename = "type")]
    pub kind: String,
    /// When.
    pub timestamp: Timestamp,
    /// Who.
    pub actor: Option<String>,
    /// Which fields changed.
    pub changed: Vec<String>,
    /// The status after it, where the event carries one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
}

pub(crate) fn project(rows: &dyn Read, id: &ProjectId) -> Result<Project> {
    rows.project(id)?.ok_or_else(|| Error::no_project(id))
}
pub(crate) fn stats(_rows: &dyn Read, _id: &ProjectId, _now: Timestamp) -> Result<ProjectStats> {
    Err(crate::error::Error::Internal("Not written yet.".to_owned()))
}
pub(crate) fn tasks(_rows: &dyn Read, _project: &ProjectId) -> Result<Vec<Task>> {
    Err(crate::error::Error::Internal("Not written yet.".to_owned()))
}
pub(crate) fn cards(_rows: &dyn Read, _project: &ProjectId) -> Result<Vec<TaskCard>> {
    Err(crate::error::Error::Internal("Not written yet.".to_owned()))
}
pub(crate) fn task(_rows: &dyn Read, _project: &ProjectId, _task: &TaskId) -> Result<Task> {
    Err(crate::error::Error::Internal("Not written yet.".to_owned()))
}
pub(crate) fn agents(
    _rows: &dyn Read,
    _project: &ProjectId,
    _now: Timestamp,
) -> Result<Vec<Agent>> {
    Err(crate::error::Error::Internal("Not written yet.".to_owned()))
}
pub(crate) fn agent(
    _rows: &dyn Read,
    _project: &ProjectId,
    _agent: &AgentId,
    _now: Timestamp,
) -> Result<Agent> {
    Err(crate::error::Error::Internal("Not written yet.".to_owned()))
}
pub(crate) fn leases(
    _rows: &dyn Read,
    _project: &ProjectId,
    _now: Timestamp,
) -> Result<Vec<Lease>> {
    Err(crate::error::Error::Internal("Not written yet.".to_owned()))
}
pub(crate) fn log_lines(
    _rows: &dyn Read,
    _project: &ProjectId,
    _agent: Option<&AgentId>,
    _limit: usize,
) -> Result<Vec<LogEntry>> {
    Err(crate::error::Error::Internal("Not written yet.".to_owned()))
}
pub(crate) fn history(
    _rows: &dyn Read,
    _project: &ProjectId,
    _task: &TaskId,
    _limit: usize,
) -> Result<Vec<HistoryEntry>> {
    Err(crate::error::Error::Internal("Not written yet.".to_owned()))
}
