//! People, and the marks that each has set.

use axum::extract::State;
use tasktree_protocol::ProjectId;
use tasktree_protocol::http::paths;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::{Acting, Administer, Read, Write};
use super::error::{ApiError, ApiResult};
use super::extract::{Ids, Object, QueryFields};
use super::fields::Fields;
use super::{AppState, answer, schema};
use crate::domain::person::{Mark, PersonPatch};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(update))
        .routes(routes!(marks, put_mark))
}

/// Lists the people: all with their tokens for administrators; for others the names of people with
/// access to the same projects.
#[utoipa::path(get, path = paths::PEOPLE, tag = "access", responses(
    (status = 200, body = [schema::Person])))]
async fn list(Acting(service): Acting) -> ApiResult {
    Ok(answer::plain(service.people().await?))
}

/// Renames a person, or disables or enables them.
///
/// The tokens of a disabled person no longer authenticate, and their sign-ins and connections end
/// immediately; their data stays. A former name stays reserved for them, too: it is recorded with
/// what they did.
#[utoipa::path(put, path = paths::PERSON, tag = "access", params(("person" = String, Path, description = "The `id` of the person")),
    request_body = schema::PersonPatch, responses(
    (status = 200, body = schema::Person),
    (status = 400, description = "Callers cannot disable themselves", body = schema::Refused),
    (status = 403, body = schema::Refused),
    (status = 404, body = schema::Refused),
    (status = 422, body = schema::Invalid)))]
async fn update(
    State(state): State<AppState>,
    Acting(service): Acting,
    Ids(person): Ids<String>,
    write: Write<Object, Administer>,
) -> ApiResult {
    let mut fields = Fields::of_body(&write.body.0);
    let patch = PersonPatch {
        name: fields.optional("name"),
        disabled: fields.optional("disabled"),
    };
    fields.finish()?;
    let principal = service.principal();
    let changed = state.accounts.change_person(principal, &person, patch);
    Ok(answer::plain(changed.await?))
}

/// Returns the caller's marks in a project (read marks, saved views) as an object of keys and
/// values.
#[utoipa::path(get, path = paths::MARKS, tag = "access", params(("project" = String, Query)), responses(
    (status = 200, description = "Marks by their keys"),
    (status = 403, description = "The caller is an agent", body = schema::Refused),
    (status = 404, body = schema::Refused)))]
async fn marks(Acting(service): Acting, QueryFields(query): QueryFields) -> ApiResult {
    let project = project_of(&query)?;
    Ok(answer::snapshot(service.marks(&project).await?))
}

/// Sets a mark of the caller in a project; null removes it. At most 500 marks, of 8 KiB each.
#[utoipa::path(put, path = paths::MARKS, tag = "access", params(("project" = String, Query)),
    request_body = schema::Mark, responses(
    (status = 200, body = schema::Mark),
    (status = 400, description = "The caller has reached the maximum number of marks", body = schema::Refused),
    (status = 403, description = "The caller is an agent", body = schema::Refused),
    (status = 404, body = schema::Refused),
    (status = 422, body = schema::Invalid)))]
async fn put_mark(
    Acting(service): Acting,
    QueryFields(query): QueryFields,
    write: Write<Object, Read>,
) -> ApiResult {
    let project = project_of(&query)?;
    let mut fields = Fields::of_body(&write.body.0);
    let key = fields.required("key");
    let value = fields.raw("value").cloned();
    if value.is_none() {
        fields.missing("value");
    }
    fields.finish()?;
    let value = value.unwrap_or_default();
    let mark = Mark { key, value };
    let receipt = service.put_mark(write.context, &project, mark).await?;
    Ok(answer::receipt(receipt))
}

fn project_of(query: &serde_json::Map<String, serde_json::Value>) -> Result<ProjectId, ApiError> {
    let mut fields = Fields::of_query(query);
    let project: String = fields.required("project");
    fields.finish()?;
    Ok(project.into())
}
