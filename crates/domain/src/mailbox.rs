//! Messages to an agent as a whole: announced after each change, and closed with the agent.

use tasktree_protocol::agent::AgentMessage;
use tasktree_protocol::event::AgentMessages;
use tasktree_protocol::{AgentId, Event, ProjectId};

use super::Change;
use super::change::EventContext;
use crate::error::Result;

/// Closes the messages to an agent whose name may be reused: from now on only people read them.
pub(super) fn close_for_former(
    change: &mut Change<'_>,
    project: &ProjectId,
    id: &AgentId,
) -> Result<()> {
    if change.tx.close_messages(project, id, change.millis())? {
        emit(change, project, id, None)?;
    }
    Ok(())
}

/// Emits the number of unread messages to an agent, with the newest if it was just sent.
pub(super) fn emit(
    change: &mut Change<'_>,
    project: &ProjectId,
    to: &AgentId,
    last: Option<&AgentMessage>,
) -> Result<()> {
    let pending_messages = change.tx.unread_messages(project, to)?;
    // Everybody who may read the project gets the event: it contains none of the text.
    let event = AgentMessages {
        agent: to.clone(),
        pending_messages,
        from: last.map(|message| message.from.clone()),
        message: last.map(|message| message.id),
    };
    change.emit(
        Some(project),
        Event::AgentMessages(event),
        EventContext::default(),
    )
}
