//! Reports of an agent: its activity, waits, completions and failures.

use tasktree_protocol::agent::WaitingFor;
use tasktree_protocol::{Agent, AgentId, AgentStatus, Maybe, ProjectId, TaskId};

use super::claim::{self, Ending};
use super::machine::AgentEvent;
use super::presence::{emit_presence, emit_status, seen_at, send_sign_of_life, set_heard};
use super::request::{self, AgentPatch, Wait};
use super::{differs, require_voice_of, run};
use crate::error::Result;
use crate::store::{Signs, StoredAgent};
use crate::task::Observed;
use crate::{Change, lease, task};

/// Applies a report. `observed` are facts about the repository, as evidence for a completion.
pub fn update(
    change: &mut Change<'_>,
    project: &ProjectId,
    id: &AgentId,
    patch: AgentPatch,
    observed: Observed,
) -> Result<Agent> {
    change.require(project)?;
    let before = change.agent(project, id)?;
    require_voice_of(change, &before)?;
    let patch = request::plain(patch);
    request::check_patch(&patch, change.limits)?;
    let mut stored = before.clone();
    set_heard(&mut stored, change.now);
    if let Some(generation) = patch.generation {
        let reported = match &patch.task_id {
            Maybe::Value(task) => Some(task),
            Maybe::Absent | Maybe::Null => None,
        };
        let is_repeated = patch.status == Maybe::Value(AgentStatus::Done);
        refuse_late(change, project, &stored, generation, reported, is_repeated)?;
    }
    note_progress(change, &mut stored, &patch);
    if let Some(turn_open) = patch.turn_open {
        run::set_turn(change, project, &mut stored, turn_open)?;
    }
    let mut claimed = None;
    match &patch.task_id {
        // With a generation, the report names an existing claim, so none is to be started.
        Maybe::Value(task) => claimed = claim::claim(change, project, &mut stored, task)?.draft,
        Maybe::Null => {
            let ending = Ending::Released(patch.reason.clone());
            claim::give_back(change, project, &mut stored, ending)?;
        }
        Maybe::Absent => {}
    }
    if let Maybe::Value(progress) = patch.progress {
        stored.agent.progress = progress;
    }
    if let Some(draft) = &mut claimed {
        claim::emit_claim(change, project, draft, &mut stored)?;
    }
    set_status(change, project, &mut stored, patch, observed)?;
    super::save(change, project, &mut stored)?;
    let agent = if differs(&before, &stored) {
        emit_status(change, project, id)?
    } else {
        let agent = seen_at(change.agent(project, id)?, change.now);
        send_sign_of_life(change, project, &agent)?;
        agent
    };
    if before.silent || before.agent.status.is_open() != stored.agent.status.is_open() {
        emit_presence(change, project, Some(id))?;
    }
    Ok(agent)
}

/// Updates an agent's progress and activity.
fn note_progress(change: &Change<'_>, stored: &mut StoredAgent, patch: &AgentPatch) {
    let agent = &mut stored.agent;
    let is_new_activity = patch
        .last_activity
        .clone()
        .apply_to(&mut agent.last_activity);
    let is_further = matches!(patch.progress, Maybe::Value(progress) if progress != agent.progress);
    let has_content = agent
        .last_activity
        .as_deref()
        .is_some_and(|activity| !activity.trim().is_empty());
    if (is_new_activity && has_content) || is_further {
        agent.progressed_at = Some(change.now);
        // Signs of work are to confirm a completion, so the completion report itself is none.
        if patch.status != Maybe::Value(AgentStatus::Done) {
            stored.signs = stored.signs.with(Signs::PROGRESS);
        }
    }
}

/// Refuses a report of an older claim. The same completion report may be repeated.
pub(crate) fn refuse_late(
    change: &Change<'_>,
    project: &ProjectId,
    stored: &StoredAgent,
    generation: u64,
    reported: Option<&TaskId>,
    is_completion: bool,
) -> Result<()> {
    let agent = &stored.agent;
    let own = agent.task();
    let number = match reported.or(own.as_ref()) {
        Some(task) => Some(task::find(&*change.tx, project, task)?.task.number),
        None => stored.lost_task,
    };
    let own_number = own.and_then(|task| task.number_in(project));
    let is_about_own = number == own_number;
    if is_about_own && agent.generation == Some(generation) {
        return Ok(());
    }
    if is_about_own && is_completion && agent.status == AgentStatus::Done {
        let task = number.map(|number| change.tx.task(project, number));
        let is_last = task.transpose()?.flatten().is_some_and(|stored| {
            stored.task.generation == generation
                && stored.task.status.is_done()
                && stored.task.session.as_deref() == Some(agent.id.as_str())
        });
        if is_last {
            return Ok(());
        }
    }
    Err(claim::late(change, project, &agent.id, number)?)
}

/// Applies the reported status, with its effects on the task and the leases.
pub(super) fn set_status(
    change: &mut Change<'_>,
    project: &ProjectId,
    stored: &mut StoredAgent,
    patch: AgentPatch,
    observed: Observed,
) -> Result<()> {
    let was_open = stored.agent.status.is_open();
    let (status, wait) = match (patch.status, patch.waiting_for) {
        (Maybe::Value(status), wait) => (status, wait),
        (_, Maybe::Value(wait)) => (AgentStatus::Waiting, Maybe::Value(wait)),
        _ => return Ok(()),
    };
    let repeats = stored.agent.status == status && stored.agent.held_task().is_none();
    match status {
        AgentStatus::Working => {
            claim::apply(change, project, stored, AgentEvent::Work)?;
        }
        AgentStatus::Idle => {
            claim::apply(change, project, stored, AgentEvent::Stop)?;
        }
        AgentStatus::Waiting => {
            claim::apply(change, project, stored, AgentEvent::Wait)?;
            let wait = match wait {
                Maybe::Value(wait) => wait,
                Maybe::Absent | Maybe::Null => Wait::other(&stored.agent),
            };
            stored.agent.waiting_for = Some(waiting(change, stored, wait));
            return Ok(());
        }
        AgentStatus::Done => {
            let stated = patch.evidence.unwrap_or_default();
            let ending = Ending::Completed(stated, observed);
            if !claim::give_back(change, project, stored, ending)? {
                claim::apply(change, project, stored, AgentEvent::Complete)?;
                stored.agent.progress = 100;
            }
        }
        AgentStatus::Failed => {
            let ending = Ending::Failed(patch.reason.clone());
            if !claim::give_back(change, project, stored, ending)? {
                claim::apply(change, project, stored, AgentEvent::Fail)?;
                if !repeats || patch.reason.is_some() {
                    stored.agent.reason = patch.reason;
                }
            }
        }
    }
    stored.agent.waiting_for = None;
    if was_open && !stored.agent.status.is_open() {
        lease::release_of(change, project, &stored.agent.id)?;
    }
    Ok(())
}

/// Returns the wait to store: a repeated wait keeps its start.
fn waiting(change: &Change<'_>, stored: &StoredAgent, wait: Wait) -> WaitingFor {
    let before = stored.agent.waiting_for.as_ref();
    let same = before.filter(|before| before.kind == wait.kind && before.text == wait.text);
    let options = match (wait.options.is_empty(), same) {
        (true, Some(before)) => before.options.clone(),
        _ => wait.options,
    };
    WaitingFor {
        kind: wait.kind,
        options,
        since: same.map_or(change.now, |before| before.since),
        request: wait
            .request
            .or_else(|| same.and_then(|before| before.request.clone())),
        text: wait.text,
        until: wait.until,
        in_terminal: wait.in_terminal,
    }
}
