//! Schemas and the references to them.

use serde_json::{Value, json};

/// Prefix of a reference to a schema.
pub(super) const SCHEMAS: &str = "#/components/schemas/";

/// Returns a reference to a schema.
pub(super) fn schema(name: &str) -> Value {
    json!({"$ref": format!("{SCHEMAS}{name}")})
}

/// Collects the schemas that a part of the description refers to.
pub(super) fn note_schemas(part: &Value, names: &mut Vec<String>) {
    match part {
        Value::Array(parts) => parts.iter().for_each(|part| note_schemas(part, names)),
        Value::Object(fields) => {
            let reference = fields.get("$ref").and_then(Value::as_str);
            let name = reference.and_then(|reference| reference.strip_prefix(SCHEMAS));
            names.extend(name.map(str::to_owned));
            fields.values().for_each(|field| note_schemas(field, names));
        }
        _ => {}
    }
}

/// Declares that a schema, and those in it, have no other fields: unknown ones are refused.
pub(super) fn close(schemas: &mut Value, name: &str) {
    let Some(schema) = schemas.get_mut(name).and_then(Value::as_object_mut) else {
        return;
    };
    if !schema.contains_key("properties") || schema.contains_key("additionalProperties") {
        return;
    }
    schema.insert("additionalProperties".to_owned(), Value::Bool(false));
    // Fields that are sent back are read-only and hold whatever a response contains.
    let properties = schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter();
    let mut inner = Vec::new();
    for property in properties.flatten().map(|(_, property)| property) {
        if property["readOnly"] != Value::Bool(true) {
            note_schemas(property, &mut inner);
        }
    }
    for name in inner {
        close(schemas, &name);
    }
}

/// Adds the fields of a row that its patch may send back unchanged.
pub(super) fn send_back(schemas: &mut Value, patch: &str, row: &str) {
    let fields = schemas[row]["properties"].as_object().cloned();
    let Some(known) = schemas[patch]["properties"].as_object_mut() else {
        return;
    };
    for (name, mut field) in fields.into_iter().flatten() {
        if !known.contains_key(&name) {
            field["readOnly"] = Value::Bool(true);
            known.insert(name, field);
        }
    }
}
