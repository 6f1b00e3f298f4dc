//! Who one is, named tokens, and what can be brought back.

use serde::{Deserialize, Serialize};
use serde_json::json;
use tasktree_protocol::{Project, ProjectId, Timestamp};

use super::ApiError;
use super::projects::path;
use super::request::{Call, segment};

/// Who one is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Session {
    /// Their name.
    pub name: String,
    /// What their token is for.
    pub role: String,
    /// The project that it is bound to.
    #[serde(default)]
    pub project: Option<ProjectId>,
    /// The person that they are; none for an agent, and from older servers.
    #[serde(default)]
    pub person: Option<Person>,
    /// `required`, or `off` where nobody is asked.
    pub sign_in: String,
    /// The identifier of the credential that they came in with; none where nobody is asked, and
    /// from older servers.
    #[serde(default)]
    pub credential: Option<String>,
    /// What they may do: `read`, `change`, `speak`, `manage`, `destroy`, `administer`.
    pub may: Vec<String>,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Person {
    /// Which one.
    pub id: String,
    /// Their name.
    pub name: String,
}

/// A named token.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Token {
    /// Which one.
    pub id: String,
    /// Whose it is.
    pub name: String,
    /// What it is for.
    pub role: String,
    /// The project that it is bound to.
    #[serde(default)]
    pub project: Option<ProjectId>,
    /// Name of the person whose token it is; none for an agent, and from older servers.
    #[serde(default)]
    pub person: Option<String>,
    /// When it was last used.
    #[serde(default)]
    pub last_used_at: Option<Timestamp>,
    /// Shown when it is made, and never again.
    #[serde(default)]
    pub secret: Option<String>,
}

/// A token to be made.
#[derive(Clone, Debug, Serialize)]
pub struct NewToken {
    /// Whose it is.
    pub name: String,
    /// What it is for.
    pub role: String,
    /// The project that it is bound to.
    pub project: Option<String>,
    /// Name of the person whose token it is; without one, a person of the token's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
}

/// A removed or reset project.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct KeptProject {
    /// Names its state.
    pub key: String,
    /// Its identifier.
    pub id: ProjectId,
    /// Its name.
    pub name: String,
    /// `deleted`, `reset` or `replaced`.
    pub why: String,
    /// Since when.
    pub at: Timestamp,
}

/// Who one is; an error with status 401 where one is nobody, 404 from an older server.
pub async fn session() -> Result<Session, ApiError> {
    Call::get("session").read().await
}

/// Signs this browser out.
pub async fn sign_out() -> Result<(), ApiError> {
    Call::delete("session").done().await
}

/// All tokens.
pub async fn list_tokens() -> Result<Vec<Token>, ApiError> {
    Call::get("tokens").read().await
}

/// Fetches the people of the server. Older servers know none.
pub async fn list_people() -> Result<Vec<Person>, ApiError> {
    Call::get("people").read().await
}

/// Makes a token; the answer has its secret.
pub async fn make_token(new: &NewToken) -> Result<Token, ApiError> {
    Call::post("tokens").json(new)?.read().await
}

/// Revokes a token.
pub async fn revoke_token(id: &str) -> Result<(), ApiError> {
    Call::delete(&format!("tokens/{}", segment(id)))
        .done()
        .await
}

/// What can be brought back, the newest first.
pub async fn kept_projects() -> Result<Vec<KeptProject>, ApiError> {
    Call::get("projects").query("deleted", "true").read().await
}

/// Brings a project back.
pub async fn restore_project(kept: &KeptProject) -> Result<Project, ApiError> {
    Call::post(&path(&kept.id, "/restore"))
        .query("key", &kept.key)
        .json(&json!({}))?
        .read()
        .await
}
