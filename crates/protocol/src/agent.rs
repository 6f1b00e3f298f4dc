//! Agents, their messages to each other, and the leases that they hold on files.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{AgentId, TaskId, Timestamp};

/// State of an agent, as it reports it. Silence is not a state: see [`Agent::is_alive`].
///
/// The names on the wire are those of the older dashboard's API where it has one; `working` and
/// `done` are read too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentStatus {
    /// It works on its task, or is ready for one.
    #[default]
    #[serde(rename = "running", alias = "working")]
    Working,
    /// Its turn has ended. It keeps its claim.
    Idle,
    /// It cannot go on by itself: see [`Agent::waiting_for`].
    Waiting,
    /// It has finished its task.
    #[serde(rename = "completed", alias = "done")]
    Done,
    /// It has given up; its task was released.
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
/// Protocol) where that has a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

/// Reason for which an agent is [`AgentStatus::Waiting`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingFor {
    /// Kind of thing.
    pub kind: WaitKind,
    /// The question, or the reason, in the agent's words.
    #[serde(default)]
    pub text: String,
    /// Start of the wait.
    pub since: Timestamp,
    /// Expected end of the wait: the time at which a usage limit resets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Answers that it proposes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// Id of the question or request that an answer names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
}

/// One session of a harness (or of a script) under an agent's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Number in the database.
    pub id: u64,
    /// The harness: `claude-code`, `codex`, `api`, ...
    pub source: String,
    /// The harness's own id of the session.
    pub session: String,
    /// Name of the machine that it runs on.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub machine: String,
    /// Folder that it works in.
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
    /// True while a turn or a tool call is open: a silence of up to [`BUSY_SILENT_AFTER_MS`] is
    /// normal then.
    #[serde(default)]
    pub turn_open: bool,
}

/// Silence after which an agent counts as silent, in milliseconds: the two minutes of the older
/// dashboard's coordination monitor.
pub const SILENT_AFTER_MS: i64 = 120_000;

/// The same for an agent whose harness has a turn or a tool call open, in milliseconds. A build or
/// a test run of a quarter of an hour is normal.
pub const BUSY_SILENT_AFTER_MS: i64 = 15 * 60_000;

/// An agent as it is stored and sent. Field order is that of the older dashboard's API; additions come last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// The name under which it registered.
    pub id: AgentId,
    /// The same, under the name that older clients read.
    #[serde(default)]
    pub session_name: String,
    /// The task that it holds, or, once it has finished or failed, the last one that it held;
    /// empty where there is none.
    #[serde(default)]
    pub task_id: String,
    /// That task's title.
    #[serde(default)]
    pub task_title: String,
    /// The branch that it works on.
    #[serde(default)]
    pub branch: String,
    /// What it says of itself.
    #[serde(default)]
    pub status: AgentStatus,
    /// How far it is, in percent, as it says.
    #[serde(default)]
    pub progress: u8,
    /// When it registered.
    pub started_at: Timestamp,
    /// Always empty here: log lines have an endpoint of their own.
    #[serde(default)]
    pub logs: Vec<String>,
    /// What it did last, in its own words.
    #[serde(default)]
    pub last_activity: Option<String>,
    /// The last log line.
    #[serde(default)]
    pub output_preview: Option<String>,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
    /// When anything was last heard from it.
    #[serde(default)]
    pub last_heartbeat: Option<Timestamp>,
    /// Of one that works: the server has not said that it fell silent, which it does [`SILENT_AFTER_MS`] after it was last heard. Of another:
    /// whether it was heard in that time.
    #[serde(default)]
    pub is_alive: bool,
    /// Generation of the claim that it holds; none where it holds no task.
    #[serde(default)]
    pub generation: Option<u64>,
    /// Reason for which it waits.
    #[serde(default)]
    pub waiting_for: Option<WaitingFor>,
    /// Last progress: a new activity, percentage, log line or task. A heartbeat alone is none.
    #[serde(default)]
    pub progressed_at: Option<Timestamp>,
    /// Reason for which it failed, or lost its task.
    #[serde(default)]
    pub reason: Option<String>,
    /// Its newest run, where its source told of one.
    #[serde(default)]
    pub run: Option<Run>,
    /// Number of its subagents that run.
    #[serde(default)]
    pub children: u32,
}

impl Agent {
    /// Returns the task in `task_id`.
    pub fn task(&self) -> Option<TaskId> {
        (!self.task_id.is_empty()).then(|| TaskId::from(self.task_id.as_str()))
    }

    /// Returns the task that it holds.
    pub fn held_task(&self) -> Option<TaskId> {
        self.generation.and_then(|_| self.task())
    }
}

/// Event data about an agent that is no longer registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentRemoved {
    /// The agent.
    pub id: AgentId,
}

/// A message from one agent to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentMessage {
    /// Number in the project.
    pub id: u64,
    /// Who wrote it: an agent, or a person's name.
    pub from: String,
    /// Whom it is for.
    pub to: AgentId,
    /// What it says (Markdown).
    pub body: String,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// When its reader fetched it, if so.
    #[serde(default)]
    pub read_at: Option<Timestamp>,
}

/// A claim on files for a time. Overlapping leases are granted and reported, not refused: they are advice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Number in the project.
    pub id: u64,
    /// Who holds it.
    pub agent: AgentId,
    /// The path or glob pattern that it covers.
    pub path: String,
    /// Whether others should stay away, or may hold leases on the same files too.
    pub exclusive: bool,
    /// Why, in the agent's words.
    #[serde(default)]
    pub reason: Option<String>,
    /// When it was granted.
    pub granted_at: Timestamp,
    /// When it ends unless it is renewed.
    pub expires_at: Timestamp,
    /// Other agents whose leases overlap with it, where either is exclusive; at most 50 of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<AgentId>,
    /// True for a lease that a hook took while the agent edited.
    #[serde(default)]
    pub soft: bool,
    /// Run of the agent that a soft lease belongs to.
    #[serde(default)]
    pub run: Option<u64>,
}

/// `data` of `file_locks_update`: who holds what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileLocks {
    /// Path to holder, as older clients read it.
    #[serde(default)]
    pub locks: BTreeMap<String, String>,
    /// The leases in full.
    #[serde(default)]
    pub leases: Vec<Lease>,
}
