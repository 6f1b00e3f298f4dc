//! TaskTree's hooks in the JSON file of a harness, beside whatever else is in it.

use serde_json::{Map, Value};

use super::json::Node;
use super::style::{Style, without};
use crate::program::Program;

/// Members of a handler that may have its command line.
pub(super) const COMMANDS: [&str; 3] = ["command", "bash", "powershell"];

/// Reason for which a file is not edited.
pub(super) type Unsafe = String;

/// Returns the text of a file with TaskTree's hooks; the same text if it has them. Its hooks of an
/// earlier version or with other options are replaced.
///
/// # Errors
/// Returns the reason if the file cannot be edited without harm.
pub(super) fn add(text: &str, wanted: &Map<String, Value>) -> Result<String, Unsafe> {
    let blank = text.trim().is_empty();
    let text = if blank { "{}\n" } else { text };
    if is_complete(text, wanted)? {
        return Ok(text.to_owned());
    }
    let style = Style::of(text);
    let mut text = remove(text)?;
    for (name, value) in wanted {
        text = match (value, Node::parse(&text)?.member(name)) {
            (_, None) => style.with_member(&text, &root(&text)?, 0, (name, value)),
            (Value::Object(events), Some(_)) => add_events(&text, &style, name, events)?,
            // A version, for example: that of the file stays.
            (_, Some(_)) => text,
        };
    }
    Ok(text)
}

fn add_events(
    text: &str,
    style: &Style,
    hooks: &str,
    events: &Map<String, Value>,
) -> Result<String, Unsafe> {
    let mut text = text.to_owned();
    for (event, groups) in events {
        let root = root(&text)?;
        let member = root.member(hooks).ok_or("its hooks are missing")?;
        if member.node.object().is_none() {
            return Err(format!("its {hooks:?} is not an object"));
        }
        let Some(own) = member.node.member(event) else {
            text = style.with_member(&text, &member.node, 1, (event, groups));
            continue;
        };
        if own.node.array().is_none() {
            return Err(format!("its {event:?} is not a list"));
        }
        for group in groups.as_array().into_iter().flatten() {
            let root = self::root(&text)?;
            let list = root
                .member(hooks)
                .and_then(|hooks| hooks.node.member(event));
            let list = list.ok_or("its hooks are missing")?;
            text = style.with_element(&text, &list.node, 2, group);
        }
    }
    Ok(text)
}

/// Returns the text of a file without TaskTree's hooks.
///
/// # Errors
/// Returns the reason if the file cannot be edited without harm.
pub(super) fn remove(text: &str) -> Result<String, Unsafe> {
    let mut text = text.to_owned();
    while let Some(shorter) = remove_one(&text)? {
        text = shorter;
    }
    Ok(text)
}

/// Removes one of TaskTree's hooks, with the lists that are empty then.
fn remove_one(text: &str) -> Result<Option<String>, Unsafe> {
    let root = root(text)?;
    let Some(hooks) = root.member("hooks") else {
        return Ok(None);
    };
    for (position, event) in hooks.node.object().unwrap_or_default().iter().enumerate() {
        let groups = event.node.array().unwrap_or_default();
        for (number, group) in groups.iter().enumerate() {
            let handlers = group
                .member("hooks")
                .and_then(|list| Some((list, list.node.array()?)));
            let own = match handlers {
                Some((list, handlers)) => {
                    let own = |handler: &Node| is_own(&handler.value(text));
                    let Some(place) = handlers.iter().position(own) else {
                        continue;
                    };
                    (handlers.len() > 1).then(|| without(text, &list.node, place))
                }
                None if is_own(&group.value(text)) => None,
                None => continue,
            };
            return Ok(Some(own.unwrap_or_else(|| {
                if groups.len() > 1 {
                    without(text, &event.node, number)
                } else if hooks.node.object().is_some_and(|events| events.len() > 1) {
                    without(text, &hooks.node, position)
                } else {
                    let members = root.object().unwrap_or_default();
                    let place = members.iter().rposition(|member| member.name == "hooks");
                    without(text, &root, place.unwrap_or_default())
                }
            })));
        }
    }
    Ok(None)
}

/// Returns true if the file has TaskTree's hooks.
pub(super) fn has_own(text: &str) -> bool {
    matches!(remove_one(text), Ok(Some(_)))
}

/// Returns true if the file has exactly the wanted hooks of TaskTree, wherever they stand.
fn is_complete(text: &str, wanted: &Map<String, Value>) -> Result<bool, Unsafe> {
    let found = root(text)?.value(text);
    let own = |value: &Value| {
        let mut own = Vec::new();
        for (event, groups) in value["hooks"].as_object().into_iter().flatten() {
            let groups = groups.as_array().into_iter().flatten();
            own.extend(
                groups
                    .filter(|group| has_own_handler(group))
                    .map(|group| (event.clone(), group.to_string())),
            );
        }
        own.sort();
        own
    };
    let has_others = wanted.keys().all(|name| found.get(name).is_some());
    Ok(has_others && own(&found) == own(&Value::from(wanted.clone())))
}

fn has_own_handler(group: &Value) -> bool {
    let handlers = group["hooks"].as_array();
    is_own(group) || handlers.is_some_and(|handlers| handlers.iter().any(is_own))
}

/// Returns true for a handler of TaskTree.
fn is_own(handler: &Value) -> bool {
    program_of(handler).is_some()
}

/// Returns the program that a handler runs, if it is one of TaskTree.
fn program_of(handler: &Value) -> Option<Program> {
    let mut lines = COMMANDS.iter().filter_map(|name| handler[*name].as_str());
    lines.find_map(Program::of_line)
}

/// Returns the program that TaskTree's hooks in a file run; none if there are none.
pub(super) fn program(text: &str) -> Option<Program> {
    let value = root(text).ok()?.value(text);
    let groups = value["hooks"].as_object()?.values();
    let mut groups = groups.filter_map(Value::as_array).flatten();
    groups.find_map(|group| match group["hooks"].as_array() {
        Some(handlers) => handlers.iter().find_map(program_of),
        None => program_of(group),
    })
}

fn root(text: &str) -> Result<Node, Unsafe> {
    let root = Node::parse(text)?;
    match root.object() {
        Some(_) => Ok(root),
        None => Err("it is not an object".to_owned()),
    }
}

#[cfg(test)]
mod tests;
