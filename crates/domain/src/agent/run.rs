//! Runs: harness sessions under an agent's name. A run with a parent is a subagent's.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use tasktree_protocol::agent::Run;
use tasktree_protocol::{AgentId, Maybe, ProjectId};

use super::claim;
use super::machine::AgentEvent;
use super::presence::{emit_status, mark_heard, seen_at, send_sign_of_life};
use super::require_voice_of;
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::store::StoredAgent;
use crate::validate::Checks;
use crate::{Change, lease};

/// Run to be started or continued.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NewRun {
    /// Harness: `claude-code`, `codex`, `api`, ...
    #[schema(required)]
    pub source: String,
    /// Id of the session in the harness.
    #[schema(required)]
    pub session: String,
    /// Name of the machine.
    #[schema(value_type = Option<String>)]
    pub machine: String,
    /// Folder that the run works in.
    pub folder: Option<String>,
    /// Session of the run that started this one, for a subagent.
    pub parent: Option<String>,
}

/// Change of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct RunPatch {
    /// True while a turn or a tool call is open.
    pub turn_open: Option<bool>,
    /// Folder that the run works in; `null` clears.
    #[schema(value_type = Option<String>)]
    pub folder: Maybe<String>,
    /// True ends the run and its descendants.
    pub ended: Option<bool>,
    /// True if an answer that is given on a board reaches a prompt that blocks the harness.
    pub answers: Option<bool>,
}

/// Starts a run, or continues the one with that source, session and machine.
pub fn start(
    change: &mut Change<'_>,
    project: &ProjectId,
    id: &AgentId,
    new: NewRun,
) -> Result<Run> {
    change.require(project)?;
    let mut stored = change.agent(project, id)?;
    require_voice_of(change, &stored)?;
    let run = add(change, project, &mut stored, new)?;
    mark_heard(change, project, &mut stored)?;
    emit_status(change, project, id)?;
    Ok(run)
}

/// Starts or continues a run of an agent whose row the caller stores.
pub(super) fn add(
    change: &mut Change<'_>,
    project: &ProjectId,
    stored: &mut StoredAgent,
    new: NewRun,
) -> Result<Run> {
    check(&new, change.limits)?;
    let id = stored.agent.id.clone();
    let parent = match &new.parent {
        None => None,
        Some(session) => {
            let rows = &*change.tx;
            let found = rows.run_named(project, &id, &new.source, session, &new.machine)?;
            let found = found.filter(|_| *session != new.session);
            Some(found.ok_or_else(|| no_parent(session))?.id)
        }
    };
    let known = change
        .tx
        .run_named(project, &id, &new.source, &new.session, &new.machine)?;
    let below = match &known {
        Some(run) => run.parent,
        None => parent,
    };
    if let Some(parent) = below {
        refuse_ended_parent(change, project, &id, parent, &new)?;
    }
    let run = match known {
        Some(known) => {
            let mut run = known.clone();
            run.seen_at = change.now;
            run.ended_at = None;
            run.folder = new.folder.or(run.folder);
            change.tx.put_run(project, &id, &known, &run)?;
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
                started_at: change.now,
                seen_at: change.now,
                ended_at: None,
                turn_open: false,
                answers: false,
            };
            let most = change.limits.runs_per_agent;
            run.id = change.tx.add_run(project, &id, &run, most)?;
            run
        }
    };
    if run.parent.is_none() {
        stored.agent.run = Some(run.clone());
    }
    Ok(run)
}

/// Changes a run of an agent. A patch without changes is a sign of life.
pub fn update(
    change: &mut Change<'_>,
    project: &ProjectId,
    id: &AgentId,
    run: u64,
    patch: RunPatch,
) -> Result<Run> {
    change.require(project)?;
    let is_sign_of_life = patch == RunPatch::default();
    let mut stored = change.agent(project, id)?;
    require_voice_of(change, &stored)?;
    let found = change.tx.run(project, id, run)?;
    let mut found =
        found.ok_or_else(|| Error::NotFound(format!("Run {run} of agent '{id}' not found")))?;
    let was_running = found.ended_at.is_none();
    let mut before = found.clone();
    found.seen_at = change.now;
    patch.folder.apply_to(&mut found.folder);
    if let Some(turn_open) = patch.turn_open {
        open_turn(&mut found, turn_open)?;
    }
    if let Some(answers) = patch.answers {
        found.answers = answers;
        if let Some(current) = stored
            .agent
            .run
            .as_mut()
            .filter(|current| current.id == run)
        {
            current.answers = answers;
        }
    }
    let ends = was_running && patch.ended == Some(true);
    if ends {
        lease::release_of_run(change, project, run)?;
        let millis = change.millis();
        change.tx.end_run(run, millis)?;
        (found.ended_at, found.turn_open) = (Some(change.now), false);
        (before.ended_at, before.turn_open) = (found.ended_at, false);
    }
    change.tx.put_run(project, id, &before, &found)?;
    if ends && found.parent.is_none() {
        let current = stored.agent.run.as_ref().map(|current| current.id);
        match change.tx.running_session(project, id)? {
            // The agent continues in another session of its harness.
            Some(other) if current == Some(run) => stored.agent.run = Some(other),
            Some(_) => {}
            None => {
                claim::apply(change, project, &mut stored, AgentEvent::Stop)?;
                stored.agent.waiting_for = None;
            }
        }
    }
    mark_heard(change, project, &mut stored)?;
    if is_sign_of_life {
        let agent = seen_at(change.agent(project, id)?, change.now);
        send_sign_of_life(change, project, &agent)?;
    } else {
        emit_status(change, project, id)?;
    }
    Ok(found)
}

/// Ends subagents that were last seen at or before `millis`: their ends were not reported.
pub fn end_children_until(change: &mut Change<'_>, millis: i64) -> Result<()> {
    let ended = change.tx.end_child_runs_until(millis)?;
    let agents = ended.into_iter();
    // Those of trashed projects have no watchers.
    let agents: BTreeSet<_> = agents
        .filter_map(|ended| Some((ended.project?, ended.agent)))
        .collect();
    for (project, agent) in agents {
        emit_status(change, &project, &agent)?;
    }
    Ok(())
}

/// Records that a turn of an agent's newest run began or ended. The caller stores the agent's row.
pub(super) fn set_turn(
    change: &mut Change<'_>,
    project: &ProjectId,
    stored: &mut StoredAgent,
    open: bool,
) -> Result<()> {
    let Some(run) = &mut stored.agent.run else {
        let message = "the agent has no run; register a run first";
        return Err(Error::invalid("turn_open", "no_run", message, open));
    };
    let before = run.clone();
    open_turn(run, open)?;
    run.seen_at = change.now;
    change.tx.put_run(project, &stored.agent.id, &before, run)
}

/// Opens or closes the turn of a run.
fn open_turn(run: &mut Run, open: bool) -> Result<()> {
    if open && run.ended_at.is_some() {
        let message = "the run has ended; start it again first";
        return Err(Error::invalid("turn_open", "run_ended", message, open));
    }
    run.turn_open = open;
    Ok(())
}

/// Refuses a subagent's run below an ended run: nothing would end it later.
fn refuse_ended_parent(
    change: &Change<'_>,
    project: &ProjectId,
    agent: &AgentId,
    parent: u64,
    new: &NewRun,
) -> Result<()> {
    let found = change.tx.run(project, agent, parent)?;
    if found.is_some_and(|run| run.ended_at.is_none()) {
        return Ok(());
    }
    let message = "is the session of a run that has ended; start that run again first";
    let named = new.parent.as_deref().unwrap_or(&new.session);
    Err(Error::invalid("run.parent", "run_ended", message, named))
}

fn no_parent(session: &str) -> Error {
    let message = "is not the session of a run of this agent on this machine";
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
