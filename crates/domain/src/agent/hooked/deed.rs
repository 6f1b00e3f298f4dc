//! Effects of each kind of event.

use tasktree_protocol::agent::WaitKind;
use tasktree_protocol::{AgentStatus, Maybe, ProjectId, Timestamp};

use super::Heard;
use super::session::{Scene, begin_child, end_turns_of_predecessors};
use crate::agent::claim::hold_of;
use crate::agent::machine::Hold;
use crate::agent::report;
use crate::agent::request::{AgentPatch, Wait};
use crate::error::Result;
use crate::hook::{Asked, Deed, Work};
use crate::store::Signs;
use crate::task::Observed;
use crate::{Change, lease};

/// Time after the beginning of a wait in which a tool call that begins does not end it, in
/// milliseconds: events of calls that run side by side come in any order.
const RACE_MS: i64 = 2_000;

/// Applies an event that is not late to the rows of its agent.
pub(super) fn perform(
    change: &mut Change<'_>,
    project: &ProjectId,
    heard: &Heard,
    scene: &mut Scene,
    folder: &str,
) -> Result<()> {
    match &heard.hook.deed {
        // The end of the turn of a subagent with a session of its own is its end.
        Deed::Idle { .. } | Deed::Gone | Deed::Failed { .. } if scene.is_child() => {
            child_stops(change, project, heard, scene)
        }
        Deed::Born { works } => born(change, project, scene, *works),
        Deed::Work(work) => works(change, project, heard, scene, (work, folder)),
        Deed::Waits(asked) => waits(change, project, heard, scene, (asked, folder)),
        Deed::Limited { text, until } => {
            scene.main.turn_open = false;
            let wait = Wait {
                kind: WaitKind::RateLimit,
                text: text.clone(),
                until: until.map(Timestamp::from_unix_millis),
                options: Vec::new(),
                request: None,
                in_terminal: false,
            };
            set_waiting(change, project, scene, wait)
        }
        Deed::Failed { reason } => failed(change, project, scene, reason),
        Deed::Idle { note, busy, .. } => {
            idle(change, project, heard, scene, (note.as_deref(), *busy))
        }
        Deed::ChildStart => child_starts(change, project, scene),
        Deed::ChildStop => child_stops(change, project, heard, scene),
        Deed::Gone => gone(change, project, scene),
        Deed::Decided if scene.stored.agent.status == AgentStatus::Waiting => {
            set_to(change, project, scene, AgentStatus::Working)
        }
        Deed::Undecided => {
            if let Some(wait) = &mut scene.stored.agent.waiting_for {
                wait.in_terminal = true;
            }
            Ok(())
        }
        Deed::Decided | Deed::Todos(_) | Deed::Alive => Ok(()),
    }
}

/// Sets the agent's status by the rules for its own reports.
fn set_status(
    change: &mut Change<'_>,
    project: &ProjectId,
    scene: &mut Scene,
    patch: AgentPatch,
) -> Result<()> {
    report::set_status(
        change,
        project,
        &mut scene.stored,
        patch,
        Observed::default(),
    )
}

fn set_waiting(
    change: &mut Change<'_>,
    project: &ProjectId,
    scene: &mut Scene,
    wait: Wait,
) -> Result<()> {
    let patch = AgentPatch {
        status: Maybe::Value(AgentStatus::Waiting),
        waiting_for: Maybe::Value(wait),
        ..AgentPatch::default()
    };
    set_status(change, project, scene, patch)
}

fn set_to(
    change: &mut Change<'_>,
    project: &ProjectId,
    scene: &mut Scene,
    status: AgentStatus,
) -> Result<()> {
    let agent = &mut scene.stored.agent;
    if status == AgentStatus::Working && !agent.status.is_open() {
        // It had finished its task, and starts again.
        agent.progress = 0;
        agent.started_at = change.now;
        agent.reason = None;
    }
    let patch = AgentPatch {
        status: Maybe::Value(status),
        ..AgentPatch::default()
    };
    set_status(change, project, scene, patch)
}

/// Applies the start of a session's process. Whatever ran in an earlier process has ended.
fn born(
    change: &mut Change<'_>,
    project: &ProjectId,
    scene: &mut Scene,
    works: bool,
) -> Result<()> {
    if scene.is_child() {
        return child_starts(change, project, scene);
    }
    let millis = change.millis();
    if scene.stored.agent.children > 0 {
        change.tx.end_run(scene.main.id, millis)?;
        scene.main_was_ended(change.now);
        scene.has_other_children = true;
    }
    scene.main.turn_open = works;
    if works {
        set_to(change, project, scene, AgentStatus::Working)?;
    } else if scene.stored.agent.status.is_open() {
        set_to(change, project, scene, AgentStatus::Idle)?;
    }
    end_turns_of_predecessors(change, project, scene)
}

/// Applies work, or the prompt that begins it.
fn works(
    change: &mut Change<'_>,
    project: &ProjectId,
    heard: &Heard,
    scene: &mut Scene,
    (work, folder): (&Work, &str),
) -> Result<()> {
    let opens = match scene.child_session.clone() {
        // Its activity counts for the agent; its turn is its own.
        Some(session) => {
            begin_child(change, project, scene, &session)?;
            false
        }
        None => !std::mem::replace(&mut scene.main.turn_open, true),
    };
    let status = scene.stored.agent.status;
    let goes_on = match status {
        AgentStatus::Waiting => ends_wait(change, heard, scene, work, opens),
        AgentStatus::Idle => !scene.is_child(),
        // The rest of the turn in which the agent finished is no new work.
        AgentStatus::Done | AgentStatus::Failed => opens || work.prompts,
        AgentStatus::Working => false,
    };
    if goes_on {
        set_to(change, project, scene, AgentStatus::Working)?;
    }
    if let Some(activity) = &work.activity {
        scene.stored.agent.last_activity = Some(shortened(activity, folder));
        if !work.prompts {
            scene.stored.agent.progressed_at = Some(change.now);
        }
    }
    if !work.ended.is_empty() && scene.stored.agent.generation.is_some() {
        scene.stored.signs = scene.stored.signs.with(Signs::PROGRESS);
    }
    Ok(())
}

/// Returns true if work shows that a wait is over.
fn ends_wait(change: &Change<'_>, heard: &Heard, scene: &Scene, work: &Work, opens: bool) -> bool {
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
    let Some(wait) = &heard.wait else {
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
fn waits(
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
    // A reminder of a question that is open.
    if waits_already && asked.call.is_none() {
        return Ok(());
    }
    // `tasktree run` has asked for the prompt that it sees, and types the answer only into that one.
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

/// Applies the failure of a turn: the agent releases its task.
fn failed(
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
fn idle(
    change: &mut Change<'_>,
    project: &ProjectId,
    heard: &Heard,
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
            heard.wait.is_none()
        }
    };
    match (keeps_waiting, busy) {
        (true, _) => Ok(()),
        (false, true) => set_to(change, project, scene, AgentStatus::Working),
        (false, false) => set_to(change, project, scene, AgentStatus::Idle),
    }
}

fn child_starts(change: &mut Change<'_>, project: &ProjectId, scene: &mut Scene) -> Result<()> {
    match scene.child_session.clone() {
        Some(session) => begin_child(change, project, scene, &session),
        None => Ok(()),
    }
}

fn child_stops(
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
    let waited = heard
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
fn gone(change: &mut Change<'_>, project: &ProjectId, scene: &mut Scene) -> Result<()> {
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

/// Returns a summary with paths relative to the project's folder.
fn shortened(summary: &str, folder: &str) -> String {
    let folder = folder.trim_end_matches(['/', '\\']);
    if folder.is_empty() {
        return summary.to_owned();
    }
    let posix = summary.replace(&format!("{folder}/"), "");
    posix.replace(&format!("{folder}\\"), "")
}
