//! Descriptions of changes that wait or were not made.

use serde_json::Value;
use tasktree_protocol::unsent::fields_of;
use tasktree_protocol::{Command, Maybe};

use crate::address::task_number;
use crate::components::common::number_sign::number_sign;
use crate::i18n::I18n;

/// Returns a description of a command's effect.
pub fn describe(i18n: I18n, command: &Command) -> String {
    let number = |task| task_number(task).map_or_else(|| task.to_string(), number_sign);
    match command {
        Command::CreateTask { task, .. } => i18n.t(|s| s.unsent.create)(&task.title),
        Command::UpdateTask { task, patch, .. } => match patch.status {
            Maybe::Value(status) => {
                i18n.t(|s| s.unsent.move_to)(&number(task), i18n.status(status))
            }
            _ => i18n.t(|s| s.unsent.change)(&number(task)),
        },
        Command::DeleteTask { task, .. } => i18n.t(|s| s.unsent.delete)(&number(task)),
        Command::RestoreTask { task, .. } => i18n.t(|s| s.unsent.restore)(&number(task)),
    }
}

/// Returns the texts that somebody wrote in a change, so that they can be used elsewhere; `None` if
/// there are none.
pub fn written(command: &Command) -> Option<String> {
    let mut fields = match command {
        Command::CreateTask { task, .. } => fields_of(task),
        Command::UpdateTask { patch, .. } => fields_of(patch),
        Command::DeleteTask { .. } | Command::RestoreTask { .. } => return None,
    };
    let mut texts = Vec::new();
    let title = fields.remove_entry("title");
    for (name, value) in title.into_iter().chain(fields) {
        match value {
            // The description of the change names the column.
            _ if name == "status" => {}
            Value::String(text) if !text.trim().is_empty() => texts.push(text),
            Value::Number(number) if number.as_u64() != Some(0) => {
                texts.push(format!("{name}: {number}"));
            }
            Value::Array(lines) => {
                texts.extend(lines.iter().filter_map(Value::as_str).map(str::to_owned));
            }
            _ => {}
        }
    }
    (!texts.is_empty()).then(|| texts.join("\n"))
}
