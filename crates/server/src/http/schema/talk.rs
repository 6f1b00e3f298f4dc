//! People, and what they write to each other and to agents.

use utoipa::ToSchema;

mirrors! {
    /// A comment on a task.
    Comment {
        id: u64,
        task_id: String,
        /// An actor: `human:..` or `agent:..`.
        author: String,
        /// Markdown; empty once it is deleted.
        body: String,
        made_at: String,
        edited_at: Option<String>,
        deleted_at: Option<String>,
    }
    /// The text of a comment.
    NewComment {
        /// Markdown, at most 16 KiB.
        body: String,
    }
    /// A question of an agent.
    Question {
        id: u64,
        agent: String,
        task_id: Option<String>,
        /// The generation of the claim under which it was asked.
        generation: Option<u64>,
        /// `question`, `permission`, `auth` or `other`.
        kind: String,
        text: String,
        /// Answers that the agent proposes.
        options: Vec<String>,
        /// The id that the agent's harness gave the request.
        request: Option<String>,
        asked_at: String,
        closed_at: Option<String>,
        /// `answered`, `resumed`, `replaced`, `claim_ended`, `finished`, `removed` or `reset`.
        outcome: Option<String>,
        answers: Vec<Answer>,
    }
    /// An answer of a person.
    Answer {
        id: u64,
        question: u64,
        /// An actor: `human:..`.
        by: String,
        /// Null for readers whom it does not concern.
        text: Option<String>,
        at: String,
        /// Whether it was not applied: the question stood no longer, or had an answer.
        late: bool,
        /// When a late answer was sent as a message.
        sent_again_at: Option<String>,
        delivered_at: Option<String>,
        read_at: Option<String>,
    }
    /// An answer to be given.
    NewAnswer {
        /// At most 8 KiB.
        text: String,
    }
}
