//! A stored change, and the decision whether it may be sent.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::stored::StoredEntry;
use crate::{Command, TaskPatch, WireError};

/// Time after the first send in which a command may be sent again under its id, in milliseconds.
///
/// The server remembers commands for 5 minutes; this leaves room for clocks and delivery.
pub const REMEMBERED_MS: i64 = 4 * 60 * 1_000;

/// Current time of the server in milliseconds since 1970, as the range that a page can be sure of.
///
/// The clock of a machine may be set, and its steady clock may stand still while it sleeps. A send
/// is noted with the earliest time, and its age is taken at the latest: it never seems younger than
/// it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Earliest possible time.
    pub earliest_ms: i64,
    /// Latest possible time.
    pub latest_ms: i64,
}

/// Author of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// Identifier of the credential that the author signed in with.
    pub credential: String,
    /// Person of the author; none for agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
}

impl Caller {
    /// Returns true if both callers are the same person, even with different credentials.
    pub fn is_same_person(&self, other: &Self) -> bool {
        match (&self.person, &other.person) {
            (Some(one), Some(other)) => one == other,
            _ => self.credential == other.credential,
        }
    }
}

/// A change that is stored until its author knows its outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StoredEntry")]
pub struct Entry {
    /// Name of the change, which never changes.
    pub intent: String,
    /// Id of its command. A change that was merged with changes of others gets a new command.
    pub id: String,
    /// Command of the change.
    pub command: Command,
    /// Author of the change.
    pub caller: Caller,
    /// Time at which the author requested the change, in milliseconds since 1970.
    pub asked_ms: i64,
    /// Time at which the command was first about to be sent, by the server's clock. None if it was
    /// never sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_ms: Option<i64>,
    /// Error that prevented the change. If it is set, the entry is only a report to the author.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<WireError>,
}

/// Fate of a change that outlived its page or its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The change may be sent.
    Send,
    /// The change may have taken effect, and could take effect twice if it is sent again.
    Uncertain,
    /// The change belongs to another caller.
    Leave,
}

impl Entry {
    /// Decides if the signed-in caller may send the change at that time.
    pub fn fate(&self, now: Now, caller: &Caller) -> Fate {
        if !self.caller.is_same_person(caller) {
            return Fate::Leave;
        }
        let Some(sent_ms) = self.sent_ms else {
            return Fate::Send;
        };
        let is_remembered = is_remembered(sent_ms, now)
            // The server remembers by credential.
            && self.caller.credential == caller.credential;
        if is_remembered || names_version(&self.command) {
            Fate::Send
        } else {
            Fate::Uncertain
        }
    }
}

/// Returns true if a command that was first sent at `sent_ms` can be sent again without a second
/// effect.
pub fn may_repeat(command: &Command, sent_ms: i64, now: Now) -> bool {
    is_remembered(sent_ms, now) || names_version(command)
}

/// Returns true if the server still remembers a command by its id. After the clock was set back,
/// the age of the command is unknown.
fn is_remembered(sent_ms: i64, now: Now) -> bool {
    (0..REMEMBERED_MS).contains(&now.latest_ms.saturating_sub(sent_ms))
}

/// Returns true if the server refuses the command after it has taken effect, because it names the
/// version of its row.
fn names_version(command: &Command) -> bool {
    matches!(
        command,
        Command::UpdateTask {
            if_rev: Some(_),
            ..
        }
    )
}

/// Returns true if a row already has all values that a patch sets.
pub fn has_become(row: &Value, patch: &TaskPatch) -> bool {
    let fields = fields_of(patch);
    !fields.is_empty()
        && fields
            .iter()
            .all(|(name, value)| row.get(name) == Some(value))
}

/// Returns the fields of a value as JSON.
///
/// They are written as text and read again, since the browser downloads the code for that anyway.
pub fn fields_of(value: &impl Serialize) -> Map<String, Value> {
    let text = serde_json::to_string(value).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}
