//! Projects: list, create, change, delete, restore, reset, count.

use axum::Extension;
use serde_json::json;
use tasktree_protocol::http::KeptProject;
use tasktree_protocol::http::paths;
use tasktree_protocol::project::{DEFAULT_MAX_AGENTS, NewProject, ProjectPatch};
use tasktree_protocol::{Maybe, ProjectId, Timestamp};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::buffers::Answers;
use super::caller::{Acting, Destroy, Manage, Write};
use super::error::ApiResult;
use super::extract::{Ids, Object, QueryFields};
use super::fields::Fields;
use super::{AppState, answer, schema};
use crate::limits::TRASH_MS;
use crate::store::TrashedProject;

/// Fields of a project that cannot be changed.
const READ_ONLY: [&str; 3] = ["id", "created_at", "updated_at"];

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, delete))
        .routes(routes!(reset))
        .routes(routes!(restore))
        .routes(routes!(stats))
}

/// Lists all projects, oldest first. The position in the headers is that of the system stream
/// (`*`).
///
/// With `deleted`, lists the projects that were removed or reset in the last 30 days instead,
/// newest first, as `KeptProject`.
#[utoipa::path(get, path = paths::PROJECTS, tag = "projects", params(("deleted" = Option<bool>, Query)),
    responses((status = 200, body = [schema::Project]), (status = 422, body = schema::Invalid)))]
async fn list(
    Acting(service): Acting,
    Extension(answers): Extension<Answers>,
    QueryFields(query): QueryFields,
) -> ApiResult {
    let mut fields = Fields::of_query(&query);
    let deleted = fields.or_default("deleted");
    fields.finish()?;
    let list = match deleted {
        true => service.trash_in_parts(listed).await?,
        false => service.projects_in_parts().await?,
    };
    answer::in_parts(list, answers)
}

/// Creates a project.
#[utoipa::path(post, path = paths::PROJECTS, tag = "projects", request_body = schema::NewProject, responses(
    (status = 200, body = schema::Project),
    (status = 400, description = "A project with this id already exists", body = schema::Refused),
    (status = 422, body = schema::Invalid)))]
async fn create(Acting(service): Acting, write: Write<Object, Manage>) -> ApiResult {
    let mut fields = Fields::of_body(&write.body.0);
    let new = NewProject {
        id: fields.required::<String>("id").into(),
        name: fields.required("name"),
        path: fields.or_default("path"),
        description: fields.optional("description"),
        project_overview: fields.optional("project_overview"),
        initial_prompt: fields.optional("initial_prompt"),
        plan: fields.optional("plan"),
        max_agents: fields.optional("max_agents").unwrap_or(DEFAULT_MAX_AGENTS),
        active: fields.optional("active").unwrap_or(true),
        git_remote: fields.optional("git_remote"),
        is_git_repo: fields.optional("is_git_repo"),
        demo: fields.or_default("demo"),
        main_branch: fields.optional("main_branch"),
        created_at: fields.optional("created_at"),
    };
    fields.finish()?;
    Ok(answer::receipt(
        service.create_project(write.context, new).await?,
    ))
}

/// Returns one project.
#[utoipa::path(get, path = paths::PROJECT, tag = "projects", params(("project" = String, Path)), responses(
    (status = 200, body = schema::Project),
    (status = 404, body = schema::Refused)))]
async fn get(Acting(service): Acting, Ids(project): Ids<ProjectId>) -> ApiResult {
    Ok(answer::snapshot(service.project(&project).await?))
}

/// Changes a project: absent fields stay, null clears.
#[utoipa::path(put, path = paths::PROJECT, tag = "projects", params(("project" = String, Path)),
    request_body = schema::ProjectPatch, responses(
    (status = 200, body = schema::Project),
    (status = 404, body = schema::Refused),
    (status = 422, body = schema::Invalid)))]
async fn update(
    Acting(service): Acting,
    Ids(project): Ids<ProjectId>,
    write: Write<Object, Manage>,
) -> ApiResult {
    let mut fields = Fields::of_body(&write.body.0);
    let patch = ProjectPatch {
        id: Maybe::Absent,
        name: fields.maybe("name"),
        path: fields.maybe("path"),
        description: fields.maybe("description"),
        project_overview: fields.maybe("project_overview"),
        initial_prompt: fields.maybe("initial_prompt"),
        plan: fields.maybe("plan"),
        max_agents: fields.maybe("max_agents"),
        active: fields.maybe("active"),
        git_remote: fields.maybe("git_remote"),
        is_git_repo: fields.maybe("is_git_repo"),
        main_branch: fields.maybe("main_branch"),
    };
    let mut unchanged = fields.sent_back(READ_ONLY);
    // Left out of responses if it is false.
    if let Some(demo) = fields.raw("demo").filter(|demo| **demo != json!(false)) {
        unchanged.add("demo", demo.clone());
    }
    fields.finish()?;
    Ok(answer::receipt(
        service
            .edit_project(write.context, &project, patch, unchanged)
            .await?,
    ))
}

/// Removes a project and everything in it. It can be restored for 30 days.
#[utoipa::path(delete, path = paths::PROJECT, tag = "projects", params(
    ("project" = String, Path),
    ("cleanup_files" = Option<bool>, Query, description = "Accepted for older clients; files are never touched")),
    responses((status = 200, body = schema::Done), (status = 404, body = schema::Refused)))]
async fn delete(
    Acting(service): Acting,
    Ids(project): Ids<ProjectId>,
    QueryFields(query): QueryFields,
    write: Write<(), Destroy>,
) -> ApiResult {
    let mut fields = Fields::of_query(&query);
    let _: bool = fields.or_default("cleanup_files");
    fields.finish()?;
    let receipt = service.delete_project(write.context, &project).await?;
    Ok(answer::done(receipt, "Project deleted"))
}

/// Removes all tasks, agents, leases, messages and the log of a project. Its stream starts over
/// with a new epoch. The project can be restored for 30 days.
#[utoipa::path(post, path = paths::RESET, tag = "projects", params(("project" = String, Path)),
    responses((status = 200, body = schema::Done), (status = 404, body = schema::Refused)))]
async fn reset(
    Acting(service): Acting,
    Ids(project): Ids<ProjectId>,
    write: Write<(), Destroy>,
) -> ApiResult {
    let receipt = service.reset_project(write.context, &project).await?;
    Ok(answer::done(receipt, "Project reset successfully"))
}

/// Returns a trashed state as it is listed.
fn listed(kept: TrashedProject) -> KeptProject {
    KeptProject {
        key: kept.key,
        id: kept.project.id,
        name: kept.project.name,
        why: kept.why.as_str().to_owned(),
        at: kept.at,
        by: kept.by,
        until: Timestamp::from_unix_millis(kept.at.unix_millis(0).saturating_add(TRASH_MS)),
    }
}

/// Restores a removed or reset project under a new epoch. A reset is undone in place, and the
/// current state is kept in turn.
#[utoipa::path(post, path = paths::RESTORE, tag = "projects", params(
    ("project" = String, Path),
    ("key" = Option<String>, Query, description = "`key` of the state in `GET /api/projects?deleted=true`. Default: the newest")),
    responses(
    (status = 200, body = schema::Project),
    (status = 400, description = "Another project with this id exists", body = schema::Refused),
    (status = 404, description = "The trash has no state of this project", body = schema::Refused)))]
async fn restore(
    Acting(service): Acting,
    Ids(project): Ids<ProjectId>,
    QueryFields(query): QueryFields,
    write: Write<(), Destroy>,
) -> ApiResult {
    let mut fields = Fields::of_query(&query);
    let key = fields.optional("key");
    fields.finish()?;
    Ok(answer::receipt(
        service
            .restore_project(write.context, &project, key)
            .await?,
    ))
}

/// Counts tasks and agents.
#[utoipa::path(get, path = paths::STATS, tag = "projects", params(("project" = String, Path)),
    responses((status = 200, body = schema::ProjectStats), (status = 404, body = schema::Refused)))]
async fn stats(Acting(service): Acting, Ids(project): Ids<ProjectId>) -> ApiResult {
    Ok(answer::snapshot(service.stats(&project).await?))
}
