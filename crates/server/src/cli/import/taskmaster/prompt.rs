//! The prompt of an imported task: its details, its test strategy and its subtasks, as Markdown.

use serde_json::{Map, Value};

use super::{dependencies, id, text};

/// What is read of a task.
pub(super) const TASK_KEYS: &[&str] = &[
    "id",
    "title",
    "description",
    "details",
    "testStrategy",
    "status",
    "priority",
    "dependencies",
    "subtasks",
];

/// What is read of a subtask that becomes a line of a checklist.
pub(super) const SUBTASK_KEYS: &[&str] = &[
    "id",
    "title",
    "description",
    "details",
    "testStrategy",
    "status",
    "dependencies",
];

/// Details and test strategy under headings.
pub(super) fn of(source: &Map<String, Value>) -> Option<String> {
    let sections: Vec<String> = [("Details", "details"), ("Test strategy", "testStrategy")]
        .into_iter()
        .filter_map(|(heading, key)| {
            Some(format!("## {heading}\n\n{}", text(source, key)?.trim_end()))
        })
        .collect();
    (!sections.is_empty()).then(|| sections.join("\n\n"))
}

/// Adds the subtasks, each with its texts.
pub(super) fn with_checklist(
    prompt: Option<String>,
    parent: &str,
    subtasks: &[&Map<String, Value>],
) -> Option<String> {
    if subtasks.is_empty() {
        return prompt;
    }
    let items: Vec<String> = subtasks
        .iter()
        .map(|subtask| item(parent, subtask))
        .collect();
    let list = format!("## Subtasks\n\n{}", items.join("\n"));
    Some(prompt.map_or_else(|| list.clone(), |prompt| format!("{prompt}\n\n{list}")))
}

fn item(parent: &str, subtask: &Map<String, Value>) -> String {
    let status = subtask
        .get("status")
        .and_then(Value::as_str)
        .unwrap_or("pending");
    let ticked = if matches!(status, "done" | "completed" | "review") {
        'x'
    } else {
        ' '
    };
    let number = subtask
        .get("id")
        .and_then(id)
        .map_or_else(String::new, |number| format!("{parent}.{number} "));
    let title = text(subtask, "title")
        .unwrap_or_default()
        .replace(['\r', '\n'], " ");
    let mut line = format!("- [{ticked}] {number}{title}");
    // The tick tells these two; of any other status only its name does.
    if !matches!(status, "pending" | "done" | "completed") {
        line.push_str(&format!(" ({status})"));
    }
    let after = dependencies(subtask);
    if !after.is_empty() {
        line.push_str(&format!(" (after {})", after.join(", ")));
    }
    for (label, key) in [
        ("", "description"),
        ("", "details"),
        ("Test strategy: ", "testStrategy"),
    ] {
        if let Some(text) = text(subtask, key) {
            line.push_str("\n\n");
            line.push_str(&indented(&format!("{label}{}", text.trim_end())));
        }
    }
    line
}

/// Two spaces before each line keep it part of its list item.
fn indented(text: &str) -> String {
    text.lines()
        .map(|line| {
            if line.trim().is_empty() {
                String::new()
            } else {
                format!("  {line}")
            }
        })
        .collect::<Vec<_>>()
        .join("\n")
}
