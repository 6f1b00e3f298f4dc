//! A plan that an agent made, with its tasks.

use serde::{Deserialize, Serialize};
use tasktree_protocol::{NewTask, ProjectId};

use super::Work;
use crate::error::Result;

/// A plan to be stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The plan (Markdown).
    pub plan: String,
    /// Tasks to be made with it.
    #[serde(default)]
    pub tasks: Vec<NewTask>,
}

/// What became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanReceipt {
    /// The plan.
    pub plan: String,
    /// How many tasks were made.
    pub tasks_created: u64,
}

pub(crate) fn store(
    _work: &mut Work<'_>,
    _project: &ProjectId,
    _plan: Plan,
) -> Result<PlanReceipt> {
    Err(crate::error::Error::Internal("Not written yet.".to_owned()))
}
