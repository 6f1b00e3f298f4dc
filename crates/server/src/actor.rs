//! Who causes a change. It comes from the credential of a request, never from its body.

use std::fmt;

use tasktree_protocol::AgentId;

/// Somebody or something that changes state: `human:..`, `agent:..` or `system:..`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Actor(String);

impl Actor {
    /// A person.
    pub fn human(name: &str) -> Self {
        Self(format!("human:{name}"))
    }

    /// The person at this machine, where there are no accounts.
    pub fn local() -> Self {
        Self::human("local")
    }

    /// An agent.
    pub fn agent(id: &AgentId) -> Self {
        Self(format!("agent:{id}"))
    }

    /// The server itself: what it does by the clock.
    pub fn server() -> Self {
        Self("system:server".to_owned())
    }

    /// As it goes over the wire.
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
