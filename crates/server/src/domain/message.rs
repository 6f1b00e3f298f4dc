//! Messages between agents.

use serde::{Deserialize, Serialize};
use tasktree_protocol::agent::AgentMessage;
use tasktree_protocol::{AgentId, ProjectId};

use super::Work;
use crate::error::Result;

/// A message to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewMessage {
    /// Who writes: an agent, or a person's name.
    pub from: String,
    /// What it says (Markdown).
    pub body: String,
}

pub(crate) fn send(
    _work: &mut Work<'_>,
    _project: &ProjectId,
    _to: &AgentId,
    _message: NewMessage,
) -> Result<AgentMessage> {
    Err(crate::error::Error::Internal("Not written yet.".to_owned()))
}
pub(crate) fn take(
    _work: &mut Work<'_>,
    _project: &ProjectId,
    _agent: &AgentId,
    _unread: bool,
) -> Result<Vec<AgentMessage>> {
    Err(crate::error::Error::Internal("Not written yet.".to_owned()))
}
