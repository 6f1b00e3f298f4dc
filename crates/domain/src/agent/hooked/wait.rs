//! Beginnings and ends of waits.

use tasktree_protocol::agent::WaitKind;
use tasktree_protocol::{AgentStatus, ProjectId};

use super::Heard;
use super::deed::{set_waiting, shortened};
use super::scene::Scene;
use super::session::begin_child;
use crate::Change;
use crate::agent::request::Wait;
use crate::error::Result;
use crate::hook::{Asked, Work};

/// Time after the beginning of a wait in which a tool call that begins does not end it, in
/// milliseconds: events of calls that run side by side come in any order.
const RACE_MS: i64 = 2_000;

/// Returns true if work shows that a wait is over.
pub(super) fn ends_wait(
    change: &Change<'_>,
    heard: &Heard,
    scene: &Scene,
    work: &Work,
    opens: bool,
) -> bool {
    if work.prompts {
        return true;
    }
    let kind = scene
        .stored
        .agent
        .waiting_for
        .as_ref()
        .map(|wait| wait.kind);
    let is_of_child = scene.is_child();
    let Some(wait) = &scene.wait else {
        return match kind {
            // Only harnesses report these: a restart of the server has lost the event.
            Some(WaitKind::Permission | WaitKind::RateLimit) => !is_of_child,
            // The agent asked by itself, in the same turn or in an earlier one.
            _ => opens,
        };
    };
    let is_answered = wait
        .call
        .as_ref()
        .is_some_and(|call| work.ended.contains(call));
    if is_answered {
        return true;
    }
    if heard.hook.subagent != wait.subagent {
        return false;
    }
    let is_old = change.millis() - wait.arrived >= RACE_MS;
    let begins_another = work.begins && (work.begun.is_none() || work.begun != wait.call);
    match wait.call {
        None => !work.ended.is_empty() || (work.begins && is_old),
        Some(_) => begins_another && is_old,
    }
}

/// Applies a wait for a person.
pub(super) fn waits(
    change: &mut Change<'_>,
    project: &ProjectId,
    heard: &Heard,
    scene: &mut Scene,
    (asked, folder): (&Asked, &str),
) -> Result<()> {
    match scene.child_session.clone() {
        Some(session) => begin_child(change, project, scene, &session)?,
        None => scene.main.turn_open = true,
    }
    let agent = &scene.stored.agent;
    let waits_already = agent.status == AgentStatus::Waiting
        && agent
            .waiting_for
            .as_ref()
            .is_some_and(|wait| wait.kind.needs_person());
    if waits_already && asked.call.is_none() {
        scene.reminds = true;
        return Ok(());
    }
    // `tasktree run` has asked for the prompt that it sees, and types answers only into that one.
    let delivers = agent.run.as_ref().is_some_and(|run| run.answers);
    let in_terminal = agent
        .waiting_for
        .as_ref()
        .is_some_and(|wait| wait.in_terminal);
    if waits_already && delivers && in_terminal && !heard.decides {
        return Ok(());
    }
    let text = match (&asked.call, asked.kind) {
        (Some(_), WaitKind::Permission) => shortened(&asked.text, folder),
        _ => asked.text.clone(),
    };
    let wait = Wait {
        kind: asked.kind,
        text,
        until: None,
        options: asked.options.clone(),
        request: heard.hook.tool_use_id.clone(),
        in_terminal: !heard.decides,
    };
    set_waiting(change, project, scene, wait)
}
