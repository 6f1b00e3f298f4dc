//! Agents: registered, heard from, finished, gone.

use serde::{Deserialize, Serialize};
use tasktree_protocol::{Agent, AgentId, AgentStatus, Maybe, ProjectId, TaskId};

use super::Work;
use crate::error::Result;

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

pub(crate) fn register(
    _work: &mut Work<'_>,
    _project: &ProjectId,
    _new: RegisterAgent,
) -> Result<Agent> {
    Err(crate::error::Error::Internal("Not written yet.".to_owned()))
}
pub(crate) fn update(
    _work: &mut Work<'_>,
    _project: &ProjectId,
    _agent: &AgentId,
    _patch: AgentPatch,
) -> Result<Agent> {
    Err(crate::error::Error::Internal("Not written yet.".to_owned()))
}
pub(crate) fn remove(_work: &mut Work<'_>, _project: &ProjectId, _agent: &AgentId) -> Result<()> {
    Err(crate::error::Error::Internal("Not written yet.".to_owned()))
}
