//! Log lines: kept in a bounded number, told as they come, in no event log.

use serde::{Deserialize, Serialize};
use tasktree_protocol::event::Level;
use tasktree_protocol::{AgentId, ProjectId, TaskId};

use super::Work;
use crate::error::Result;

/// Lines to be stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewLogLines {
    /// Who wrote them; none for the project itself.
    #[serde(default)]
    pub agent: Option<AgentId>,
    /// About which task; the agent's where left out.
    #[serde(default)]
    pub task_id: Option<TaskId>,
    /// How serious.
    #[serde(default)]
    pub level: Level,
    /// The lines. A line break in one makes two of it.
    pub lines: Vec<String>,
}

pub(crate) fn add(_work: &mut Work<'_>, _project: &ProjectId, _new: NewLogLines) -> Result<usize> {
    Err(crate::error::Error::Internal("Not written yet.".to_owned()))
}
