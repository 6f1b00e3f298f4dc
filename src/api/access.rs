//! The session, named tokens, and the trash of projects.

use serde_json::json;
use tasktree_protocol::Project;
use tasktree_protocol::http::{
    AccessToken, KeptProject, ListedPerson, MadeToken, NewToken, Session, paths,
};

use super::ApiError;
use super::request::Call;

/// Fetches the session; an error with status 401 if signed out, 404 from an older server.
pub async fn session() -> Result<Session, ApiError> {
    Call::get(paths::SESSION).read().await
}

/// Signs this browser out.
pub async fn sign_out() -> Result<(), ApiError> {
    Call::delete(paths::SESSION).done().await
}

/// Fetches all tokens.
pub async fn list_tokens() -> Result<Vec<AccessToken>, ApiError> {
    Call::get(paths::TOKENS).read().await
}

/// Fetches the people of the server. Older servers have no such list.
pub async fn list_people() -> Result<Vec<ListedPerson>, ApiError> {
    Call::get(paths::PEOPLE).read().await
}

/// Creates a token; the answer contains its secret.
pub async fn make_token(new: &NewToken) -> Result<MadeToken, ApiError> {
    Call::post(paths::TOKENS).json(new)?.read().await
}

/// Revokes a token.
pub async fn revoke_token(id: &str) -> Result<(), ApiError> {
    Call::delete(&paths::token(id)).done().await
}

/// Fetches the projects that can be restored, newest first.
pub async fn kept_projects() -> Result<Vec<KeptProject>, ApiError> {
    Call::get(paths::PROJECTS)
        .query("deleted", "true")
        .read()
        .await
}

/// Restores a project.
pub async fn restore_project(kept: &KeptProject) -> Result<Project, ApiError> {
    Call::post(&paths::restore(&kept.id))
        .query("key", &kept.key)
        .json(&json!({}))?
        .read()
        .await
}
