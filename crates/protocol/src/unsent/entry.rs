//! One change that is kept, and what may become of it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::stored::StoredEntry;
use crate::{Command, TaskPatch, WireError};

/// Time after the first send in which a command may be sent again under its id, in milliseconds.
///
/// The server remembers commands for 5 minutes; this leaves room for clocks and delivery.
pub const REMEMBERED_MS: i64 = 4 * 60 * 1_000;

/// Present time of the server, as far as a page knows it, in milliseconds since 1970.
///
/// The clock of a machine may be set, and its steady clock may stand still while it sleeps. A send
/// is noted with the earliest time, and its age is taken at the latest: it never seems younger than
/// it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Earliest time that it may be.
    pub earliest_ms: i64,
    /// Latest time that it may be.
    pub latest_ms: i64,
}

/// The author of a change, as far as a page knows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// The identifier of the credential that they are signed in by.
    pub credential: String,
    /// The person that they are; none for agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
}

impl Caller {
    /// Returns true if both are one person, whichever credential each is signed in by.
    pub fn is_same_person(&self, other: &Self) -> bool {
        match (&self.person, &other.person) {
            (Some(one), Some(other)) => one == other,
            _ => self.credential == other.credential,
        }
    }
}

/// A change that is kept until its author knows what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StoredEntry")]
pub struct Entry {
    /// The name of the change, which it keeps.
    pub intent: String,
    /// The id of its command. A change that was merged with those of others is another command.
    pub id: String,
    /// The command.
    pub command: Command,
    /// The author.
    pub caller: Caller,
    /// Time at which they asked for it, in milliseconds since 1970.
    pub asked_ms: i64,
    /// Time at which the command was first about to be sent, by the server's clock. None if it was
    /// never sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_ms: Option<i64>,
    /// Why it was not made, where that is known: what is left is to tell the author.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<WireError>,
}

/// Fate of a change that outlived its page or its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It may be sent.
    Send,
    /// It may have taken effect, and sending it again could have a second one.
    Uncertain,
    /// It is somebody else's.
    Leave,
}

impl Entry {
    /// Returns what may be done with the change at that time, by who is signed in.
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

/// Returns true if a command may be sent again that was first sent at `sent_ms`: it has no second
/// effect.
pub fn may_repeat(command: &Command, sent_ms: i64, now: Now) -> bool {
    is_remembered(sent_ms, now) || names_version(command)
}

/// Returns true if the server knows a command by its id. A clock that was set back says nothing of
/// how long ago it was sent.
fn is_remembered(sent_ms: i64, now: Now) -> bool {
    (0..REMEMBERED_MS).contains(&now.latest_ms.saturating_sub(sent_ms))
}

/// Returns true if a command is refused once it has taken effect: it is for one version of its row.
fn names_version(command: &Command) -> bool {
    matches!(
        command,
        Command::UpdateTask {
            if_rev: Some(_),
            ..
        }
    )
}

/// Returns true if a row has all values that a patch sets: there is nothing left to do.
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
