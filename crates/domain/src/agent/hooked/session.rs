//! Sessions of harnesses, their runs, and the agents that they belong to.

use tasktree_protocol::agent::{Run, harness_full_name, harness_name};
use tasktree_protocol::{AgentId, ProjectId};

use super::Heard;
use super::scene::Scene;
use crate::agent::run::{self, NewRun};
use crate::agent::{RegisterAgent, register};
use crate::error::Result;
use crate::hook::{Deed, Hook};
use crate::store::Read;
use crate::{Change, agent};

/// Agent and runs of an event.
pub(super) struct Found {
    pub(super) agent: AgentId,
    /// Run of the session.
    pub(super) main: Run,
    /// Run of the subagent that the event is about, if it began.
    pub(super) child: Option<Run>,
    /// Session of that run, also of one that is not known.
    pub(super) child_session: Option<String>,
}

/// Finds the agent of a session, or registers one for the first event of an unknown session.
pub(super) fn find(
    change: &mut Change<'_>,
    project: &ProjectId,
    heard: &Heard,
) -> Result<Option<Found>> {
    let hook = &heard.hook;
    if let Some((agent, run)) = known(&*change.tx, project, heard, &hook.session)? {
        if let Some(parent) = run.parent {
            // A subagent with a session of its own.
            return Ok(change.tx.run(project, &agent, parent)?.map(|main| Found {
                agent,
                main,
                child_session: Some(run.session.clone()),
                child: Some(run),
            }));
        }
        let child = match &hook.subagent {
            Some(session) => named(change, project, &agent, &run, session)?,
            None => None,
        };
        return Ok(Some(Found {
            agent,
            main: run,
            child,
            child_session: hook.subagent.clone(),
        }));
    }
    if let Some(parent) = &hook.parent
        && let Some((agent, main)) = known(&*change.tx, project, heard, parent)?
    {
        return Ok(Some(Found {
            agent,
            main,
            child: None,
            child_session: Some(hook.session.clone()),
        }));
    }
    let is_over = matches!(hook.deed, Deed::Gone | Deed::ChildStop);
    if heard.late || is_over {
        return Ok(None);
    }
    let (agent, main) = begin(change, project, heard)?;
    Ok(Some(Found {
        agent,
        main,
        child: None,
        child_session: hook.subagent.clone(),
    }))
}

/// Returns the agent of a session, or the name that it will get.
pub fn agent_of(rows: &dyn Read, project: &ProjectId, heard: &Heard) -> Result<AgentId> {
    let sessions = [Some(&heard.hook.session), heard.hook.parent.as_ref()];
    for session in sessions.into_iter().flatten() {
        if let Some((agent, _)) = known(rows, project, heard, session)? {
            return Ok(agent);
        }
    }
    match &heard.agent {
        Some(agent) => Ok(agent.clone()),
        None => name(rows, project, &heard.hook),
    }
}

/// Returns the newest run of a session, on the machine of the event if that is known.
fn known(
    rows: &dyn Read,
    project: &ProjectId,
    heard: &Heard,
    session: &str,
) -> Result<Option<(AgentId, Run)>> {
    let source = heard.hook.source.as_str();
    let mut runs = rows.runs_of_session(project, source, session)?;
    runs.retain(|(agent, run)| {
        let is_named = heard.agent.as_ref().is_none_or(|named| named == agent);
        let is_there =
            heard.machine.is_empty() || run.machine.is_empty() || run.machine == heard.machine;
        is_named && is_there
    });
    Ok(runs.into_iter().next())
}

/// Returns the run of a subagent.
fn named(
    change: &Change<'_>,
    project: &ProjectId,
    agent: &AgentId,
    main: &Run,
    session: &str,
) -> Result<Option<Run>> {
    let found = change
        .tx
        .run_named(project, agent, &main.source, session, &main.machine)?;
    Ok(found.filter(|run| run.parent == Some(main.id)))
}

/// Registers the agent of a new session.
fn begin(change: &mut Change<'_>, project: &ProjectId, heard: &Heard) -> Result<(AgentId, Run)> {
    let hook = &heard.hook;
    let id = match &heard.agent {
        Some(id) => id.clone(),
        None => name(&*change.tx, project, hook)?,
    };
    let run = NewRun {
        source: hook.source.as_str().to_owned(),
        session: hook.session.clone(),
        machine: heard.machine.clone(),
        folder: hook.folder.clone(),
        parent: None,
    };
    let registration = RegisterAgent {
        id: id.clone(),
        task_id: heard.task.clone(),
        branch: None,
        description: None,
        run: Some(run.clone()),
    };
    register(change, project, registration)?;
    let found = change
        .tx
        .run_named(project, &id, &run.source, &run.session, &run.machine)?;
    let main = found.ok_or_else(|| {
        crate::error::Error::Internal("The run of a new session is missing.".to_owned())
    })?;
    Ok((id, main))
}

/// Returns the name of the agent of a new session.
fn name(rows: &dyn Read, project: &ProjectId, hook: &Hook) -> Result<AgentId> {
    let session = hook.nickname.as_deref().unwrap_or(&hook.session);
    let usual = AgentId::from(harness_name(hook.source, session));
    let Some(stored) = rows.agent(project, &usual)? else {
        return Ok(usual);
    };
    let is_other = stored
        .agent
        .run
        .is_some_and(|run| run.source != hook.source.as_str() || run.session != hook.session);
    Ok(match is_other {
        true => harness_full_name(hook.source, &hook.session).into(),
        false => usual,
    })
}

/// Starts the run of a subagent, or continues it.
pub(super) fn begin_child(
    change: &mut Change<'_>,
    project: &ProjectId,
    scene: &mut Scene,
    session: &str,
) -> Result<()> {
    if let Some(child) = scene
        .child
        .as_mut()
        .filter(|child| child.ended_at.is_none())
    {
        child.seen_at = change.now;
        child.turn_open = true;
        return Ok(());
    }
    // The parent has to be stored as running.
    scene.store(change, project)?;
    let new = NewRun {
        source: scene.main.source.clone(),
        session: session.to_owned(),
        machine: scene.main.machine.clone(),
        folder: None,
        parent: Some(scene.main.session.clone()),
    };
    let run = run::add(change, project, &mut scene.stored, new)?;
    scene.set_child(run);
    if let Some(child) = &mut scene.child {
        child.turn_open = true;
    }
    Ok(())
}

/// Ends the open turns of other sessions of the same harness, folder and machine.
///
/// One of them may have been killed, and its successor started: it then counts as silent after two
/// minutes instead of fifteen. One that lives opens its turn again with its next event.
pub(super) fn end_turns_of_predecessors(
    change: &mut Change<'_>,
    project: &ProjectId,
    scene: &Scene,
) -> Result<()> {
    let main = &scene.main;
    if main.folder.is_none() {
        return Ok(());
    }
    let open = change.tx.open_turns(project)?;
    let is_before = |run: &Run| {
        run.id != main.id
            && run.parent.is_none()
            && (&run.source, &run.machine, &run.folder)
                == (&main.source, &main.machine, &main.folder)
    };
    let ended: Vec<u64> = open
        .iter()
        .filter(|(_, run)| is_before(run))
        .map(|(_, run)| run.id)
        .collect();
    for (id, run) in &open {
        let is_below = run.parent.is_some_and(|parent| ended.contains(&parent));
        if !is_below && !ended.contains(&run.id) {
            continue;
        }
        let closed = Run {
            turn_open: false,
            ..run.clone()
        };
        change.tx.put_run(project, id, run, &closed)?;
        if *id != scene.stored.agent.id {
            agent::emit_status(change, project, id)?;
        }
    }
    Ok(())
}
