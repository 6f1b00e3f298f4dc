//! The hooks that a harness is to have: those that ship with TaskTree, as this person needs them.

use serde_json::{Map, Value};

use super::hooks::COMMANDS;
use crate::program::Program;

/// Returns hooks that run a program.
pub(super) fn running(mut hooks: Map<String, Value>, program: &Program) -> Map<String, Value> {
    for (_, handler) in handlers(&mut hooks) {
        for (name, value) in handler {
            if let (true, Some(line)) = (COMMANDS.contains(&name.as_str()), value.as_str()) {
                *value = program.line(line, name == "powershell").into();
            }
        }
    }
    hooks
}

/// Returns hooks whose permission requests wait for an answer on the board.
pub(super) fn waiting(mut hooks: Map<String, Value>, timeout: u64) -> Map<String, Value> {
    for (event, handler) in handlers(&mut hooks) {
        if event == "PermissionRequest" {
            wait(handler, timeout);
        }
    }
    hooks
}

fn wait(handler: &mut Map<String, Value>, timeout: u64) {
    // A hook that nobody waits for cannot decide.
    handler.remove("async");
    for (name, value) in handler {
        match (name.as_str(), value.as_str()) {
            (name, Some(line)) if COMMANDS.contains(&name) => {
                *value = format!("{line} --answers").into();
            }
            ("timeout" | "timeoutSec", _) => *value = timeout.into(),
            _ => {}
        }
    }
}

/// Returns the handlers of all events, each with the name of its event.
fn handlers(hooks: &mut Map<String, Value>) -> Vec<(&str, &mut Map<String, Value>)> {
    let events = hooks.get_mut("hooks").and_then(Value::as_object_mut);
    let mut all = Vec::new();
    for (event, groups) in events.into_iter().flatten() {
        for group in groups.as_array_mut().into_iter().flatten() {
            // Some harnesses have groups of handlers, others the handlers alone.
            let handlers: Vec<_> = match group.get("hooks").is_some() {
                true => group["hooks"]
                    .as_array_mut()
                    .into_iter()
                    .flatten()
                    .collect(),
                false => vec![group],
            };
            let handlers = handlers.into_iter().filter_map(Value::as_object_mut);
            all.extend(handlers.map(|handler| (event.as_str(), handler)));
        }
    }
    all
}
