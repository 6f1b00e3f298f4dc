//! Agents: registered, heard from, finished, gone.

mod claim;
mod presence;
mod request;
mod voice;

use tasktree_protocol::{Agent, AgentId, AgentStatus, Event, Maybe, ProjectId};

use super::{Work, lease, task};
use crate::error::{Error, Result};
use crate::store::StoredAgent;
pub(super) use presence::{find, hear, is_working, seen_at, tell_agents};
use presence::{tell, tell_sign_of_life, was_heard_lately};
pub use request::{AgentPatch, RegisterAgent};
pub(crate) use voice::assign;
pub(super) use voice::{check_voice_of, give_to_tokens, require_voice_of, sender};

pub(crate) fn register(
    work: &mut Work<'_>,
    project: &ProjectId,
    new: RegisterAgent,
) -> Result<Agent> {
    work.require(project)?;
    request::check_registration(&new, work.limits)?;
    let known = work.tx.agent(project, &new.id)?;
    match &known {
        Some(known) => require_voice_of(work, known)?,
        None => voice::require_free_name(work, &new.id)?,
    }
    if known.is_none() {
        make_room(work, project)?;
        work.tx.count_agent(project)?;
    }
    let before = known.clone();
    let mut stored = known.unwrap_or_else(|| blank(&new.id, work));
    let agent = &mut stored.agent;
    if !is_working(agent.status) {
        // It was through with its task, and begins anew.
        agent.status = AgentStatus::Running;
        agent.progress = 0;
        agent.started_at = work.now;
    }
    if new.description.is_some() {
        agent.description = new.description;
    }
    stored.silent = false;
    stored.agent.last_heartbeat = Some(work.now);
    let claimed = match &new.task_id {
        Some(task) => claim::claim(work, project, &mut stored, task)?,
        None => None,
    };
    if let Some(branch) = new.branch {
        stored.agent.branch = branch;
    }
    work.tx.put_agent(project, &stored)?;
    let agent = seen_at(find(&*work.tx, project, &new.id)?, work.now);
    if let Some(task) = &claimed {
        task::tell_change(
            work,
            project,
            task,
            Event::AgentSpawned,
            Some(agent.clone()),
        )?;
    } else if before
        .as_ref()
        .is_none_or(|before| differs(before, &stored))
    {
        tell(work, project, &new.id)?;
    } else {
        tell_sign_of_life(work, project, &agent)?;
    }
    if before.is_none_or(|before| before.silent || !is_working(before.agent.status)) {
        tell_agents(work, project)?;
    }
    Ok(agent)
}

/// Makes room for one more agent where there is none: whoever names each session anew fills the list in a week. The one goes that ended the
/// longest ago, or else fell silent the longest ago; its task stays as it is.
fn make_room(work: &mut Work<'_>, project: &ProjectId) -> Result<()> {
    let most = work.limits.agents_per_project;
    let agents = work.tx.agents(project)?;
    if agents.len() < most {
        return Ok(());
    }
    let heard = |agent: &Agent| agent.last_heartbeat.map(|at| at.unix_millis(0));
    let through = agents
        .iter()
        .filter(|stored| stored.silent || !is_working(stored.agent.status))
        .min_by_key(|stored| (is_working(stored.agent.status), heard(&stored.agent)));
    match through {
        Some(stored) => forget(work, project, &stored.agent.id),
        None => Err(Error::Refused(format!(
            "The project already has its {most} agents, and all of them are at work."
        ))),
    }
}

/// Removes an agent's row, its messages, its log lines and its leases: nothing else would ever drop them.
fn forget(work: &mut Work<'_>, project: &ProjectId, id: &AgentId) -> Result<()> {
    work.tx.delete_agent(project, id)?;
    work.tx.delete_log_lines(project, id)?;
    lease::release_of(work, project, id)
}

/// Whether more than the time of the last heartbeat differs.
fn differs(before: &StoredAgent, after: &StoredAgent) -> bool {
    let mut before = before.clone();
    before.agent.last_heartbeat = after.agent.last_heartbeat;
    before != *after
}

fn blank(id: &AgentId, work: &Work<'_>) -> StoredAgent {
    let now = work.now;
    let agent = Agent {
        id: id.clone(),
        session_name: id.to_string(),
        task_id: String::new(),
        task_title: String::new(),
        branch: String::new(),
        status: AgentStatus::Running,
        progress: 0,
        started_at: now,
        logs: Vec::new(),
        last_activity: None,
        output_preview: None,
        description: None,
        last_heartbeat: Some(now),
        is_alive: false,
    };
    StoredAgent {
        agent,
        silent: false,
        registered_by: Some(voice::registrant(work)),
    }
}

pub(crate) fn update(
    work: &mut Work<'_>,
    project: &ProjectId,
    id: &AgentId,
    patch: AgentPatch,
) -> Result<Agent> {
    work.require(project)?;
    let before = find(&*work.tx, project, id)?;
    require_voice_of(work, &before)?;
    request::check_patch(&patch, work.limits)?;

    let mut stored = before.clone();
    stored.silent = false;
    stored.agent.last_heartbeat = Some(work.now);
    patch
        .last_activity
        .apply_to(&mut stored.agent.last_activity);
    let claimed = match &patch.task_id {
        Maybe::Absent => None,
        Maybe::Null => {
            claim::give_back(work, project, &mut stored.agent)?;
            None
        }
        Maybe::Value(task) => claim::claim(work, project, &mut stored, task)?,
    };
    if let Maybe::Value(progress) = patch.progress {
        stored.agent.progress = progress;
    }
    if let Maybe::Value(status) = patch.status {
        claim::set_agent_status(work, project, &mut stored.agent, status)?;
    }
    work.tx.put_agent(project, &stored)?;
    if let Some(task) = &claimed {
        let agent = seen_at(find(&*work.tx, project, id)?, work.now);
        task::tell_change(work, project, task, Event::AgentSpawned, Some(agent))?;
    }
    let agent = if differs(&before, &stored) {
        tell(work, project, id)?
    } else {
        let agent = seen_at(find(&*work.tx, project, id)?, work.now);
        tell_sign_of_life(work, project, &agent)?;
        agent
    };
    if before.silent || is_working(before.agent.status) != is_working(stored.agent.status) {
        tell_agents(work, project)?;
    }
    Ok(agent)
}

pub(crate) fn remove(work: &mut Work<'_>, project: &ProjectId, id: &AgentId) -> Result<()> {
    work.require(project)?;
    let mut stored = find(&*work.tx, project, id)?;
    require_voice_of(work, &stored)?;
    claim::give_back(work, project, &mut stored.agent)?;
    forget(work, project, id)?;
    tell_agents(work, project)
}

/// Marks agents as silent that were not heard from for [`SILENT_AFTER_MS`], and ends their leases. Their tasks stay
/// theirs until another agent claims them: they may only be thinking.
pub(crate) fn fall_silent(work: &mut Work<'_>, project: &ProjectId, ids: &[AgentId]) -> Result<()> {
    let mut any = false;
    for id in ids {
        let Some(mut stored) = work.tx.agent(project, id)? else {
            continue;
        };
        if was_heard_lately(&stored.agent, work.now)
            || stored.silent
            || !is_working(stored.agent.status)
        {
            continue;
        }
        stored.silent = true;
        work.tx.put_agent(project, &stored)?;
        tell(work, project, id)?;
        lease::release_of(work, project, id)?;
        any = true;
    }
    if any {
        tell_agents(work, project)
    } else {
        Ok(())
    }
}
