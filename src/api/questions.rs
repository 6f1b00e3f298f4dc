//! Questions of agents.

use serde_json::json;
use tasktree_protocol::ProjectId;
use tasktree_protocol::question::{Answer, Question};

use super::projects::path;
use super::request::Call;
use super::{ApiError, Once};

/// Fetches the newest questions with their answers, newest first. Those whose `field` (`task` or
/// `agent`) has that value are returned. Older servers keep none.
pub async fn list_questions(
    project: &ProjectId,
    field: &str,
    value: &str,
) -> Result<Vec<Question>, ApiError> {
    Call::get(&path(project, "/questions"))
        .query(field, value)
        .read()
        .await
}

/// Answers a question.
pub async fn answer_question(
    project: &ProjectId,
    question: u64,
    text: &str,
    once: Once<'_>,
) -> Result<Answer, ApiError> {
    let call = Call::post(&path(project, &format!("/questions/{question}/answers")));
    once.on(call).json(&json!({ "text": text }))?.read().await
}

/// Sends a late answer to its agent as a message.
pub async fn resend_answer(project: &ProjectId, answer: &Answer) -> Result<(), ApiError> {
    let (question, id) = (answer.question, answer.id);
    let to = format!("/questions/{question}/answers/{id}/resend");
    Call::post(&path(project, &to))
        .json(&json!({}))?
        .done()
        .await
}
