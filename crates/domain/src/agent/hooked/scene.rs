//! Rows that an event changes.

use tasktree_protocol::agent::Run;
use tasktree_protocol::{ProjectId, Timestamp};

use super::session::Found;
use crate::Change;
use crate::error::Result;
use crate::hook::WaitOf;
use crate::store::StoredAgent;

/// Rows that an event changes, before they are stored.
pub(super) struct Scene {
    pub(super) stored: StoredAgent,
    pub(super) main: Run,
    main_before: Run,
    pub(super) child: Option<Run>,
    child_before: Option<Run>,
    pub(super) child_session: Option<String>,
    /// True if a subagent began or ended.
    pub(super) has_other_children: bool,
    /// Origin of the agent's wait, if an event of a harness is it.
    pub(super) wait: Option<WaitOf>,
    /// True if the event reminds of a question that is open.
    pub(super) reminds: bool,
}

impl Scene {
    /// Sets the scene of an event. `last_wait` is the origin of the last wait that an event began;
    /// the agent may have asked something else since.
    pub(super) fn new(
        found: Found,
        stored: StoredAgent,
        now: Timestamp,
        last_wait: Option<&WaitOf>,
    ) -> Self {
        let asked = stored.agent.waiting_for.as_ref();
        let asked = asked.and_then(|wait| wait.request.as_deref()?.parse().ok());
        let lasts = |wait: &&WaitOf| wait.question.is_some() && wait.question == asked;
        let wait = last_wait.filter(lasts).cloned();
        let mut scene = Self {
            stored,
            main_before: found.main.clone(),
            main: found.main,
            child_before: found.child.clone(),
            child: found.child,
            child_session: found.child_session,
            has_other_children: false,
            wait,
            reminds: false,
        };
        scene.main.seen_at = now;
        scene
    }

    /// Returns true for an event about a subagent.
    pub(super) fn is_child(&self) -> bool {
        self.child_session.is_some()
    }

    /// Stores the runs, and puts the main one into the agent's row if it is the newest.
    pub(super) fn store(&mut self, change: &mut Change<'_>, project: &ProjectId) -> Result<()> {
        let id = self.stored.agent.id.clone();
        if self.main != self.main_before {
            change
                .tx
                .put_run(project, &id, &self.main_before, &self.main)?;
            self.main_before = self.main.clone();
        }
        if let (Some(before), Some(after)) = (&self.child_before, &self.child)
            && before != after
        {
            change.tx.put_run(project, &id, before, after)?;
            self.child_before = self.child.clone();
        }
        let current = &mut self.stored.agent.run;
        let is_current = current
            .as_ref()
            .is_none_or(|run| run.id == self.main.id || run.ended_at.is_some());
        if is_current {
            *current = Some(self.main.clone());
        }
        Ok(())
    }

    /// Forgets that the main run was running, after its end was stored.
    pub(super) fn main_has_ended(&mut self, now: Timestamp) {
        (self.main.ended_at, self.main.turn_open) = (Some(now), false);
        (self.main_before.ended_at, self.main_before.turn_open) = (Some(now), false);
    }

    /// Forgets that the main run was stored as ended, after that was done to end its subagents.
    pub(super) fn main_was_ended(&mut self, now: Timestamp) {
        (self.main_before.ended_at, self.main_before.turn_open) = (Some(now), false);
    }

    /// Sets the subagent's run, which was just stored.
    pub(super) fn set_child(&mut self, run: Run) {
        self.child_before = Some(run.clone());
        self.child = Some(run);
        self.has_other_children = true;
    }
}
