//! One entry of a list, on any level: the recognized fields, and the rest.

use super::super::json::Json;
use super::super::words::{markdown, simple};
use super::items;

/// An entry of a list.
#[derive(Debug, Default)]
pub(super) struct Entry {
    /// Identifier as in the file: `5`, or `2` for a subtask.
    pub(super) id: Option<String>,
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) details: Option<String>,
    pub(super) test_strategy: Option<String>,
    pub(super) status: Option<String>,
    pub(super) priority: Option<String>,
    /// Identifiers of its dependencies, as in the file.
    pub(super) waits_for: Vec<String>,
    pub(super) subtasks: Vec<Self>,
    /// Number of empty entries below it: null, or an empty object.
    pub(super) empty_subtasks: usize,
    /// Fields that have no place in a task, in the order of the file.
    pub(super) rest: Vec<(String, Json)>,
    /// Number of invalid characters in its texts.
    pub(super) broken: usize,
}

impl Entry {
    /// Parses an entry; `None` for an empty one.
    pub(super) fn read(value: &Json) -> Option<Self> {
        if !value.says_something() {
            return None;
        }
        let mut entry = Self {
            broken: value.broken(),
            ..Self::default()
        };
        match value {
            Json::Object(members) => {
                for (name, value) in members {
                    if value.says_something() && !entry.take(name, value) {
                        entry.rest.push((name.clone(), value.clone()));
                    }
                }
            }
            Json::List(_) => entry.rest.push(("value".to_owned(), value.clone())),
            simple_value => entry.title = simple(simple_value),
        }
        Some(entry)
    }

    /// Parses a field. Returns false if it, or a part of it, has no place in a task.
    fn take(&mut self, name: &str, value: &Json) -> bool {
        let (slot, text) = match name {
            "id" => (&mut self.id, id(value)),
            "title" => (&mut self.title, simple(value)),
            "description" => (&mut self.description, markdown(value)),
            "details" => (&mut self.details, markdown(value)),
            "testStrategy" => (&mut self.test_strategy, markdown(value)),
            "status" => (&mut self.status, simple(value)),
            "priority" => (&mut self.priority, simple(value)),
            "dependencies" if self.waits_for.is_empty() => return self.take_dependencies(value),
            "subtasks" if self.subtasks.is_empty() => return self.take_subtasks(value),
            _ => return false,
        };
        if slot.is_some() || text.is_none() {
            return false;
        }
        *slot = text;
        true
    }

    fn take_dependencies(&mut self, value: &Json) -> bool {
        let one = [value];
        let entries: Vec<&Json> = match value {
            Json::List(items) => items.iter().collect(),
            _ => one.to_vec(),
        };
        let mut whole = true;
        for entry in entries {
            match entry {
                Json::Null => {}
                Json::Object(members) => {
                    let named = ["taskId", "id", "task"];
                    let found = named.iter().find_map(|name| id(entry.get(name)?));
                    whole &= found.is_some() && members.len() == 1;
                    self.waits_for.extend(found);
                }
                Json::Text(text) => {
                    let ids = text.split(',').map(str::trim).filter(|id| !id.is_empty());
                    self.waits_for.extend(ids.map(str::to_owned));
                }
                _ => {
                    let found = id(entry);
                    whole &= found.is_some();
                    self.waits_for.extend(found);
                }
            }
        }
        whole
    }

    fn take_subtasks(&mut self, value: &Json) -> bool {
        if matches!(value, Json::Number(_) | Json::Bool(_)) {
            return false;
        }
        for value in items(value.clone()) {
            match Self::read(&value) {
                Some(subtask) => self.subtasks.push(subtask),
                None => self.empty_subtasks += 1,
            }
        }
        true
    }

    /// Returns the number of entries below it, on all levels.
    pub(super) fn below(&self) -> usize {
        let deeper = self.subtasks.iter().map(Self::below).sum::<usize>();
        self.subtasks.len() + self.empty_subtasks + deeper
    }

    /// Returns the number of empty entries below it, on all levels.
    pub(super) fn empty_below(&self) -> usize {
        self.empty_subtasks + self.subtasks.iter().map(Self::empty_below).sum::<usize>()
    }
}

/// Returns an identifier as text: `11`, even if written as `11.0`.
fn id(value: &Json) -> Option<String> {
    /// Limit below which whole numbers are exact.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if let Json::Number(number) = value {
        let read = number.parse::<f64>().ok();
        let whole = read.filter(|read| read.fract() == 0.0 && read.abs() < EXACT);
        return Some(whole.map_or_else(|| number.clone(), |whole| format!("{whole:.0}")));
    }
    simple(value).map(|id| id.trim().to_owned())
}
