//! Schemas of types that are written in another form than the macro assumes.

use serde_json::{Map, Value, json};

use super::schemas::SCHEMAS;

/// Converts the schemas of plain texts, of optional values and of flattened types to the form of
/// all others, and leaves out the defaults of the types: the handlers apply others.
pub(super) fn simplify(api: &mut Value) {
    let texts = take_texts(&mut api["components"]["schemas"]);
    inline_texts(api, &texts);
    let schemas = &mut api["components"]["schemas"];
    remove_defaults(schemas);
    let all = schemas.clone();
    let mut parts = Vec::new();
    for (_, schema) in schemas.as_object_mut().into_iter().flatten() {
        flatten(schema, &all, &mut parts);
    }
    let text = api.to_string();
    let is_unused = |name: &str| !text.contains(&format!("\"{SCHEMAS}{name}\""));
    if let Some(schemas) = api["components"]["schemas"].as_object_mut() {
        schemas.retain(|name, _| !parts.contains(name) || !is_unused(name));
    }
}

/// Removes the defaults of all properties.
fn remove_defaults(schema: &mut Value) {
    match schema {
        Value::Array(schemas) => schemas.iter_mut().for_each(remove_defaults),
        Value::Object(fields) => {
            fields.retain(|name, value| name != "default" || value.is_object());
            fields
                .iter_mut()
                .for_each(|(_, field)| remove_defaults(field));
        }
        _ => {}
    }
}

/// Removes the schemas that are only a text, such as those of identifiers, and returns their names.
fn take_texts(schemas: &mut Value) -> Vec<String> {
    let Some(schemas) = schemas.as_object_mut() else {
        return Vec::new();
    };
    let text = json!({"type": "string"});
    let names = schemas.iter().filter(|(_, schema)| **schema == text);
    let names: Vec<_> = names.map(|(name, _)| name.clone()).collect();
    schemas.retain(|name, _| !names.contains(name));
    names
}

/// Replaces references to texts by the text itself.
fn inline_texts(value: &mut Value, texts: &[String]) {
    match value {
        Value::Array(values) => values
            .iter_mut()
            .for_each(|value| inline_texts(value, texts)),
        Value::Object(fields) => {
            fields
                .iter_mut()
                .for_each(|(_, field)| inline_texts(field, texts));
            let name = fields.get("$ref").and_then(Value::as_str);
            let name = name.and_then(|name| name.strip_prefix(SCHEMAS));
            if name.is_some_and(|name| texts.iter().any(|text| text == name)) {
                fields.remove("$ref");
                fields.insert("type".to_owned(), json!("string"));
            }
            join_null(fields);
            describe_outside(fields);
        }
        _ => {}
    }
}

/// Converts "null or a text" to a type with two names.
fn join_null(fields: &mut Map<String, Value>) {
    let text = match fields
        .get("oneOf")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
    {
        Some([one, other]) if one["type"] == "null" && other["type"] == "string" => other,
        Some([other, one]) if one["type"] == "null" && other["type"] == "string" => other,
        _ => return,
    };
    if text.get("enum").is_some() {
        return;
    }
    let text = text.clone();
    fields.remove("oneOf");
    for (name, value) in text.as_object().into_iter().flatten() {
        fields.insert(name.clone(), value.clone());
    }
    fields.insert("type".to_owned(), json!(["string", "null"]));
}

/// Moves the description of a type that may be null to the field.
fn describe_outside(fields: &mut Map<String, Value>) {
    let choices = fields.get_mut("oneOf").and_then(Value::as_array_mut);
    let choices = choices
        .into_iter()
        .flatten()
        .filter_map(Value::as_object_mut);
    let found: Vec<_> = choices
        .filter_map(|one| one.remove("description"))
        .collect();
    if let [description] = &found[..] {
        fields.insert("description".to_owned(), description.clone());
    }
}

/// Merges the parts of a type with flattened fields into one object.
///
/// Adds the names of the parts to `names`.
fn flatten(schema: &mut Value, all: &Value, names: &mut Vec<String>) {
    let Some(parts) = schema.get_mut("allOf").map(Value::take) else {
        return;
    };
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for part in parts.as_array().into_iter().flatten() {
        let name = part["$ref"]
            .as_str()
            .and_then(|name| name.strip_prefix(SCHEMAS));
        names.extend(name.map(str::to_owned));
        let part = name.map_or(part, |name| &all[name]);
        properties.extend(part["properties"].as_object().cloned().unwrap_or_default());
        required.extend(part["required"].as_array().cloned().unwrap_or_default());
    }
    let description = schema.get("description").cloned();
    *schema = json!({"type": "object", "required": required, "properties": properties});
    if let Some(description) = description {
        schema["description"] = description;
    }
}
