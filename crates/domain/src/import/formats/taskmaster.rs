//! Format of Task Master's `tasks.json`: one list under `tasks`, one such list for each tag, or
//! both.

mod entry;
mod links;
mod list;
mod prompt;
mod status;
mod task;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use super::json::{self, Json};
use super::{Format, Note, Reading, Subtasks, encoding};
use crate::error::{Error, Result};
use crate::limits::Limits;

/// Tag of a file without tags.
const DEFAULT_TAG: &str = "master";

/// Name of the list outside the tags, in a file written by both an old and a new version.
const ROOT: &str = "root";

/// Number of characters shown of a value that appears only in a note.
const NOTE_CHARS: usize = 2000;

/// The format of Task Master.
#[derive(Debug)]
pub(super) struct TaskMaster;

impl Format for TaskMaster {
    fn name(&self) -> &'static str {
        "task-master"
    }

    fn title(&self) -> &'static str {
        "Task Master"
    }

    fn folders(&self) -> &'static [&'static str] {
        &["tasks", ".taskmaster"]
    }

    fn read(&self, bytes: &[u8], subtasks: Subtasks, limits: &Limits) -> Result<Reading> {
        let text = encoding::text(bytes);
        let file = json::parse(&text).map_err(|error| refused(format!("is not JSON: {error}")))?;
        drop(text);
        let Json::Object(members) = file else {
            return Err(refused("is not a JSON object"));
        };
        let mut reading = Reading::default();
        let mut lists: Vec<(String, bool, Vec<Json>)> = Vec::new();
        let (mut names, mut taken) = (HashSet::new(), HashSet::new());
        let has_tags = members.iter().any(|(_, value)| is_tag(value));
        for (name, value) in members {
            if name == "tasks" && is_list(&value) {
                let name = if has_tags { ROOT } else { DEFAULT_TAG };
                lists.push((name.to_owned(), !has_tags, items(value)));
            } else if is_tag(&value) {
                let Json::Object(members) = value else {
                    continue;
                };
                let mut tasks = Vec::new();
                for (member, value) in members {
                    if member == "tasks" && is_list(&value) {
                        tasks.extend(items(value));
                    } else {
                        reading.mention(&format!("{name}: {member}"), &value);
                    }
                }
                let is_default = name == DEFAULT_TAG;
                lists.push((name, is_default, tasks));
            } else {
                reading.mention(&name, &value);
            }
        }
        if lists.is_empty() {
            let fault = "has no list of tasks: neither \"tasks\" nor a tag with \"tasks\" in it";
            return Err(refused(fault));
        }
        for (name, is_default, entries) in lists {
            let own = free_name(&name, &mut names);
            if entries.is_empty() {
                reading.say(format!("The list '{own}' has no tasks."));
                continue;
            }
            if own == ROOT && has_tags && !is_default {
                let note = "The file has a list of tasks beside those of its tags, as an older \
                            version wrote it; it is imported as the list 'root'.";
                reading.say(note);
            }
            let is_default = is_default && own == name;
            let list = list::read(&own, is_default, &entries, subtasks, limits, &mut taken);
            reading.lists.push(list);
        }
        Ok(reading)
    }
}

impl Reading {
    fn say(&mut self, note: impl Into<String>) {
        self.notes.push(Note {
            task: String::new(),
            note: note.into(),
        });
    }

    /// Adds a note about a value that has no place on a board, unless it is empty.
    fn mention(&mut self, name: &str, value: &Json) {
        if value.says_something() {
            self.say(format!("Not imported: {name}: {}", shown(value)));
        }
    }
}

/// Returns a value as shown in a note.
fn shown(value: &Json) -> String {
    let text = value.to_string();
    // Line breaks within a text are escaped.
    let text = text.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(NOTE_CHARS) {
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], text.len()),
        None => text,
    }
}

fn refused(fault: impl std::fmt::Display) -> Error {
    Error::invalid(
        "file",
        "import_file",
        fault.to_string(),
        serde_json::Value::Null,
    )
}

/// Returns a name that no other list of the file has.
fn free_name(name: &str, names: &mut HashSet<String>) -> String {
    let mut own = name.to_owned();
    let mut count = 1;
    while !names.insert(own.clone()) {
        count += 1;
        own = format!("{name}~{count}");
    }
    own
}

fn is_list(value: &Json) -> bool {
    matches!(value, Json::List(_) | Json::Object(_))
}

fn is_tag(value: &Json) -> bool {
    value.get("tasks").is_some_and(is_list)
}

/// Returns the entries of a list.
///
/// The entries of an object are its values; those without an identifier get their member's name.
fn items(list: Json) -> Vec<Json> {
    match list {
        Json::List(items) => items,
        Json::Object(members) => members
            .into_iter()
            .map(|(name, value)| named(name, value))
            .collect(),
        other => vec![other],
    }
}

fn named(name: String, value: Json) -> Json {
    match value {
        Json::Object(mut members) if members.iter().all(|(member, _)| member != "id") => {
            members.insert(0, ("id".to_owned(), Json::Text(name)));
            Json::Object(members)
        }
        Json::Object(_) | Json::Null => value,
        other => Json::Object(vec![
            ("id".to_owned(), Json::Text(name)),
            ("title".to_owned(), other),
        ]),
    }
}
