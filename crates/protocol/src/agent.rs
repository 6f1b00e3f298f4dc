//! Agents, their messages to each other, and the leases that they hold on files.

mod harness;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{AgentId, TaskId, Timestamp};
pub use harness::{CODEX_NOTIFY, Source, harness_full_name, harness_name};

/// State of an agent, as reported by the agent. Silence is not a state: see `is_alive`.
///
/// The names on the wire are those of the older dashboard's API, if it has the state; `working` and
/// `done` are also read. An idle agent keeps its claim.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AgentStatus {
    /// Working on its task, or ready for one.
    #[default]
    #[serde(rename = "running", alias = "working")]
    Working,
    /// Turn ended. The agent keeps its claim.
    Idle,
    /// Unable to continue by itself: see [`Agent::waiting_for`].
    Waiting,
    /// Task finished.
    #[serde(rename = "completed", alias = "done")]
    Done,
    /// Task given up and released.
    Failed,
}

impl AgentStatus {
    /// All states.
    pub const ALL: [Self; 5] = [
        Self::Working,
        Self::Idle,
        Self::Waiting,
        Self::Done,
        Self::Failed,
    ];

    /// Returns true for an agent whose session has not ended: one that may hold a task.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Working | Self::Idle | Self::Waiting)
    }
}

/// Kind of thing that an agent waits for. The vocabulary is that of OSC 7501 (Program Status
/// Protocol), if that has a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WaitKind {
    /// An answer by a person.
    Question,
    /// The permission to use a tool.
    Permission,
    /// A sign-in.
    Auth,
    /// Another task or agent.
    Dependency,
    /// The end of a usage limit.
    RateLimit,
    /// Anything else.
    Other,
}

impl WaitKind {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::Question,
        Self::Permission,
        Self::Auth,
        Self::Dependency,
        Self::RateLimit,
        Self::Other,
    ];

    /// Returns true for kinds that end only when a person does something.
    pub const fn needs_person(self) -> bool {
        matches!(self, Self::Question | Self::Permission | Self::Auth)
    }
}

/// Reason for which an agent waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct WaitingFor {
    /// Kind of thing.
    pub kind: WaitKind,
    /// Question or reason, in the agent's words.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub text: String,
    /// Start of the wait.
    pub since: Timestamp,
    /// Expected end of the wait: the time at which a usage limit resets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Answers that the agent proposes; left out if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// Id of the question or request that an answer names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// True if the agent waits at a prompt in its terminal. An answer reaches it only through a run
    /// with `answers`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_terminal: bool,
}

/// One session of a harness (or of a script) under an agent's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Run {
    /// Number in the database.
    pub id: u64,
    /// Harness: `claude-code`, `codex`, `api`, ...
    pub source: String,
    /// Id that the harness gave the session.
    pub session: String,
    /// Name of the machine that the run is on.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub machine: String,
    /// Folder that the run works in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// Run that started this one, for a subagent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<u64>,
    /// Start of the run.
    pub started_at: Timestamp,
    /// Last sign of life.
    pub seen_at: Timestamp,
    /// End of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// True while a turn or a tool call is open: a silence of up to 15 minutes is normal then.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub turn_open: bool,
    /// True if an answer that is given on a board reaches a prompt that blocks the harness.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub answers: bool,
}

/// Silence after which an agent counts as silent, in milliseconds: the two minutes of the older
/// dashboard's coordination monitor.
pub const SILENT_AFTER_MS: i64 = 120_000;

/// Silence, in milliseconds, after which an agent counts as silent while its harness has a turn or
/// a tool call open. A build or a test run of a quarter of an hour is normal.
pub const BUSY_SILENT_AFTER_MS: i64 = 15 * 60_000;

/// Silence, in milliseconds, after which an agent counts as silent while it is idle or waits, and
/// has a running session of a harness. Harnesses report nothing while nothing happens, and people
/// answer in the morning.
pub const RESTING_SILENT_AFTER_MS: i64 = 24 * 3600 * 1000;

/// Agent as it is stored and sent. Field order is that of the older dashboard's API; additions
/// come last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Agent {
    /// Name under which the agent registered.
    pub id: AgentId,
    /// Same name, in the field that older clients read.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub session_name: String,
    /// Task that the agent holds. Once it has finished or failed, the last task that it held; empty
    /// if there is none.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub task_id: String,
    /// Title of that task.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub task_title: String,
    /// Branch that the agent works on.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub branch: String,
    /// State that the agent reported.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub status: AgentStatus,
    /// Progress in percent, as reported by the agent.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub progress: u8,
    /// Time of registration.
    pub started_at: Timestamp,
    /// Always empty here: log lines have an endpoint of their own.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub logs: Vec<String>,
    /// Last activity, in the agent's words.
    #[serde(default)]
    pub last_activity: Option<String>,
    /// Last log line.
    #[serde(default)]
    pub output_preview: Option<String>,
    /// Purpose of the agent.
    #[serde(default)]
    pub description: Option<String>,
    /// Time of the last sign of life.
    #[serde(default)]
    pub last_heartbeat: Option<Timestamp>,
    /// True if the agent counts as heard from. An agent whose session is open does until the server
    /// reports it silent, two minutes after its last sign of life (15 while its turn is open, a day
    /// while it is idle or waits in a session of a harness). Any other agent does for two minutes
    /// after its last sign of life.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub is_alive: bool,
    /// Generation of the claim that the agent holds; none if it holds no task.
    #[serde(default)]
    pub generation: Option<u64>,
    /// Reason for which the agent waits.
    #[serde(default)]
    pub waiting_for: Option<WaitingFor>,
    /// Time of the last progress: a new activity, percentage, log line or task. A heartbeat alone
    /// is none. It is also the time at which an agent works again after a rest.
    #[serde(default)]
    pub progressed_at: Option<Timestamp>,
    /// Reason for which the agent failed, or lost its task.
    #[serde(default)]
    pub reason: Option<String>,
    /// Newest run of the agent, if its source reported one.
    #[serde(default)]
    pub run: Option<Run>,
    /// Number of its running subagents.
    #[serde(default)]
    pub children: u32,
}

impl Agent {
    /// Returns the task in `task_id`, if any.
    pub fn task(&self) -> Option<TaskId> {
        (!self.task_id.is_empty()).then(|| TaskId::from(self.task_id.as_str()))
    }

    /// Returns the task that the agent holds, if any.
    pub fn held_task(&self) -> Option<TaskId> {
        self.generation.and_then(|_| self.task())
    }

    /// Returns true if its session is open, but it has not been heard from.
    pub fn is_silent(&self) -> bool {
        self.status.is_open() && !self.is_alive
    }

    /// Returns true if it has been heard from, and waits for a person or a program.
    pub fn is_waiting(&self) -> bool {
        self.status == AgentStatus::Waiting && self.is_alive
    }
}

/// Event data about an agent that is no longer registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentRemoved {
    /// Agent that was removed.
    pub id: AgentId,
}

/// Message from one agent to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AgentMessage {
    /// Number of the message, unique in the project.
    pub id: u64,
    /// Sender: an agent's identifier, or a person's name.
    pub from: String,
    /// Agent that the message is for.
    pub to: AgentId,
    /// Text of the message (Markdown).
    pub body: String,
    /// Time when the message was sent.
    pub sent_at: Timestamp,
    /// Time when its recipient fetched it; none if it has not.
    #[serde(default)]
    pub read_at: Option<Timestamp>,
}

/// Claim on files for a limited time. Leases are advice: overlapping ones are granted and
/// reported, not refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Lease {
    /// Number of the lease, unique in the project.
    pub id: u64,
    /// Holder of the lease.
    pub agent: AgentId,
    /// Path or glob pattern that the lease covers.
    pub path: String,
    /// True if others should stay away; false if they may hold leases on the same files.
    pub exclusive: bool,
    /// Reason, in the agent's words.
    #[serde(default)]
    pub reason: Option<String>,
    /// Time when the lease was granted.
    pub granted_at: Timestamp,
    /// Time when the lease ends unless it is renewed.
    pub expires_at: Timestamp,
    /// Other agents with overlapping leases, if either lease is exclusive; at most 50. Left out if
    /// there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<AgentId>,
    /// True for a lease that a hook took while the agent edited.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub soft: bool,
    /// Run of the agent that a soft lease belongs to.
    #[serde(default)]
    pub run: Option<u64>,
}

/// `data` of `file_locks_update`: the leases and their holders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileLocks {
    /// Holder of each path, in the form that older clients read.
    #[serde(default)]
    pub locks: BTreeMap<String, String>,
    /// Leases in full.
    #[serde(default)]
    pub leases: Vec<Lease>,
}
