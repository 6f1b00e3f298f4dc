//! Completes the description that the macros generate.

use serde_json::{Value, json};
use tasktree_protocol::http::paths;
use utoipa::openapi::OpenApi;

use super::common::describe;
use super::schemas::{close, note_schemas, schema, send_back};
use super::{bounds, task_fields, types};
use crate::error::Error;
use crate::limits::Limits;

/// Lists that have other rows if a parameter requests it. The macro knows only one type.
const OTHER_ROWS: [(&str, &str, &str); 2] = [
    (paths::PROJECTS, "Project", "KeptProject"),
    (paths::TASKS, "Task", "TaskCard"),
];

/// Completes the description of the operations.
///
/// # Errors
/// Returns an error if the description cannot be written as JSON.
pub(super) fn complete(api: &OpenApi, limits: &Limits) -> Result<Value, Error> {
    let mut api = serde_json::to_value(api)?;
    types::simplify(&mut api);
    let mut requests = Vec::new();
    if let Some(paths) = api["paths"].as_object_mut() {
        for (path, item) in paths {
            for (method, operation) in item.as_object_mut().into_iter().flatten() {
                if let Some(operation) = operation.as_object_mut() {
                    if let Some(body) = operation.get("requestBody") {
                        note_schemas(body, &mut requests);
                    }
                    describe(path, method, operation, limits);
                }
            }
        }
    }
    for (path, usual, other) in OTHER_ROWS {
        let list = |name| json!({"type": "array", "items": schema(name)});
        let content = &mut api["paths"][path]["get"]["responses"]["200"]["content"];
        content["application/json"]["schema"] = json!({"anyOf": [list(usual), list(other)]});
    }
    let components = &mut api["components"];
    components["securitySchemes"] = json!({
        "token": {"type": "http", "scheme": "bearer", "description": "A named token, or the token of `--token`"},
        "cookie": {"type": "apiKey", "in": "cookie", "name": "tasktree_session",
            "description": "The sign-in of a browser. The cookie's name has a suffix for the database"},
    });
    // No credential is needed if sign-in is off.
    api["security"] = json!([{}, {"token": []}, {"cookie": []}]);
    let schemas = &mut api["components"]["schemas"];
    task_fields::add(schemas);
    send_back(schemas, "TaskPatch", "Task");
    send_back(schemas, "ProjectPatch", "Project");
    for name in requests {
        close(schemas, &name);
    }
    bounds::add(schemas, limits);
    number_ranges(&mut api);
    Ok(api)
}

/// Adds the largest value that the handlers accept to every integer without a maximum.
fn number_ranges(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(number_ranges),
        Value::Object(fields) => {
            let kind = fields.get("type").map(Value::to_string);
            if kind.is_some_and(|kind| kind.contains("\"integer\"")) {
                let is_short = fields.get("format") == Some(&json!("int32"));
                // The numbers of this API are unsigned, which no format name expresses.
                fields.remove("format");
                let most = if is_short {
                    i64::from(u32::MAX)
                } else {
                    i64::MAX
                };
                fields.entry("maximum").or_insert_with(|| json!(most));
            }
            fields
                .iter_mut()
                .for_each(|(_, field)| number_ranges(field));
        }
        _ => {}
    }
}
