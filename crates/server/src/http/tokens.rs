//! Named tokens: list, create, revoke. For administrators.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use serde::Serialize;
use serde_json::json;
use tasktree_protocol::{ProjectId, Timestamp};
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

/// Token, without its secret.
#[derive(Serialize)]
struct Token {
    id: String,
    name: String,
    role: Role,
    project: Option<ProjectId>,
    /// Name of the person who owns the token.
    person: Option<String>,
    made_at: Timestamp,
    made_by: String,
    last_used_at: Option<Timestamp>,
}

impl From<CredentialRow> for Token {
    fn from(row: CredentialRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            role: row.role,
            project: row.project,
            person: row.person.map(|person| person.name),
            made_at: row.made_at,
            made_by: row.made_by,
            last_used_at: row.last_used_at,
        }
    }
}

/// Token that was just created.
#[derive(Serialize)]
struct Made {
    #[serde(flatten)]
    token: Token,
    secret: String,
}

/// Lists the valid tokens, oldest first. The server does not know their secrets.
#[utoipa::path(get, path = "/api/tokens", tag = "access", responses(
    (status = 200, body = [schema::AccessToken]),
    (status = 403, body = schema::Refused)))]
async fn list(State(state): State<AppState>, Acting(service): Acting) -> ApiResult {
    let rows = state.accounts.tokens(service.principal())?;
    let tokens: Vec<_> = rows.into_iter().map(Token::from).collect();
    Ok(answer::plain(tokens))
}

/// Creates a token. The response contains its secret, which is shown only this once.
#[utoipa::path(post, path = "/api/tokens", tag = "access", request_body = schema::NewToken, responses(
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
    let made = state.accounts.make_token(service.principal(), new).await?;
    let (row, secret) = made;
    let made = Made {
        token: row.into(),
        secret: secret.reveal().to_owned(),
    };
    Ok(unkept(Json(made).into_response()))
}

/// Revokes a token. Browsers signed in with it are signed out, and its connections are closed,
/// immediately.
#[utoipa::path(delete, path = "/api/tokens/{token}", tag = "access", params(("token" = String, Path)), responses(
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
