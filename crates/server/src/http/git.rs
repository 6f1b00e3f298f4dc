//! Git repository of a project whose path is on this machine.

use serde::Serialize;
use tasktree_protocol::ProjectId;
use tasktree_protocol::http::paths;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::{Acting, Manage, Write};
use super::error::ApiResult;
use super::extract::{Ids, OwnPage};
use super::{AppState, answer, schema};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(status))
        .routes(routes!(init))
}

/// Returns the state of the repository: from git for callers who may manage the project, as stored
/// for others.
#[utoipa::path(get, path = paths::GIT_STATUS, tag = "projects",
    params(("project" = String, Path)),
    responses((status = 200, body = schema::GitStatus), (status = 404, body = schema::Refused)))]
async fn status(
    Acting(service): Acting,
    Ids(project): Ids<ProjectId>,
    OwnPage(may_run): OwnPage,
) -> ApiResult {
    Ok(answer::plain(service.git_status(&project, may_run).await?))
}

/// Result of creating a repository.
#[derive(Serialize, ToSchema)]
struct GitInitialized {
    success: bool,
    message: &'static str,
    gitignore_created: bool,
}

/// Creates a repository in the project's folder.
#[utoipa::path(post, path = paths::INIT_GIT, tag = "projects", params(("project" = String, Path)),
    responses(
    (status = 200, body = GitInitialized),
    (status = 400, description = "The project already has a repository", body = schema::Refused),
    (status = 404, body = schema::Refused),
    (status = 409, description = "The folder belongs to another repository, or git refuses to use it", body = schema::RepositoryRefused)))]
async fn init(
    Acting(service): Acting,
    Ids(project): Ids<ProjectId>,
    write: Write<(), Manage>,
) -> ApiResult {
    let receipt = service.init_git(write.context, &project).await?;
    Ok(answer::receipt_as(receipt, |gitignore_created| {
        GitInitialized {
            success: true,
            message: "Git repository initialized successfully",
            gitignore_created,
        }
    }))
}
