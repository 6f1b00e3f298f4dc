//! `board_reserve` and `board_release`: the files that an agent changes.

use serde_json::{Value, json};
use tasktree_protocol::agent::Lease;

use super::rows;
use crate::domain::LeaseRequest;
use crate::mcp::arguments::{Arguments, Outcome};
use crate::mcp::caller::Caller;
use crate::mcp::refusal::Refusal;

/// Duration of a reservation unless the call says otherwise, in minutes.
const DEFAULT_MINUTES: u64 = 30;

/// Tells others which files the agent changes. Overlaps are granted and reported.
pub(super) async fn reserve(caller: &Caller, mut arguments: Arguments) -> Outcome<Value> {
    let paths: Vec<String> = arguments.required("paths")?;
    let exclusive = arguments.optional("exclusive")?.unwrap_or(false);
    let minutes: u64 = arguments.optional("minutes")?.unwrap_or(DEFAULT_MINUTES);
    let reason = arguments.optional("reason")?;
    arguments.finish()?;
    let project = caller.project().await?;
    let agent = caller.agent(&project).await?;
    let request = LeaseRequest {
        agent: agent.clone(),
        paths,
        exclusive,
        ttl_seconds: minutes.saturating_mul(60),
        reason,
        soft: false,
        run: None,
    };
    let context = Caller::context(&agent);
    let leases = caller
        .service
        .grant_leases(context, &project, request)
        .await?
        .value;
    let conflicts = leases.iter().filter(|lease| !lease.conflicts.is_empty());
    let conflicts: Vec<Value> = conflicts
        .map(|lease| json!({"path": lease.path, "agents": lease.conflicts}))
        .collect();
    let leases: Vec<Value> = leases.iter().map(row).collect();
    Ok(json!({"leases": leases, "conflicts": conflicts}))
}

/// Gives files back: those, or all of the agent.
pub(super) async fn release(caller: &Caller, mut arguments: Arguments) -> Outcome<Value> {
    let paths: Option<Vec<String>> = arguments.optional("paths")?;
    arguments.finish()?;
    let project = caller.project().await?;
    let agent = caller.agent(&project).await?;
    let mut leases = caller.service.list_leases(&project).await?.value;
    leases.retain(|lease| lease.agent == agent);
    if let Some(paths) = &paths {
        leases.retain(|lease| paths.iter().any(|path| is_path(lease, path)));
    }
    let mut released = Vec::new();
    for lease in leases {
        let context = Caller::context(&agent);
        let ended = caller
            .service
            .release_lease(context, &project, lease.id)
            .await
            .map_err(Refusal::from);
        match ended {
            Ok(_) => released.push(lease.path),
            // It ended by itself in between.
            Err(refused) if refused.is_not_found() => {}
            Err(refused) => return Err(refused),
        }
    }
    Ok(json!({"released": released}))
}

/// Returns true if a path names the lease: as it is stored, or as it was given before that.
fn is_path(lease: &Lease, path: &str) -> bool {
    let path = path.trim_start_matches("./");
    lease.path == path || path.ends_with(&format!("/{}", lease.path))
}

fn row(lease: &Lease) -> Value {
    rows::members([
        ("path", json!(lease.path)),
        ("exclusive", json!(lease.exclusive)),
        ("until", json!(lease.expires_at)),
        ("reason", json!(lease.reason)),
    ])
}
