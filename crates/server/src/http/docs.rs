//! OpenAPI description of the API, and Swagger UI to read and try it. Both come from this binary,
//! so they work offline.

mod bounds;
mod common;
mod task_fields;

use axum::Router;
use serde_json::Value;
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, tag::TagBuilder};
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::{AppState, schema};
use crate::limits::Limits;

const DESCRIPTION: &str = "The live task board for people who run many AI coding agents on one project.\n\n\
    Where people sign in, send a token as `Authorization: Bearer TOKEN`; what its role may not do is refused with 403, and a project that it is \
    not for does not exist (404). \
    Errors are `{\"detail\": sentence}`; a request that is wrong in itself gets 422 with a list of what is wrong where. \
    `null` clears a field, one that is left out stays. \
    Answers about a project carry `Stream-Epoch` and `Stream-Seq`: the position of its event stream, to go on from. \
    A write with an `Idempotency-Key` header has its effect once, however often it is sent within 24 hours; \
    `Server-Timing` says how long one took to its commit, in milliseconds. \
    Tasks carry their version as `ETag`; `If-Match` refuses a change that was made for an older one.";

const TAGS: &[(&str, &str)] = &[
    ("projects", "Projects and their counts"),
    ("tasks", "Tasks: the board"),
    (
        "agents",
        "Agents: register, say what you do, write to each other, log",
    ),
    ("leases", "Claims on files"),
    ("plan", "Plans with tasks"),
    ("events", "The log of what happened"),
    (
        "coordination",
        "Who works on what, as older dashboards read it",
    ),
    (
        "orchestrator",
        "Settings that older dashboards read and store",
    ),
    ("access", "Signing in, and named tokens"),
    ("server", "The server itself"),
];

/// Returns the description without paths. The routers add theirs.
pub(super) fn description() -> OpenApi {
    let tags = TAGS.iter().map(|(name, text)| {
        TagBuilder::new()
            .name(*name)
            .description(Some(*text))
            .build()
    });
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("TaskTree")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(DESCRIPTION))
                .build(),
        )
        .tags(Some(tags))
        // Result types of `?view=card` and `?deleted=true`, as an operation can name one type only,
        // and types that only tasks refer to.
        .components(Some(
            ComponentsBuilder::new()
                .schema_from::<schema::TaskCard>()
                .schema_from::<schema::KeptProject>()
                .schema_from::<schema::TaskView>()
                .schema_from::<schema::OnHold>()
                .schema_from::<schema::Evidence>()
                .build(),
        ))
        .build()
}

/// Returns the whole description as JSON.
pub fn openapi() -> Value {
    completed(&super::api().into_openapi())
}

fn completed(api: &OpenApi) -> Value {
    common::complete(api, &Limits::default()).unwrap_or_else(|error| {
        tracing::error!(%error, "the API is not described");
        Value::Null
    })
}

/// Path of Swagger UI.
const PAGE: &str = "/api/docs";

/// Returns true if `path` belongs to Swagger UI.
pub(super) fn is_page(path: &str) -> bool {
    path.strip_prefix(PAGE)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Returns the routes of the description and of its page.
pub(super) fn router(api: &OpenApi) -> Router<AppState> {
    SwaggerUi::new(PAGE)
        .external_url_unchecked("/api/openapi.json", completed(api))
        // Relative to the page, whatever path of a site it is under. The default validator is on
        // the internet.
        .config(Config::from("../openapi.json").validator_url("none"))
        .into()
}
