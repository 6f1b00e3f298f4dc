//! The coordination views of the older dashboard, from the server's own data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tasktree_protocol::{AgentId, ProjectId, Timestamp};

use crate::error::Result;
use crate::store::Read;

/// An agent as the older dashboard's coordination page has it. Its "todos" are the tasks whose session it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "names of the older API")]
pub struct CoordinationAgent {
    pub agent_id: AgentId,
    pub project_id: ProjectId,
    pub task_id: String,
    pub branch: String,
    pub description: String,
    pub status: String,
    pub started_at: Timestamp,
    pub last_heartbeat: Option<Timestamp>,
    pub is_alive: bool,
    pub todo_count: u64,
    pub completed_todos: u64,
    pub file_locks: Vec<String>,
}

/// The state of a project's coordination.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "names of the older API")]
pub struct CoordinationStats {
    pub project_id: ProjectId,
    pub total_agents: u64,
    pub active_agents: u64,
    pub total_todos: u64,
    pub completed_todos: u64,
    /// In percent.
    pub todo_completion_rate: f64,
    pub active_file_locks: u64,
    pub agents: BTreeMap<String, CoordinationAgent>,
    pub file_locks: BTreeMap<String, String>,
    pub communication_graph: BTreeMap<String, Vec<String>>,
}

/// Something that an agent did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "names of the older API")]
pub struct CoordinationEvent {
    pub event_type: String,
    pub project_id: ProjectId,
    pub agent_id: String,
    pub timestamp: Timestamp,
    pub data: Value,
}

pub(crate) fn stats(
    _rows: &dyn Read,
    _project: &ProjectId,
    _now: Timestamp,
) -> Result<CoordinationStats> {
    Err(crate::error::Error::Internal("Not written yet.".to_owned()))
}
pub(crate) fn events(
    _rows: &dyn Read,
    _project: &ProjectId,
    _limit: usize,
) -> Result<Vec<CoordinationEvent>> {
    Err(crate::error::Error::Internal("Not written yet.".to_owned()))
}
