//! Entries as they are read from a shelf.
//!
//! The derived reader of a [`Command`] buffers its arguments, and has a second reader for each of
//! their types in what a browser downloads: 30 KB. This one reads them from their text.

use serde::Deserialize;
use serde_json::Value;

use super::entry::{Caller, Entry};
use crate::error::read_row;
use crate::{AgentId, Bound, Command, ProjectId, TaskPatch, WireError};

/// An [`Entry`] whose command is not read yet.
#[derive(Deserialize)]
pub(super) struct StoredEntry {
    intent: String,
    id: String,
    command: StoredCommand,
    caller: Caller,
    asked_ms: i64,
    #[serde(default)]
    sent_ms: Option<i64>,
    #[serde(default)]
    refused: Option<WireError>,
}

#[derive(Deserialize)]
struct StoredCommand {
    op: String,
    args: Arguments,
}

/// The arguments of all commands.
#[derive(Deserialize)]
struct Arguments {
    project_id: ProjectId,
    /// A task to create, or the identifier of one.
    task: Value,
    #[serde(default)]
    patch: Option<Value>,
    #[serde(default)]
    if_rev: Option<u64>,
    #[serde(default)]
    take: Option<AgentId>,
    #[serde(default)]
    bound: Option<Bound>,
}

impl TryFrom<StoredEntry> for Entry {
    type Error = &'static str;

    fn try_from(stored: StoredEntry) -> Result<Self, Self::Error> {
        let command = stored.command.read();
        Ok(Self {
            intent: stored.intent,
            id: stored.id,
            command: command.ok_or("a command that this version does not support")?,
            caller: stored.caller,
            asked_ms: stored.asked_ms,
            sent_ms: stored.sent_ms,
            refused: stored.refused,
        })
    }
}

impl StoredCommand {
    fn read(self) -> Option<Command> {
        let Arguments {
            project_id,
            task,
            patch,
            if_rev,
            take,
            bound,
        } = self.args;
        if self.op == "create_task" {
            return Some(Command::CreateTask {
                project_id,
                task: read_row(&task)?,
                bound,
            });
        }
        let task = task.as_str()?.into();
        match self.op.as_str() {
            "update_task" => Some(Command::UpdateTask {
                project_id,
                task,
                patch: read_row::<TaskPatch>(&patch?)?,
                if_rev,
                take,
                bound,
            }),
            "delete_task" => Some(Command::DeleteTask {
                project_id,
                task,
                bound,
            }),
            "restore_task" => Some(Command::RestoreTask {
                project_id,
                task,
                bound,
            }),
            _ => None,
        }
    }
}
