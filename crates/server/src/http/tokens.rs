//! Named tokens: list, create, revoke. For administrators.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use serde_json::json;
use tasktree_protocol::http::paths;
use tasktree_protocol::http::{AccessToken, MadeToken};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::{Acting, Administer, Write};
use super::error::ApiResult;
use super::extract::{Ids, Object};
use super::fields::Fields;
use super::session::unkept;
use super::{AppState, answer, schema};
use crate::auth::Role;
use crate::domain::NewToken;
use crate::store::CredentialRow;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, make))
        .routes(routes!(revoke))
}

/// Returns a token without its secret.
fn listed(row: CredentialRow) -> AccessToken {
    AccessToken {
        id: row.id,
        name: row.name,
        role: row.role.to_string(),
        project: row.project,
        person: row.person.map(|person| person.name),
        made_at: row.made_at,
        made_by: row.made_by,
        last_used_at: row.last_used_at,
    }
}

/// Returns a new token with its secret.
fn made(row: CredentialRow, secret: String) -> MadeToken {
    let AccessToken {
        id,
        name,
        role,
        project,
        person,
        made_at,
        made_by,
        last_used_at,
    } = listed(row);
    MadeToken {
        id,
        name,
        role,
        project,
        person,
        made_at,
        made_by,
        last_used_at,
        secret,
    }
}

/// Lists the valid tokens, oldest first. The server does not know their secrets.
#[utoipa::path(get, path = paths::TOKENS, tag = "access", responses(
    (status = 200, body = [schema::AccessToken]),
    (status = 403, body = schema::Refused)))]
async fn list(State(state): State<AppState>, Acting(service): Acting) -> ApiResult {
    let rows = state.accounts.tokens(service.principal())?;
    let tokens: Vec<_> = rows.into_iter().map(listed).collect();
    Ok(answer::plain(tokens))
}

/// Creates a token. The response contains its secret, which is shown only this once.
#[utoipa::path(post, path = paths::TOKENS, tag = "access", request_body = schema::NewToken, responses(
    (status = 200, body = schema::MadeToken),
    (status = 403, body = schema::Refused),
    (status = 422, body = schema::Invalid)))]
async fn make(
    State(state): State<AppState>,
    Acting(service): Acting,
    write: Write<Object, Administer>,
) -> ApiResult {
    let mut fields = Fields::of_body(&write.body.0);
    if !fields.has("role") {
        fields.missing("role");
    }
    let new = NewToken {
        name: fields.required("name"),
        // Stands in until `finish` refuses.
        role: fields.optional("role").unwrap_or(Role::Viewer),
        project: fields.optional::<String>("project").map(Into::into),
        person: fields.optional("person"),
    };
    fields.finish()?;
    // The response is not stored under an idempotency key: it contains the secret.
    let (row, secret) = state.accounts.make_token(service.principal(), new).await?;
    let made = made(row, secret.reveal().to_owned());
    Ok(unkept(Json(made).into_response()))
}

/// Revokes a token. Browsers signed in with it are signed out, and its connections are closed,
/// immediately.
#[utoipa::path(delete, path = paths::TOKEN, tag = "access", params(("token" = String, Path)), responses(
    (status = 200, body = schema::Done),
    (status = 403, body = schema::Refused),
    (status = 404, body = schema::Refused)))]
async fn revoke(
    State(state): State<AppState>,
    Acting(service): Acting,
    Ids(token): Ids<String>,
) -> ApiResult {
    state
        .accounts
        .revoke_token(service.principal(), &token)
        .await?;
    Ok(answer::plain(json!({"message": "Token revoked"})))
}
