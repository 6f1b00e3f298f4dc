//! One-line summaries of what agents do: all that is stored of prompts, tool calls and messages.

use serde_json::Value;

use super::body::{any, text};
use super::{patch, scrub};
use crate::terminal;

/// Longest summary, in characters.
pub const SUMMARY_CHARS: usize = 200;

/// Bytes of a text that are looked at for its summary.
const LOOKED_AT_BYTES: usize = 4096;

/// Names of the file that a tool call is about.
const FILES: [&str; 8] = [
    "file_path",
    "filePath",
    "notebook_path",
    "target_file",
    "absolute_path",
    "path",
    "dirPath",
    "dir_path",
];

/// Names of the command that a tool call runs.
const COMMANDS: [&str; 3] = ["command", "cmd", "script"];

/// Names of other values that say what a tool call is about.
const OTHERS: [&str; 8] = [
    "pattern",
    "query",
    "url",
    "subject",
    "description",
    "prompt",
    "skill",
    "name",
];

/// Returns a text in one line without secrets, cut to [`SUMMARY_CHARS`]; none without content.
pub(super) fn line(text: &str) -> Option<String> {
    let text = &text[..text.floor_char_boundary(LOOKED_AT_BYTES)];
    let shown = terminal::plain(text.to_owned());
    let visible = shown.split(|letter: char| letter.is_whitespace() || letter.is_control());
    let words: Vec<&str> = visible.filter(|word| !word.is_empty()).collect();
    if words.is_empty() {
        return None;
    }
    Some(cut(scrub(&words.join(" "))))
}

/// Cuts a line to [`SUMMARY_CHARS`], with an ellipsis in place of the rest.
fn cut(line: String) -> String {
    match line.char_indices().nth(SUMMARY_CHARS) {
        None => line,
        Some(_) => {
            let kept: String = line.chars().take(SUMMARY_CHARS - 1).collect();
            // A secret that the cut leaves incomplete was removed before.
            kept + "…"
        }
    }
}

/// Returns the summary of a tool call: the tool, and the file or command that it is about.
pub(super) fn of_call(tool: &str, input: &Value) -> String {
    let tool = match tool.strip_prefix("mcp__") {
        Some(name) => name.replacen("__", ": ", 1),
        None => tool.to_owned(),
    };
    let files = patch::files(&tool, input);
    let said = match files.split_first() {
        Some((first, [])) => format!("{tool} {first}"),
        Some((first, rest)) => format!("{tool} {first} and {} more", rest.len()),
        None => match (command(input), text(input, &FILES), text(input, &OTHERS)) {
            (Some(command), ..) => format!("{tool}: {command}"),
            (None, Some(file), _) => format!("{tool} {file}"),
            (None, None, Some(other)) => format!("{tool}: {other}"),
            (None, None, None) => tool,
        },
    };
    line(&said).unwrap_or_else(|| "Tool call".to_owned())
}

/// Returns the command of a tool call, which some harnesses send as a list of words.
fn command(input: &Value) -> Option<String> {
    match any(input, &COMMANDS)? {
        Value::String(command) if !command.trim().is_empty() => Some(command.clone()),
        Value::Array(words) => {
            let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
            (!words.is_empty()).then(|| words.join(" "))
        }
        _ => None,
    }
}
