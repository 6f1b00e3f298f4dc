//! Arguments of a tool, read one by one. A fault names the argument, and so does one too many.

use rmcp::model::JsonObject;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;
use tasktree_protocol::{Maybe, ProjectId, TaskId};

use super::refusal::Refusal;

/// Result of a step of a call.
pub(super) type Outcome<T> = Result<T, Refusal>;

/// Arguments that are not read yet.
#[derive(Debug)]
pub(super) struct Arguments(JsonObject);

impl Arguments {
    pub(super) fn new(arguments: Option<JsonObject>) -> Self {
        Self(arguments.unwrap_or_default())
    }

    /// Reads an argument that may be omitted, or be null.
    pub(super) fn optional<T: DeserializeOwned>(&mut self, name: &str) -> Outcome<Option<T>> {
        match self.maybe(name)? {
            Maybe::Value(value) => Ok(Some(value)),
            Maybe::Absent | Maybe::Null => Ok(None),
        }
    }

    /// Reads an argument that changes a field: left out it stays, null clears it.
    pub(super) fn maybe<T: DeserializeOwned>(&mut self, name: &str) -> Outcome<Maybe<T>> {
        match self.0.remove(name) {
            None => Ok(Maybe::Absent),
            Some(Value::Null) => Ok(Maybe::Null),
            Some(value) => serde_json::from_value(value)
                .map(Maybe::Value)
                .map_err(|error| Refusal::invalid(format!("{name}: {error}"))),
        }
    }

    /// Reads an argument that is needed.
    pub(super) fn required<T: DeserializeOwned>(&mut self, name: &str) -> Outcome<T> {
        self.optional(name)?
            .ok_or_else(|| Refusal::invalid(format!("{name}: is needed")))
    }

    /// Refuses arguments that no one has read.
    pub(super) fn finish(self) -> Outcome<()> {
        let names: Vec<&str> = self.0.keys().map(String::as_str).collect();
        if names.is_empty() {
            return Ok(());
        }
        let message = format!("This tool has no argument {}.", names.join(", "));
        Err(Refusal::invalid(message))
    }
}

/// Task as a model names it: `12`, `"12"`, `"#12"` or `"12-alpha"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TaskName(TaskId);

impl TaskName {
    /// Returns the id of the task.
    ///
    /// # Errors
    /// Refuses a name that is none of a task of the project.
    pub(super) fn in_project(&self, project: &ProjectId) -> Outcome<TaskId> {
        Ok(TaskId::new(self.number(project)?, project))
    }

    /// Returns the number of the task.
    ///
    /// # Errors
    /// As [`TaskName::in_project`].
    pub(super) fn number(&self, project: &ProjectId) -> Outcome<u64> {
        self.0.number_in(project).ok_or_else(|| {
            let message = format!("{:?} is not the number of a task.", self.0.as_str());
            Refusal::invalid(message)
        })
    }
}

impl<'de> Deserialize<'de> for TaskName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match Value::deserialize(deserializer)? {
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.trim().trim_start_matches('#').to_owned(),
            _ => return Err(de::Error::custom("expected the number of a task")),
        };
        Ok(Self(TaskId::from(text)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_task_is_named_in_each_way_that_models_write() {
        let project = ProjectId::from("alpha");
        for name in [json!(12), json!("12"), json!("#12"), json!("12-alpha")] {
            let name: TaskName = serde_json::from_value(name).unwrap();
            assert_eq!(name.number(&project).unwrap(), 12);
        }
        for name in [json!("twelve"), json!(1.5), json!(-1), json!("12-beta")] {
            let name: TaskName = serde_json::from_value(name).unwrap();
            assert!(name.number(&project).is_err());
        }
    }
}
