//! Resets of all tasks, and which of them can no longer be undone.

use std::collections::BTreeSet;

use leptos::prelude::*;
use tasktree_protocol::ProjectId;

use crate::api::{self, ApiError, Undone};

/// Undo state of this page. It can be copied into callbacks.
#[derive(Clone, Copy, Debug)]
pub struct Undos {
    /// Undos that are used up, under way or expired.
    over: RwSignal<BTreeSet<String>>,
}

/// Provides the undo state to everything below the current owner.
pub fn provide_undos() -> Undos {
    let undos = Undos {
        over: RwSignal::default(),
    };
    provide_context(undos);
    undos
}

/// Returns the undo state of the page.
#[must_use]
pub fn use_undos() -> Undos {
    use_context().unwrap_or_else(provide_undos)
}

impl Undos {
    /// Returns true if the reset can still be undone, as far as is known. Tracked.
    pub fn is_open(&self, undo: &str) -> bool {
        !self.over.with(|over| over.contains(undo))
    }

    /// Asks the server which of the `known` undos it still has. Without an answer they stay as they
    /// were.
    pub async fn check(&self, project: &ProjectId, known: Vec<String>) {
        if known.is_empty() {
            return;
        }
        if let Ok(open) = api::list_undos(project).await {
            let gone = known.into_iter().filter(|undo| !open.contains(undo));
            self.over.try_update(|over| over.extend(gone));
        }
    }

    /// Undoes a reset, once.
    ///
    /// # Errors
    /// The reason why the server did not; status 404 if it was undone before or has expired.
    pub async fn undo(&self, project: &ProjectId, undo: &str) -> Result<Undone, ApiError> {
        // From here on, since a second press would be refused as too late.
        self.over.try_update(|over| over.insert(undo.to_owned()));
        let outcome = api::undo(project, undo).await;
        if outcome.as_ref().is_err_and(|error| !error.is_not_found()) {
            self.over.try_update(|over| over.remove(undo));
        }
        outcome
    }
}
