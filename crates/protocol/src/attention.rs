//! Attention items: what needs a person, derived by the server.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::agent::WaitKind;
use crate::{AgentId, Cursor, Maybe, ProjectId, TaskId, Timestamp};

/// Kind of an attention item, from the most urgent to the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AttentionKind {
    /// An agent waits for a person, or longer than it expected.
    Waiting,
    /// An agent failed, and nobody has taken its task since.
    Failed,
    /// An agent that holds a task is silent.
    Silent,
    /// An agent is heard from and works, but reports no progress.
    NoProgress,
    /// Two agents hold overlapping leases, at least one of them exclusive.
    LeaseConflict,
    /// The evidence of a completed task is contradicted.
    Contradicted,
    /// A task could be claimed, an agent is free, and nobody has claimed it for a while.
    ReadyUnclaimed,
}

impl AttentionKind {
    /// All kinds, from the most urgent to the least.
    pub const ALL: [Self; 7] = [
        Self::Waiting,
        Self::Failed,
        Self::Silent,
        Self::NoProgress,
        Self::LeaseConflict,
        Self::Contradicted,
        Self::ReadyUnclaimed,
    ];

    /// Returns true for kinds with which a task comes first on a board. The others can wait.
    pub const fn is_urgent(self) -> bool {
        !matches!(self, Self::Contradicted | Self::ReadyUnclaimed)
    }

    /// Returns the name used on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Failed => "failed",
            Self::Silent => "silent",
            Self::NoProgress => "no_progress",
            Self::LeaseConflict => "lease_conflict",
            Self::Contradicted => "contradicted",
            Self::ReadyUnclaimed => "ready_unclaimed",
        }
    }
}

/// Something that needs a person, for as long as its cause lasts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AttentionItem {
    /// Number, unique on its server and never reused: a new cause has a new number.
    pub id: u64,
    /// Project of the item.
    pub project: ProjectId,
    /// Kind of the item.
    pub kind: AttentionKind,
    /// Agent that the item is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentId>,
    /// Other agent of a lease conflict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<AgentId>,
    /// Task that the item is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskId>,
    /// Question, reason, activity, paths or findings, cut at 500 bytes; may be empty.
    pub text: String,
    /// Time when the cause began.
    pub since: Timestamp,
    /// Question that an answer names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<u64>,
    /// Kind of thing that the agent waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<WaitKind>,
    /// Answers that the agent proposes; those that exceed 2 KiB together are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// Machine of the agent's newest run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
    /// Folder of the agent's newest run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// True if an answer that is given here reaches the agent; otherwise it has to be given in the
    /// agent's terminal.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub answerable: bool,
    /// True if the question already has an answer that the agent has not acted on.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub answered: bool,
    /// True if the caller has seen the item. Events leave this and the other marks out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub seen: bool,
    /// True if the caller is done with the item.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub done: bool,
    /// Time until which the caller does not want to see the item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snoozed_until: Option<Timestamp>,
}

/// Number of items of a project that a list leaves out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AttentionRest {
    /// Project of the items.
    pub project: ProjectId,
    /// Kind of the items.
    pub kind: AttentionKind,
    /// Number of items that are open but not in the list.
    pub count: u64,
}

/// Open items of the projects that the caller may see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Attention {
    /// Items, by kind and then by age, with the marks of the caller.
    pub items: Vec<AttentionItem>,
    /// Numbers of items that are not in `items`, because their project has too many.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rest: Vec<AttentionRest>,
    /// Position of the system stream. The events after it change the list.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub cursor: Cursor,
}

/// Change of the caller's marks on an item. A field that is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct AttentionMark {
    /// True if the caller has seen the item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<bool>,
    /// True if the caller is done with the item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done: Option<bool>,
    /// Time until which the caller does not want to see the item; null ends the snooze.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<Timestamp>))]
    pub snoozed_until: Maybe<Timestamp>,
}

/// `data` of `attention_changed`, which is in the system stream.
///
/// The event keeps its data as JSON, so that a board that shows the items in a lazily loaded view
/// has no code for them in its first download.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttentionChanged {
    /// Items that are new, or replace those with the same number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub opened: Vec<AttentionItem>,
    /// Numbers of items that are no longer open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closed: Vec<u64>,
}

impl AttentionChanged {
    /// Reads the data of the event; none if it has an unexpected shape.
    pub fn read(data: &Value) -> Option<Self> {
        Self::deserialize(data).ok()
    }
}

/// `data` of `attention_marked`: the marks of one person on an item after a change.
///
/// The server sends it to the connections of that person only, and not to the log. It is also the
/// answer to the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AttentionMarked {
    /// Person, by identifier.
    pub person: String,
    /// Project of the item.
    pub project: ProjectId,
    /// Number of the item.
    pub id: u64,
    /// True if the person has seen the item.
    pub seen: bool,
    /// True if the person is done with the item.
    pub done: bool,
    /// Time until which the person does not want to see the item.
    #[serde(default)]
    pub snoozed_until: Option<Timestamp>,
}

impl AttentionMarked {
    /// Reads the data of the event; none if it has an unexpected shape.
    pub fn read(data: &Value) -> Option<Self> {
        Self::deserialize(data).ok()
    }
}
