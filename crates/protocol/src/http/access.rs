//! Callers, their roles and permissions, tokens and people.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ProjectId, Timestamp};

/// Role of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
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

/// Permission of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Permission {
    /// Right to read the contents of a project, and to subscribe to it.
    Read,
    /// Right to create and change tasks, to store a plan, to notify.
    Change,
    /// Right to register an agent and speak for it: status, heartbeats, log lines, leases,
    /// messages.
    Speak,
    /// Right to create and change projects, to import, to run a git merge or create a repository.
    Manage,
    /// Right to remove and restore tasks and projects, to reset.
    Destroy,
    /// Right to create and revoke credentials, to see who is connected.
    Administer,
}

impl Permission {
    /// All permissions.
    pub const ALL: [Self; 6] = [
        Self::Read,
        Self::Change,
        Self::Speak,
        Self::Manage,
        Self::Destroy,
        Self::Administer,
    ];

    /// Returns the name used on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Change => "change",
            Self::Speak => "speak",
            Self::Manage => "manage",
            Self::Destroy => "destroy",
            Self::Administer => "administer",
        }
    }
}

/// Person. Tokens come and go; read marks and comments stay with the person.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = PersonName))]
pub struct Person {
    /// Id, never given twice.
    pub id: String,
    /// Name, unique among people.
    pub name: String,
}

/// Name of the owner of the secret that the server was started with.
pub const SHARED: &str = "token";

/// Name of [`Person::you`].
pub const YOU: &str = "you";

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

/// Person in a list, in full for administrators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = Person))]
pub struct ListedPerson {
    /// Id, never given twice.
    pub id: String,
    /// Name, unique among people.
    pub name: String,
    /// Time at which the person's first token was made; left out for callers who are not
    /// administrators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_at: Option<Timestamp>,
    /// Time since which the person is disabled. Only for administrators, and left out if the person
    /// is enabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_at: Option<Timestamp>,
    /// Names of the person's tokens; left out for callers who are not administrators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Vec<String>>,
}

impl ListedPerson {
    /// Returns the person without the fields for administrators.
    pub fn person(&self) -> Person {
        Person {
            id: self.id.clone(),
            name: self.name.clone(),
        }
    }
}

/// Change of a person: absent fields stay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct PersonPatch {
    /// New name: letters, digits and `. _ - @`; never used by another person, now or before.
    pub name: Option<String>,
    /// True disables all tokens of the person, false enables them again.
    pub disabled: Option<bool>,
}

/// Mark of a person in a project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Mark {
    /// Name of the mark.
    pub key: String,
    /// Value as any JSON; null removes the mark.
    pub value: Value,
}

/// Caller of the request.
///
/// Roles and permissions are texts, so that a page can read those of a newer server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Session {
    /// Name of the caller.
    pub name: String,
    /// Role of the caller's token.
    #[cfg_attr(feature = "schema", schema(value_type = Role))]
    pub role: String,
    /// Project that the caller is bound to.
    #[serde(default)]
    pub project: Option<ProjectId>,
    /// Person that the caller is; null for an agent, and absent from older servers.
    #[serde(default)]
    pub person: Option<Person>,
    /// Sign-in mode: `required` if everybody has to sign in, otherwise `off`.
    pub sign_in: String,
    /// Credential that the caller came in with, as `If-Caller` names it; null on a server without
    /// sign-in, and absent from older servers.
    #[serde(default)]
    pub credential: Option<String>,
    /// Permissions of the caller.
    #[cfg_attr(feature = "schema", schema(value_type = Vec<Permission>))]
    pub may: Vec<String>,
}

/// Token to sign a browser in with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SignIn {
    /// Secret of the token.
    pub token: String,
}

/// Ticket that authenticates one WebSocket, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Ticket {
    /// Secret of the ticket.
    pub ticket: String,
    /// Lifetime in seconds.
    pub expires_in: u64,
}

/// Defines a type with the fields of a token.
macro_rules! token {
    ($(#[$doc:meta])* $name:ident { $($(#[$more_doc:meta])* $more:ident: $type:ty)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        pub struct $name {
            /// Id of the token, never given twice.
            pub id: String,
            /// Name of the token, unique among valid ones.
            pub name: String,
            /// Role that the token grants.
            #[cfg_attr(feature = "schema", schema(value_type = Role))]
            pub role: String,
            /// Project that the token is bound to.
            #[serde(default)]
            pub project: Option<ProjectId>,
            /// Name of the person who owns the token; null for an agent's.
            #[serde(default)]
            pub person: Option<String>,
            /// Time of its creation.
            pub made_at: Timestamp,
            /// Actor that created it: `human:..`, `agent:..`, `system:..`.
            pub made_by: String,
            /// Last use, to the minute.
            #[serde(default)]
            pub last_used_at: Option<Timestamp>,
            $($(#[$more_doc])* pub $more: $type,)?
        }
    };
}

token! {
    /// Token, without its secret.
    AccessToken {}
}
token! {
    /// Token that was just created.
    MadeToken {
        /// Secret of the token, sent only this once.
        secret: String
    }
}

/// Token to be created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct NewToken {
    /// Letters, digits and `. _ - @`; unique among the valid tokens.
    pub name: String,
    /// Role that the token grants.
    pub role: Role,
    /// Project that the token is bound to; an agent's token needs one, an administrator's has none.
    #[serde(default)]
    pub project: Option<ProjectId>,
    /// Name of the person who owns the token, new or known; by default the token's name. An agent's
    /// token has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
}
