//! Files that a tool call edits.

use serde_json::Value;

use super::body::{any, text};
use super::event::PATHS;

/// Names of tools that edit files, in lower case without separators.
const EDITS: [&str; 20] = [
    "edit",
    "multiedit",
    "write",
    "notebookedit",
    "applypatch",
    "patch",
    "replace",
    "writefile",
    "editfile",
    "editfiles",
    "createfile",
    "create",
    "deletefile",
    "insertedit",
    "inserteditintofile",
    "replacestringinfile",
    "multireplacestringinfile",
    "searchreplace",
    "editnotebookfile",
    "strreplace",
];

/// Tools that edit or only show files, as their `command` says.
const EDITORS: [&str; 2] = ["strreplaceeditor", "strreplacebasededittool"];

/// Lines of a patch of Codex before the name of a file.
const HEADS: [&str; 4] = [
    "*** Update File: ",
    "*** Add File: ",
    "*** Delete File: ",
    "*** Move to: ",
];

/// Returns the files that a tool call edits, as it names them; none for other tools.
pub(super) fn files(tool: &str, input: &Value) -> Vec<String> {
    let name: String = tool
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    let is_editor = EDITORS.contains(&name.as_str());
    if is_editor && text(input, &["command"]) == Some("view") {
        return Vec::new();
    }
    if !is_editor && !EDITS.contains(&name.as_str()) {
        return Vec::new();
    }
    let mut files = Vec::new();
    let one = [
        "file_path",
        "filePath",
        "notebook_path",
        "target_file",
        "path",
    ];
    add(&mut files, text(input, &one));
    for list in ["files", "replacements", "edits"] {
        for entry in any(input, &[list])
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            match entry {
                Value::String(file) => add(&mut files, Some(file)),
                entry => add(&mut files, text(entry, &one)),
            }
        }
    }
    match any(input, &["command", "patch", "input", "diff"]) {
        Some(Value::String(patch)) => add_of_patch(&mut files, patch),
        Some(Value::Array(words)) => {
            for word in words.iter().filter_map(Value::as_str) {
                add_of_patch(&mut files, word);
            }
        }
        _ => {}
    }
    if let Value::String(patch) = input {
        add_of_patch(&mut files, patch);
    }
    files
}

fn add(files: &mut Vec<String>, file: Option<&str>) {
    let Some(file) = file.map(str::trim).filter(|file| !file.is_empty()) else {
        return;
    };
    let is_line = !file.contains(char::is_control);
    if is_line && files.len() < PATHS && !files.iter().any(|known| known == file) {
        files.push(file.to_owned());
    }
}

fn add_of_patch(files: &mut Vec<String>, patch: &str) {
    for line in patch.lines() {
        let named = HEADS.iter().find_map(|head| line.strip_prefix(head));
        add(files, named);
    }
}
