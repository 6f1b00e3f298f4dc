//! Prompt of an imported task, as Markdown.
//!
//! It has the task's details, its test strategy, its subtasks, and the fields that have no place in
//! a task.

use tasktree_protocol::Status;

use super::super::json::Json;
use super::super::words::{fenced, line};
use super::entry::Entry;
use super::status::standing;

/// Returns the sections of a prompt.
pub(super) fn sections(
    entry: &Entry,
    continued: Option<&str>,
    checklist: Option<&str>,
) -> Vec<String> {
    let details = entry.details.as_deref();
    let test_strategy = entry.test_strategy.as_deref();
    let parts = [
        ("Description, continued", continued),
        ("Details", details),
        ("Test strategy", test_strategy),
        ("Subtasks", checklist),
    ];
    let parts = parts.into_iter();
    parts
        .filter_map(|(heading, text)| Some(format!("## {heading}\n\n{}", text?.trim_end())))
        .collect()
}

/// Returns the section of the fields that have no place in a task.
pub(super) fn tail(rest: &Json) -> String {
    format!("## More from Task Master\n\n{}", fenced(&rest.to_string()))
}

/// Returns the identifier of a subtask in its list: `5.2`.
pub(super) fn path(parent: &str, subtask: &Entry) -> String {
    match (&subtask.id, &subtask.title) {
        (Some(id), _) => format!("{parent}.{id}"),
        (None, Some(title)) => {
            let title = line(title).unwrap_or_default();
            format!("{parent}.~{}", title.chars().take(60).collect::<String>())
        }
        (None, None) => format!("{parent}.~"),
    }
}

/// Adds the identifiers of all entries below one.
pub(super) fn paths(parent: &str, entry: &Entry, into: &mut Vec<String>) {
    for subtask in &entry.subtasks {
        let path = path(parent, subtask);
        paths(&path, subtask, into);
        into.push(path);
    }
}

/// Returns the subtasks as a checklist, each with its texts and its own subtasks.
pub(super) fn checklist(parent: &str, subtasks: &[Entry]) -> Option<String> {
    let items: Vec<String> = subtasks
        .iter()
        .map(|subtask| item(parent, subtask))
        .collect();
    (!items.is_empty()).then(|| items.join("\n"))
}

/// Returns the fields of subtasks that have no place in a checklist, with their identifiers.
pub(super) fn rests(parent: &str, subtasks: &[Entry]) -> Vec<Json> {
    let mut rests = Vec::new();
    for subtask in subtasks {
        let path = path(parent, subtask);
        if !subtask.rest.is_empty() {
            let id = ("id".to_owned(), Json::Text(path.clone()));
            let members = std::iter::once(id).chain(subtask.rest.iter().cloned());
            rests.push(Json::Object(members.collect()));
        }
        rests.extend(self::rests(&path, &subtask.subtasks));
    }
    rests
}

fn item(parent: &str, subtask: &Entry) -> String {
    let status = subtask.status.as_deref().unwrap_or("pending");
    let ticked = match standing(status).status {
        Status::Completed => 'x',
        _ => ' ',
    };
    let number = match &subtask.id {
        Some(id) => format!("{parent}.{id} "),
        None => String::new(),
    };
    let title = subtask.title.as_deref().unwrap_or_default();
    let mut text = format!("- [{ticked}] {number}{title}");
    // The checkbox covers these two; any other status is named.
    if !matches!(status, "pending" | "done" | "completed") {
        text.push_str(&format!(" ({})", status.replace(['\r', '\n'], " ")));
    }
    if let Some(priority) = &subtask.priority {
        text.push_str(&format!(
            " (priority {})",
            priority.replace(['\r', '\n'], " ")
        ));
    }
    if !subtask.waits_for.is_empty() {
        text.push_str(&format!(" (after {})", subtask.waits_for.join(", ")));
    }
    for (label, words) in [
        ("", &subtask.description),
        ("", &subtask.details),
        ("Test strategy: ", &subtask.test_strategy),
    ] {
        if let Some(words) = words {
            text.push_str("\n\n");
            text.push_str(&indented(&format!("{label}{}", words.trim_end())));
        }
    }
    if let Some(below) = checklist(&path(parent, subtask), &subtask.subtasks) {
        text.push('\n');
        text.push_str(&indented(&below));
    }
    text
}

/// Returns a text with each line indented by two spaces, so that it stays part of its list item.
fn indented(text: &str) -> String {
    let lines = text.lines().map(|line| match line.trim() {
        "" => String::new(),
        _ => format!("  {line}"),
    });
    lines.collect::<Vec<_>>().join("\n")
}
