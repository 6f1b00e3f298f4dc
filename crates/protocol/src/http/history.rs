//! Records of changes, log lines and pages of the event log.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::event::Level;
use crate::{AgentId, Epoch, Message, Status, TaskId, Timestamp};

/// Field before and after a change. A value over 4 KB is `{"bytes": .., "sha256": ..}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FieldChange {
    /// Name of the field.
    pub field: String,
    /// Value before the change; null if there was none.
    pub before: Value,
    /// Value after the change.
    pub after: Value,
    /// Edits that turn the value after the change into the value before, if that is over 4 KB; of
    /// lists and objects in their JSON. Left out if there are none, or if they take over 16 KiB.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub diff: Vec<TextEdit>,
}

/// Text that was in a place of a text before a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TextEdit {
    /// Start of the place in the text after the change, in bytes of UTF-8.
    pub at: usize,
    /// Length of the place in the text after the change, in bytes.
    pub bytes: usize,
    /// Text before the change.
    pub text: String,
}

impl TextEdit {
    /// Returns the text before a change, given the text after it; none if the edits do not fit that
    /// text.
    pub fn apply(edits: &[Self], after: &str) -> Option<String> {
        let (mut before, mut done) = (String::new(), 0);
        for edit in edits {
            before.push_str(after.get(done..edit.at)?);
            before.push_str(&edit.text);
            done = edit.at.checked_add(edit.bytes)?;
        }
        before.push_str(after.get(done..)?);
        Some(before)
    }
}

/// Event of a task or of another subject, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct HistoryEntry {
    /// Position of the project's stream at the change.
    pub seq: u64,
    /// Type of the event, or of the change if it has no event.
    #[serde(rename = "type")]
    pub kind: String,
    /// Time of the change.
    pub timestamp: Timestamp,
    /// Actor that made the change: `human:..`, `agent:..` or `system:..`.
    #[serde(default)]
    pub actor: Option<String>,
    /// Names of the changed fields.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub changed: Vec<String>,
    /// Status of the task after the change, if the event carries one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Generation of the task's newest claim, or of the agent's claim; left out if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation: Option<u64>,
    /// Id of the command that caused the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// Values before and after; long ones as length and digest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
}

/// Part of a [`HistoryEntry`], for clients that only have to find out who made a change.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct HistorySummary {
    /// Type of the event, or of the change if it has no event.
    #[serde(rename = "type")]
    pub kind: String,
    /// Actor that made the change: `human:..`, `agent:..` or `system:..`.
    #[serde(default)]
    pub actor: Option<String>,
    /// Names of the changed fields.
    #[serde(default)]
    pub changed: Vec<String>,
    /// Status of the task after the change, if the event carries one.
    #[serde(default)]
    pub status: Option<Status>,
}

/// Change of anything in a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = Change))]
pub struct ChangeRecord {
    /// Number in the project, which rises with every change.
    pub id: u64,
    /// Subject of the change: `task:7`, `agent:ada`, `lease:3`, `question:5`, `message:9`,
    /// `comment:2`, `project`.
    pub subject: String,
    /// The change itself.
    #[serde(flatten)]
    pub entry: HistoryEntry,
}

/// Stored log line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct LogEntry {
    /// Time at which the server received it.
    pub at: Timestamp,
    /// Agent that wrote it; null for the project itself.
    #[serde(default)]
    pub agent: Option<AgentId>,
    /// Task that it is about.
    #[serde(default)]
    pub task_id: Option<TaskId>,
    /// Severity of the line.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub level: Level,
    /// Text of the line.
    pub line: String,
}

/// Page of a stream's event log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = Events))]
pub struct EventPage {
    /// Epoch of the stream.
    pub epoch: Epoch,
    /// Position of the newest event.
    pub seq: u64,
    /// Events after the requested position, in order.
    pub events: Vec<Message>,
    /// True if more events follow.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub more: bool,
}
