//! Schemas of tasks, from the protocol's table of fields.

use serde_json::{Map, Value, json};
use tasktree_protocol::task::{Evidence, OnHold, Verdict};
use tasktree_protocol::{
    AgentId, Status, TaskId, Timestamp, imported_task_fields, new_task_fields, task_card_fields,
    task_fields, task_patch_fields,
};

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

/// Adds the fields of tasks to the schemas that describe them.
pub(super) fn add(schemas: &mut Value) {
    let mut described = Map::new();
    macro_rules! task {
        ($($name:ident: $type:ty, $($doc:literal)+;)*) => {
            $(
                let doc: &str = concat!($($doc),+);
                described.insert(wire_name(stringify!($name)).to_owned(), json!(doc.trim()));
                add_field(&mut schemas["Task"], stringify!($name), <$type>::schema(), true);
            )*
        };
    }
    task_fields!(task);
    macro_rules! card {
        ($($name:ident: $type:ty, [$($option:tt)*];)*) => {
            $(
                let is_sent = !stringify!($($option)*).contains("skip_serializing_if");
                let schema = if is_sent { <$type>::schema() } else { nullable(<$type>::schema()) };
                add_field(&mut schemas["TaskCard"], stringify!($name), schema, is_sent);
            )*
        };
    }
    task_card_fields!(card);
    macro_rules! request {
        ($($name:ident: $type:ty,)*) => { [$((stringify!($name), <$type>::schema())),*] };
    }
    for (name, schema) in new_task_fields!(request) {
        add_request_field(&mut schemas["NewTask"], name, schema);
    }
    for (name, schema) in task_patch_fields!(request) {
        add_field(&mut schemas["TaskPatch"], name, nullable(schema), false);
    }
    for (name, schema) in imported_task_fields!(request) {
        add_request_field(&mut schemas["ImportedTask"], name, schema);
    }
    for schema in ["Task", "TaskCard", "NewTask", "TaskPatch", "ImportedTask"] {
        let properties = schemas[schema]["properties"].as_object_mut();
        for (name, property) in properties.into_iter().flatten() {
            if let (Some(doc), Value::Object(property)) = (described.get(name), property) {
                property.entry("description").or_insert_with(|| doc.clone());
            }
        }
    }
    for (schema, field, description) in IN_REQUESTS {
        schemas[schema]["properties"][field]["description"] = json!(description);
    }
}

/// Returns the name of a field in JSON.
fn wire_name(field: &str) -> &str {
    match field {
        "number" => "task_id",
        other => other,
    }
}

/// Adds a field of a request that creates a task; only the title is required.
fn add_request_field(schema: &mut Value, name: &str, field: Value) {
    let is_required = name == "title";
    let field = if is_required { field } else { nullable(field) };
    add_field(schema, name, field, is_required);
}

fn add_field(schema: &mut Value, name: &str, field: Value, is_required: bool) {
    let name = wire_name(name);
    schema["properties"][name] = field;
    if is_required {
        match schema.get_mut("required").and_then(Value::as_array_mut) {
            Some(required) => required.push(json!(name)),
            None => schema["required"] = json!([name]),
        }
    }
}

/// Returns the schema of a value that may be null.
fn nullable(mut schema: Value) -> Value {
    match &schema["type"] {
        Value::String(kind) => schema["type"] = json!([kind, "null"]),
        Value::Null if schema.get("oneOf").is_none() => {
            schema = json!({"oneOf": [{"type": "null"}, schema]});
        }
        _ => {}
    }
    schema
}

/// Type of a field, as the description has it.
trait Described {
    /// Returns the schema of the type.
    fn schema() -> Value;
}

impl<T: Described> Described for Option<T> {
    fn schema() -> Value {
        nullable(T::schema())
    }
}

impl<T: Described> Described for Vec<T> {
    fn schema() -> Value {
        json!({"type": "array", "items": T::schema()})
    }
}

macro_rules! described {
    ($($type:ty: $schema:tt;)*) => {
        $(impl Described for $type {
            fn schema() -> Value {
                json!($schema)
            }
        })*
    };
}

described! {
    String: {"type": "string"};
    AgentId: {"type": "string"};
    TaskId: {"type": "string"};
    Timestamp: {"type": "string"};
    u32: {"type": "integer", "format": "int32", "minimum": 0};
    u64: {"type": "integer", "format": "int64", "minimum": 0};
    i64: {"type": "integer", "format": "int64"};
    Status: {"$ref": "#/components/schemas/Status"};
    Verdict: {"$ref": "#/components/schemas/Verdict"};
    OnHold: {"$ref": "#/components/schemas/OnHold"};
    Evidence: {"$ref": "#/components/schemas/Evidence"};
}
