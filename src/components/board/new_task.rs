//! The draft of a new task, kept while its form and its project open and close.

use leptos::prelude::*;
use tasktree_protocol::error::code;
use tasktree_protocol::{Epoch, NewTask, TaskId, WireError};

use crate::state::{
    BoardState, DraftOf, HANDED_OVER, draft, has_drafts, keep_draft, use_board, use_unsent,
};
use crate::ui::boxed_effect;

/// Handle to the draft; each project has one.
#[derive(Clone, Copy, Debug)]
pub struct NewTaskDraft {
    /// Set while the form is open.
    pub is_open: RwSignal<bool>,
    /// Title of the task.
    pub title: RwSignal<String>,
    /// Description of the task.
    pub description: RwSignal<String>,
    /// Priority of the task; it stays for the next task.
    pub priority: RwSignal<u32>,
    /// Dependencies of the task.
    pub dependencies: RwSignal<Vec<TaskId>>,
    /// Reason why it was not added.
    pub problem: RwSignal<Option<String>>,
    board: BoardState,
    /// Epoch of the project in which the dependencies were chosen.
    chosen_in: RwSignal<Option<Epoch>>,
}

/// Task as it is written in the form.
#[derive(Clone, Debug)]
pub struct Written {
    /// The task.
    pub task: NewTask,
    /// Epoch of the project that its dependencies are from; `None` if it has none.
    pub epoch: Option<Epoch>,
}

/// Returns the provided draft, or creates one for everything below if there is none yet.
pub fn use_new_task() -> NewTaskDraft {
    use_context().unwrap_or_else(provide_new_task)
}

/// Longest title that the server accepts, in characters.
pub const TITLE_LIMIT: usize = 500;

/// Returns true if the server would refuse a title as too long. Fields report that and do not cut
/// it: the end of a pasted text would be lost unseen.
pub fn is_title_too_long(title: &str) -> bool {
    title.trim().chars().count() > TITLE_LIMIT
}

/// Creates a draft for everything below, with the text typed for the project before.
pub fn provide_new_task() -> NewTaskDraft {
    let board = use_board();
    let project = board.project();
    let kept = |of: DraftOf| {
        let text = RwSignal::new(draft(&of));
        boxed_effect(move || keep_draft(&of, &text.read()));
        text
    };
    let (title, description) = (
        kept(DraftOf::Title(project.clone())),
        kept(DraftOf::Description(project)),
    );
    let is_written = !untrack(|| title.read().is_empty() && description.read().is_empty());
    let draft = NewTaskDraft {
        is_open: RwSignal::new(is_written),
        title,
        description,
        priority: RwSignal::new(0),
        dependencies: RwSignal::default(),
        problem: RwSignal::new(None),
        board,
        chosen_in: RwSignal::new(None),
    };
    // Leaving the page loses the draft, so the browser asks first, even if the form is closed. A
    // reload that carries it over asks nothing.
    use_unsent().hold_while(move || has_drafts() && !draft.is_empty());
    provide_context(draft);
    draft
}

impl NewTaskDraft {
    /// Returns true if nothing is written. Tracked.
    pub fn is_empty(&self) -> bool {
        let is_blank = |text: &String| text.trim().is_empty();
        self.title.with(is_blank) && self.description.with(is_blank)
    }

    /// Returns the task as it is written; `None` without a title.
    pub fn read(&self) -> Option<Written> {
        let title = self.title.read_untracked().trim().to_owned();
        let description = self.description.get_untracked();
        let dependencies = self.dependencies.get_untracked();
        (!title.is_empty()).then(|| Written {
            epoch: self
                .chosen_in
                .get_untracked()
                .filter(|_| !dependencies.is_empty()),
            task: NewTask {
                title,
                description: Some(description).filter(|text| !text.trim().is_empty()),
                priority: self.priority.get_untracked(),
                dependencies,
                ..NewTask::default()
            },
        })
    }

    /// Chooses the dependencies. They are for the project as it is now: after the database was
    /// replaced, other tasks have their numbers.
    pub fn choose(&self, dependencies: Vec<TaskId>) {
        if self.dependencies.with_untracked(Vec::is_empty) {
            let bound = self.board.bound();
            self.chosen_in.set(bound.and_then(|bound| bound.epoch));
        }
        self.dependencies.set(dependencies);
    }

    /// Clears the form for the next task.
    pub fn clear(&self) {
        self.problem.set(None);
        self.title.set(String::new());
        self.description.set(String::new());
        self.dependencies.set(Vec::new());
    }

    /// Puts a task that was not added back into the form, with the reason. Does nothing if the next
    /// one is being written, the project was left, or another page adds the task. Returns true if
    /// it did.
    pub fn take_back(&self, written: Written, error: &WireError, problem: String) -> bool {
        let is_elsewhere = error.code == HANDED_OVER;
        if is_elsewhere || self.title.is_disposed() || !untrack(|| self.is_empty()) {
            return false;
        }
        let Written { task, epoch } = written;
        self.problem.set(Some(problem));
        self.title.set(task.title);
        self.description.set(task.description.unwrap_or_default());
        if error.code != code::REPLACED {
            self.dependencies.set(task.dependencies);
            self.chosen_in.set(epoch);
        }
        true
    }
}
