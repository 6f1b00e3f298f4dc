//! Questions of agents.

use serde_json::json;
use tasktree_protocol::ProjectId;
use tasktree_protocol::http::{NewAnswer, paths};
use tasktree_protocol::question::{Answer, Question};

use super::request::Call;
use super::{ApiError, Once};

/// Fetches the newest questions with their answers, newest first. Those whose `field` (`task` or
/// `agent`) has that value are returned. Older servers keep none.
pub async fn list_questions(
    project: &ProjectId,
    field: &str,
    value: &str,
) -> Result<Vec<Question>, ApiError> {
    Call::get(&paths::questions(project))
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
    let call = Call::post(&paths::answers(project, question));
    once.on(call)
        .json(&NewAnswer {
            text: text.to_owned(),
        })?
        .read()
        .await
}

/// Sends a late answer to its agent as a message.
pub async fn resend_answer(project: &ProjectId, answer: &Answer) -> Result<(), ApiError> {
    Call::post(&paths::resend(project, answer.question, answer.id))
        .json(&json!({}))?
        .done()
        .await
}
