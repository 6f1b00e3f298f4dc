//! Texts that a person has written and not sent: closing their form loses none.

use std::cell::RefCell;
use std::collections::HashMap;

use leptos::prelude::*;
use tasktree_protocol::{ProjectId, TaskId, Timestamp};

thread_local! {
    static DRAFTS: RefCell<HashMap<DraftOf, String>> = RefCell::default();
    /// Set while there is a draft.
    static IS_ANY: ArcRwSignal<bool> = ArcRwSignal::new(false);
}

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

/// Returns the unsent draft; empty if there is none.
pub fn draft(of: &DraftOf) -> String {
    DRAFTS.with_borrow(|drafts| drafts.get(of).cloned().unwrap_or_default())
}

/// Keeps a draft until it is sent or the page is left.
pub fn keep_draft(of: &DraftOf, text: &str) {
    DRAFTS.with_borrow_mut(|drafts| {
        if text.trim().is_empty() {
            drafts.remove(of);
        } else {
            drafts.insert(of.clone(), text.to_owned());
        }
    });
    let is_any = DRAFTS.with_borrow(|drafts| !drafts.is_empty());
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
