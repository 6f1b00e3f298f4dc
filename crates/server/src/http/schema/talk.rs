//! People, and their messages to each other and to agents.

use utoipa::ToSchema;

mirrors! {
    /// Comment on a task.
    Comment {
        id: u64,
        task_id: String,
        /// An actor: `human:..` or `agent:..`.
        author: String,
        /// Markdown; empty once the comment is deleted.
        body: String,
        made_at: String,
        edited_at: Option<String>,
        deleted_at: Option<String>,
    }
    /// Text of a comment.
    NewComment {
        /// Markdown, at most 16 KiB.
        body: String,
    }
    /// Question of an agent.
    Question {
        id: u64,
        agent: String,
        task_id: Option<String>,
        /// Generation of the claim under which the question was asked.
        generation: Option<u64>,
        /// `question`, `permission`, `auth` or `other`.
        kind: String,
        text: String,
        /// Answers that the agent proposes.
        options: Vec<String>,
        /// Id that the agent's harness gave the request.
        request: Option<String>,
        asked_at: String,
        closed_at: Option<String>,
        /// `answered`, `resumed`, `replaced`, `claim_ended`, `finished`, `removed` or `reset`.
        outcome: Option<String>,
        answers: Vec<Answer>,
    }
    /// Answer of a person.
    Answer {
        id: u64,
        question: u64,
        /// An actor: `human:..`.
        by: String,
        /// Null for readers who may not see it.
        text: Option<String>,
        at: String,
        /// True if the answer was not applied: the question was closed, or already had an answer.
        late: bool,
        /// Time at which a late answer was sent as a message.
        sent_again_at: Option<String>,
        delivered_at: Option<String>,
        read_at: Option<String>,
    }
    /// Answer to be given.
    NewAnswer {
        /// At most 8 KiB.
        text: String,
    }
}
