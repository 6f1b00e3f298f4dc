//! Questions that agents ask, and the answers of people.

use serde::{Deserialize, Serialize};

use crate::agent::WaitKind;
use crate::{AgentId, TaskId, Timestamp};

/// Reason for which a question is no longer open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum QuestionOutcome {
    /// Its answer was delivered, and the agent went on.
    Answered,
    /// The agent went on without an answer.
    Resumed,
    /// The agent asked something else.
    Replaced,
    /// The claim under which it was asked ended.
    ClaimEnded,
    /// The agent finished or failed.
    Finished,
    /// The agent was removed.
    Removed,
    /// All tasks of the project were reset.
    Reset,
}

/// Question of an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Question {
    /// Number, unique on its server; an answer refers to it.
    pub id: u64,
    /// Agent that asks.
    pub agent: AgentId,
    /// Task that the agent held when it asked.
    #[serde(default)]
    pub task_id: Option<TaskId>,
    /// Generation of the claim on that task.
    #[serde(default)]
    pub generation: Option<u64>,
    /// Kind of thing that is asked for: `question`, `permission`, `auth` or `other`.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub kind: WaitKind,
    /// The question, in the agent's words.
    pub text: String,
    /// Answers that the agent proposes.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub options: Vec<String>,
    /// Id that the agent's harness gave the request.
    #[serde(default)]
    pub request: Option<String>,
    /// Time when it was asked.
    pub asked_at: Timestamp,
    /// Time when it was closed.
    #[serde(default)]
    pub closed_at: Option<Timestamp>,
    /// Reason for which it was closed: `answered`, `resumed`, `replaced`, `claim_ended`,
    /// `finished`, `removed` or `reset`.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub outcome: Option<QuestionOutcome>,
    /// Answers, oldest first.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub answers: Vec<Answer>,
}

/// Answer of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Answer {
    /// Number, unique on its server.
    pub id: u64,
    /// Question that it answers.
    pub question: u64,
    /// Actor who gave it: `human:..`.
    pub by: String,
    /// Text of the answer; none for readers who may not see it.
    #[serde(default)]
    pub text: Option<String>,
    /// Time when it was given.
    pub at: Timestamp,
    /// True for an answer that was not applied because the question was closed or already had an
    /// answer.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub late: bool,
    /// Time when a late answer was sent to the agent as a message.
    #[serde(default)]
    pub sent_again_at: Option<Timestamp>,
    /// Time when it was first handed to the agent.
    #[serde(default)]
    pub delivered_at: Option<Timestamp>,
    /// Time when the agent confirmed that it has read it.
    #[serde(default)]
    pub read_at: Option<Timestamp>,
}
