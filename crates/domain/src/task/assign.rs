//! Rules for a change of a task's status or session: the permitted callers, and its effect on a
//! claim.
//!
//! | task | an agent | a person |
//! |---|---|---|
//! | not in progress, or without a holder | claims, completes, moves; never merges | anything |
//! | held by the caller | completes, releases | - |
//! | held by a live agent | 409 with the holder | 409, unless `take` names the holder |
//! | held by a silent agent | may claim it by naming it | anything |

mod then;
mod wish;

use tasktree_protocol::{AgentId, Maybe, ProjectId, Status, TaskPatch};

use super::{Draft, set_status};
use crate::Change;
use crate::agent::claim::{self, Ending};
use crate::agent::{self, require_voice_of};
use crate::change::Caller;
use crate::error::{Error, Result};
pub(super) use then::{Then, finish};
use wish::{asks_to_claim, wanted_session};

/// Refuses changes that only people may make.
pub(super) fn check_caller(change: &Change<'_>, status: Status, on_hold: bool) -> Result<()> {
    let Caller::Agent(agent) = change.caller() else {
        return Ok(());
    };
    if status == Status::Merged {
        return Err(merged_by_agent(&agent));
    }
    if on_hold {
        return Err(Error::Forbidden(format!(
            "Agent '{agent}' may not put a task on hold or end a hold; only a person can."
        )));
    }
    Ok(())
}

/// Returns the refusal of a merge by an agent.
pub(super) fn merged_by_agent(agent: &AgentId) -> Error {
    Error::Forbidden(format!(
        "Agent '{agent}' may not mark a task as merged; only a person can."
    ))
}

/// Checks a patch against the claim, and ends the claim if the patch takes the task.
///
/// Removes the status and the session from an agent's patch: its claim decides them.
pub(super) fn prepare(
    change: &mut Change<'_>,
    project: &ProjectId,
    draft: &mut Draft,
    patch: &mut TaskPatch,
    take: Option<&AgentId>,
) -> Result<Then> {
    let wants_hold = match &patch.on_hold {
        Maybe::Absent => false,
        Maybe::Null => draft.task.on_hold.is_some(),
        Maybe::Value(reason) => {
            draft.task.on_hold.as_ref().map(|hold| &hold.reason) != Some(reason)
        }
    };
    let status = match patch.status {
        Maybe::Value(status) if status != draft.task.status => Some(status),
        _ => None,
    };
    check_caller(change, status.unwrap_or_default(), wants_hold)?;
    refuse_lost(change, project, draft, patch)?;
    let mut session = wanted_session(draft, patch);
    if status.is_none() && session.is_absent() {
        if !asks_to_claim(change, draft, patch) {
            return Ok(Then::Nothing);
        }
        session = match &patch.session {
            Maybe::Value(named) => Maybe::Value(named.as_str().into()),
            Maybe::Absent | Maybe::Null => Maybe::Absent,
        };
    }
    match change.caller() {
        Caller::Agent(agent) => {
            if take.is_some() {
                return Err(Error::Forbidden(
                    "Only a person can take a task from an agent.".to_owned(),
                ));
            }
            (patch.status, patch.session) = (Maybe::Absent, Maybe::Absent);
            by_agent(change, project, draft, agent, status, session)
        }
        Caller::Person | Caller::Server => {
            let status = status.unwrap_or(draft.task.status);
            by_person(change, project, draft, take)?;
            assignee(change, project, draft, patch, status)
        }
    }
}

/// Refuses an agent's report on the end of a task that it has lost.
///
/// Applies even if another caller has already put the task into the reported state.
fn refuse_lost(
    change: &Change<'_>,
    project: &ProjectId,
    draft: &Draft,
    patch: &TaskPatch,
) -> Result<()> {
    let Caller::Agent(caller) = change.caller() else {
        return Ok(());
    };
    let ends = match patch.status {
        Maybe::Value(status) => status != Status::InProgress,
        Maybe::Absent | Maybe::Null => patch.session == Maybe::Null,
    };
    let of_itself = match &patch.session {
        Maybe::Value(named) => caller.as_str() == named || named.is_empty(),
        Maybe::Absent | Maybe::Null => true,
    };
    if ends && of_itself {
        claim::refuse_lost(change, project, draft, &caller)?;
    }
    Ok(())
}

/// Applies the rules for agents. `status` and `session` are the values that differ.
fn by_agent(
    change: &mut Change<'_>,
    project: &ProjectId,
    draft: &mut Draft,
    caller: AgentId,
    status: Option<Status>,
    session: Maybe<AgentId>,
) -> Result<Then> {
    let releases = session == Maybe::Null;
    if draft.task.status.is_done() && status.is_none() && !session.is_absent() {
        let number = draft.task.number;
        return Err(Error::Forbidden(format!(
            "Agent '{caller}' may not change who completed task #{number}; only a person can."
        )));
    }
    let agent = match session {
        Maybe::Value(agent) => agent,
        Maybe::Absent | Maybe::Null => caller,
    };
    let mut stored = change.tx.agent(project, &agent)?;
    match &mut stored {
        Some(stored) => {
            require_voice_of(change, stored)?;
            // A change is a sign of life too.
            agent::mark_heard(change, project, stored)?;
        }
        None => agent::require_own_name(change, &agent)?,
    }
    let is_holder = draft.task.holder.as_ref() == Some(&agent);
    let claims = !releases && status.unwrap_or(draft.task.status) == Status::InProgress;
    match &draft.task.holder {
        Some(_) if is_holder => {}
        Some(_) if claims => claim::take_from_silent(change, project, draft, &agent)?,
        Some(holder) => {
            let number = draft.task.number;
            return Err(Error::Taken(format!(
                "Agent '{holder}' holds task #{number}"
            )));
        }
        None => {}
    }
    if draft.task.status == Status::Merged && status.is_some() {
        return Err(merged_by_agent(&agent));
    }
    let status = match status {
        None if releases && is_holder => Status::Unclaimed,
        None => draft.task.status,
        Some(status) => status,
    };
    match (status, stored) {
        (Status::InProgress, Some(stored)) if !releases => {
            claim::refuse_on_hold(draft)?;
            claim::refuse_busy(project, &stored)?;
            Ok(Then::Claim(Box::new(stored)))
        }
        (Status::Completed, Some(stored)) => Ok(Then::Complete(Box::new(stored))),
        (Status::Unclaimed | Status::UpNext, Some(_)) if is_holder => Ok(Then::Release(status)),
        _ => {
            if !releases {
                claim::refuse_on_hold(draft)?;
            }
            set_status(&mut draft.task, status, change.now);
            if releases {
                draft.task.session = None;
            }
            let labels = !releases && (status == Status::InProgress || status.is_done());
            Ok(if labels {
                Then::Label(agent)
            } else {
                Then::Nothing
            })
        }
    }
}

/// Ends the claim from which a person's change takes the task.
fn by_person(
    change: &mut Change<'_>,
    project: &ProjectId,
    draft: &mut Draft,
    take: Option<&AgentId>,
) -> Result<()> {
    let number = draft.task.number;
    let Some(holder) = draft.task.holder.clone() else {
        return match take {
            None => Ok(()),
            Some(taken) => Err(Error::Taken(format!(
                "Agent '{taken}' no longer holds task #{number}"
            ))),
        };
    };
    let names_another = take.is_some_and(|taken| *taken != holder);
    if names_another || (take.is_none() && claim::is_live(change, project, &holder)?) {
        let message = format!(
            "Agent '{holder}' is working on task #{number}. To take it anyway, send take={holder}."
        );
        return Err(Error::Claimed { message, holder });
    }
    let reason = format!("Taken by {}", change.actor());
    claim::lose(change, project, draft, Ending::Taken(reason))
}

/// Finds the agent to which a person assigns a task in progress. An unknown name is a label.
fn assignee(
    change: &Change<'_>,
    project: &ProjectId,
    draft: &Draft,
    patch: &TaskPatch,
    status: Status,
) -> Result<Then> {
    if status != Status::InProgress {
        return Ok(Then::Nothing);
    }
    let session = match &patch.session {
        Maybe::Absent => draft.task.session.as_deref(),
        Maybe::Null => None,
        Maybe::Value(session) => Some(session.as_str()),
    };
    let Some(session) = session.filter(|session| !session.is_empty()) else {
        return Ok(Then::Nothing);
    };
    let stored = change.tx.agent(project, &session.into())?;
    let names_agent = matches!(patch.session, Maybe::Value(_));
    let Some(stored) = stored.filter(|_| names_agent) else {
        return Ok(Then::Nothing);
    };
    claim::refuse_busy(project, &stored)?;
    Ok(Then::Claim(Box::new(stored)))
}
