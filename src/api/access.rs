//! The session, named tokens, and the trash of projects.

use serde::{Deserialize, Serialize};
use serde_json::json;
use tasktree_protocol::{Project, ProjectId, Timestamp};

use super::ApiError;
use super::projects::path;
use super::request::{Call, segment};

/// Signed-in session.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Session {
    /// Name of the session's owner.
    pub name: String,
    /// Role of the session's token.
    pub role: String,
    /// Project that it is bound to.
    #[serde(default)]
    pub project: Option<ProjectId>,
    /// Person of the session; `None` for an agent, and from older servers.
    #[serde(default)]
    pub person: Option<Person>,
    /// `required`, or `off` on a server without sign-in.
    pub sign_in: String,
    /// Id of the credential that the session was opened with; `None` on a server without sign-in,
    /// and from older servers.
    #[serde(default)]
    pub credential: Option<String>,
    /// Permissions: `read`, `change`, `speak`, `manage`, `destroy`, `administer`.
    pub may: Vec<String>,
}

/// Person known to the server.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Person {
    /// Id of the person.
    pub id: String,
    /// Name of the person.
    pub name: String,
}

/// Named token.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Token {
    /// Id of the token.
    pub id: String,
    /// Name of its owner.
    pub name: String,
    /// Role of the token.
    pub role: String,
    /// Project that it is bound to.
    #[serde(default)]
    pub project: Option<ProjectId>,
    /// Name of the person who owns it; `None` for an agent, and from older servers.
    #[serde(default)]
    pub person: Option<String>,
    /// Time of its last use.
    #[serde(default)]
    pub last_used_at: Option<Timestamp>,
    /// Secret, sent when the token is created, and never again.
    #[serde(default)]
    pub secret: Option<String>,
}

/// Token to create.
#[derive(Clone, Debug, Serialize)]
pub struct NewToken {
    /// Name of its owner.
    pub name: String,
    /// Role of the token.
    pub role: String,
    /// Project that it is bound to.
    pub project: Option<String>,
    /// Name of the person who owns it; without one, a person of the token's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
}

/// Deleted or reset project.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct KeptProject {
    /// Key of its stored state.
    pub key: String,
    /// Id of the project.
    pub id: ProjectId,
    /// Name of the project.
    pub name: String,
    /// `deleted`, `reset` or `replaced`.
    pub why: String,
    /// Time at which that happened.
    pub at: Timestamp,
}

/// Fetches the session; an error with status 401 if signed out, 404 from an older server.
pub async fn session() -> Result<Session, ApiError> {
    Call::get("session").read().await
}

/// Signs this browser out.
pub async fn sign_out() -> Result<(), ApiError> {
    Call::delete("session").done().await
}

/// Fetches all tokens.
pub async fn list_tokens() -> Result<Vec<Token>, ApiError> {
    Call::get("tokens").read().await
}

/// Fetches the people of the server. Older servers have no such list.
pub async fn list_people() -> Result<Vec<Person>, ApiError> {
    Call::get("people").read().await
}

/// Creates a token; the answer contains its secret.
pub async fn make_token(new: &NewToken) -> Result<Token, ApiError> {
    Call::post("tokens").json(new)?.read().await
}

/// Revokes a token.
pub async fn revoke_token(id: &str) -> Result<(), ApiError> {
    Call::delete(&format!("tokens/{}", segment(id)))
        .done()
        .await
}

/// Fetches the projects that can be restored, newest first.
pub async fn kept_projects() -> Result<Vec<KeptProject>, ApiError> {
    Call::get("projects").query("deleted", "true").read().await
}

/// Restores a project.
pub async fn restore_project(kept: &KeptProject) -> Result<Project, ApiError> {
    Call::post(&path(&kept.id, "/restore"))
        .query("key", &kept.key)
        .json(&json!({}))?
        .read()
        .await
}
