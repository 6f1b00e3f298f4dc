//! Questions that follow from the states of agents: opened and closed with them.
//!
//! A question is open while its agent waits for the answer under the claim under which it asked.
//! [`follow`] is called wherever an agent's row is stored, so whatever changes the agent opens and
//! closes its question: no entry point can leave one open that its agent has moved past.

use tasktree_protocol::agent::{WaitKind, WaitingFor};
use tasktree_protocol::event::QuestionChanged;
use tasktree_protocol::question::{Question, QuestionOutcome};
use tasktree_protocol::{Agent, AgentId, AgentStatus, Event, ProjectId};

use super::Change;
use super::change::EventContext;
use super::validate::cut;
use crate::error::Result;
use crate::store::StoredAgent;

/// Opens or closes the question of an agent whose row is about to be stored.
///
/// Also sets in the row the question that the agent waits for.
pub(super) fn follow(
    change: &mut Change<'_>,
    project: &ProjectId,
    stored: &mut StoredAgent,
) -> Result<()> {
    let open = change.tx.open_question(project, &stored.agent.id)?;
    let asked = asks(&stored.agent, change.limits.question_bytes);
    match (open, asked) {
        (None, None) => return Ok(()),
        (Some(open), Some(asked)) if is_same(&open, &asked) => {
            name_question(&mut stored.agent, open.id);
            return Ok(());
        }
        (open, asked) => {
            if let Some(open) = open {
                let outcome = outcome(&stored.agent, &open);
                close(change, project, open, outcome)?;
            }
            if let Some(asked) = asked {
                let id = ask(change, project, asked)?;
                name_question(&mut stored.agent, id);
            }
        }
    }
    Ok(())
}

/// Closes the question of an agent whose row is about to be removed.
pub(super) fn end_of(
    change: &mut Change<'_>,
    project: &ProjectId,
    id: &AgentId,
    outcome: QuestionOutcome,
) -> Result<()> {
    match change.tx.open_question(project, id)? {
        Some(open) => close(change, project, open, outcome),
        None => Ok(()),
    }
}

/// Closes the question of an agent whose name may be reused.
///
/// The next agent with that name gets no answers to the former one's questions.
pub(super) fn close_for_former(
    change: &mut Change<'_>,
    project: &ProjectId,
    id: &AgentId,
) -> Result<()> {
    end_of(change, project, id, QuestionOutcome::Removed)?;
    change.tx.close_questions(project, id)
}

/// Returns the question that an agent's state implies, not stored yet; none if it does not wait for
/// a person.
fn asks(agent: &Agent, most: usize) -> Option<Question> {
    let wait: &WaitingFor = agent
        .waiting_for
        .as_ref()
        .filter(|_| agent.status == AgentStatus::Waiting)?;
    if !asks_person(wait.kind) {
        return None;
    }
    Some(Question {
        id: 0,
        agent: agent.id.clone(),
        task_id: agent.held_task(),
        generation: agent.generation,
        kind: wait.kind,
        text: cut(&wait.text, most).to_owned(),
        options: wait.options.clone(),
        request: wait.request.clone(),
        asked_at: wait.since,
        closed_at: None,
        outcome: None,
        answers: Vec::new(),
    })
}

/// Returns true if a wait of that kind is a question to people.
pub(super) fn asks_person(kind: WaitKind) -> bool {
    // A wait without a reason is how older scripts ask for a person.
    kind.needs_person() || kind == WaitKind::Other
}

/// Returns true if the agent still asks the open question.
///
/// The request name in its row is that of the question, or one that its harness gave.
fn is_same(open: &Question, asked: &Question) -> bool {
    let names_open = match &asked.request {
        None => true,
        Some(request) => *request == open.id.to_string() || open.request.as_ref() == Some(request),
    };
    names_open
        && (open.kind, &open.text, &open.options) == (asked.kind, &asked.text, &asked.options)
        && (&open.task_id, open.generation) == (&asked.task_id, asked.generation)
}

fn name_question(agent: &mut Agent, id: u64) {
    if let Some(wait) = &mut agent.waiting_for {
        wait.request = Some(id.to_string());
    }
}

fn outcome(agent: &Agent, open: &Question) -> QuestionOutcome {
    match agent.status {
        AgentStatus::Done | AgentStatus::Failed => QuestionOutcome::Finished,
        // A question that was asked without a claim has no claim that could end.
        _ if open.generation.is_some() && agent.generation != open.generation => {
            QuestionOutcome::ClaimEnded
        }
        AgentStatus::Waiting => QuestionOutcome::Replaced,
        AgentStatus::Working | AgentStatus::Idle => QuestionOutcome::Resumed,
    }
}

fn ask(change: &mut Change<'_>, project: &ProjectId, mut question: Question) -> Result<u64> {
    let task = question.task_id.as_ref();
    let task = task.and_then(|task| task.number_in(project));
    question.id = change.tx.add_question(project, task, &question)?;
    change
        .tx
        .trim_questions(project, change.limits.questions_per_project)?;
    let event = Event::QuestionAsked(about(&question));
    change.emit(Some(project), event, EventContext::default())?;
    Ok(question.id)
}

fn close(
    change: &mut Change<'_>,
    project: &ProjectId,
    mut question: Question,
    outcome: QuestionOutcome,
) -> Result<()> {
    let was_delivered = expire(change, project, question.id)?;
    let went_on = matches!(
        outcome,
        QuestionOutcome::Resumed | QuestionOutcome::Replaced | QuestionOutcome::Finished
    );
    question.closed_at = Some(change.now);
    question.outcome = Some(match was_delivered && went_on {
        true => QuestionOutcome::Answered,
        false => outcome,
    });
    change.tx.close_question(project, &question)?;
    let event = Event::QuestionClosed(about(&question));
    change.emit(Some(project), event, EventContext::default())
}

/// Returns the part of a question that events carry: identifiers, and none of its text.
fn about(question: &Question) -> QuestionChanged {
    QuestionChanged {
        id: question.id,
        agent: question.agent.clone(),
        task_id: question.task_id.clone(),
    }
}

/// Marks an answer as late that was not delivered before its question was closed; returns true if
/// there was one.
fn expire(change: &mut Change<'_>, project: &ProjectId, question: u64) -> Result<bool> {
    let mut was_delivered = false;
    for mut answer in change.tx.question_answers(project, question)? {
        if answer.late {
            continue;
        }
        if answer.delivered_at.is_some() {
            was_delivered = true;
        } else {
            let before = answer.clone();
            answer.late = true;
            change.tx.put_question_answer(project, &before, &answer)?;
        }
    }
    Ok(was_delivered)
}
