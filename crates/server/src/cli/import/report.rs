//! What an import mapped to what, and what it lost, for the person who runs it.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

/// Counts of what happened to a file's tasks before they were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Notes {
    /// Subtasks that became lines of a checklist.
    pub(crate) subtasks_listed: usize,
    /// Subtasks that became tasks.
    pub(crate) subtasks_made: usize,
    statuses: BTreeMap<(String, String), usize>,
    skipped: BTreeMap<String, usize>,
    changed: BTreeMap<String, usize>,
    lost: BTreeMap<(String, String), usize>,
}

impl Notes {
    /// A task is not imported because it ...
    pub(super) fn skipped(&mut self, because_it: &str) {
        *self.skipped.entry(because_it.into()).or_default() += 1;
    }

    /// A task is imported otherwise than it was: its ...
    pub(super) fn changed(&mut self, what: &str) {
        *self.changed.entry(what.into()).or_default() += 1;
    }

    /// A status became another name.
    pub(super) fn status(&mut self, from: &str, to: &str) {
        *self.statuses.entry((from.into(), to.into())).or_default() += 1;
    }

    /// Counts the keys that nothing here reads, where they say anything.
    pub(super) fn lost_keys(&mut self, what: &str, source: &Map<String, Value>, read: &[&str]) {
        let says_something = |value: &Value| match value {
            Value::Null => false,
            Value::String(text) => !text.is_empty(),
            Value::Array(items) => !items.is_empty(),
            Value::Object(fields) => !fields.is_empty(),
            Value::Bool(_) | Value::Number(_) => true,
        };
        for (key, value) in source {
            if !read.contains(&key.as_str()) && says_something(value) {
                *self.lost.entry((what.into(), key.clone())).or_default() += 1;
            }
        }
    }

    /// How many were left out.
    #[cfg(test)]
    pub(super) fn skipped_count(&self) -> usize {
        self.skipped.values().sum()
    }

    /// How often a key of that kind of entry was lost.
    #[cfg(test)]
    pub(super) fn lost_count(&self, what: &str, key: &str) -> usize {
        self.lost
            .get(&(what.into(), key.into()))
            .copied()
            .unwrap_or_default()
    }

    /// How often that change was made.
    #[cfg(test)]
    pub(super) fn changed_count(&self, beginning: &str) -> usize {
        self.changed
            .iter()
            .filter(|(what, _)| what.starts_with(beginning))
            .map(|(_, count)| count)
            .sum()
    }
}

impl fmt::Display for Notes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ((from, to), count) in &self.statuses {
            writeln!(formatter, "  status    {from} -> {to}: {count}")?;
        }
        if self.subtasks_listed > 0 {
            writeln!(
                formatter,
                "  subtasks  as checklists in the prompts: {}",
                self.subtasks_listed
            )?;
        }
        if self.subtasks_made > 0 {
            writeln!(
                formatter,
                "  subtasks  as tasks of their own: {}",
                self.subtasks_made
            )?;
        }
        for (what, count) in &self.changed {
            writeln!(formatter, "  changed   {what}: {count}")?;
        }
        for (why, count) in &self.skipped {
            writeln!(formatter, "  left out  {why}: {count}")?;
        }
        for ((what, key), count) in &self.lost {
            writeln!(formatter, "  lost      field {key} of a {what}: {count}")?;
        }
        Ok(())
    }
}
