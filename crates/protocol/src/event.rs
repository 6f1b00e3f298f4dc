//! Typed content of a message: one variant per message type, and one for types that this version
//! does not know.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::agent::{AgentRemoved, FileLocks};
use crate::{Agent, AgentId, Project, Status, TaskCard, TaskId};

/// `data` of an event about one task. It carries the row, so that a board needs no request. Older
/// clients read the first fields, newer ones `task`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskChange {
    /// Task that the event is about.
    pub task_id: TaskId,
    /// Status of the task, if the event is about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Branch of the task, if the event is about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// Title of the task, if the event is about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Session that works on the task, if the event is about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// Commit that merged the task, if git merged it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merge_commit: Option<String>,
    /// Agent, if the event is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<Agent>,
    /// Row after the change; older backends do not send it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskCard>,
}

/// `data` of `tasks_reset`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TasksReset {
    /// Number of tasks that went back to unclaimed.
    pub reset_count: u64,
    /// Sessions that were ended.
    #[serde(default)]
    pub killed_sessions: Vec<String>,
    /// Rows after the change; older backends do not send them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<TaskCard>,
    /// Id by which the reset can be undone; absent from older backends, which cannot undo it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<String>,
}

/// `data` of `agent_messages`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentMessages {
    /// Agent that the messages are for.
    pub agent: AgentId,
    /// Number of messages that the agent has not read.
    pub pending_messages: u64,
    /// Sender of the last message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Number of the last message. Its text is only for callers that may read messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<u64>,
}

/// `data` of `comments_changed`: identifiers only. Clients fetch the texts from the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentsChanged {
    /// Task whose comments changed.
    pub task_id: TaskId,
    /// Comment that was written, edited or deleted.
    pub id: u64,
    /// Number of comments that the task now has, without deleted ones.
    pub comments: u64,
}

/// `data` of `question_asked` and `question_closed`: identifiers only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionChanged {
    /// Question that changed.
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
    /// Question that was answered.
    pub id: u64,
    /// Agent that asked it.
    pub agent: AgentId,
    /// Task that the agent held when it asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_id: Option<TaskId>,
    /// Number of the answer.
    pub answer: u64,
}

/// Severity of a log line or a notification.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Detail for debugging.
    Debug,
    /// Information worth knowing.
    #[default]
    Info,
    /// Success.
    Success,
    /// Warning worth a look.
    Warning,
    /// Failure.
    Error,
}

/// `data` of `log`: lines that an agent or the system wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLines {
    /// Agent that wrote the lines; none for the system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentId>,
    /// Task that the lines are about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_id: Option<TaskId>,
    /// Severity.
    #[serde(default)]
    pub level: Level,
    /// Log lines.
    pub lines: Vec<String>,
}

/// Notification for people, `data` of `notification`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Notification {
    /// Severity.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(value_type = Option<Level>))]
    pub level: Level,
    /// Event in a few words.
    pub title: String,
    /// Details.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Task that the notification is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_id: Option<TaskId>,
}

/// `data` of `plan_generated`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanGenerated {
    /// Plan (Markdown).
    pub plan: String,
    /// Number of tasks that were created with the plan.
    pub tasks_created: u64,
}

/// `data` of `coordination_update`: an agent appeared or changed its state, or some agents left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoordinationUpdate {
    /// Number of agents that run and are heard from.
    pub active_agents: u64,
    /// Agent that appeared or changed its state, by identifier; empty if agents left.
    #[serde(default)]
    pub agents: std::collections::BTreeMap<String, Value>,
}

/// `data` of `task_deleted`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskDeleted {
    /// Task that was deleted.
    pub task_id: TaskId,
}

/// `data` of `project_deleted`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectDeleted {
    /// Project that was deleted.
    pub project_id: crate::ProjectId,
    /// True if files were removed too; this server never does.
    #[serde(default)]
    pub cleanup_performed: bool,
}

/// `data` that consists of one sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Sentence for people.
    #[serde(default)]
    pub message: String,
}

macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident($data:ty) = $name:literal,)*) => {
        /// Content of a message. Events are in the past tense and idempotent: applying one twice
        /// has no further effect.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Event {
            $($(#[$doc])* $variant($data),)*
            /// A type that this version does not know, or one with unexpected data; both are kept
            /// as received.
            Unknown {
                /// Message type.
                kind: String,
                /// Data as received.
                data: Value,
            },
        }

        impl Event {
            /// Message types that have a variant of their own.
            pub const KINDS: &[&str] = &[$($name),*];

            /// Returns the message type.
            pub fn kind(&self) -> &str {
                match self {
                    $(Self::$variant(_) => $name,)*
                    Self::Unknown { kind, .. } => kind,
                }
            }

            /// Parses an event of the given type from its data as JSON text. Data of an unexpected
            /// shape becomes [`Event::Unknown`].
            ///
            /// It reads text and not a [`Value`], so that the board contains the row-reading code
            /// only once.
            ///
            /// # Errors
            /// Returns an error if the text is not JSON, or is nested more than 128 levels deep.
            pub fn from_json(kind: &str, data: &str) -> Result<Self, serde_json::Error> {
                match kind {
                    $($name => if let Ok(data) = serde_json::from_str::<$data>(data) {
                        return Ok(Self::$variant(data));
                    },)*
                    _ => {}
                }
                serde_json::from_str(data).map(|data| Self::Unknown { kind: kind.into(), data })
            }

            /// Returns the data as JSON.
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
    /// A task was created or restored.
    TaskCreated(TaskCard) = "task_created",
    /// Fields of a task changed.
    TaskUpdated(TaskCard) = "task_updated",
    /// A task was moved to the trash.
    TaskDeleted(TaskDeleted) = "task_deleted",
    /// An agent's or the system's work changed a task's status.
    TaskStatusChanged(TaskChange) = "task_status_changed",
    /// Tasks went back to unclaimed.
    TasksReset(TasksReset) = "tasks_reset",
    /// A task's work was merged.
    TaskMerged(TaskChange) = "task_merged",
    /// An agent finished a task.
    TaskCompleted(TaskChange) = "task_completed",
    /// A task was queued for a merge.
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
    /// A question is no longer open.
    QuestionClosed(QuestionChanged) = "question_closed",
    /// The set of agents changed.
    CoordinationUpdate(CoordinationUpdate) = "coordination_update",
    /// Leases on files were granted, renewed or released, or expired.
    FileLocksUpdate(FileLocks) = "file_locks_update",
    /// A plan was stored.
    PlanGenerated(PlanGenerated) = "plan_generated",
    /// Log lines were written.
    Log(LogLines) = "log",
    /// Something that a person should know.
    Notification(Notification) = "notification",
    /// Attention items were opened, changed or closed; see
    /// [`AttentionChanged`](crate::attention::AttentionChanged).
    AttentionChanged(Value) = "attention_changed",
    /// The reader marked an attention item; see
    /// [`AttentionMarked`](crate::attention::AttentionMarked).
    AttentionMarked(Value) = "attention_marked",
    /// A project was created.
    ProjectCreated(Project) = "project_created",
    /// A project's settings changed.
    ProjectUpdated(Project) = "project_updated",
    /// A project was removed.
    ProjectDeleted(ProjectDeleted) = "project_deleted",
    /// A project's tasks, agents and log were removed.
    ProjectReset(Notice) = "project_reset",
}

/// Type of an event without content. It replaces an event that the reader may not see, so that
/// positions have no gap.
pub const HIDDEN: &str = "hidden";

impl Event {
    /// Returns true if a board that cannot apply the event must fetch its tasks again. That holds
    /// for `task_*`, `tasks_*` and `agent_*`, known or not, and for a reset of the project. It also
    /// holds for a plan: an older backend sends no events for the tasks that it creates from one.
    pub fn touches_tasks(&self) -> bool {
        let kind = self.kind();
        kind.starts_with("task_")
            || kind.starts_with("tasks_")
            || kind.starts_with("agent_")
            || matches!(kind, "plan_generated" | "project_reset")
    }

    /// Returns the rows that the event carries, each a complete card after the change.
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

    /// Returns the agent's complete row after the change, if the event carries it.
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
