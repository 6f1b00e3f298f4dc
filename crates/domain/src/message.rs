//! Messages between agents.

use serde::{Deserialize, Serialize};
use tasktree_protocol::agent::AgentMessage;
use tasktree_protocol::{AgentId, ProjectId};

use super::validate::Checks;
use super::{Change, agent, mailbox};
use crate::error::Result;

/// Message to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NewMessage {
    /// Sender: an agent, or a person's name.
    pub from: String,
    /// Text of the message (Markdown).
    pub body: String,
}

/// Sends a message to an agent.
pub fn send(
    change: &mut Change<'_>,
    project: &ProjectId,
    to: &AgentId,
    message: NewMessage,
) -> Result<AgentMessage> {
    change.require(project)?;
    change.agent(project, to)?;
    let mut checks = Checks::default();
    checks.line("from", &message.from, change.limits.name_chars);
    if message.body.trim().is_empty() {
        checks.fail(
            "body",
            "string_too_short",
            "must not be empty",
            message.body.as_str(),
        );
    }
    checks.bytes("body", Some(&message.body), change.limits.message_bytes);
    checks.finish()?;
    let from = agent::sender(change, project, message.from)?;
    let mut sent = AgentMessage {
        id: 0,
        from,
        to: to.clone(),
        body: message.body,
        sent_at: change.now,
        read_at: None,
    };
    sent.id = change
        .tx
        .add_message(project, &sent, change.limits.messages_per_agent)?;
    mailbox::emit(change, project, to, Some(&sent))?;
    Ok(sent)
}

/// Marks the messages up to that number as read; returns the number of those that are unread.
pub fn mark_read(
    change: &mut Change<'_>,
    project: &ProjectId,
    id: &AgentId,
    up_to: u64,
) -> Result<u64> {
    change.require(project)?;
    agent::require_voice_of(change, &change.agent(project, id)?)?;
    if change.tx.mark_read(project, id, up_to, change.millis())? {
        mailbox::emit(change, project, id, None)?;
    }
    change.tx.unread_messages(project, id)
}
