//! Resets of all tasks, and which of them cannot be undone any more.

use std::collections::BTreeSet;

use leptos::prelude::*;
use tasktree_protocol::ProjectId;

use crate::api::{self, ApiError, Undone};

/// What this page knows of undos. It can be copied into callbacks.
#[derive(Clone, Copy, Debug)]
pub struct Undos {
    /// Those that are used up, under way or too old.
    over: RwSignal<BTreeSet<String>>,
}

/// Gives everything below what the page knows of undos.
pub fn provide_undos() -> Undos {
    let undos = Undos {
        over: RwSignal::default(),
    };
    provide_context(undos);
    undos
}

/// What the page knows of undos.
#[must_use]
pub fn use_undos() -> Undos {
    use_context().unwrap_or_else(provide_undos)
}

impl Undos {
    /// Whether that may still be undone, as far as is known. Tracked.
    pub fn is_open(&self, undo: &str) -> bool {
        !self.over.with(|over| over.contains(undo))
    }

    /// Asks the server which of those that are `known` it still has. Without an answer they stay as they were.
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
    /// Why the server did not: with status 404, because it was undone before or is too long ago.
    pub async fn undo(&self, project: &ProjectId, undo: &str) -> Result<Undone, ApiError> {
        // From here on: a second press would be refused as one that comes too late.
        self.over.try_update(|over| over.insert(undo.to_owned()));
        let outcome = api::undo(project, undo).await;
        if outcome.as_ref().is_err_and(|error| !error.is_not_found()) {
            self.over.try_update(|over| over.remove(undo));
        }
        outcome
    }
}
