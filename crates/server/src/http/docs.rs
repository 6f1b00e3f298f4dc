//! OpenAPI description of the API, and Swagger UI to read and try it. Both come from this binary,
//! so they work offline.

mod bounds;
mod common;
mod complete;
mod schemas;
mod task_fields;
mod types;

use axum::Router;
use serde_json::Value;
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, tag::TagBuilder};
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::{AppState, schema};
use crate::limits::Limits;

const DESCRIPTION: &str = "The live task board for people who run many AI coding agents on one project.\n\n\
    If sign-in is required, send a token as `Authorization: Bearer TOKEN`. \
    Operations that its role does not allow return 403; projects that it has no access to return 404. \
    Errors are `{\"detail\": sentence}`; an invalid request returns 422 with a list of its errors and their locations. \
    `null` clears a field; an absent field is not changed. \
    Responses about a project have the headers `Stream-Epoch` and `Stream-Seq`: the position in its event stream to continue from. \
    A write with an `Idempotency-Key` header is executed once, however often it is sent within 24 hours. \
    `Server-Timing` is the time until the commit of a write, in milliseconds. \
    The version of a task is its `ETag`; a change with `If-Match` is refused if the task has a newer version.";

const TAGS: &[(&str, &str)] = &[
    ("projects", "Projects and their counts"),
    ("tasks", "Tasks: the board"),
    ("agents", "Agents: registration, reports, messages and logs"),
    ("attention", "What needs a person, in all projects"),
    (
        "hooks",
        "Doors for the hooks of harnesses such as Claude Code",
    ),
    ("leases", "Leases on files"),
    ("plan", "Plans with tasks"),
    ("events", "The event log"),
    (
        "coordination",
        "Agents and their tasks, for older dashboards",
    ),
    ("orchestrator", "Settings of older dashboards"),
    ("access", "Sign-in, tokens and people"),
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

fn completed(api: &OpenApi) -> Value {
    complete::complete(api, &Limits::default()).unwrap_or_else(|error| {
        tracing::error!(%error, "cannot generate the API description");
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
