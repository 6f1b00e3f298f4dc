//! Agents: registration, reports, completion, removal.

pub(super) mod claim;
mod hooked;
mod machine;
mod next;
mod presence;
mod report;
mod request;
mod run;
mod speaker;

use tasktree_protocol::agent::{AgentRemoved, SILENT_AFTER_MS};
use tasktree_protocol::question::QuestionOutcome;
use tasktree_protocol::{Agent, AgentId, AgentStatus, Event, ProjectId};

use self::claim::Ending;
use self::machine::AgentEvent;
use super::change::EventContext;
use super::validate::Checks;
use super::{Change, asking, lease, task};
use crate::error::{Error, Result};
use crate::store::{Signs, StoredAgent};
pub use hooked::{Heard, HookApplied, agent_of, hooked};
pub use next::NextTask;
pub use next::{Look, claim_next, look};
pub(super) use presence::{emit_presence, emit_status, find, is_working, mark_heard, seen_at};
use presence::{send_sign_of_life, set_heard, was_heard_within};
pub(super) use report::refuse_late;
pub use report::update;
pub use request::{AgentPatch, RegisterAgent, Wait};
pub use run::{NewRun, RunPatch};
pub use run::{end_children_until, start as start_run, update as update_run};
pub use speaker::{assign, check_speaker};
pub(super) use speaker::{
    check_speaks_as, end_token, give_to_tokens, require_own_name, require_voice_of, sender,
};

/// Refuses a new agent's name that people would mistake for another agent's.
fn refuse_look_alike(change: &Change<'_>, project: &ProjectId, id: &AgentId) -> Result<()> {
    let others = change.tx.agent_ids(project)?;
    let mut checks = Checks::default();
    checks.distinct(
        "id",
        "agent",
        id.as_str(),
        others.iter().map(AgentId::as_str),
    );
    checks.finish()
}

/// Registers an agent, or updates one of the same name.
pub fn register(change: &mut Change<'_>, project: &ProjectId, new: RegisterAgent) -> Result<Agent> {
    change.require(project)?;
    let known = change.tx.agent(project, &new.id)?;
    request::check_registration(&new, known.is_none(), change.limits)?;
    match &known {
        Some(known) => require_voice_of(change, known)?,
        None => speaker::require_free_name(change, &new.id)?,
    }
    if known.is_none() {
        task::settle_agent(change, project, &new.id)?;
        refuse_look_alike(change, project, &new.id)?;
        make_room(change, project)?;
        change.tx.count_agent(project)?;
    }
    let before = known.clone();
    let mut stored = known.unwrap_or_else(|| blank(&new.id, change));
    if !stored.agent.status.is_open() {
        // It had finished its task, and starts again.
        stored.agent.progress = 0;
        stored.agent.started_at = change.now;
        stored.agent.reason = None;
    }
    claim::apply(change, project, &mut stored, AgentEvent::Register)?;
    if new.description.is_some() {
        stored.agent.description = new.description;
    }
    set_heard(&mut stored, change.now);
    if let Some(run) = new.run {
        run::add(change, project, &mut stored, run)?;
    }
    let mut claimed = match &new.task_id {
        Some(task) => claim::claim(change, project, &mut stored, task)?.draft,
        None => None,
    };
    if let Some(branch) = new.branch {
        stored.agent.branch = branch;
    }
    save(change, project, &mut stored)?;
    if let Some(draft) = &mut claimed {
        claim::emit_claim(change, project, draft, &mut stored)?;
    } else if before
        .as_ref()
        .is_none_or(|before| differs(before, &stored))
    {
        emit_status(change, project, &new.id)?;
    } else {
        let agent = seen_at(stored.clone(), change.now);
        send_sign_of_life(change, project, &agent)?;
    }
    if before.is_none_or(|before| before.silent || !before.agent.status.is_open()) {
        emit_presence(change, project, Some(&new.id))?;
    }
    Ok(seen_at(change.agent(project, &new.id)?, change.now))
}

/// Evicts an agent if the project is full: a caller that invents a name per session fills the list
/// in a week.
///
/// The evicted agent is the one that ended longest ago, or else fell silent longest ago; its task
/// stays as it is.
fn make_room(change: &mut Change<'_>, project: &ProjectId) -> Result<()> {
    let most = change.limits.agents_per_project;
    if change.tx.count_agents(project)? < most as u64 {
        return Ok(());
    }
    let Some(id) = change.tx.agent_to_replace(project)? else {
        return Err(Error::Refused(format!(
            "The project has reached the maximum number of agents ({most}), and all of them are \
             working."
        )));
    };
    let mut stored = change.agent(project, &id)?;
    claim::give_back(change, project, &mut stored, Ending::Gone)?;
    forget(change, project, &id)
}

/// Stores an agent's row, and opens or closes the question that belongs to its state.
///
/// Every change of an agent ends here.
pub(super) fn save(
    change: &mut Change<'_>,
    project: &ProjectId,
    stored: &mut StoredAgent,
) -> Result<()> {
    asking::follow(change, project, stored)?;
    change.tx.put_agent(project, stored)
}

/// Removes an agent's row, messages, log lines and leases: nothing else would ever drop them.
fn forget(change: &mut Change<'_>, project: &ProjectId, id: &AgentId) -> Result<()> {
    asking::end_of(change, project, id, QuestionOutcome::Removed)?;
    change.tx.delete_agent(project, id)?;
    change.tx.delete_log_lines(project, id)?;
    lease::release_of(change, project, id)?;
    let event = Event::AgentRemoved(AgentRemoved { id: id.clone() });
    change.emit(Some(project), event, EventContext::default())
}

/// Returns true if more differs than the times at which the agent was seen.
fn differs(before: &StoredAgent, after: &StoredAgent) -> bool {
    let mut before = before.clone();
    before.agent.last_heartbeat = after.agent.last_heartbeat;
    if let (Some(before), Some(after)) = (&mut before.agent.run, &after.agent.run) {
        before.seen_at = after.seen_at;
    }
    before != *after
}

fn blank(id: &AgentId, change: &Change<'_>) -> StoredAgent {
    let now = change.now;
    let agent = Agent {
        id: id.clone(),
        session_name: id.to_string(),
        task_id: String::new(),
        task_title: String::new(),
        branch: String::new(),
        status: AgentStatus::Working,
        progress: 0,
        started_at: now,
        logs: Vec::new(),
        last_activity: None,
        output_preview: None,
        description: None,
        last_heartbeat: Some(now),
        is_alive: false,
        generation: None,
        waiting_for: None,
        progressed_at: None,
        reason: None,
        run: None,
        children: 0,
    };
    StoredAgent {
        agent,
        silent: false,
        registered_by: Some(speaker::registrant(change)),
        signs: Signs::default(),
        lost_task: None,
    }
}

/// Removes an agent.
pub fn remove(change: &mut Change<'_>, project: &ProjectId, id: &AgentId) -> Result<()> {
    change.require(project)?;
    let mut stored = change.agent(project, id)?;
    require_voice_of(change, &stored)?;
    claim::give_back(change, project, &mut stored, Ending::Removed)?;
    forget(change, project, id)?;
    emit_presence(change, project, None)
}

/// Marks agents as silent that a reader found silent for too long, and ends their leases.
///
/// They keep their tasks until somebody takes them: they may only be thinking.
pub fn fall_silent(change: &mut Change<'_>, project: &ProjectId, ids: &[AgentId]) -> Result<()> {
    for id in ids {
        let Some(mut stored) = change.tx.agent(project, id)? else {
            continue;
        };
        // It may have reported, finished or been marked since the read.
        if was_heard_within(&stored.agent, SILENT_AFTER_MS, change.now)
            || stored.silent
            || !stored.agent.status.is_open()
        {
            continue;
        }
        stored.silent = true;
        save(change, project, &mut stored)?;
        emit_status(change, project, id)?;
        lease::release_of(change, project, id)?;
        emit_presence(change, project, Some(id))?;
    }
    Ok(())
}
