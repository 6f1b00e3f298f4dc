//! Leases on files: claims for a time. They are advice: an overlap is granted and reported.

use serde::{Deserialize, Serialize};
use tasktree_protocol::agent::Lease;
use tasktree_protocol::{AgentId, ProjectId};

use super::Work;
use crate::error::Result;

/// How long a lease lasts where the request names no time, in seconds.
pub const DEFAULT_TTL_SECONDS: u64 = 15 * 60;

/// Leases to be granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseRequest {
    /// Who holds them; it must be registered.
    pub agent: AgentId,
    /// Paths or glob patterns.
    pub paths: Vec<String>,
    /// Whether others should stay away.
    #[serde(default = "exclusive_by_default")]
    pub exclusive: bool,
    /// How long they last.
    #[serde(default = "default_ttl")]
    pub ttl_seconds: u64,
    /// Why, in the agent's words.
    #[serde(default)]
    pub reason: Option<String>,
}

fn exclusive_by_default() -> bool {
    true
}

fn default_ttl() -> u64 {
    DEFAULT_TTL_SECONDS
}

pub(crate) fn grant(
    _work: &mut Work<'_>,
    _project: &ProjectId,
    _request: LeaseRequest,
) -> Result<Vec<Lease>> {
    Err(crate::error::Error::Internal("Not written yet.".to_owned()))
}
pub(crate) fn renew(
    _work: &mut Work<'_>,
    _project: &ProjectId,
    _lease: u64,
    _ttl_seconds: u64,
) -> Result<Lease> {
    Err(crate::error::Error::Internal("Not written yet.".to_owned()))
}
pub(crate) fn release(_work: &mut Work<'_>, _project: &ProjectId, _lease: u64) -> Result<()> {
    Err(crate::error::Error::Internal("Not written yet.".to_owned()))
}
