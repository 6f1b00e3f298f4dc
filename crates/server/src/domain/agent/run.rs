//! Runs: the sessions of harnesses under an agent's name. A run that names a parent is a subagent's.

use serde::{Deserialize, Serialize};
use tasktree_protocol::agent::Run;
use tasktree_protocol::{AgentId, AgentStatus, Maybe, ProjectId};

use super::claim;
use super::machine::AgentEvent;
use super::presence::{hear, tell};
use super::{find, require_voice_of};
use crate::domain::Work;
use crate::domain::validate::Checks;
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::store::StoredAgent;

/// A run that begins, or goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewRun {
    /// The harness: `claude-code`, `codex`, `api`, ...
    pub source: String,
    /// The harness's id of the session.
    pub session: String,
    /// Name of the machine.
    pub machine: String,
    /// Folder that it works in.
    pub folder: Option<String>,
    /// The harness's id of the session that started it, for a subagent.
    pub parent: Option<String>,
}

/// A change of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunPatch {
    /// True while a turn or a tool call is open.
    pub turn_open: Option<bool>,
    /// Folder that it works in; `null` clears.
    pub folder: Maybe<String>,
    /// True ends the run and those below it.
    pub ended: Option<bool>,
}

/// Starts a run, or continues the one that source, session and machine name.
pub(crate) fn start(
    work: &mut Work<'_>,
    project: &ProjectId,
    id: &AgentId,
    new: NewRun,
) -> Result<Run> {
    work.require(project)?;
    let mut stored = find(&*work.tx, project, id)?;
    require_voice_of(work, &stored)?;
    let run = add(work, project, &mut stored, new)?;
    hear(work, project, stored)?;
    tell(work, project, id)?;
    Ok(run)
}

/// Starts or continues a run of an agent whose row the caller stores.
pub(super) fn add(
    work: &mut Work<'_>,
    project: &ProjectId,
    stored: &mut StoredAgent,
    new: NewRun,
) -> Result<Run> {
    check(&new, work.limits)?;
    let id = stored.agent.id.clone();
    let parent = match &new.parent {
        None => None,
        Some(session) => {
            let rows = &*work.tx;
            let found = rows.run_named(project, &id, &new.source, session, &new.machine)?;
            let found = found.filter(|_| *session != new.session);
            Some(found.ok_or_else(|| no_parent(session))?.id)
        }
    };
    let known = work
        .tx
        .run_named(project, &id, &new.source, &new.session, &new.machine)?;
    let run = match known {
        Some(mut run) => {
            run.seen_at = work.now;
            run.ended_at = None;
            run.folder = new.folder.or(run.folder);
            work.tx.put_run(&run)?;
            run
        }
        None => {
            let mut run = Run {
                id: 0,
                source: new.source,
                session: new.session,
                machine: new.machine,
                folder: new.folder,
                parent,
                started_at: work.now,
                seen_at: work.now,
                ended_at: None,
                turn_open: false,
            };
            let most = work.limits.runs_per_agent;
            run.id = work.tx.add_run(project, &id, &run, most)?;
            run
        }
    };
    if run.parent.is_none() {
        stored.agent.run = Some(run.clone());
    }
    Ok(run)
}

/// Changes a run of an agent.
pub(crate) fn update(
    work: &mut Work<'_>,
    project: &ProjectId,
    id: &AgentId,
    run: u64,
    patch: RunPatch,
) -> Result<Run> {
    work.require(project)?;
    let mut stored = find(&*work.tx, project, id)?;
    require_voice_of(work, &stored)?;
    let most = work.limits.runs_per_agent;
    let runs = work.tx.runs(project, id, most)?;
    let mut found = runs
        .into_iter()
        .find(|found| found.id == run)
        .ok_or_else(|| Error::NotFound(format!("Run {run} of agent '{id}' not found")))?;
    found.seen_at = work.now;
    patch.folder.apply_to(&mut found.folder);
    if let Some(turn_open) = patch.turn_open {
        found.turn_open = turn_open;
    }
    let ends = patch.ended == Some(true);
    if ends {
        work.tx.end_run(run, work.millis())?;
        found.ended_at = Some(work.now);
        found.turn_open = false;
    }
    work.tx.put_run(&found)?;
    let is_current = stored
        .agent
        .run
        .as_ref()
        .is_some_and(|run| run.id == found.id);
    if is_current && ends && stored.agent.status.is_open() {
        claim::apply(work, project, &mut stored, AgentEvent::Stop)?;
        stored.agent.waiting_for = None;
    }
    hear(work, project, stored)?;
    tell(work, project, id)?;
    Ok(found)
}

/// Notes that a turn of an agent's newest run began or ended. The caller stores the agent's row.
pub(super) fn set_turn(work: &mut Work<'_>, stored: &mut StoredAgent, open: bool) -> Result<()> {
    let Some(run) = &mut stored.agent.run else {
        let message = "the agent has no run: register with one first";
        return Err(Error::invalid("turn_open", "no_run", message, open));
    };
    run.turn_open = open;
    run.seen_at = work.now;
    let run = run.clone();
    work.tx.put_run(&run)
}

/// Returns the longest normal silence of an agent, in milliseconds.
pub(super) fn silence_limit(stored: &StoredAgent) -> i64 {
    use tasktree_protocol::agent::{BUSY_SILENT_AFTER_MS, SILENT_AFTER_MS};
    let run = stored.agent.run.as_ref();
    let is_busy = run.is_some_and(|run| run.turn_open && run.ended_at.is_none());
    if is_busy && stored.agent.status != AgentStatus::Done {
        BUSY_SILENT_AFTER_MS
    } else {
        SILENT_AFTER_MS
    }
}

fn no_parent(session: &str) -> Error {
    let message = "names no run of this agent on this machine";
    Error::invalid("run.parent", "unknown_run", message, session)
}

fn check(new: &NewRun, limits: &Limits) -> Result<()> {
    let mut checks = Checks::default();
    checks.line("run.source", &new.source, limits.name_chars);
    checks.line("run.session", &new.session, limits.name_chars);
    checks.chars("run.machine", &new.machine, limits.name_chars);
    if let Some(folder) = &new.folder {
        checks.chars("run.folder", folder, limits.list_entry_chars);
    }
    checks.finish()
}
