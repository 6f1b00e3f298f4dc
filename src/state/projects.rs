//! The list of projects.

use std::rc::Rc;

use leptos::prelude::*;
use serde_json::Value;
use tasktree_protocol::follower::{Config, Input};
use tasktree_protocol::session::SnapshotReason;
use tasktree_protocol::{Cursor, Event, Message, Project, ProjectId, StreamId};

use super::following::{Fetching, Followed, Following, Replace};
use super::load::Load;
use crate::api::{self, ApiError, NewProject};
use crate::net::{StreamGuard, Subscription, Watcher, WebSocketHandle, use_websocket};

/// All projects of the server, kept up to date.
#[derive(Clone, Copy, Debug)]
pub struct ProjectsState {
    /// Projects, in the server's order.
    pub projects: Signal<Vec<Project>>,
    /// State of loading.
    pub load: Signal<Load>,
    /// Number of snapshots shown. Other lists of the system's stream are fetched after each.
    pub(super) shown: Signal<u32>,
    snapshots: RwSignal<u32>,
    list: RwSignal<Vec<Project>>,
    loaded: RwSignal<Load>,
    running: StoredValue<Option<Rc<Running>>, LocalStorage>,
}

/// Resources that end with the state.
struct Running {
    following: Rc<Following>,
    guard: StreamGuard,
    _subscription: Subscription,
}

/// Provides the list of projects to everything below the current owner.
pub fn provide_projects() -> ProjectsState {
    let list = RwSignal::new(Vec::new());
    let loaded = RwSignal::new(Load::Loading);
    let snapshots = RwSignal::new(0);
    let state = ProjectsState {
        projects: list.into(),
        load: loaded.into(),
        shown: snapshots.into(),
        snapshots,
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
        let following = Following::new(StreamId::system(), Config::default(), Box::new(self));
        following.fetch_now();
        let [heard, asked, refused] = [(); 3].map(|()| Rc::downgrade(&following));
        let subscription = socket.on_message(move |message| {
            if message.event.kind().starts_with("project_")
                && let Some(following) = heard.upgrade()
            {
                following.on_message(message);
            }
        });
        let watcher = Watcher {
            need_snapshot: Box::new(move |reason| {
                if let Some(following) = asked.upgrade() {
                    let first = reason == SnapshotReason::New;
                    following.input(Input::SnapshotWanted { first });
                }
            }),
            // All changes of projects are in the log.
            missed: Box::new(|| {}),
            refused: Box::new(move |_| {
                if let Some(following) = refused.upgrade() {
                    following.fetch_now();
                }
            }),
        };
        let guard = socket.watch(StreamId::system(), watcher);
        self.running.set_value(Some(Rc::new(Running {
            following,
            guard,
            _subscription: subscription,
        })));
    }

    fn set_load(self, load: Load) {
        if self.loaded.get_untracked() != load {
            self.loaded.set(load);
        }
    }

    fn running(self) -> Option<Rc<Running>> {
        self.running.try_get_value().flatten()
    }

    /// Fetches at once, after a failure or when a person requests it.
    pub fn retry(&self) {
        if !self.loaded.get_untracked().is_ready() {
            self.set_load(Load::Loading);
        }
        if let Some(running) = self.running() {
            running.following.fetch_now();
        }
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

impl Followed for ProjectsState {
    fn fetch(&self) -> Fetching {
        let list = self.list;
        Box::pin(async move {
            let projects = api::list_projects().await?;
            Ok(projects.map(|projects| -> Replace { Box::new(move || list.set(projects)) }))
        })
    }

    fn apply(&self, message: &Message, _: bool) {
        match &message.event {
            Event::ProjectCreated(project) | Event::ProjectUpdated(project) => {
                self.upsert(project.clone());
            }
            Event::ProjectDeleted(deleted) => self.remove(&deleted.project_id),
            _ => {
                if let Some(running) = self.running() {
                    running.following.fetch_soon();
                }
            }
        }
    }

    fn show(&self) {
        self.set_load(Load::Ready);
        self.snapshots.update(|count| *count += 1);
    }

    fn acknowledge(&self, cursor: Option<Cursor>) {
        if let Some(running) = self.running() {
            running.guard.snapshot_applied(cursor);
        }
    }

    fn failed(&self, error: ApiError) -> bool {
        let is_temporary = error.is_temporary();
        if !self.loaded.get_untracked().is_ready() {
            self.set_load(Load::Failed(error));
        }
        is_temporary
    }
}
