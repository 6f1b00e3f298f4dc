//! Statistics of a project.

use serde::{Deserialize, Serialize};

/// Numbers of tasks and agents of a project.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct ProjectStats {
    /// Number of all tasks.
    #[cfg_attr(feature = "schema", schema(required))]
    pub total_tasks: u64,
    /// Number of tasks that nobody has claimed.
    #[cfg_attr(feature = "schema", schema(required))]
    pub unclaimed_tasks: u64,
    /// Number of tasks that are up next.
    #[cfg_attr(feature = "schema", schema(required))]
    pub up_next_tasks: u64,
    /// Number of tasks in progress.
    #[cfg_attr(feature = "schema", schema(required))]
    pub in_progress_tasks: u64,
    /// Number of tasks that are completed on their branch.
    #[cfg_attr(feature = "schema", schema(required))]
    pub completed_tasks: u64,
    /// Number of tasks that are merged.
    #[cfg_attr(feature = "schema", schema(required))]
    pub merged_tasks: u64,
    /// Number of agents that run and are heard from.
    #[cfg_attr(feature = "schema", schema(required))]
    pub active_agents: u64,
    /// Number of agents that ever registered.
    #[cfg_attr(feature = "schema", schema(required))]
    pub total_agents_run: u64,
}
