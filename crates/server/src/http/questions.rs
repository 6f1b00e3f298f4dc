//! Questions of agents, and answers of people.

use axum::Extension;
use serde_json::json;
use tasktree_protocol::http::paths;
use tasktree_protocol::{AgentId, ProjectId, TaskId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::buffers::Answers;
use super::caller::{Acting, Change, Speak, Write};
use super::error::ApiResult;
use super::extract::{Ids, Object, QueryFields};
use super::fields::Fields;
use super::{AppState, answer, schema};
use crate::error::Error;
use crate::store::QuestionFilter;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(give))
        .routes(routes!(resend))
        .routes(routes!(mark_read))
}

/// Lists the newest questions of agents with their answers, newest first.
#[utoipa::path(get, path = paths::QUESTIONS, tag = "agents", params(("project" = String, Path),
    ("open" = Option<bool>, Query, description = "`true`: only open questions; `false`: only closed ones"),
    ("agent" = Option<String>, Query, description = "Only questions of this agent"),
    ("task" = Option<String>, Query, description = "Only questions asked while holding this task (its id or number)"),
    ("limit" = Option<usize>, Query, description = "Maximum number of questions, at most 100")),
    responses((status = 200, body = [schema::Question]), (status = 404, body = schema::Refused)))]
async fn list(
    Acting(service): Acting,
    Ids(project): Ids<ProjectId>,
    Extension(answers): Extension<Answers>,
    QueryFields(query): QueryFields,
) -> ApiResult {
    let mut fields = Fields::of_query(&query);
    let task: Option<TaskId> = fields.optional("task");
    let mut filter = QuestionFilter {
        open: fields.optional("open"),
        agent: fields.optional("agent"),
        task: None,
    };
    let limit = fields.optional("limit").unwrap_or(usize::MAX);
    fields.finish()?;
    if let Some(task) = task {
        let number = task.number_in(&project);
        filter.task = Some(number.ok_or_else(|| Error::no_task(&task))?);
    }
    let list = service.questions_in_parts(&project, filter, limit).await?;
    answer::in_parts(list, answers)
}

/// Answers a question of an agent. The first answer applies while the question is open; any other
/// is stored as late.
#[utoipa::path(post, path = paths::ANSWERS, tag = "agents",
    params(("project" = String, Path), ("question" = u64, Path)), request_body = schema::NewAnswer, responses(
    (status = 200, body = schema::Answer),
    (status = 400, description = "The question has reached the maximum number of answers", body = schema::Refused),
    (status = 403, description = "The caller is an agent", body = schema::Refused),
    (status = 404, body = schema::Refused),
    (status = 422, body = schema::Invalid)))]
async fn give(
    Acting(service): Acting,
    Ids((project, question)): Ids<(ProjectId, u64)>,
    write: Write<Object, Change>,
) -> ApiResult {
    let mut fields = Fields::of_body(&write.body.0);
    let text = fields.required("text");
    fields.finish()?;
    let receipt = service.answer_question(write.context, &project, question, text);
    Ok(answer::receipt(receipt.await?))
}

/// Sends a late answer to the agent as a message, once.
#[utoipa::path(post, path = paths::RESEND, tag = "agents",
    params(("project" = String, Path), ("question" = u64, Path), ("answer" = u64, Path)), responses(
    (status = 200, body = schema::Answer),
    (status = 400, description = "The answer is not late, or was already sent again", body = schema::Refused),
    (status = 403, description = "The caller is an agent", body = schema::Refused),
    (status = 404, body = schema::Refused)))]
async fn resend(
    Acting(service): Acting,
    Ids((project, question, number)): Ids<(ProjectId, u64, u64)>,
    write: Write<(), Change>,
) -> ApiResult {
    let receipt = service.resend_answer(write.context, &project, question, number);
    Ok(answer::receipt(receipt.await?))
}

/// Marks an agent's answers up to a number as read. They are the `answers` that came with its
/// reports.
#[utoipa::path(post, path = paths::ANSWERS_READ, tag = "agents",
    params(("project" = String, Path), ("agent" = String, Path)), request_body = schema::ReadUpTo, responses(
    (status = 200, body = schema::Unread),
    (status = 404, body = schema::Refused),
    (status = 422, body = schema::Invalid)))]
async fn mark_read(
    Acting(service): Acting,
    Ids((project, agent)): Ids<(ProjectId, AgentId)>,
    write: Write<Object, Speak>,
) -> ApiResult {
    let write = write.by_agent(&agent);
    let mut fields = Fields::of_body(&write.body.0);
    let up_to = fields.required("up_to");
    fields.finish()?;
    let receipt = service.mark_answers_read(write.context, &project, &agent, up_to);
    Ok(answer::receipt_as(
        receipt.await?,
        |unread| json!({ "unread": unread }),
    ))
}
