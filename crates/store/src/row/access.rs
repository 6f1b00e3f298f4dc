//! Rows about people, their tokens and sign-ins, and the answers to their requests.

use serde::{Deserialize, Serialize};
use tasktree_protocol::http::{Person, Role};
use tasktree_protocol::{ProjectId, Timestamp};

/// Digest of a secret, the only form that is stored.
pub type Digest = [u8; 32];

/// A named token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialRow {
    /// Identifier, never reused.
    pub id: String,
    /// Name of its owner, unique among valid tokens.
    pub name: String,
    /// Role that it grants.
    pub role: Role,
    /// Project that it is bound to.
    pub project: Option<ProjectId>,
    /// Person who owns the token; none for an agent's.
    #[serde(default)]
    pub person: Option<Person>,
    /// Digest of its secret.
    pub digest: Digest,
    /// Time of its creation.
    pub made_at: Timestamp,
    /// Actor that created it.
    pub made_by: String,
    /// Time of its last use, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// Time of its revocation.
    pub revoked_at: Option<Timestamp>,
}

/// A browser that is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// Digest of its cookie.
    pub digest: Digest,
    /// Credential that it was signed in with.
    pub credential: String,
    /// Expiry time, in milliseconds since 1970.
    pub expires_at: i64,
}

/// A person as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRow {
    /// Identifier and name.
    pub person: Person,
    /// Time at which their first token was made.
    pub made_at: Timestamp,
    /// Time since which all their tokens are disabled; none if they are enabled.
    #[serde(default)]
    pub disabled_at: Option<Timestamp>,
}

/// Response stored for an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerRow {
    /// Owner of the request: an actor.
    pub owner: String,
    /// Digest of the request.
    pub fingerprint: String,
    /// Response, in JSON.
    pub answer: String,
    /// Expiry time, in milliseconds since 1970.
    pub expires_at: i64,
}
