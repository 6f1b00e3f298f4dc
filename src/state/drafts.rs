//! Texts that a person has written and not sent: closing their form loses none.

use std::cell::RefCell;
use std::collections::HashMap;

use leptos::prelude::*;
use tasktree_protocol::{ProjectId, TaskId, Timestamp};

thread_local! {
    static DRAFTS: RefCell<HashMap<DraftOf, String>> = RefCell::default();
    /// True while there is a draft.
    static IS_ANY: ArcRwSignal<bool> = ArcRwSignal::new(false);
}

/// Purpose of a draft.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum DraftOf {
    /// A comment on the task with that id that was created then: after the database was replaced,
    /// the same id belongs to another task.
    Comment(TaskId, Timestamp),
    /// The new text of the comment with that id that was written then.
    CommentEdit(u64, Timestamp),
    /// An answer to the question with that id that was asked then.
    Answer(u64, Timestamp),
    /// The title of a new task.
    Title(ProjectId),
    /// The description of a new task.
    Description(ProjectId),
    /// The name of a new token.
    Token,
    /// The person whom a new token is for.
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

/// Returns true while a text was written and not sent: a page that is left takes it along. Tracked.
pub fn has_drafts() -> bool {
    IS_ANY.with(|signal| signal.get())
}
