//! Detection of the harness by the shape of a body.
//!
//! The address names a harness too, but one configuration file is read by several harnesses: VS
//! Code and Cursor load the hooks of Claude Code. So the shape decides, and the address only where
//! the shape does not.

use serde_json::Value;
use tasktree_protocol::agent::Source;

use super::body::text;

/// Event names that only Gemini CLI has.
const GEMINI: [&str; 7] = [
    "BeforeAgent",
    "AfterAgent",
    "BeforeTool",
    "AfterTool",
    "PreCompress",
    "BeforeModel",
    "AfterModel",
];

/// Returns the harness that sent a body. `hint` is the one that the address names.
pub fn detect(body: &Value, hint: Option<Source>) -> Source {
    let has = |name: &str| body.get(name).is_some();
    let event = text(body, &["hook_event_name"]).unwrap_or_default();
    let transcript = text(body, &["transcript_path"]).unwrap_or_default();
    let transcript = transcript.replace('\\', "/");
    if has("cursor_version") {
        Source::Cursor
    } else if has("hookEventName") {
        Source::VsCode
    } else if text(body, &["type"]) == Some("agent-turn-complete") {
        Source::Codex
    } else if body.get("event").is_some_and(Value::is_object) || has("hook") {
        Source::OpenCode
    } else if body.get("timestamp").is_some_and(Value::is_number) {
        Source::Copilot
    } else if GEMINI.contains(&event)
        || event == "BeforeToolSelection"
        || (has("timestamp") && transcript.contains("/.gemini/"))
    {
        Source::Gemini
    } else if has("timestamp") {
        Source::Copilot
    } else if has("turn_id") || transcript.contains("/.codex/") {
        Source::Codex
    } else {
        hint.unwrap_or(Source::ClaudeCode)
    }
}
