//! Questions of agents, as they are read and answered.
//!
//! A question is open while its agent waits for the answer under the same claim: see
//! [`super::asking`].

mod answer;

use tasktree_protocol::question::Question;
use tasktree_protocol::{AgentStatus, ProjectId};

use super::listing::Keyed;
use super::{agent, exists};
use crate::auth::{Principal, SpeaksAs};
use crate::error::{Error, Result};
use crate::store::{QuestionFilter, Read};
pub use answer::{answer, deliver, mark_read, resend};

fn find(rows: &dyn Read, project: &ProjectId, id: u64) -> Result<Question> {
    let question = rows.question(project, id)?;
    question.ok_or_else(|| Error::NotFound(format!("Question {id} not found")))
}

/// Returns true while the agent waits for the question under the claim under which it asked.
fn stands(rows: &dyn Read, project: &ProjectId, question: &Question) -> Result<bool> {
    if question.closed_at.is_some() {
        return Ok(false);
    }
    let stored = rows.agent(project, &question.agent)?;
    Ok(stored.is_some_and(|stored| {
        let wait = stored.agent.waiting_for.as_ref();
        let request = wait.and_then(|wait| wait.request.as_deref());
        stored.agent.status == AgentStatus::Waiting
            && stored.agent.generation == question.generation
            && request == Some(question.id.to_string().as_str())
    }))
}

/// A caller that reads questions.
#[derive(Clone, Debug)]
pub struct Reader {
    /// Caller.
    pub principal: Principal,
    /// True if the caller may change the project: the texts of answers are for them, and for the
    /// agent that asked.
    pub may_edit: bool,
}

/// Returns the newest questions of a project with their answers, newest first.
pub fn list(
    rows: &dyn Read,
    project: &ProjectId,
    filter: &QuestionFilter,
    limit: usize,
    reader: Reader,
) -> Result<Keyed<u64, Question>> {
    exists::require(rows, project)?;
    let questions = rows.question_ids(project, filter, limit)?;
    let project = project.clone();
    Ok(Keyed::new(questions, move |rows: &dyn Read, id: &u64| {
        shown(rows, &project, *id, &reader)
    }))
}

/// Returns a question with its answers, limited to those that the reader may see.
fn shown(
    rows: &dyn Read,
    project: &ProjectId,
    id: u64,
    reader: &Reader,
) -> Result<Option<Question>> {
    let Some(mut question) = rows.question(project, id)? else {
        return Ok(None);
    };
    question.answers = rows.question_answers(project, id)?;
    if !(reader.may_edit && concerns(rows, project, &question, &reader.principal)?) {
        for answer in &mut question.answers {
            answer.text = None;
        }
    }
    Ok(Some(question))
}

fn concerns(
    rows: &dyn Read,
    project: &ProjectId,
    question: &Question,
    principal: &Principal,
) -> Result<bool> {
    let Some(stored) = rows.agent(project, &question.agent)? else {
        // The agent no longer exists: only people may read on.
        return Ok(principal.role() != crate::auth::Role::Agent);
    };
    match agent::check_speaks_as(principal.speaks_as(), &stored) {
        Ok(()) if matches!(principal.speaks_as(), SpeaksAs::Agent { .. }) => {
            Ok(!rows.is_of_former(project, question.id)?)
        }
        Ok(()) => Ok(true),
        Err(Error::Forbidden(_)) => Ok(false),
        Err(error) => Err(error),
    }
}
