//! The typed content of a message: one variant a message type, and one for what this version does not know.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::agent::{AgentRemoved, FileLocks};
use crate::{Agent, AgentId, Project, Status, TaskCard, TaskId};

/// `data` of an event about one task that carries the row, so that a board needs no request: older clients read the first
/// fields, newer ones `task`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskChange {
    /// Which task.
    pub task_id: TaskId,
    /// Its status, where the event is about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Its branch, where the event is about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// Its title, where the event is about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The session that works on it, where the event is about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// The commit that merged it, where git did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merge_commit: Option<String>,
    /// The agent, where the event is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<Agent>,
    /// The row after the change; older backends do not send it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskCard>,
}

/// `data` of `tasks_reset`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TasksReset {
    /// How many tasks went back to unclaimed.
    pub reset_count: u64,
    /// Sessions that were ended.
    #[serde(default)]
    pub killed_sessions: Vec<String>,
    /// The rows after the change; older backends do not send them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<TaskCard>,
    /// What undoes it; older backends keep nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<String>,
}

/// `data` of `agent_messages`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentMessages {
    /// Whose messages.
    pub agent: AgentId,
    /// How many it has not read.
    pub pending_messages: u64,
    /// Who wrote last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The number of what was written last. Its text is for those who may read messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<u64>,
}

/// `data` of `comments_changed`: identifiers only, the texts are read where they are stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentsChanged {
    /// Task whose comments changed.
    pub task_id: TaskId,
    /// Comment that was written, edited or deleted.
    pub id: u64,
    /// Number of comments that the task has now, without deleted ones.
    pub comments: u64,
}

/// `data` of `question_asked` and `question_closed`: identifiers only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionChanged {
    /// The question.
    pub id: u64,
    /// Agent that asked it.
    pub agent: AgentId,
    /// Task that the agent held when it asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_id: Option<TaskId>,
}

/// `data` of `question_answered` and `answer_delivered`: identifiers only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionAnswered {
    /// The question.
    pub id: u64,
    /// Agent that asked it.
    pub agent: AgentId,
    /// Task that the agent held when it asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_id: Option<TaskId>,
    /// The answer.
    pub answer: u64,
}

/// How serious a log line or a notification is.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// For whoever looks for a fault.
    Debug,
    /// Worth knowing.
    #[default]
    Info,
    /// Something went well.
    Success,
    /// Worth a look.
    Warning,
    /// Something failed.
    Error,
}

/// `data` of `log`: lines that an agent or the system wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLines {
    /// Who wrote them; empty for the system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentId>,
    /// About which task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_id: Option<TaskId>,
    /// How serious.
    #[serde(default)]
    pub level: Level,
    /// The lines.
    pub lines: Vec<String>,
}

/// `data` of `notification`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// How serious.
    #[serde(default)]
    pub level: Level,
    /// What happened, in a few words.
    pub title: String,
    /// More of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// About which task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_id: Option<TaskId>,
}

/// `data` of `plan_generated`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanGenerated {
    /// The plan (Markdown).
    pub plan: String,
    /// How many tasks came with it.
    pub tasks_created: u64,
}

/// `data` of `coordination_update`: an agent came or changed its state, or some went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoordinationUpdate {
    /// Agents that run and are heard from.
    pub active_agents: u64,
    /// The agent that came or changed its state, by identifier; none where agents went.
    #[serde(default)]
    pub agents: std::collections::BTreeMap<String, Value>,
}

/// `data` of `task_deleted`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskDeleted {
    /// Which task.
    pub task_id: TaskId,
}

/// `data` of `project_deleted`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectDeleted {
    /// Which project.
    pub project_id: crate::ProjectId,
    /// Whether files were removed too; never, here.
    #[serde(default)]
    pub cleanup_performed: bool,
}

/// `data` that is one sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The sentence.
    #[serde(default)]
    pub message: String,
}

macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident($data:ty) = $name:literal,)*) => {
        /// What a message says. Events are past tense and idempotent: applying one twice changes nothing more.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Event {
            $($(#[$doc])* $variant($data),)*
            /// A type that this version does not know, or one whose data is not as expected: kept as it came.
            Unknown {
                /// The message type.
                kind: String,
                /// The data, as it came.
                data: Value,
            },
        }

        impl Event {
            /// Every message type with a variant of its own.
            pub const KINDS: &[&str] = &[$($name),*];

            /// The message type.
            pub fn kind(&self) -> &str {
                match self {
                    $(Self::$variant(_) => $name,)*
                    Self::Unknown { kind, .. } => kind,
                }
            }

            /// The event of that type with that data, as JSON text. Data of another shape is [`Event::Unknown`].
            ///
            /// It is read from text and not from a [`Value`], so that the board has the code that reads a row only once.
            ///
            /// # Errors
            /// The text is not JSON, or nested more than 128 deep.
            pub fn from_json(kind: &str, data: &str) -> Result<Self, serde_json::Error> {
                match kind {
                    $($name => if let Ok(data) = serde_json::from_str::<$data>(data) {
                        return Ok(Self::$variant(data));
                    },)*
                    _ => {}
                }
                serde_json::from_str(data).map(|data| Self::Unknown { kind: kind.into(), data })
            }

            /// The data as JSON.
            pub fn data(&self) -> Value {
                match self {
                    $(Self::$variant(data) => serde_json::to_value(data)
                        .unwrap_or_else(|_| Value::Object(Map::new())),)*
                    Self::Unknown { data, .. } => data.clone(),
                }
            }
        }
    };
}

events! {
    /// A task was made, or brought back.
    TaskCreated(TaskCard) = "task_created",
    /// Fields of a task changed.
    TaskUpdated(TaskCard) = "task_updated",
    /// A task was removed.
    TaskDeleted(TaskDeleted) = "task_deleted",
    /// An agent's or the system's work changed a task's status.
    TaskStatusChanged(TaskChange) = "task_status_changed",
    /// Tasks went back to unclaimed.
    TasksReset(TasksReset) = "tasks_reset",
    /// A task's work was merged.
    TaskMerged(TaskChange) = "task_merged",
    /// An agent finished a task.
    TaskCompleted(TaskChange) = "task_completed",
    /// A task waits to be merged.
    TaskQueuedForMerge(TaskChange) = "task_queued_for_merge",
    /// An agent registered on a task.
    AgentSpawned(TaskChange) = "agent_spawned",
    /// An agent changed its status or progress, fell silent, or was heard again.
    AgentStatusUpdate(Agent) = "agent_status_update",
    /// An agent is no longer registered.
    AgentRemoved(AgentRemoved) = "agent_removed",
    /// Agents wrote to each other.
    AgentMessages(AgentMessages) = "agent_messages",
    /// A comment on a task was written, edited or deleted.
    CommentsChanged(CommentsChanged) = "comments_changed",
    /// An agent asks for something that a person can give.
    QuestionAsked(QuestionChanged) = "question_asked",
    /// A person gave an answer, applied or late.
    QuestionAnswered(QuestionAnswered) = "question_answered",
    /// An answer was handed to its agent, confirmed by it, or sent again as a message.
    AnswerDelivered(QuestionAnswered) = "answer_delivered",
    /// A question stands no longer.
    QuestionClosed(QuestionChanged) = "question_closed",
    /// The set of agents changed.
    CoordinationUpdate(CoordinationUpdate) = "coordination_update",
    /// Leases on files were granted, renewed, released or ran out.
    FileLocksUpdate(FileLocks) = "file_locks_update",
    /// A plan was stored.
    PlanGenerated(PlanGenerated) = "plan_generated",
    /// Log lines.
    Log(LogLines) = "log",
    /// Something that a person should know.
    Notification(Notification) = "notification",
    /// A project was made.
    ProjectCreated(Project) = "project_created",
    /// A project's settings changed.
    ProjectUpdated(Project) = "project_updated",
    /// A project was removed.
    ProjectDeleted(ProjectDeleted) = "project_deleted",
    /// A project's tasks, agents and log were removed.
    ProjectReset(Notice) = "project_reset",
}

/// The type of an event without content: it stands in the place of one that the reader may not see, so that positions have no gap.
pub const HIDDEN: &str = "hidden";

impl Event {
    /// Whether a board that cannot apply the event must fetch its tasks again: `task_*`, `tasks_*` and `agent_*`,
    /// known or not, a plan (an older backend makes its tasks without a word), and a reset of the project.
    pub fn touches_tasks(&self) -> bool {
        let kind = self.kind();
        kind.starts_with("task_")
            || kind.starts_with("tasks_")
            || kind.starts_with("agent_")
            || matches!(kind, "plan_generated" | "project_reset")
    }

    /// The rows that the event carries, each the whole of a task's card after the change.
    pub fn rows(&self) -> &[TaskCard] {
        match self {
            Self::TaskCreated(card) | Self::TaskUpdated(card) => std::slice::from_ref(card),
            Self::TaskStatusChanged(change)
            | Self::TaskMerged(change)
            | Self::TaskCompleted(change)
            | Self::TaskQueuedForMerge(change)
            | Self::AgentSpawned(change) => change.task.as_slice(),
            Self::TasksReset(reset) => &reset.tasks,
            _ => &[],
        }
    }

    /// The row of an agent that the event carries, the whole of it after the change.
    pub fn agent(&self) -> Option<&Agent> {
        match self {
            Self::AgentStatusUpdate(agent) => Some(agent),
            Self::TaskStatusChanged(change)
            | Self::TaskMerged(change)
            | Self::TaskCompleted(change)
            | Self::TaskQueuedForMerge(change)
            | Self::AgentSpawned(change) => change.agent.as_ref(),
            _ => None,
        }
    }
}
