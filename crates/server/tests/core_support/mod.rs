//! Shared code of the core's tests: a service on a clock that stands still, and a publisher that
//! records its calls.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::sync::{Arc, Mutex};

use tasktree_protocol::project::NewProject;
use tasktree_protocol::{
    Agent, AgentId, Cursor, Event, Message, NewTask, ProjectId, StreamId, Task, TaskId, TaskPatch,
};
use tasktree_server::actor::Actor;
use tasktree_server::domain::{RegisterAgent, TaskEdit};
use tasktree_server::error::Error;
use tasktree_server::limits::Limits;
use tasktree_server::service::{Ephemeral, ManualClock, Publisher, Service, WriteContext};
use tasktree_server::store::{LoggedEvent, SqliteStore, Store};

/// Returns a change of a task in a version, which takes it from an agent.
pub(crate) fn edit(patch: TaskPatch, if_rev: Option<u64>, take: Option<AgentId>) -> TaskEdit {
    TaskEdit {
        patch,
        if_rev,
        take,
        ..TaskEdit::default()
    }
}

/// Call to a publisher.
#[derive(Clone, Debug)]
pub(crate) enum Told {
    Event(LoggedEvent),
    Reset(StreamId, Cursor),
    Removed(StreamId),
    Ephemeral(StreamId, Ephemeral),
}

#[derive(Default)]
pub(crate) struct Recorder {
    told: Mutex<Vec<Told>>,
}

impl Recorder {
    fn add(&self, told: Told) {
        self.told.lock().unwrap().push(told);
    }

    /// Returns all calls since the last time.
    pub(crate) fn take(&self) -> Vec<Told> {
        std::mem::take(&mut self.told.lock().unwrap())
    }

    /// Returns the events among them, without those about attention items, which follow from the
    /// others.
    pub(crate) fn events(&self) -> Vec<LoggedEvent> {
        let events = self.take().into_iter().filter_map(|told| match told {
            Told::Event(event) if event.kind != "attention_changed" => Some(event),
            _ => None,
        });
        events.collect()
    }

    /// Returns the types of the events among them.
    pub(crate) fn kinds(&self) -> Vec<String> {
        self.events().into_iter().map(|event| event.kind).collect()
    }
}

impl Publisher for Recorder {
    fn published(&self, events: Vec<LoggedEvent>) {
        for event in events {
            self.add(Told::Event(event));
        }
    }

    fn stream_reset(&self, stream: &StreamId, cursor: &Cursor) {
        self.add(Told::Reset(stream.clone(), cursor.clone()));
    }

    fn ephemeral(&self, stream: &StreamId, message: Ephemeral) {
        self.add(Told::Ephemeral(stream.clone(), message));
    }

    fn stream_removed(&self, stream: &StreamId) {
        self.add(Told::Removed(stream.clone()));
    }
}

/// Time of the tests' clock at its start.
pub(crate) const START_MS: i64 = 1_700_000_000_000;

pub(crate) struct Core {
    pub(crate) service: Service,
    pub(crate) told: Arc<Recorder>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) project: ProjectId,
}

impl Core {
    /// Creates a service over a store, with the project `alpha`.
    pub(crate) async fn over(store: Arc<dyn Store>) -> Self {
        Self::with(store, Limits::default()).await
    }

    pub(crate) async fn with(store: Arc<dyn Store>, limits: Limits) -> Self {
        let told = Arc::new(Recorder::default());
        let clock = Arc::new(ManualClock::at(START_MS));
        let service = Service::with(store, told.clone(), clock.clone(), limits);
        service
            .create_project(human(), NewProject::new("alpha", "Alpha"))
            .await
            .unwrap();
        told.take();
        Self {
            service,
            told,
            clock,
            project: "alpha".into(),
        }
    }

    pub(crate) async fn in_memory() -> Self {
        Self::over(Arc::new(SqliteStore::in_memory().unwrap())).await
    }

    pub(crate) async fn task(&self, title: &str) -> Task {
        self.task_after(title, &[]).await
    }

    /// Registers an agent, and claims that task for it.
    pub(crate) async fn register(&self, id: &str, task: Option<&str>) -> Result<Agent, Error> {
        let new = RegisterAgent {
            id: id.into(),
            task_id: task.map(Into::into),
            branch: None,
            description: None,
            run: None,
        };
        let made = self.service.register_agent(human(), &self.project, new);
        made.await.map(|receipt| receipt.value)
    }

    /// Creates a task that depends on others.
    pub(crate) async fn task_after(&self, title: &str, dependencies: &[&str]) -> Task {
        let dependencies = dependencies.iter().map(|id| TaskId::from(*id)).collect();
        let new = NewTask {
            title: title.to_owned(),
            dependencies,
            ..NewTask::default()
        };
        self.service
            .create_task(human(), &self.project, new)
            .await
            .unwrap()
            .value
    }
}

pub(crate) fn human() -> WriteContext {
    WriteContext::new(Actor::local())
}

pub(crate) fn message(event: &LoggedEvent) -> Message {
    serde_json::from_slice(&event.v1).unwrap()
}

pub(crate) fn event(logged: &LoggedEvent) -> Event {
    message(logged).event
}
