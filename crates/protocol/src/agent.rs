//! Agents, their messages to each other, and the leases that they hold on files.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{AgentId, TaskId, Timestamp};

/// What an agent says of itself. Whether it is heard from is another matter: see [`Agent::is_alive`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentStatus {
    /// It works.
    #[default]
    Running,
    /// It waits for a person.
    Waiting,
    /// It has finished its task.
    Completed,
    /// It has given up.
    Failed,
}

/// An agent is shown as silent when nothing was heard from it for this long: the two minutes of the older dashboard's
/// coordination monitor. In milliseconds.
pub const SILENT_AFTER_MS: i64 = 120_000;

/// An agent as it is stored and sent. Field order is that of the older dashboard's API; additions come last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// The name under which it registered.
    pub id: AgentId,
    /// The same, under the name that older clients read.
    #[serde(default)]
    pub session_name: String,
    /// The task that it works on; empty where there is none.
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
}

impl Agent {
    /// The task that it works on.
    pub fn task(&self) -> Option<TaskId> {
        (!self.task_id.is_empty()).then(|| TaskId::from(self.task_id.as_str()))
    }
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
    /// Other agents whose leases overlap with it, where either is exclusive.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<AgentId>,
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
