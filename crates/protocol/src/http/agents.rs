//! Requests about agents and leases, and their answers.

use serde::{Deserialize, Serialize};

use crate::TaskId;
use crate::agent::Lease;

/// Task that an agent wants next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct NextRequest {
    /// Id or number; the most urgent ready task if left out.
    pub task: Option<TaskId>,
}

/// New owner of an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct NewOwner {
    /// Name of an agent token of the project; null for none.
    #[cfg_attr(feature = "schema", schema(required))]
    pub token: Option<String>,
}

/// Heartbeat of an agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Heartbeat {
    /// Last activity, in the agent's words.
    pub last_activity: Option<String>,
    /// Generation of the claim that the heartbeat is about; 409 if it is an older one.
    pub generation: Option<u64>,
}

/// Number up to which an agent has read its messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ReadUpTo {
    /// Highest number that was read.
    pub up_to: u64,
}

/// Number of messages that are not marked as read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Unread {
    /// Number of messages.
    pub unread: u64,
}

/// List of leases, as an object so that fields can be added later.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Leases {
    /// Leases that agents hold.
    pub leases: Vec<Lease>,
}

/// Duration of a lease from now on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Renewal {
    /// Duration in seconds.
    pub ttl_seconds: Option<u64>,
}
