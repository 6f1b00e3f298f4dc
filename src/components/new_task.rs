//! The task that somebody is about to add: what they have typed of it, kept while the form for it comes and goes.

use leptos::prelude::*;
use tasktree_protocol::{NewTask, TaskId};

use crate::state::use_unsent;

/// The handle to it, one a project.
#[derive(Clone, Copy, Debug)]
pub struct NewTaskDraft {
    /// Whether the form is open.
    pub is_open: RwSignal<bool>,
    /// The title.
    pub title: RwSignal<String>,
    /// The description.
    pub description: RwSignal<String>,
    /// The priority; it stays for the next task.
    pub priority: RwSignal<u32>,
    /// What it waits for.
    pub dependencies: RwSignal<Vec<TaskId>>,
    /// Why it was not added.
    pub problem: RwSignal<Option<String>>,
}

/// The draft of the surroundings; makes one for everything below where there is none yet.
pub fn use_new_task() -> NewTaskDraft {
    use_context().unwrap_or_else(provide_new_task)
}

/// The longest title that the server takes, in characters.
pub const TITLE_LIMIT: usize = 500;

/// Returns true for a title that the server would refuse as too long. Fields say so and do not cut
/// it: the end of a pasted text would be lost unseen.
pub fn is_title_too_long(title: &str) -> bool {
    title.trim().chars().count() > TITLE_LIMIT
}

/// Makes a draft for everything below. A page that is left takes with it what is in an open form.
pub fn provide_new_task() -> NewTaskDraft {
    let draft = NewTaskDraft {
        is_open: RwSignal::new(false),
        title: RwSignal::default(),
        description: RwSignal::default(),
        priority: RwSignal::new(0),
        dependencies: RwSignal::default(),
        problem: RwSignal::new(None),
    };
    use_unsent().hold_while(move || draft.is_open.get() && !draft.is_empty());
    provide_context(draft);
    draft
}

impl NewTaskDraft {
    /// Whether nothing is written. Tracked.
    pub fn is_empty(&self) -> bool {
        let is_blank = |text: &String| text.trim().is_empty();
        self.title.with(is_blank) && self.description.with(is_blank)
    }

    /// The task as it is written; none without a title.
    pub fn read(&self) -> Option<NewTask> {
        let title = self.title.read_untracked().trim().to_owned();
        let description = self.description.get_untracked();
        (!title.is_empty()).then(|| NewTask {
            title,
            description: Some(description).filter(|text| !text.trim().is_empty()),
            priority: self.priority.get_untracked(),
            dependencies: self.dependencies.get_untracked(),
            ..NewTask::default()
        })
    }

    /// Begins the next one.
    pub fn clear(&self) {
        self.problem.set(None);
        self.title.set(String::new());
        self.description.set(String::new());
        self.dependencies.set(Vec::new());
    }

    /// Takes one back that was not added, and why, unless the next is being written or the project was left. Says whether it did.
    pub fn take_back(&self, task: NewTask, problem: String) -> bool {
        if self.title.is_disposed() || !untrack(|| self.is_empty()) {
            return false;
        }
        self.problem.set(Some(problem));
        self.title.set(task.title);
        self.description.set(task.description.unwrap_or_default());
        self.dependencies.set(task.dependencies);
        true
    }
}
