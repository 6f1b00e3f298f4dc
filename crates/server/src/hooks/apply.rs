//! Application of one event: its project and its agent, and what its session remembers of it.

use tasktree_protocol::http::HookSeen;
use tasktree_protocol::{ProjectId, Timestamp};

use super::line::Item;
use super::{Hooks, Outcome, lock};
use crate::domain::agent::Heard;
use crate::domain::hook::{Deed, WaitOf};
use crate::error::{Error, Result};
use crate::service::Service;

impl Hooks {
    /// Applies one event; returns its outcome.
    pub(super) async fn apply(&self, item: &Item) -> Result<Outcome> {
        let known = lock(&self.shared.sessions).get(&item.key);
        let hook = &item.hook;
        let late = known.memory.is_late(hook, item.arrived);
        let acting = self.shared.service.acting_for(item.principal.clone());
        let project = self.place(&acting, item, known.project.clone()).await;
        let Some(project) = project else {
            self.note_seen(None, item);
            self.shared.metrics.unplaced();
            return Ok(Outcome::default());
        };
        // The agent that acted before, unless the session moved or the request names another.
        let remembered = known.agent.clone().filter(|agent| {
            known.project.as_ref() == Some(&project)
                && item.agent.as_ref().is_none_or(|named| named == agent)
        });
        let mut heard = Heard {
            hook: hook.clone(),
            agent: item.agent.clone(),
            task: item.task.clone(),
            machine: item.machine.clone(),
            branch: item.branch.clone(),
            late,
            wait: known.memory.wait().cloned(),
            decides: item.decides,
            speaker: remembered,
        };
        let briefed = loop {
            match acting
                .apply_hook(&project, heard.clone(), item.wanted.briefs())
                .await
            {
                Ok(briefed) => break briefed,
                Err(error) => {
                    if matches!(error, Error::NotFound(_)) {
                        // The project may be gone.
                        lock(&self.shared.sessions).forget(&item.key);
                    }
                    // The name may be another session's by now, or the task another agent's.
                    let changes = heard.speaker.take().is_some() || heard.task.take().is_some();
                    if !changes || !is_refusal(&error) {
                        return Err(error);
                    }
                }
            }
        };
        self.note_seen(Some(&project), item);
        let applied = briefed.applied;
        let asks = |wait: &WaitOf| applied.question.is_some() && wait.question == applied.question;
        let wait = {
            let mut sessions = lock(&self.shared.sessions);
            let (key, agent) = (&item.key, applied.agent.as_ref());
            let memory = sessions.note(key, &project, agent);
            if !late {
                memory.note(hook, item.arrived, applied.asked());
            }
            memory.wait().filter(|wait| asks(wait)).cloned()
        };
        self.shared.placed.notify_waiters();
        Ok(Outcome {
            project: Some(project),
            applied,
            context: briefed.context,
            wait,
        })
    }

    /// Returns the project of an event: the one that the request names, that of its session, that
    /// of its folder, or the caller's only one.
    async fn place(
        &self,
        acting: &Service,
        item: &Item,
        known: Option<ProjectId>,
    ) -> Option<ProjectId> {
        if let Some(named) = &item.project {
            let scope = acting.principal().scope();
            return scope.has(named).then(|| named.clone());
        }
        let moves = matches!(item.hook.deed, Deed::Born { .. });
        if let Some(known) = known.filter(|_| !moves) {
            return Some(known);
        }
        let (folder, git_dir) = (item.hook.folder.clone(), item.git_dir.clone());
        acting.project_of_folder(folder, git_dir).await.ok()
    }

    fn note_seen(&self, project: Option<&ProjectId>, item: &Item) {
        let seen = HookSeen {
            source: item.hook.source,
            last_event: item.hook.event.clone(),
            last_at: Timestamp::from_unix_millis(item.arrived),
            events: item.events,
        };
        lock(&self.shared.seen).note(project, seen);
    }
}

/// Returns true for an error that another name, or no task, may avoid.
const fn is_refusal(error: &Error) -> bool {
    !matches!(error, Error::Storage { .. } | Error::Internal(_))
}
