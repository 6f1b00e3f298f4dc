//! Texts that a person has written and not sent: closing what they are written in loses none.

use std::cell::RefCell;
use std::collections::HashMap;

use tasktree_protocol::TaskId;

thread_local! {
    static DRAFTS: RefCell<HashMap<DraftOf, String>> = RefCell::default();
}

/// Text that a draft becomes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum DraftOf {
    /// A comment on a task.
    Comment(TaskId),
    /// An answer to the question of that number.
    Answer(u64),
}

/// Returns what was written and not sent.
pub fn draft(of: &DraftOf) -> String {
    DRAFTS.with_borrow(|drafts| drafts.get(of).cloned().unwrap_or_default())
}

/// Keeps what is being written until it is sent or the page is left.
pub fn keep_draft(of: &DraftOf, text: &str) {
    DRAFTS.with_borrow_mut(|drafts| {
        if text.trim().is_empty() {
            drafts.remove(of);
        } else {
            drafts.insert(of.clone(), text.to_owned());
        }
    });
}
