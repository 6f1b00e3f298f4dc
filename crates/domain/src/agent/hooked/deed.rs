//! Effects of each kind of event.

use tasktree_protocol::agent::WaitKind;
use tasktree_protocol::{AgentStatus, Maybe, ProjectId, Timestamp};

use super::Heard;
use super::end::{child_stops, failed, gone, idle};
use super::scene::Scene;
use super::session::{begin_child, end_turns_of_predecessors};
use super::wait::{ends_wait, waits};
use crate::Change;
use crate::agent::report;
use crate::agent::request::{AgentPatch, Wait};
use crate::error::Result;
use crate::hook::{Deed, Work};
use crate::store::Signs;
use crate::task::Observed;

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
        Deed::Idle { note, busy, .. } => idle(change, project, scene, (note.as_deref(), *busy)),
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
pub(super) fn set_status(
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

/// Lets the agent wait.
pub(super) fn set_waiting(
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

/// Sets the status of an agent that does not wait.
pub(super) fn set_to(
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
    // The row of a finished agent counts no subagents.
    if scene.stored.agent.children > 0 || !scene.stored.agent.status.is_open() {
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

fn child_starts(change: &mut Change<'_>, project: &ProjectId, scene: &mut Scene) -> Result<()> {
    match scene.child_session.clone() {
        Some(session) => begin_child(change, project, scene, &session),
        None => Ok(()),
    }
}

/// Returns a summary with paths relative to the project's folder.
pub(super) fn shortened(summary: &str, folder: &str) -> String {
    let folder = folder.trim_end_matches(['/', '\\']);
    if folder.is_empty() {
        return summary.to_owned();
    }
    let posix = summary.replace(&format!("{folder}/"), "");
    posix.replace(&format!("{folder}\\"), "")
}
