//! Commands of the socket over HTTP, for clients whose WebSockets are blocked.
use crate::compat::problem::Problem;

use serde_json::{Value, json};
use tasktree_protocol::http::paths;
use tasktree_protocol::{Command, ProjectId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::{Acting, Change, Write};
use super::error::{ApiError, ApiResult};
use super::extract::{Ids, Object};
use super::fields::Fields;
use super::{AppState, answer, schema};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(execute))
}

/// Executes a command like `sys.cmd`: once per id, however often it is sent over HTTP or a socket.
/// The response is that of `sys.result`, also for a refused command.
#[utoipa::path(post, path = paths::COMMANDS, tag = "events", params(("project" = String, Path)),
    request_body = schema::SocketCommand, responses(
    (status = 200, body = schema::SocketResult),
    (status = 404, body = schema::Refused),
    (status = 422, body = schema::Invalid)))]
async fn execute(
    Acting(service): Acting,
    Ids(project): Ids<ProjectId>,
    write: Write<Object, Change>,
) -> ApiResult {
    let body = &write.body.0;
    let mut fields = Fields::of_body(body);
    let id: String = fields.required("id");
    let [op, args] = ["op", "args"].map(|name| json!(fields.raw(name)));
    fields.finish()?;
    service.check_command_id(&id)?;
    let command: Command = serde_json::from_value(json!({"op": op, "args": args}))
        .map_err(|error| refused("args", &error.to_string()))?;
    if *command.project() != project {
        return Err(refused(
            "args",
            "Input should be a command for the project in the path",
        ));
    }
    let result = service.command(id, command, write.context.holds).await;
    Ok(answer::plain(result))
}

fn refused(field: &str, msg: &str) -> ApiError {
    let loc = [json!("body"), json!(field)];
    ApiError::invalid(&[Problem::new("command", &loc, msg, &Value::Null)])
}
