//! Stored values that identify callers: people, roles, and digests of secrets.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Digest of a secret, the only form that is stored.
pub type Digest = [u8; 32];

/// Name of the owner of the secret that the server was started with.
pub const SHARED: &str = "token";

/// A person. Tokens come and go; read marks and comments stay with the person.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Person {
    /// Id, never given twice.
    pub id: String,
    /// Name, unique among people.
    pub name: String,
}

impl Person {
    /// Returns the only person of a server on which nobody has to sign in.
    pub fn you() -> Self {
        Self {
            id: "local".to_owned(),
            name: YOU.to_owned(),
        }
    }

    /// Returns true for the id of a person who has no record: [`Person::you`], and the owner of the
    /// secret that the server was started with.
    pub fn is_of_nobody(id: &str) -> bool {
        id == Self::you().id || id == SHARED
    }

    /// Returns the person behind the secret that the server was started with.
    pub fn shared(name: &str) -> Self {
        Self {
            id: name.to_owned(),
            name: name.to_owned(),
        }
    }
}

/// Name of [`Person::you`].
pub const YOU: &str = "you";

/// Role of a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Full access, including tokens and people.
    Admin,
    /// Can change projects and tasks.
    Editor,
    /// Read-only access.
    Viewer,
    /// Program that works on the tasks of one project.
    Agent,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 4] = [Self::Admin, Self::Editor, Self::Viewer, Self::Agent];

    /// Returns the role with that name on the wire.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// Returns the name used on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Editor => "editor",
            Self::Viewer => "viewer",
            Self::Agent => "agent",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `pad`, so that a table can align it.
        formatter.pad(self.as_str())
    }
}
