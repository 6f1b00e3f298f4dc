//! Ends of turns, subagents and sessions.

use tasktree_protocol::agent::WaitKind;
use tasktree_protocol::{AgentStatus, Maybe, ProjectId};

use super::Heard;
use super::deed::{set_status, set_to};
use super::scene::Scene;
use crate::agent::claim::hold_of;
use crate::agent::machine::Hold;
use crate::agent::request::AgentPatch;
use crate::error::Result;
use crate::{Change, lease};

/// Applies the failure of a turn: the agent releases its task.
pub(super) fn failed(
    change: &mut Change<'_>,
    project: &ProjectId,
    scene: &mut Scene,
    reason: &str,
) -> Result<()> {
    scene.main.turn_open = false;
    if !scene.stored.agent.status.is_open() {
        return Ok(());
    }
    if hold_of(&scene.stored) == Hold::Lost {
        return set_to(change, project, scene, AgentStatus::Idle);
    }
    let patch = AgentPatch {
        status: Maybe::Value(AgentStatus::Failed),
        reason: Some(reason.to_owned()),
        ..AgentPatch::default()
    };
    set_status(change, project, scene, patch)
}

/// Applies the end of a turn. The claim stays.
pub(super) fn idle(
    change: &mut Change<'_>,
    project: &ProjectId,
    scene: &mut Scene,
    (note, busy): (Option<&str>, bool),
) -> Result<()> {
    let was_open = std::mem::replace(&mut scene.main.turn_open, busy);
    let agent = &mut scene.stored.agent;
    if !agent.status.is_open() {
        return Ok(());
    }
    if let Some(note) = note {
        agent.last_activity = Some(note.to_owned());
    }
    let keeps_waiting = match agent.waiting_for.as_ref().map(|wait| wait.kind) {
        _ if agent.status != AgentStatus::Waiting => false,
        // The end of the turn that the limit ended.
        Some(WaitKind::RateLimit) => !was_open,
        Some(WaitKind::Permission) | None => false,
        // What the agent asked by itself stands until it is answered.
        Some(WaitKind::Question | WaitKind::Auth | WaitKind::Dependency | WaitKind::Other) => {
            scene.wait.is_none()
        }
    };
    match (keeps_waiting, busy) {
        (true, _) => Ok(()),
        (false, true) => set_to(change, project, scene, AgentStatus::Working),
        (false, false) => set_to(change, project, scene, AgentStatus::Idle),
    }
}

/// Applies the end of a subagent.
pub(super) fn child_stops(
    change: &mut Change<'_>,
    project: &ProjectId,
    heard: &Heard,
    scene: &mut Scene,
) -> Result<()> {
    let Some(child) = scene.child.clone().filter(|child| child.ended_at.is_none()) else {
        return Ok(());
    };
    let millis = change.millis();
    change.tx.end_run(child.id, millis)?;
    scene.child = None;
    scene.has_other_children = true;
    let waited = scene
        .wait
        .as_ref()
        .is_some_and(|wait| wait.subagent.is_some() && wait.subagent == heard.hook.subagent);
    if waited && scene.stored.agent.status == AgentStatus::Waiting {
        set_to(change, project, scene, AgentStatus::Working)?;
    }
    Ok(())
}

/// Applies the end of a session: its run, its subagents and its leases end. The task stays in
/// progress, held by an agent that counts as silent from now on.
pub(super) fn gone(change: &mut Change<'_>, project: &ProjectId, scene: &mut Scene) -> Result<()> {
    let run = scene.main.id;
    lease::release_of_run(change, project, run)?;
    let millis = change.millis();
    change.tx.end_run(run, millis)?;
    scene.main_has_ended(change.now);
    scene.has_other_children = true;
    let id = scene.stored.agent.id.clone();
    let current = scene.stored.agent.run.as_ref().map(|current| current.id);
    match change.tx.running_session(project, &id)? {
        // The agent continues in another session of its harness.
        Some(other) if current == Some(run) => scene.stored.agent.run = Some(other),
        Some(_) => {}
        None => {
            if scene.stored.agent.status.is_open() {
                set_to(change, project, scene, AgentStatus::Idle)?;
                scene.stored.silent = true;
            }
            lease::release_of(change, project, &id)?;
        }
    }
    Ok(())
}
