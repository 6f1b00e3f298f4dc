//! Texts that a person has written and not sent: closing their form loses none, and neither does
//! [`reload`].

use std::cell::RefCell;
use std::collections::HashMap;

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::{spawn_local, tick};
use tasktree_protocol::{ProjectId, TaskId, Timestamp};

thread_local! {
    /// Texts by [`DraftOf::key`].
    static DRAFTS: RefCell<HashMap<String, String>> = RefCell::new(carried());
    /// Set while there is a draft that leaving the page would lose.
    static IS_ANY: ArcRwSignal<bool> = ArcRwSignal::new(!DRAFTS.with_borrow(HashMap::is_empty));
}

/// Key under which [`reload`] carries drafts over. The storage belongs to the tab, and the entry
/// exists only while the page loads, so nobody else reads them.
const KEY: &str = "tasktree.drafts";

/// Time after which a reload that has not begun was canceled by the person, in milliseconds.
const CANCELED_MS: u32 = 1_000;

/// Purpose of a draft.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum DraftOf {
    /// Comment on the task with that id and that time of creation: after the database was replaced,
    /// the same id belongs to another task.
    Comment(TaskId, Timestamp),
    /// New text of the comment with that id and that time of creation.
    CommentEdit(u64, Timestamp),
    /// Answer to the question with that id and that time.
    Answer(u64, Timestamp),
    /// Title of a new task.
    Title(ProjectId),
    /// Description of a new task.
    Description(ProjectId),
    /// Name of a new token.
    Token,
    /// Person who owns a new token.
    Person,
}

impl DraftOf {
    /// Returns a name that no other purpose has, on this page and on the next one.
    fn key(&self) -> String {
        match self {
            Self::Comment(task, created) => format!("comment {} {task}", created.unix_millis(0)),
            Self::CommentEdit(id, created) => {
                format!("comment edit {} {id}", created.unix_millis(0))
            }
            Self::Answer(id, asked) => format!("answer {} {id}", asked.unix_millis(0)),
            Self::Title(project) => format!("title {project}"),
            Self::Description(project) => format!("description {project}"),
            Self::Token => "token".to_owned(),
            Self::Person => "person".to_owned(),
        }
    }
}

/// Returns the unsent draft; empty if there is none.
pub fn draft(of: &DraftOf) -> String {
    DRAFTS.with_borrow(|drafts| drafts.get(&of.key()).cloned().unwrap_or_default())
}

/// Keeps a draft until it is sent or the page is left.
pub fn keep_draft(of: &DraftOf, text: &str) {
    DRAFTS.with_borrow_mut(|drafts| {
        if text.trim().is_empty() {
            drafts.remove(&of.key());
        } else {
            drafts.insert(of.key(), text.to_owned());
        }
    });
    set_any(DRAFTS.with_borrow(|drafts| !drafts.is_empty()));
}

fn set_any(is_any: bool) {
    IS_ANY.with(|signal| {
        if signal.get_untracked() != is_any {
            signal.set(is_any);
        }
    });
}

/// Returns true while there is a draft: leaving the page would lose it. Tracked.
pub fn has_drafts() -> bool {
    IS_ANY.with(|signal| signal.get())
}

/// Reloads the page, and carries the drafts over. The browser asks first if anything else would be
/// lost, or if it refuses to store them.
pub fn reload() {
    spawn_local(async {
        if carry() {
            set_any(false);
            // The question of the browser depends on an effect.
            tick().await;
        }
        // It fails only in a page without an address.
        drop(window().location().reload());
        TimeoutFuture::new(CANCELED_MS).await;
        set_any(DRAFTS.with_borrow(|drafts| !drafts.is_empty()));
    });
}

/// Stores the drafts for the next page of this tab. Returns true if none would be lost.
fn carry() -> bool {
    let stored = DRAFTS.with_borrow(|drafts| {
        let text = serde_json::to_string(drafts).ok()?;
        let storage = window().session_storage().ok().flatten()?;
        storage.set_item(KEY, &text).ok()
    });
    stored.is_some()
}

/// Takes the drafts that the last page of this tab carried over.
fn carried() -> HashMap<String, String> {
    let taken = || {
        let storage = window().session_storage().ok().flatten()?;
        let text = storage.get_item(KEY).ok().flatten()?;
        storage.remove_item(KEY).ok()?;
        serde_json::from_str(&text).ok()
    };
    taken().unwrap_or_default()
}
