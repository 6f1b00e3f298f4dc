//! The parts of an event that a hook reads: its name and its folder. The server reads the rest.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::failure::{Failure, Result};
use crate::limits::HOOK_BODY_BYTES;

/// Fields that may be large, in the order in which they are left out.
const LARGE: [&str; 6] = [
    "tool_response",
    "tool_result",
    "toolResult",
    "tool_output",
    "output",
    "tool_input",
];

/// Event of a harness, in any of their spellings.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Event {
    #[serde(alias = "hookEventName")]
    hook_event_name: Option<String>,
    cwd: Option<PathBuf>,
    /// Folder in events of opencode.
    directory: Option<PathBuf>,
    /// Folders in events of Cursor.
    workspace_roots: Vec<PathBuf>,
    cursor_version: Option<String>,
}

impl Event {
    /// Reads an event.
    pub(super) fn parse(body: &[u8]) -> Result<Self> {
        serde_json::from_slice(body)
            .map_err(|error| Failure::local(format_args!("the event is not valid: {error}")))
    }

    /// Returns its name.
    pub(super) fn name(&self) -> &str {
        self.hook_event_name.as_deref().unwrap_or_default()
    }

    /// Returns the folder that it is about, if that is on this machine.
    pub(super) fn folder(&self) -> Option<PathBuf> {
        let folders = [&self.cwd, &self.directory].into_iter().flatten();
        let mut folders = folders.chain(&self.workspace_roots);
        folders
            .find(|folder| folder.is_absolute() && folder.is_dir())
            .cloned()
    }

    /// Returns true for an event of Cursor, which may run the hooks of Claude Code.
    pub(super) const fn is_of_cursor(&self) -> bool {
        self.cursor_version.is_some()
    }

    /// Returns true if the harness asks whether a tool may be used.
    pub(super) fn asks_for_permission(&self) -> bool {
        matches!(self.name(), "PermissionRequest" | "permissionRequest")
    }

    /// Returns true if the harness reads context for the agent.
    pub(super) fn takes_context(&self) -> bool {
        self.starts_session()
            || matches!(
                self.name(),
                "UserPromptSubmit" | "userPromptSubmitted" | "BeforeAgent"
            )
    }

    /// Returns true if a session starts.
    pub(super) fn starts_session(&self) -> bool {
        matches!(self.name(), "SessionStart" | "sessionStart")
    }
}

/// Returns the body of an event within the limit of the server.
///
/// The end of a tool call is news even if its result, an image for example, is too large.
pub(super) fn within_limit(body: Vec<u8>) -> Result<Vec<u8>> {
    if body.len() <= HOOK_BODY_BYTES {
        return Ok(body);
    }
    let mut event: Map<String, Value> = serde_json::from_slice(&body)
        .map_err(|error| Failure::local(format_args!("the event is not valid: {error}")))?;
    for name in LARGE {
        event.remove(name);
        let shorter = Value::from(event.clone()).to_string().into_bytes();
        if shorter.len() <= HOOK_BODY_BYTES {
            return Ok(shorter);
        }
    }
    let limit = format_args!("the event has more than {HOOK_BODY_BYTES} bytes");
    Err(Failure::local(limit))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_an_event_that_is_too_large_the_result_of_the_tool_is_left_out() {
        let small = json!({"hook_event_name": "Stop"}).to_string().into_bytes();
        assert_eq!(within_limit(small.clone()).ok(), Some(small));
        let long = "x".repeat(HOOK_BODY_BYTES);
        let event = |name: &str| json!({"cwd": "/x", "tool_name": "Read", name: long.as_str()});
        let body = event("tool_response").to_string().into_bytes();
        let shorter = within_limit(body).unwrap_or_default();
        let left = serde_json::from_slice::<Value>(&shorter).unwrap_or_default();
        assert_eq!(left, json!({"cwd": "/x", "tool_name": "Read"}));
        assert!(within_limit(event("prompt").to_string().into_bytes()).is_err());
    }

    #[test]
    fn every_spelling_of_the_name_is_read() {
        for (body, name) in [
            (
                r#"{"hook_event_name": "SessionStart", "session_id": "x"}"#,
                "SessionStart",
            ),
            (r#"{"hookEventName": "Stop"}"#, "Stop"),
            (r#"{"type": "agent-turn-complete"}"#, ""),
        ] {
            assert_eq!(
                Event::parse(body.as_bytes()).unwrap_or_default().name(),
                name
            );
        }
        for body in ["", "garbage", "[1]", "\"text\"", "{"] {
            assert!(Event::parse(body.as_bytes()).is_err(), "{body}");
        }
    }
}
