//! Projects.

use serde::Serialize;
use serde_json::Value;
use tasktree_protocol::{Project, ProjectId, ProjectStats};

use super::ApiError;
use super::request::{Call, Snapshot, segment};

/// Project to create.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NewProject {
    /// Id: letters, digits, `.`, `_` and `-`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Folder of its files; may be empty.
    pub path: String,
    /// Description in one sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Returns `projects/{project}` followed by `rest`.
pub(super) fn path(project: &ProjectId, rest: &str) -> String {
    format!("projects/{}{rest}", segment(project))
}

/// Fetches all projects.
pub async fn list_projects() -> Result<Snapshot<Vec<Project>>, ApiError> {
    Call::get("projects").snapshot().await
}

/// Fetches a project.
pub async fn get_project(project: &ProjectId) -> Result<Project, ApiError> {
    Call::get(&path(project, "")).read().await
}

/// Creates a project.
pub async fn create_project(project: &NewProject) -> Result<Project, ApiError> {
    Call::post("projects").json(project)?.read().await
}

/// Sets the fields of a project that `changes` (a JSON object) names.
pub async fn update_project(project: &ProjectId, changes: &Value) -> Result<Project, ApiError> {
    Call::put(&path(project, "")).json(changes)?.read().await
}

/// Deletes a project with everything in it.
pub async fn delete_project(project: &ProjectId) -> Result<(), ApiError> {
    Call::delete(&path(project, "")).done().await
}

/// Fetches the counts of a project.
pub async fn project_stats(project: &ProjectId) -> Result<ProjectStats, ApiError> {
    Call::get(&path(project, "/stats")).read().await
}
