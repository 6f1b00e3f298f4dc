//! Notices about changes: a client names resources, and is told when one of them changes.
//!
//! It is a connection of the hub: one task with a cursor in each project's stream. A client that
//! does not read holds nothing up, since its events wait in the log.

mod follower;
mod positions;
mod wanted;

use std::collections::BTreeMap;

use http::request::Parts;
use rmcp::model::ErrorData;
use rmcp::service::SubscriptionContext;
use tasktree_protocol::ProjectId;

use super::caller::Caller;
use super::resources::Address;
use crate::address::RequestSource;
use crate::auth::{Permission, Target};
use crate::error::Error;
use crate::hub::{ConnectionGuard, ConnectionLimits, Mode, Visitor};
use crate::state::AppState;
use follower::Follower;
pub(super) use positions::{Positions, positions};
use wanted::Wanted;

/// Number of projects that one client follows.
const PROJECTS: usize = 20;

/// Follows the resources until the client hangs up, its credential ends or the server stops.
pub(super) async fn run(
    state: &AppState,
    caller: &Caller,
    context: &SubscriptionContext,
) -> Result<(), ErrorData> {
    let accepted = context.accepted();
    let wants_list = accepted.resources_list_changed == Some(true);
    let mut wanted: BTreeMap<ProjectId, Wanted> = BTreeMap::new();
    for uri in accepted.resource_subscriptions.iter().flatten() {
        let Some(address) = Address::parse(uri) else {
            continue;
        };
        let of_project = wanted.entry(address.project().clone()).or_default();
        of_project.add(&address, uri);
    }
    if wants_list && let Ok(project) = caller.project().await {
        wanted.entry(project).or_default();
    }
    // A project out of reach is as quiet as one that does not exist.
    let principal = caller.service.principal();
    wanted.retain(|project, _| {
        let target = Target::Project(project);
        principal.check(Permission::Read, target).is_ok()
    });
    let guard = connect(state, caller, context)?;
    let mut follower = Follower::new(&caller.service, &guard, wants_list);
    let parts = context.request_context().extensions.get::<Parts>();
    let positions = parts.and_then(|parts| parts.extensions.get::<Positions>());
    let positions = positions.cloned().unwrap_or_default();
    for (project, wanted) in wanted.into_iter().take(PROJECTS) {
        let since = positions.of(&project);
        follower
            .follow(project, wanted, since)
            .await
            .map_err(|error| failed(&error))?;
    }
    tokio::select! {
        () = context.cancelled() => Ok(()),
        ended = follower.run(context.sink()) => ended.map_err(|error| failed(&error)),
    }
}

/// Takes a place among the connections of the server.
fn connect(
    state: &AppState,
    caller: &Caller,
    context: &SubscriptionContext,
) -> Result<ConnectionGuard, ErrorData> {
    let refused = |message: &'static str| ErrorData::internal_error(message, None);
    if state.hub.is_draining() {
        return Err(refused("the server is shutting down"));
    }
    let parts = context.request_context().extensions.get::<Parts>();
    let source = parts.and_then(|parts| parts.extensions.get::<RequestSource>());
    let limits = &state.config.sockets;
    let room = ConnectionLimits {
        in_all: limits.max_connections,
        per_address: limits.max_connections_per_address,
        per_user: limits.max_connections_per_user,
    };
    let visitor = Visitor {
        mode: Mode::Mcp,
        principal: caller.service.principal(),
        address: source.and_then(|source| source.from),
    };
    let guard = state
        .hub
        .connect(visitor, room)
        .map_err(|full| refused(full.as_str()))?;
    if guard.principal().is_ended() {
        return Err(refused("the token is no longer valid"));
    }
    Ok(guard)
}

fn failed(error: &Error) -> ErrorData {
    tracing::warn!(%error, "a client that listens is disconnected");
    ErrorData::internal_error("the server cannot go on; listen again", None)
}
