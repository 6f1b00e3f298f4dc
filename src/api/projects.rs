//! Projects.

use serde_json::Value;
use tasktree_protocol::http::paths;
use tasktree_protocol::project::NewProject;
use tasktree_protocol::{Project, ProjectId, ProjectStats};

use super::ApiError;
use super::request::{Call, Snapshot};

/// Fetches all projects.
pub async fn list_projects() -> Result<Snapshot<Vec<Project>>, ApiError> {
    Call::get(paths::PROJECTS).snapshot().await
}

/// Fetches a project.
pub async fn get_project(project: &ProjectId) -> Result<Project, ApiError> {
    Call::get(&paths::project(project)).read().await
}

/// Creates a project.
pub async fn create_project(project: &NewProject) -> Result<Project, ApiError> {
    Call::post(paths::PROJECTS).json(project)?.read().await
}

/// Sets the fields of a project that `changes` (a JSON object) names.
pub async fn update_project(project: &ProjectId, changes: &Value) -> Result<Project, ApiError> {
    Call::put(&paths::project(project))
        .json(changes)?
        .read()
        .await
}

/// Deletes a project with everything in it.
pub async fn delete_project(project: &ProjectId) -> Result<(), ApiError> {
    Call::delete(&paths::project(project)).done().await
}

/// Fetches the counts of a project.
pub async fn project_stats(project: &ProjectId) -> Result<ProjectStats, ApiError> {
    Call::get(&paths::stats(project)).read().await
}
