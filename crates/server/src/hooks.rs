//! Hooks of harnesses: from the request to the change of the agent.
//!
//! An event is read, put into a bounded queue and answered. The queue applies the events of a
//! session one after the other, and folds activity, so that a session writes it at most once a
//! second. If the queue is full, activity is dropped; starts, waits and ends are kept.

mod calls;
mod decision;
mod line;
mod metrics;
mod queue;
mod seen;
mod sessions;
mod watch;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tasktree_protocol::agent::Source;
use tasktree_protocol::http::{HookContext, HookSeen};
use tasktree_protocol::{AgentId, ProjectId, TaskId, Timestamp};
use tokio::sync::{Notify, oneshot, watch as signal};

use crate::auth::{Principal, SpeaksAs};
use crate::domain::agent::{Heard, HookApplied};
use crate::domain::hook::{self, Deed};
use crate::error::{Error, Result};
use crate::service::Service;
pub use calls::CallOf;
use calls::Calls;
use line::{Item, Wanted};
pub use metrics::HookMetrics;
use queue::Queue;
use seen::Seen;
use sessions::{Key, Sessions};
pub use watch::QuestionWatch;

/// Request with an event of a harness.
#[derive(Clone, Debug, Default)]
pub struct HookRequest {
    /// Harness that the address names, if it is known.
    pub source: Option<Source>,
    /// Project that the request names.
    pub project: Option<ProjectId>,
    /// Agent that the request names.
    pub agent: Option<AgentId>,
    /// Task that the agent claims when it is registered.
    pub task: Option<TaskId>,
    /// Name of the machine.
    pub machine: Option<String>,
    /// Common directory of the repository.
    pub git_dir: Option<String>,
    /// Branch that is checked out.
    pub branch: Option<String>,
    /// True if the harness waits for a decision.
    pub decides: bool,
    /// Body: the JSON of the harness.
    pub body: Value,
}

/// Result of an event that somebody waits for.
#[derive(Clone, Debug, Default)]
struct Outcome {
    project: Option<ProjectId>,
    applied: HookApplied,
    context: String,
}

/// Doors for hooks. Cloning returns another handle.
#[derive(Clone, Debug)]
pub struct Hooks {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// Service as the server itself.
    service: Service,
    queue: Mutex<Queue>,
    sessions: Mutex<Sessions>,
    calls: Mutex<Calls>,
    seen: Mutex<Seen>,
    /// Wakes the dispatcher.
    work: Notify,
    /// Wakes those who wait until all events are applied.
    drained: Notify,
    /// Wakes those who wait for the agent of a tool call.
    placed: Notify,
    questions: QuestionWatch,
    stopping: signal::Sender<bool>,
    metrics: HookMetrics,
    deciding: Arc<tokio::sync::Semaphore>,
}

impl Hooks {
    /// Creates the doors, with the stored last events of harnesses.
    ///
    /// `service` acts for the server itself, and `questions` learns of its commits.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn open(
        service: Service,
        questions: QuestionWatch,
        metrics: HookMetrics,
    ) -> Result<Self> {
        let seen = Seen::of(service.stored_hooks_seen().await?);
        Ok(Self {
            shared: Arc::new(Shared {
                service,
                queue: Mutex::default(),
                sessions: Mutex::default(),
                calls: Mutex::default(),
                seen: Mutex::new(seen),
                work: Notify::new(),
                drained: Notify::new(),
                placed: Notify::new(),
                questions,
                stopping: signal::Sender::new(false),
                metrics,
                deciding: Arc::new(tokio::sync::Semaphore::new(decision::WAITING)),
            }),
        })
    }

    /// Takes an event in; it is applied later.
    pub fn take(&self, principal: &Principal, request: HookRequest) {
        if let Some(item) = self.receive(principal, request, Wanted::Nothing) {
            self.put(item);
        }
    }

    /// Applies an event, and returns the context of its agent.
    ///
    /// # Errors
    /// If the event is refused or the store fails.
    pub async fn brief(&self, principal: &Principal, request: HookRequest) -> Result<HookContext> {
        let outcome = self.apply_now(principal, request, true).await?;
        Ok(HookContext {
            agent: outcome.applied.agent,
            project: outcome.project,
            context: outcome.context,
        })
    }

    /// Applies an event after the earlier ones of its session, and waits for that.
    async fn apply_now(
        &self,
        principal: &Principal,
        request: HookRequest,
        briefs: bool,
    ) -> Result<Outcome> {
        let (answer, outcome) = oneshot::channel();
        let wanted = Wanted::Outcome { briefs, answer };
        let Some(item) = self.receive(principal, request, wanted) else {
            return Ok(Outcome::default());
        };
        self.put(item);
        outcome.await.unwrap_or_else(|_| {
            Err(Error::Refused(
                "Too many events of harnesses wait; try again later.".to_owned(),
            ))
        })
    }

    /// Reads a received event; none if it names neither a session nor a folder.
    fn receive(&self, principal: &Principal, request: HookRequest, wanted: Wanted) -> Option<Item> {
        let source = hook::detect(&request.body, request.source);
        self.shared.metrics.received(source);
        let item = self.read(principal, request, wanted);
        if item.is_none() {
            self.shared.metrics.dropped("no_session");
        }
        item
    }

    fn read(&self, principal: &Principal, request: HookRequest, wanted: Wanted) -> Option<Item> {
        let arrived = self.shared.service.now().unix_millis(0);
        let hook = hook::read(&request.body, request.source, arrived)?;
        let key = Key::new(principal, &request, &hook);
        if let Some(call) = hook.tool_use_id.clone() {
            let call_of = calls::Entry {
                key: key.clone(),
                subagent: hook.subagent.clone(),
                arrived,
            };
            lock(&self.shared.calls).note(call, call_of);
        }
        Some(Item {
            key,
            principal: principal.clone(),
            project: request.project,
            agent: request.agent,
            task: request.task,
            machine: request.machine.unwrap_or_default(),
            git_dir: request.git_dir,
            branch: request.branch,
            decides: request.decides,
            hook,
            events: 1,
            arrived,
            wanted,
        })
    }

    /// Puts an event into the queue.
    fn put(&self, item: Item) {
        let dropped = lock(&self.shared.queue).push(item);
        for _ in 0..dropped {
            self.shared.metrics.dropped("queue_full");
        }
        self.shared.work.notify_one();
    }

    /// Applies one event; returns its outcome.
    async fn apply(&self, item: &Item) -> Result<Outcome> {
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
        let mut sessions = lock(&self.shared.sessions);
        sessions.note(
            &item.key,
            &project,
            briefed.applied.agent.as_ref(),
            |memory| {
                if !late {
                    memory.note(hook, item.arrived);
                }
            },
        );
        drop(sessions);
        self.shared.placed.notify_waiters();
        Ok(Outcome {
            project: Some(project),
            applied: briefed.applied,
            context: briefed.context,
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

    /// Returns the last events of the harnesses, of one project or of all that the caller reaches.
    pub fn seen(&self, principal: &Principal, project: Option<&ProjectId>) -> Vec<HookSeen> {
        let scope = principal.scope();
        lock(&self.shared.seen).of_projects(|of| match (project, of) {
            (Some(project), of) => of == Some(project) && scope.has(project),
            (None, Some(of)) => scope.has(of),
            (None, None) => scope.project().is_none(),
        })
    }
}

/// Returns true for an error that another name, or no task, may avoid.
const fn is_refusal(error: &Error) -> bool {
    !matches!(error, Error::Storage { .. } | Error::Internal(_))
}

/// Locks a mutex. No code panics while it holds one, so a poisoned one is as good.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns the identity of a caller, so that no caller sees another's sessions.
fn caller(principal: &Principal) -> String {
    match principal.speaks_as() {
        SpeaksAs::Agent { credential, .. } if !credential.starts_with("name:") => {
            credential.clone()
        }
        _ => principal.credential().unwrap_or_default().to_owned(),
    }
}
