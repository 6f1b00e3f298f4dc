//! Statistics of a project.

use serde::{Deserialize, Serialize};

/// Numbers of tasks and agents of a project.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProjectStats {
    /// Number of all tasks.
    pub total_tasks: u64,
    /// Number of tasks that nobody has claimed.
    pub unclaimed_tasks: u64,
    /// Number of tasks that are up next.
    pub up_next_tasks: u64,
    /// Number of tasks in progress.
    pub in_progress_tasks: u64,
    /// Number of tasks that are completed on their branch.
    pub completed_tasks: u64,
    /// Number of tasks that are merged.
    pub merged_tasks: u64,
    /// Number of agents that run and are heard from.
    pub active_agents: u64,
    /// Number of agents that ever registered.
    pub total_agents_run: u64,
}
