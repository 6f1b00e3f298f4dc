//! Simulation that a server runs by itself.

use serde::{Deserialize, Serialize};

use crate::ProjectId;

/// Request to start or stop the simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct DemoRequest {
    /// True starts the simulation, false stops it. A repetition changes nothing.
    pub start: bool,
    /// Speed in percent; 100 is comfortable to watch. Less than 10 counts as 10, and more than
    /// 10,000 as 10,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_percent: Option<u32>,
}

/// State of the simulation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Demo {
    /// Project of the simulation; none if it never ran since the server started.
    pub project: Option<ProjectId>,
    /// True while simulated agents work.
    pub running: bool,
}
