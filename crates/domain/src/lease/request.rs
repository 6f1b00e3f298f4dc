//! Requests for leases: their fields, defaults and checks.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tasktree_protocol::AgentId;

use super::spelling;
use crate::error::Result;
use crate::limits::{LEASE_DEPTH, Limits};
use crate::validate::Checks;

/// Duration of a lease if the request names none, in seconds.
pub const DEFAULT_TTL_SECONDS: u64 = 15 * 60;

/// Maximum duration of a soft lease, in seconds.
pub const SOFT_TTL_SECONDS: u64 = 15 * 60;

/// Leases to be granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = NewLeases)]
pub struct LeaseRequest {
    /// Holder of the leases; it must be registered.
    pub agent: AgentId,
    /// Paths or glob patterns.
    pub paths: Vec<String>,
    /// True if other agents should stay away.
    #[serde(default = "exclusive_by_default")]
    #[schema(value_type = Option<bool>)]
    pub exclusive: bool,
    /// Duration of the leases.
    #[serde(default = "default_ttl")]
    #[schema(value_type = Option<u64>)]
    pub ttl_seconds: u64,
    /// Reason, in the agent's words.
    #[serde(default)]
    pub reason: Option<String>,
    /// True for soft leases, which a hook takes while an agent edits.
    ///
    /// Each is of one run and path, for at most 15 minutes. They have their own limit,
    /// beyond which the one that ends first is dropped.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    pub soft: bool,
    /// Run of the agent that takes soft leases; its current one if left out.
    #[serde(default)]
    pub run: Option<u64>,
}

fn exclusive_by_default() -> bool {
    true
}

fn default_ttl() -> u64 {
    DEFAULT_TTL_SECONDS
}

/// Checks a request; returns its paths relative to the project's folder.
pub(super) fn check(request: &LeaseRequest, folder: &str, limits: &Limits) -> Result<Vec<String>> {
    let mut checks = Checks::default();
    if request.paths.is_empty() {
        checks.fail(
            "paths",
            "too_short",
            "must have at least one entry",
            Value::Null,
        );
    }
    checks.count("paths", request.paths.len(), limits.list_entries);
    let mut paths = Vec::new();
    for (index, path) in request.paths.iter().take(limits.list_entries).enumerate() {
        let field = format!("paths.{index}");
        checks.line(&field, path, limits.list_entry_chars);
        match spelling::relative(path, folder) {
            Ok(path) => {
                // All leases are compared with each other, directory by directory.
                checks.count(&field, path.split('/').count(), LEASE_DEPTH);
                paths.push(path);
            }
            Err(fault) => checks.fail(field, "path", fault, path.as_str()),
        }
    }
    checks.bytes("reason", request.reason.as_deref(), limits.message_bytes);
    checks.finish()?;
    check_ttl(request.ttl_seconds, limits)?;
    Ok(paths)
}

pub(super) fn check_ttl(seconds: u64, limits: &Limits) -> Result<()> {
    let mut checks = Checks::default();
    if seconds == 0 {
        checks.fail("ttl_seconds", "greater_than", "must be at least 1", seconds);
    }
    checks.at_most("ttl_seconds", seconds, limits.lease_ttl_seconds);
    checks.finish()
}
