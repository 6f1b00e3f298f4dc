//! Parts of the description that many operations share. They are added to all operations in one
//! place, so that none is forgotten. The effects of the layers around the handlers are described
//! here.

use serde_json::{Map, Value, json};
use tasktree_protocol::http::paths;

use super::bounds;
use super::schemas::schema;
use crate::http::session::SIGN_IN_BYTES;
use crate::http::{MAX_BODY_BYTES, MAX_IMPORT_BYTES};
use crate::limits::Limits;

/// Refusals that any operation can return, and the headers they carry.
const ALWAYS: [(&str, &str, Option<&str>); 5] = [
    (
        "401",
        "Not authenticated, or the token is no longer valid",
        Some("WWW-Authenticate"),
    ),
    ("403", "The caller's role does not allow this", None),
    (
        "422",
        "A parameter, a header or the body is invalid; nothing was changed",
        None,
    ),
    (
        "429",
        "Too many invalid tokens from this address",
        Some("Retry-After"),
    ),
    (
        "503",
        "The server is temporarily overloaded, or its disk is full",
        Some("Retry-After"),
    ),
];

/// Description of a refusal by an operation with that path.
type Description = fn(&str) -> String;

/// Further refusals of operations that read a body.
const WITH_BODY: [(&str, Description); 2] = [
    ("408", |_| {
        "The request body was not received in time".to_owned()
    }),
    ("413", |path| {
        format!("The request body is larger than {}", most(path))
    }),
];

/// Returns the size of the largest body that an operation accepts.
fn most(path: &str) -> String {
    let is_import = path.ends_with("/import") || path.ends_with("/imports");
    let bytes = match path {
        paths::SESSION => SIGN_IN_BYTES,
        _ if is_import => MAX_IMPORT_BYTES,
        _ => MAX_BODY_BYTES,
    };
    match bytes >> 20 {
        0 => format!("{} KiB", bytes >> 10),
        mebibytes => format!("{mebibytes} MiB"),
    }
}

/// Writes that read no `Idempotency-Key`: they change nothing, return a secret, have their own key,
/// or are events, of which a repetition changes nothing.
const WITHOUT_KEY: [&str; 12] = [
    paths::HOOK,
    paths::HOOK_CONTEXT,
    paths::HOOK_DECISION,
    paths::SESSION,
    paths::TICKETS,
    paths::TOKENS,
    paths::TOKEN,
    "/api/orchestrator/start",
    "/api/orchestrator/stop",
    paths::COMMANDS,
    "/api/projects/{project}/generate-plan",
    "/api/projects/{project}/generate-task-breakdown",
];

/// Path of the schema in a JSON body.
const JSON_BODY: &str = "/content/application~1json/schema";

/// Path of the operation whose body may be null.
const NULL_BODY: &str = paths::TASKS;

/// Adds the parts that all operations share.
pub(super) fn describe(
    path: &str,
    method: &str,
    operation: &mut Map<String, Value>,
    limits: &Limits,
) {
    let is_write = method != "get";
    operation.insert("operationId".to_owned(), json!(name(path, method)));
    let has_body = operation.contains_key("requestBody");
    // An optional body is not null, except for new tasks of older scripts.
    let body = operation.get_mut("requestBody");
    let body = body.filter(|_| path != NULL_BODY);
    if let Some(schema) = body.and_then(|body| body.pointer_mut(JSON_BODY)) {
        bounds::not_null(schema);
    }
    if let Some(responses) = operation
        .get_mut("responses")
        .and_then(Value::as_object_mut)
    {
        for (status, description, header) in ALWAYS {
            let schema = if status == "422" {
                "Invalid"
            } else {
                "Refused"
            };
            let response = responses
                .entry(status)
                .or_insert_with(|| refusal(description, schema));
            if let Some(header) = header {
                response["headers"][header] = json!({"schema": {"type": "string"}});
            }
        }
        if is_write && path.starts_with("/api/projects/") {
            responses.entry("409").or_insert_with(|| {
                refusal(
                    "The current state does not allow this, or another agent holds the task",
                    "Refused",
                )
            });
        }
        for (status, description) in WITH_BODY.into_iter().filter(|_| has_body) {
            responses
                .entry(status)
                .or_insert_with(|| refusal(&description(path), "Refused"));
        }
        for (_, response) in responses.iter_mut() {
            if response.get("description").is_none() {
                response["description"] = json!("Success");
            }
        }
        if let Some(answer) = responses.get_mut("200") {
            if path.starts_with("/api/projects") {
                answer["headers"]["Stream-Epoch"] = json!({"schema": {"type": "string"},
                    "description": "Epoch of the event stream that `Stream-Seq` belongs to"});
                answer["headers"]["Stream-Seq"] = json!({"schema": {"type": "integer", "minimum": 0},
                    "description": "Position in the event stream at which the data was read, or that includes the write"});
            }
            if is_write {
                answer["headers"]["Idempotency-Replayed"] = json!({"schema": {"type": "string", "enum": ["true"]},
                    "description": "The response is the stored one of an earlier request with the same key"});
            }
        }
    }
    let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
    if let Some(parameters) = parameters.as_array_mut() {
        for parameter in parameters.iter_mut() {
            be_text(parameter);
        }
        parameters.push(json!({"name": "TaskTree-Agent", "in": "header", "required": false,
            "description": "Name of the agent that sends the request. The rules for agents then apply",
            "schema": {"type": "string", "minLength": 1, "maxLength": limits.name_chars, "pattern": "^[!-.0-~]([ -.0-~]*[!-.0-~])?$"}}));
        if is_write && !WITHOUT_KEY.contains(&path) {
            parameters.push(json!({"name": "Idempotency-Key", "in": "header", "required": false,
                "description": "Requests with the same key are executed once within 24 hours",
                "schema": {"type": "string", "minLength": 1, "maxLength": limits.key_chars, "pattern": "^[!-~]([ -~]*[!-~])?$"}}));
        }
        if is_write && path.starts_with("/api/projects/{project}") {
            parameters.push(json!({"name": "If-Stream-Epoch", "in": "header", "required": false,
                "description": "Epoch that the author of the change saw. The write is refused (409) if the project has another one",
                "schema": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[!-~]+$"}}));
            parameters.push(json!({"name": "If-Caller", "in": "header", "required": false,
                "description": "Credential of the author, as in `GET /api/session` (`-` without sign-in). The write is refused (403) if it is sent with another one",
                "schema": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[!-~]+$"}}));
        }
    }
}

/// Returns the operation's name for generated clients: `get_projects_project_tasks`.
fn name(path: &str, method: &str) -> String {
    let parts = path.trim_start_matches("/api").split('/');
    let parts = parts.map(|part| part.trim_matches(['{', '}']).replace(['-', '.'], "_"));
    let parts: Vec<_> = parts.filter(|part| !part.is_empty()).collect();
    format!("{method}_{}", parts.join("_"))
}

/// Describes a parameter as text: a missing one is absent, not null.
fn be_text(parameter: &mut Value) {
    let in_path = parameter["in"] == "path";
    let schema = &mut parameter["schema"];
    bounds::not_null(schema);
    if in_path && schema["type"] == "integer" {
        schema["maximum"] = json!(u64::MAX);
    }
    match parameter["name"].as_str() {
        Some("If-Match") => {
            parameter["schema"]["pattern"] =
                json!(r#"^([0-9]{1,18}|"[0-9]{1,18}"|W/"[0-9]{1,18}"|\*)$"#);
        }
        Some("since") => parameter["schema"]["format"] = json!("date-time"),
        Some("cursor") => {
            let pattern = r"^[0-9a-f]{12}\.[0-9]{1,18}\.[0-9]{1,9}\.[0-9]{1,18}$";
            parameter["schema"]["pattern"] = json!(pattern);
        }
        _ => {}
    }
}

fn refusal(description: &str, body: &str) -> Value {
    let content = json!({"application/json": {"schema": schema(body)}});
    json!({"description": description, "content": content})
}
