//! Agents and their work, in the three formats that older dashboards read.

use std::collections::BTreeMap;

use serde::Serialize;
use tasktree_protocol::ProjectId;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::domain::compat::coordination::{
    CoordinationAgent, CoordinationEvent, CoordinationStats,
};
use crate::http::caller::Acting;
use crate::http::error::ApiResult;
use crate::http::extract::Ids;
use crate::http::{AppState, answer, schema};

/// Number of events that the older dashboard lists.
const EVENTS: usize = 100;

/// Summary for the older dashboard. Interfaces and changes came from another program and are empty
/// here.
#[derive(Serialize, ToSchema)]
#[schema(as = CoordinationSummary)]
struct Summary {
    enabled: bool,
    active_agents: u64,
    total_todos: u64,
    completed_todos: u64,
    completion_rate: f64,
    shared_interfaces: u64,
    recent_changes: u64,
    #[schema(value_type = serde_json::Value)]
    agents: BTreeMap<String, CoordinationAgent>,
    #[schema(value_type = Vec<String>)]
    interfaces: [String; 0],
}

/// List of events for the older dashboard.
#[derive(Serialize, ToSchema)]
#[schema(as = CoordinationEvents)]
struct Events {
    events: Vec<CoordinationEvent>,
}

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(summary))
        .routes(routes!(status))
        .routes(routes!(events))
}

/// Counts agents and their tasks.
#[utoipa::path(get, path = "/api/projects/{project}/coordination-stats", tag = "coordination",
    params(("project" = String, Path)),
    responses((status = 200, body = Summary), (status = 404, body = schema::Refused)))]
async fn summary(Acting(service): Acting, Ids(project): Ids<ProjectId>) -> ApiResult {
    let snapshot = service.coordination(&project).await?;
    Ok(answer::snapshot_as(snapshot, |stats| Summary {
        enabled: true,
        active_agents: stats.active_agents,
        total_todos: stats.total_todos,
        completed_todos: stats.completed_todos,
        completion_rate: stats.todo_completion_rate,
        shared_interfaces: 0,
        recent_changes: 0,
        agents: stats.agents,
        interfaces: [],
    }))
}

/// Returns the agents with their tasks, the files they hold, and the messages between them.
#[utoipa::path(get, path = "/api/projects/{project}/coordination/status", tag = "coordination",
    params(("project" = String, Path)),
    responses((status = 200, body = CoordinationStats), (status = 404, body = schema::Refused)))]
async fn status(Acting(service): Acting, Ids(project): Ids<ProjectId>) -> ApiResult {
    Ok(answer::snapshot(service.coordination(&project).await?))
}

/// Lists the latest events of agents, newest first.
#[utoipa::path(get, path = "/api/projects/{project}/coordination/events", tag = "coordination",
    params(("project" = String, Path)),
    responses((status = 200, body = Events), (status = 404, body = schema::Refused)))]
async fn events(Acting(service): Acting, Ids(project): Ids<ProjectId>) -> ApiResult {
    let events = service.coordination_events(&project, EVENTS).await?;
    Ok(answer::plain(Events { events }))
}
