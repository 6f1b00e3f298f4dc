//! Hooks of harnesses: from the request to the change of the agent.
//!
//! An event is read, put into a bounded queue and answered. The queue applies the events of a
//! session one after the other, and folds activity, so that a session writes it at most once a
//! second. If the queue is full, activity is dropped; starts, waits and ends are kept.

mod apply;
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
use tasktree_protocol::{AgentId, ProjectId, TaskId};
use tokio::sync::{Notify, oneshot, watch as signal};

use crate::auth::{Principal, SpeaksAs};
use crate::domain::agent::HookApplied;
use crate::domain::hook::{self, WaitOf};
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
    /// Origin of the wait in which the session is after it.
    wait: Option<WaitOf>,
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
