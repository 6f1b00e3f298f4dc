//! Effects of harness events on their agents.
//!
//! An event changes an agent in one transaction, by the same table of states and the same claims as
//! an agent's own reports. It never completes a task: a turn that ends is not work that is done.

mod deed;
mod end;
mod scene;
mod session;
mod wait;

use serde::{Deserialize, Serialize};
use tasktree_protocol::{AgentId, AgentStatus, ProjectId, TaskId};

use super::presence::{emit_presence, emit_status, seen_at, send_sign_of_life, set_heard};
use super::{differs, require_voice_of};
use crate::error::{Error, Result};
use crate::hook::{Deed, Hook, WaitOf};
use crate::lease::LeaseRequest;
use crate::{Change, branch, lease};
use scene::Scene;
pub use session::agent_of;

/// Event of a harness, with what its request adds to it.
#[derive(Clone, Debug)]
pub struct Heard {
    /// The event.
    pub hook: Hook,
    /// Name that the request gives the agent.
    pub agent: Option<AgentId>,
    /// Task that the agent claims when it is registered.
    pub task: Option<TaskId>,
    /// Name of the machine; empty if the request names none.
    pub machine: String,
    /// Branch that is checked out in the session's folder.
    pub branch: Option<String>,
    /// True for an event of a turn, subagent or session that has ended.
    pub late: bool,
    /// Origin of the last wait of the turn that an event began.
    pub wait: Option<WaitOf>,
    /// True if the harness waits for a decision on the board before it asks in its terminal.
    pub decides: bool,
    /// Agent in whose name the request acts; the event is refused if it is another's.
    pub speaker: Option<AgentId>,
}

/// Result of an event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookApplied {
    /// Agent of the session; none if the event is of a session that nobody knows and that has
    /// ended.
    pub agent: Option<AgentId>,
    /// Question that is open after it.
    pub question: Option<u64>,
    /// True if the event only reminds of that question.
    pub reminds: bool,
}

impl HookApplied {
    /// Returns the question that the event asks.
    pub fn asked(&self) -> Option<u64> {
        self.question.filter(|_| !self.reminds)
    }
}

/// Applies an event of a harness.
pub fn hooked(change: &mut Change<'_>, project: &ProjectId, heard: &Heard) -> Result<HookApplied> {
    let folder = change.project(project)?.path;
    let Some(found) = session::find(change, project, heard)? else {
        return Ok(HookApplied::default());
    };
    let stored = change.agent(project, &found.agent)?;
    require_voice_of(change, &stored)?;
    let id = found.agent.clone();
    if heard.speaker.as_ref().is_some_and(|speaker| *speaker != id) {
        return Err(Error::Refused(format!(
            "The session belongs to the agent '{id}' by now; send the event again."
        )));
    }
    let before = stored.clone();
    let mut scene = Scene::new(found, stored, change.now, heard.wait.as_ref());
    if scene.main.ended_at.is_some() {
        let revives = matches!(
            heard.hook.deed,
            Deed::Born { .. } | Deed::Work(_) | Deed::Waits(_) | Deed::ChildStart
        );
        if heard.late || !revives {
            return Ok(HookApplied {
                agent: Some(id),
                ..HookApplied::default()
            });
        }
        scene.main.ended_at = None;
    }
    set_heard(&mut scene.stored, change.now);
    if !scene.is_child()
        && let Some(folder) = &heard.hook.folder
    {
        scene.main.folder = Some(folder.clone());
    }
    if !heard.late {
        deed::perform(change, project, heard, &mut scene, &folder)?;
    }
    let agent = &mut scene.stored.agent;
    if let Some(name) = heard.branch.as_ref().filter(|_| agent.generation.is_none())
        && branch::fault(name).is_none()
        && name.chars().count() <= change.limits.branch_chars
    {
        agent.branch.clone_from(name);
    }
    scene.store(change, project)?;
    super::save(change, project, &mut scene.stored)?;
    let is_changed = differs(&before, &scene.stored) || scene.has_other_children;
    if is_changed {
        emit_status(change, project, &id)?;
    } else {
        let agent = seen_at(change.agent(project, &id)?, change.now);
        send_sign_of_life(change, project, &agent)?;
    }
    let is_open = scene.stored.agent.status.is_open();
    if before.silent != scene.stored.silent || before.agent.status.is_open() != is_open {
        emit_presence(change, project, Some(&id))?;
    }
    if !heard.late {
        lease_edited(change, project, heard, &scene, &folder)?;
    }
    let waits = (scene.stored.agent.status == AgentStatus::Waiting)
        .then_some(scene.stored.agent.waiting_for)
        .flatten();
    Ok(HookApplied {
        agent: Some(id),
        question: waits.and_then(|wait| wait.request?.parse().ok()),
        reminds: scene.reminds,
    })
}

/// Time for which a soft lease must still last so that another edit does not renew it.
const RENEWED_BELOW_MS: i64 = 14 * 60_000;

/// Takes soft leases on the files in the project that the event edits.
fn lease_edited(
    change: &mut Change<'_>,
    project: &ProjectId,
    heard: &Heard,
    scene: &Scene,
    folder: &str,
) -> Result<()> {
    let Deed::Work(work) = &heard.hook.deed else {
        return Ok(());
    };
    let inside = work.paths.iter();
    let mut paths: Vec<String> = inside
        .filter_map(|path| lease::path_inside(path, folder, change.limits))
        .collect();
    if paths.is_empty() {
        return Ok(());
    }
    let (id, run) = (&scene.stored.agent.id, scene.main.id);
    let now = change.millis();
    for held in change.tx.leases(project)? {
        let is_fresh = held.expires_at.unix_millis(0) - now > RENEWED_BELOW_MS;
        let is_own = held.agent == *id && held.soft && held.run == Some(run);
        if is_own && is_fresh {
            paths.retain(|path| *path != held.path);
        }
    }
    if paths.is_empty() {
        return Ok(());
    }
    let request = LeaseRequest {
        agent: id.clone(),
        paths,
        exclusive: true,
        ttl_seconds: lease::SOFT_TTL_SECONDS,
        reason: None,
        soft: true,
        run: Some(run),
    };
    lease::grant(change, project, &request).map(drop)
}
