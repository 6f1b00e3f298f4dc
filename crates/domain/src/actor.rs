//! Actor behind a change, taken from the credential of a request, never from its body.

use std::fmt;

use tasktree_protocol::AgentId;

/// A person, agent or system process that changes state: `human:..`, `agent:..` or `system:..`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Actor(String);

impl Actor {
    /// Returns the actor for a person.
    pub fn human(name: &str) -> Self {
        Self(format!("human:{name}"))
    }

    /// Returns the actor for the person at this machine, if there are no accounts.
    pub fn local() -> Self {
        Self::human("local")
    }

    /// Returns the actor for an agent.
    pub fn agent(id: &AgentId) -> Self {
        Self(format!("agent:{id}"))
    }

    /// Returns the actor for the server itself, for scheduled work.
    pub fn server() -> Self {
        Self("system:server".to_owned())
    }

    /// Returns the actor of a stored change.
    pub const fn stored(actor: String) -> Self {
        Self(actor)
    }

    /// Returns the actor as it appears on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for Actor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Actor({})", self.0)
    }
}
