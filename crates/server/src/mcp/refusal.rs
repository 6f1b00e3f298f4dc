//! Refusals that a model can read and mend.

use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::{Map, Value, json};
use tasktree_protocol::error::code;

use crate::error::Error;

/// Code of a call that no agent makes.
const NO_AGENT: &str = "no_agent";

/// Refusal of a call: a code for programs, and a sentence.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    code: &'static str,
    message: String,
    more: Map<String, Value>,
}

impl Refusal {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            more: Map::new(),
        }
    }

    /// Refuses an argument.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(code::INVALID, message)
    }

    /// Refuses to act for nobody.
    pub(super) fn nameless() -> Self {
        Self::new(
            NO_AGENT,
            "Nobody is named as the agent that acts: set the header TaskTree-Agent, or add \
             ?agent=NAME to the address of the server.",
        )
    }

    /// Adds a member for programs.
    #[must_use]
    pub(super) fn with(mut self, name: &str, value: Value) -> Self {
        self.more.insert(name.to_owned(), value);
        self
    }

    /// Returns the sentence.
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// Returns true if something is missing.
    pub(super) fn is_not_found(&self) -> bool {
        self.code == code::NOT_FOUND
    }

    /// Returns the refusal as the result of a tool.
    pub(super) fn into_result(self) -> CallToolResult {
        let mut members = self.more;
        members.insert("code".to_owned(), json!(self.code));
        members.insert("message".to_owned(), json!(self.message));
        let mut result = CallToolResult::structured_error(Value::Object(members));
        // A model needs the sentence alone.
        result.content = vec![ContentBlock::text(self.message)];
        result
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let (code, message) = (error.code(), error.to_string());
        match error {
            Error::Conflict { current, .. } => {
                Self::new(code, message).with("rev", json!(current.rev))
            }
            Error::Claimed { holder, .. } => Self::new(code, message).with("holder", json!(holder)),
            Error::Storage {
                temporary: true, ..
            } => {
                tracing::warn!(message, "call refused temporarily");
                Self::new(code, "The server is busy; try again in a moment.")
            }
            Error::Storage { .. } | Error::Internal(_) | Error::Command(_) => {
                tracing::error!(message, "call failed");
                Self::new(
                    code,
                    "The server failed; the cause is in its log. Nothing was changed.",
                )
            }
            _ => Self::new(code, message),
        }
    }
}
