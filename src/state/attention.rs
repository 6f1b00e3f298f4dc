//! Items of all projects that need a person's attention.
//!
//! The server derives the items, and sends each change of them on the system's stream. Their first
//! fetch follows that of the projects, whose watcher acknowledges positions of the stream: so the
//! items are never older than a position that was acknowledged.

mod followed;
mod list;

use std::rc::Rc;

use leptos::prelude::*;
use tasktree_protocol::attention::{
    AttentionChanged, AttentionItem, AttentionKind, AttentionMark, AttentionMarked,
};
use tasktree_protocol::follower::Config;
use tasktree_protocol::{AgentId, ProjectId, StreamId, TaskId, Timestamp};

use self::list::List;
use super::following::Following;
use super::load::Load;
use super::projects::use_projects;
use crate::api::{self, ApiError};
use crate::net::{Subscription, use_websocket};
use crate::ui::{Clock, boxed_effect, use_clock};

/// Open attention items of all projects that the person may see. All copies are handles to the same
/// list.
#[derive(Clone, Copy, Debug)]
pub struct AttentionState {
    list: RwSignal<List>,
    loaded: RwSignal<Load>,
    /// Set if the last fetch of a loaded list has failed.
    failed: RwSignal<bool>,
    /// Set if the server derives items: an older one does not.
    derived: RwSignal<bool>,
    clock: Clock,
    running: StoredValue<Option<Rc<Running>>, LocalStorage>,
}

/// Resources that end with the list.
struct Running {
    following: Rc<Following>,
    _subscription: Subscription,
}

/// Provides the attention items to everything below the current owner.
pub fn provide_attention() -> AttentionState {
    let attention = AttentionState::new();
    provide_context(attention);
    attention.start();
    attention
}

/// Returns the attention items of the page; without any provided, an empty list.
pub fn use_attention() -> AttentionState {
    use_context().unwrap_or_else(AttentionState::new)
}

impl AttentionState {
    fn new() -> Self {
        Self {
            list: RwSignal::default(),
            loaded: RwSignal::new(Load::Loading),
            failed: RwSignal::new(false),
            derived: RwSignal::new(false),
            clock: use_clock(),
            running: StoredValue::new_local(None),
        }
    }

    fn start(self) {
        let following = Following::new(StreamId::system(), Config::default(), Box::new(self));
        let [heard, asked] = [(); 2].map(|()| Rc::downgrade(&following));
        let subscription = use_websocket().on_message(move |message| {
            if message.event.kind().starts_with("attention_")
                && let Some(following) = heard.upgrade()
            {
                following.on_message(message);
            }
        });
        let shown = use_projects().shown;
        boxed_effect(move || {
            if shown.get() > 0
                && let Some(following) = asked.upgrade()
            {
                following.fetch_now();
            }
        });
        self.running.set_value(Some(Rc::new(Running {
            following,
            _subscription: subscription,
        })));
    }

    /// Returns all items, by kind and age. Tracked.
    pub fn items(self) -> Vec<AttentionItem> {
        self.list.with(|list| list.items.clone())
    }

    /// Returns the state of loading.
    pub fn load(self) -> Signal<Load> {
        self.loaded.into()
    }

    /// Returns a signal that is true if the items could not be refreshed.
    pub fn is_outdated(self) -> Signal<bool> {
        self.failed.into()
    }

    /// Returns true if the server derives items. Tracked.
    pub fn is_derived(self) -> bool {
        self.derived.get()
    }

    /// Returns the number of items that the person has neither done nor snoozed. Tracked.
    pub fn count(self) -> u64 {
        self.list.with(|list| {
            let listed = list.items.iter().filter(|item| self.is_due(item)).count() as u64;
            listed + list.left_out()
        })
    }

    /// Returns the number of items that the server left out of the list. Tracked.
    pub fn left_out(self) -> u64 {
        self.list.with(List::left_out)
    }

    /// Returns the number of open items of a kind in a project. Tracked.
    pub fn count_of(self, project: &ProjectId, kind: AttentionKind) -> u64 {
        self.list.with(|list| list.count_of(project, kind))
    }

    /// Returns true for an item that the person has neither done nor snoozed. Tracked.
    pub fn is_due(self, item: &AttentionItem) -> bool {
        // Read only if it matters: otherwise nothing depends on the clock.
        let is_snoozed = |until: Timestamp| until.unix_millis(0) > self.clock.now_ms();
        !item.done && !item.snoozed_until.is_some_and(is_snoozed)
    }

    /// Returns the item of a question that is open. Tracked.
    pub fn of_question(self, question: u64) -> Option<AttentionItem> {
        self.list.with(|list| {
            let mut items = list.items.iter();
            items.find(|item| item.question == Some(question)).cloned()
        })
    }

    /// Returns the items of a project. Tracked.
    pub fn of_project(self, project: &ProjectId) -> Vec<AttentionItem> {
        self.list.with(|list| {
            let items = list.items.iter().filter(|item| item.project == *project);
            items.cloned().collect()
        })
    }

    /// Returns the most urgent item about a task, or about the agent on it: a lease conflict is
    /// about two agents. Tracked.
    pub fn on_task(
        self,
        project: &ProjectId,
        task: &TaskId,
        agent: Option<&AgentId>,
    ) -> Option<AttentionItem> {
        self.list
            .with(|list| list.on_task(project, task, agent).cloned())
    }

    /// Fetches at once, after a failure or when a person requests it.
    pub fn retry(self) {
        if matches!(self.loaded.get_untracked(), Load::Failed(_)) {
            self.loaded.set(Load::Loading);
        }
        if let Some(running) = self.running.try_get_value().flatten() {
            running.following.fetch_now();
        }
    }

    /// Marks an item as seen: on this page at once, so that a server that refuses the mark is not
    /// asked again at each visit. It only says what the person has looked at: nobody misses it.
    pub async fn see(self, item: &AttentionItem) {
        self.list.try_update(|list| {
            if let Some(item) = list.find(&item.project, item.id) {
                item.seen = true;
            }
        });
        let mark = AttentionMark {
            seen: Some(true),
            ..AttentionMark::default()
        };
        let _ = self.mark(item, &mark).await;
    }

    /// Stores marks of the person on an item.
    ///
    /// # Errors
    /// The reason why they could not be stored.
    pub async fn mark(self, item: &AttentionItem, mark: &AttentionMark) -> Result<(), ApiError> {
        let marked = api::mark_attention(&item.project, item.id, mark).await?;
        self.set_marks(&marked);
        Ok(())
    }

    fn set_marks(self, marked: &AttentionMarked) {
        self.list.try_update(|list| list.set_marks(marked));
    }

    fn set_changed(self, project: &ProjectId, changed: AttentionChanged) {
        let is_incomplete = self.list.with_untracked(|list| !list.rest.is_empty());
        self.list.try_update(|list| list.change(project, changed));
        if is_incomplete {
            self.fetch_soon();
        }
    }

    fn fetch_soon(self) {
        if let Some(running) = self.running.try_get_value().flatten() {
            running.following.fetch_soon();
        }
    }
}
