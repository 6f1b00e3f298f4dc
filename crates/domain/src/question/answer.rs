//! Answers to questions: applied once, and only while the question is open.

use tasktree_protocol::event::QuestionAnswered;
use tasktree_protocol::question::{Answer, Question};
use tasktree_protocol::{AgentId, Event, ProjectId};

use super::{find, stands};
use crate::change::Caller;
use crate::change::EventContext;
use crate::error::{Error, Result};
use crate::message::{self, NewMessage};
use crate::validate::{Checks, cut};
use crate::{Change, agent};

/// Number of bytes of a question that are quoted when its answer is sent as a message.
const QUOTED_BYTES: usize = 300;

/// Stores an answer. The first one is applied while the question is open; any other is kept as
/// late.
pub fn answer(
    change: &mut Change<'_>,
    project: &ProjectId,
    id: u64,
    text: String,
) -> Result<Answer> {
    change.require(project)?;
    require_person(change)?;
    let question = find(&*change.tx, project, id)?;
    let mut checks = Checks::default();
    checks.text("text", &text, change.limits.question_answer_bytes);
    checks.finish()?;
    let before = change.tx.question_answers(project, id)?;
    let most = change.limits.answers_per_question;
    if before.len() >= most {
        return Err(Error::Refused(format!(
            "Question {id} has reached the maximum number of answers ({most}). Send the agent a \
             message instead."
        )));
    }
    let has_answer = before.iter().any(|answer| !answer.late);
    let mut answer = Answer {
        id: 0,
        question: id,
        by: change.actor().to_string(),
        text: Some(text),
        at: change.now,
        late: has_answer || !stands(&*change.tx, project, &question)?,
        sent_again_at: None,
        delivered_at: None,
        read_at: None,
    };
    answer.id = change.tx.add_question_answer(project, &answer)?;
    let event = Event::QuestionAnswered(QuestionAnswered {
        id,
        agent: question.agent,
        task_id: question.task_id,
        answer: answer.id,
    });
    change.emit(Some(project), event, EventContext::default())?;
    Ok(answer)
}

/// Sends a late answer to the agent as a message, once.
pub fn resend(
    change: &mut Change<'_>,
    project: &ProjectId,
    id: u64,
    answer: u64,
) -> Result<Answer> {
    change.require(project)?;
    require_person(change)?;
    let question = find(&*change.tx, project, id)?;
    let answers = change.tx.question_answers(project, id)?;
    let found = answers.into_iter().find(|found| found.id == answer);
    let mut found = found.ok_or_else(|| Error::NotFound(format!("Answer {answer} not found")))?;
    if !found.late {
        return Err(Error::Refused(format!(
            "Answer {answer} is not late; only a late answer can be sent again."
        )));
    }
    if found.sent_again_at.is_some() {
        return Err(Error::Refused(format!(
            "Answer {answer} was already sent to the agent."
        )));
    }
    let from = change.actor().as_str();
    let from = from.split_once(':').map_or(from, |(_, name)| name);
    let message = NewMessage {
        from: from.to_owned(),
        body: quoting(&question, found.text.as_deref().unwrap_or_default()),
    };
    message::send(change, project, &question.agent, message)?;
    let before = found.clone();
    found.sent_again_at = Some(change.now);
    change.tx.put_question_answer(project, &before, &found)?;
    emit_answer(change, project, &question, &found)?;
    Ok(found)
}

/// Returns the answers to deliver with the response to an agent's report, and records their
/// delivery.
///
/// They come with each report until the agent confirms them or its question is closed, so that none
/// is lost with a lost response.
pub fn deliver(change: &mut Change<'_>, project: &ProjectId, id: &AgentId) -> Result<Vec<Answer>> {
    let Some(question) = change.tx.open_question(project, id)? else {
        return Ok(Vec::new());
    };
    let mut answers = change.tx.question_answers(project, question.id)?;
    answers.retain(|answer| !answer.late && answer.read_at.is_none());
    for answer in answers.iter_mut().filter(|one| one.delivered_at.is_none()) {
        let before = answer.clone();
        answer.delivered_at = Some(change.now);
        change.tx.put_question_answer(project, &before, answer)?;
        emit_answer(change, project, &question, answer)?;
    }
    Ok(answers)
}

/// Marks an agent's answers up to that number as read; returns the number of unread ones.
pub fn mark_read(
    change: &mut Change<'_>,
    project: &ProjectId,
    id: &AgentId,
    up_to: u64,
) -> Result<u64> {
    change.require(project)?;
    agent::require_voice_of(change, &change.agent(project, id)?)?;
    let mut unread = 0;
    for mut answer in change.tx.unread_answers(project, id)? {
        if answer.id > up_to {
            unread += 1;
            continue;
        }
        let before = answer.clone();
        answer.read_at = Some(change.now);
        change.tx.put_question_answer(project, &before, &answer)?;
        let question = find(&*change.tx, project, answer.question)?;
        emit_answer(change, project, &question, &answer)?;
    }
    Ok(unread)
}

fn require_person(change: &Change<'_>) -> Result<()> {
    match change.caller() {
        Caller::Person | Caller::Server => Ok(()),
        Caller::Agent(_) => Err(Error::Forbidden(
            "Only people can answer questions of agents. Send the agent a message instead."
                .to_owned(),
        )),
    }
}

fn quoting(question: &Question, answer: &str) -> String {
    let text = cut(question.text.trim(), QUOTED_BYTES);
    let mut body: String = text.lines().map(|line| format!("> {line}\n")).collect();
    if !body.is_empty() {
        body.push('\n');
    }
    body + answer
}

fn emit_answer(
    change: &mut Change<'_>,
    project: &ProjectId,
    question: &Question,
    answer: &Answer,
) -> Result<()> {
    let event = Event::AnswerDelivered(QuestionAnswered {
        id: question.id,
        agent: question.agent.clone(),
        task_id: question.task_id.clone(),
        answer: answer.id,
    });
    change.emit(Some(project), event, EventContext::default())
}
