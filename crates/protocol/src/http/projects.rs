//! Trash of projects.

use serde::{Deserialize, Serialize};

use crate::{ProjectId, Timestamp};

/// State of a project that can be restored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct KeptProject {
    /// Key of the state.
    pub key: String,
    /// Id of the project.
    pub id: ProjectId,
    /// Name of the project.
    pub name: String,
    /// `deleted`, `reset`, or `replaced` if another state was restored.
    pub why: String,
    /// Time since which it is in the trash.
    pub at: Timestamp,
    /// Actor that removed or reset it: `human:..`, `agent:..`, `system:..`.
    pub by: String,
    /// Time after which the state is deleted permanently.
    pub until: Timestamp,
}
