//! The list of projects.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use leptos::prelude::*;
use serde_json::Value;
use tasktree_protocol::{Event, Message, Project, ProjectId, StreamId};

use super::apply::is_included;
use super::board::Load;
use super::refetch::Refetch;
use crate::api::{self, ApiError, NewProject};
use crate::net::{StreamGuard, Subscription, Watcher, WebSocketHandle, use_websocket};

/// Delay of the next fetch after a temporary failure, in milliseconds.
const RETRY_MS: i64 = 5_000;

/// All projects of the server, kept up to date.
#[derive(Clone, Copy, Debug)]
pub struct ProjectsState {
    /// Projects, in the server's order.
    pub projects: Signal<Vec<Project>>,
    /// State of loading.
    pub load: Signal<Load>,
    list: RwSignal<Vec<Project>>,
    loaded: RwSignal<Load>,
    running: StoredValue<Option<Running>, LocalStorage>,
}

/// Resources that end with the state.
struct Running {
    refetch: Rc<Refetch>,
    /// Messages received during a fetch; those newer than its cursor are replayed afterwards.
    heard: Vec<Message>,
    _subscription: Subscription,
    _guard: Rc<RefCell<Option<StreamGuard>>>,
}

/// Provides the list of projects to everything below the current owner.
pub fn provide_projects() -> ProjectsState {
    let list = RwSignal::new(Vec::new());
    let loaded = RwSignal::new(Load::Loading);
    let state = ProjectsState {
        projects: list.into(),
        load: loaded.into(),
        list,
        loaded,
        running: StoredValue::new_local(None),
    };
    provide_context(state);
    state.start(use_websocket());
    state
}

/// Returns the list of projects.
///
/// # Panics
/// If [`provide_projects`] was not called above.
#[must_use]
#[track_caller]
pub fn use_projects() -> ProjectsState {
    expect_context()
}

impl ProjectsState {
    /// Reads the list, and keeps it up to date.
    fn start(self, socket: WebSocketHandle) {
        let wanted = Rc::new(Cell::new(false));
        let guard: Rc<RefCell<Option<StreamGuard>>> = Rc::default();
        let refetch = Refetch::new(Box::new({
            let (wanted, guard) = (Rc::clone(&wanted), Rc::clone(&guard));
            move || {
                let (wanted, guard) = (Rc::clone(&wanted), Rc::clone(&guard));
                // Snapshots requested while the fetch runs are answered by the next one.
                let answers = wanted.take();
                self.take_heard();
                Box::pin(async move {
                    match api::list_projects().await {
                        Ok(snapshot) => {
                            self.list.set(snapshot.value);
                            for message in self.take_heard() {
                                if !is_included(&message, snapshot.cursor.as_ref()) {
                                    self.apply(&message);
                                }
                            }
                            self.set_load(Load::Ready);
                            if answers && let Some(guard) = guard.borrow().as_ref() {
                                guard.snapshot_applied(snapshot.cursor);
                            }
                        }
                        Err(error) => {
                            wanted.set(wanted.get() || answers);
                            self.failed(error);
                        }
                    }
                })
            }
        }));
        let subscription = socket.on_message(move |message| self.on_message(message));
        let (asked, refused) = (Rc::downgrade(&refetch), Rc::downgrade(&refetch));
        let watcher = Watcher {
            need_snapshot: Box::new(move |_| {
                wanted.set(true);
                if let Some(refetch) = asked.upgrade() {
                    refetch.ask_now();
                }
            }),
            // All changes of projects are in the log.
            missed: Box::new(|| {}),
            refused: Box::new(move |_| {
                if let Some(refetch) = refused.upgrade() {
                    refetch.ask_now();
                }
            }),
        };
        guard.replace(Some(socket.watch(StreamId::system(), watcher)));
        if !refetch.is_running() {
            refetch.ask_now();
        }
        self.running.set_value(Some(Running {
            refetch,
            heard: Vec::new(),
            _subscription: subscription,
            _guard: guard,
        }));
    }

    fn set_load(self, load: Load) {
        if self.loaded.get_untracked() != load {
            self.loaded.set(load);
        }
    }

    fn failed(self, error: ApiError) {
        if error.is_temporary() {
            // After this fetch has ended: until then it counts as running.
            wasm_bindgen_futures::spawn_local(async move {
                self.with_refetch(|refetch| refetch.ask_in(RETRY_MS));
            });
        }
        if !self.loaded.get_untracked().is_ready() {
            self.set_load(Load::Failed(error));
        }
    }

    fn with_refetch(self, act: impl FnOnce(&Refetch)) {
        let refetch = self
            .running
            .try_with_value(|running| Some(Rc::clone(&running.as_ref()?.refetch)));
        if let Some(refetch) = refetch.flatten() {
            act(&refetch);
        }
    }

    /// Fetches at once, after a failure or when a person requests it.
    pub fn retry(&self) {
        if !self.loaded.get_untracked().is_ready() {
            self.set_load(Load::Loading);
        }
        self.with_refetch(Refetch::ask_now);
    }

    /// Returns the project with that id. Tracked.
    pub fn find(&self, id: &ProjectId) -> Option<Project> {
        self.list
            .read()
            .iter()
            .find(|project| project.id == *id)
            .cloned()
    }

    /// Returns the name of the project with that id, if the server has one. Tracked.
    pub fn name_of(&self, id: &ProjectId) -> Option<String> {
        let list = self.list.read();
        let found = list.iter().find(|project| project.id == *id);
        found.map(|project| project.name.clone())
    }

    fn take_heard(self) -> Vec<Message> {
        let heard = self
            .running
            .try_update_value(|running| Some(std::mem::take(&mut running.as_mut()?.heard)));
        heard.flatten().unwrap_or_default()
    }

    fn on_message(self, message: &Message) {
        if !message.event.kind().starts_with("project_") {
            return;
        }
        self.running.try_update_value(|running| {
            if let Some(running) = running
                && running.refetch.is_running()
            {
                running.heard.push(message.clone());
            }
        });
        self.apply(message);
    }

    fn apply(self, message: &Message) {
        match &message.event {
            Event::ProjectCreated(project) | Event::ProjectUpdated(project) => {
                self.upsert(project.clone());
            }
            Event::ProjectDeleted(deleted) => self.remove(&deleted.project_id),
            _ => self.with_refetch(Refetch::ask),
        }
    }

    fn upsert(self, project: Project) {
        let here = self
            .list
            .read_untracked()
            .iter()
            .position(|other| other.id == project.id);
        match here {
            Some(at) if self.list.read_untracked()[at] == project => {}
            Some(at) => self.list.update(|list| list[at] = project),
            None => self.list.update(|list| list.push(project)),
        }
    }

    fn remove(self, id: &ProjectId) {
        if self
            .list
            .read_untracked()
            .iter()
            .any(|project| project.id == *id)
        {
            self.list
                .update(|list| list.retain(|project| project.id != *id));
        }
    }

    /// Creates a project.
    ///
    /// # Errors
    /// The reason why it could not be created.
    pub async fn create(&self, project: &NewProject) -> Result<Project, ApiError> {
        let made = api::create_project(project).await?;
        self.upsert(made.clone());
        Ok(made)
    }

    /// Sets the fields that `changes` (a JSON object) names.
    ///
    /// # Errors
    /// The reason why they could not be set.
    pub async fn update(&self, id: &ProjectId, changes: &Value) -> Result<Project, ApiError> {
        let changed = api::update_project(id, changes).await?;
        self.upsert(changed.clone());
        Ok(changed)
    }

    /// Deletes a project with everything in it.
    ///
    /// # Errors
    /// The reason why it could not be deleted.
    pub async fn delete(&self, id: &ProjectId) -> Result<(), ApiError> {
        api::delete_project(id).await?;
        self.remove(id);
        Ok(())
    }
}
