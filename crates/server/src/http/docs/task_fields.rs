//! Differences between requests about tasks and the types that they become.

use serde_json::{Value, json};

/// Descriptions of fields whose meaning in a request differs from that in the task.
const IN_REQUESTS: [(&str, &str, &str); 5] = [
    (
        "NewTask",
        "branch",
        "Branch of the task; `task-{number}` if left out.",
    ),
    (
        "NewTask",
        "on_hold",
        "Reason for which nobody is to work on the task.",
    ),
    (
        "TaskPatch",
        "on_hold",
        "Reason for which nobody is to work on the task; null ends the hold.",
    ),
    (
        "TaskPatch",
        "assignee",
        "The `id` of the person responsible for the task, one of `GET /api/people`. Only people may \
         set it.",
    ),
    (
        "ImportedTask",
        "on_hold",
        "Reason for which nobody is to work on the task.",
    ),
];

/// Types of requests that create a task, with their required fields. All others may be null.
const NEW: [(&str, &[&str]); 2] = [
    ("NewTask", &["title"]),
    ("ImportedTask", &["source", "title"]),
];

/// Completes the schemas of tasks.
pub(super) fn add(schemas: &mut Value) {
    for (schema, required) in NEW {
        let fields = schemas[schema]["properties"].as_object_mut();
        for (name, field) in fields.into_iter().flatten() {
            if !required.contains(&name.as_str()) {
                make_nullable(field);
            }
        }
        schemas[schema]["required"] = json!(required);
    }
    // Always sent, but older servers have no versions.
    if let Some(required) = schemas["TaskCard"]["required"].as_array_mut() {
        required.push(json!("rev"));
    }
    // Sent with the change, but no field of the task.
    schemas["TaskPatch"]["properties"]["take"] = json!({"type": ["string", "null"],
        "description": "Agent that holds the task and loses it."});
    for (schema, field, description) in IN_REQUESTS {
        schemas[schema]["properties"][field]["description"] = json!(description);
    }
    describe_as_in_task(schemas);
}

/// Describes the fields of the other types as those of the whole task.
fn describe_as_in_task(schemas: &mut Value) {
    let described = schemas["Task"]["properties"].clone();
    for schema in ["TaskCard", "NewTask", "TaskPatch", "ImportedTask"] {
        let fields = schemas[schema]["properties"].as_object_mut();
        for (name, field) in fields.into_iter().flatten() {
            if let (Some(text), Value::Object(field)) = (described[name].get("description"), field)
            {
                field.entry("description").or_insert_with(|| text.clone());
            }
        }
    }
}

/// Allows null for a value.
fn make_nullable(schema: &mut Value) {
    match &schema["type"] {
        Value::String(kind) => schema["type"] = json!([kind, "null"]),
        Value::Null if schema.get("oneOf").is_none() => {
            *schema = json!({"oneOf": [{"type": "null"}, schema.take()]});
        }
        _ => {}
    }
}
