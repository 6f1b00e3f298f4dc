//! Counts of a project.

use serde::{Deserialize, Serialize};

/// How many tasks and agents a project has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProjectStats {
    /// All tasks.
    pub total_tasks: u64,
    /// Tasks that nobody has taken.
    pub unclaimed_tasks: u64,
    /// Tasks to be taken next.
    pub up_next_tasks: u64,
    /// Tasks that are worked on.
    pub in_progress_tasks: u64,
    /// Tasks that are done on their branch.
    pub completed_tasks: u64,
    /// Tasks that are merged.
    pub merged_tasks: u64,
    /// Agents that run and are heard from.
    pub active_agents: u64,
    /// Agents that ever registered.
    pub total_agents_run: u64,
}
