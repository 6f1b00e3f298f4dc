//! A page with everything that a view depends on, on which views come and go.

// Every test binary has its own copy of this module and uses a part of it.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::panic
)]

use leptos::prelude::*;
use serde_json::{Value, json};
use tasktree_board::components::board::new_task::provide_new_task;
use tasktree_board::components::board::view::provide_board_view;
use tasktree_board::components::shell::top_bar::BarSlot;
use tasktree_board::i18n::Locale;
use tasktree_board::state::{Load, provide_access, provide_undos, use_board};
use tasktree_board::ui::preference::{Density, LetterKeys, Theme, provide_preference};

use super::memory::{effects, soon, stays_flat};
use super::shell_page::{Ended, all, open};
use super::support::*;

/// Number of views of one kind that are mounted at once: they share the waits, which take most of
/// the time.
pub const COPIES: u32 = 10;

/// Page with everything that a view depends on, and a place for copies of it.
pub struct Stage {
    pub page: Page<Ended>,
    copies: u32,
    pub is_shown: RwSignal<bool>,
}

impl Stage {
    /// Creates a stage with that number of copies of `view`, mounted while they are shown.
    pub fn new<V: IntoView + 'static>(
        copies: u32,
        view: impl Fn() -> V + Send + Sync + 'static,
    ) -> Self {
        Self::below(copies, || (), view)
    }

    /// Creates the same below what `provide` provides once, for the whole page.
    pub fn below<V: IntoView + 'static>(
        copies: u32,
        provide: impl FnOnce() + 'static,
        view: impl Fn() -> V + Send + Sync + 'static,
    ) -> Self {
        let is_shown = RwSignal::new(false);
        let page = open(Locale::En, move || {
            provide_access();
            provide_undos();
            provide_preference::<Theme>();
            provide_preference::<Density>();
            provide_preference::<LetterKeys>();
            provide_new_task();
            provide_board_view();
            provide_context(BarSlot(NodeRef::new()));
            provide();
            let copies = move || (0..copies).map(|_| view().into_any()).collect_view();
            let place = move || is_shown.get().then(&copies);
            view! { <main id="main" style="height: 500px">{place}</main> }.into_any()
        });
        Self {
            page,
            copies,
            is_shown,
        }
    }

    /// Mounts the views, waits for each of them, and drops them, until there were thousands.
    /// `selector` matches once in each view, and one copy has `count` views.
    pub async fn come_and_go(&self, selector: &str, count: u32) {
        let views = self.copies * count;
        stays_flat(views, async |_| {
            self.is_shown.set(true);
            effects().await;
            soon(selector, || {
                all(&self.page, selector).len() == views as usize
            })
            .await;
            self.is_shown.set(false);
            effects().await;
        })
        .await;
    }
}

pub fn project(id: &str, name: &str) -> Value {
    json!({ "id": id, "name": name, "path": "", "created_at": NOW, "updated_at": NOW })
}

/// Answers every request of a page.
pub fn serve_all(tasks: &[Value]) {
    begin();
    serve_board(10, tasks);
    let agent = json!({ "id": "ada", "task_id": "1-p1", "task_title": "One", "started_at": NOW, "last_activity": "reads", "is_alive": true });
    serve_at("GET", "projects/p1/agents", 10, &json!([agent]));
    let projects = json!([project("p1", "First"), project("p2", "Second")]);
    serve("GET", "projects", &projects);
    for project in ["p1", "p2"] {
        let stats = json!({ "total_tasks": 3, "merged_tasks": 1 });
        serve("GET", &format!("projects/{project}/stats"), &stats);
    }
    let line = json!({ "at": NOW, "level": "info", "line": "built" });
    serve("GET", "projects/p1/logs", &json!([line]));
    let created = json!({ "type": "task_created", "project_id": PROJECT, "data": card(1, "One", "unclaimed", 1), "timestamp": NOW, "seq": 10, "epoch": EPOCH });
    let events = json!({ "epoch": EPOCH, "seq": 10, "events": [created] });
    serve("GET", "projects/p1/events", &events);
    serve("GET", "projects/p1/undo", &json!([]));
    let mut task = whole(1, "One", "unclaimed", 1);
    task["description"] = "# Plan\n\n- **first** step".into();
    serve("GET", "projects/p1/tasks/1-p1", &task);
    let history =
        json!([{ "seq": 1, "type": "task_created", "timestamp": NOW, "actor": "human:local" }]);
    serve("GET", "projects/p1/tasks/1-p1/history", &history);
    let comment = json!({ "id": 1, "task_id": "1-p1", "author": "human:ann", "body": "**Done**", "made_at": NOW, "edited_at": null, "deleted_at": null });
    serve("GET", "projects/p1/tasks/1-p1/comments", &json!([comment]));
    let question = json!({ "id": 7, "agent": "ada", "task_id": "1-p1", "kind": "question", "text": "Which?", "asked_at": NOW });
    serve("GET", "projects/p1/questions", &json!([question]));
    serve("GET", "people", &json!([{ "id": "p1", "name": "ann" }]));
    serve("GET", "session", &session("admin"));
    let token = json!({ "id": "t1", "name": "ann", "role": "admin", "project": null, "made_at": NOW, "made_by": "human:ann", "last_used_at": null });
    serve("GET", "tokens", &json!([token]));
}

/// Creates a stage whose project is loaded.
pub async fn loaded<V: IntoView + 'static>(
    copies: u32,
    tasks: &[Value],
    view: impl Fn() -> V + Send + Sync + 'static,
) -> Stage {
    serve_all(tasks);
    let board = RwSignal::new(None);
    let stage = Stage::new(copies, move || {
        board.set(Some(use_board()));
        view()
    });
    // Shown once, to access the state.
    stage.is_shown.set(true);
    until("the project is loaded", || {
        board
            .get_untracked()
            .is_some_and(|board| board.load().get_untracked() == Load::Ready)
    })
    .await;
    stage.is_shown.set(false);
    settle().await;
    stage
}

pub fn one_task() -> [Value; 1] {
    [card(1, "One", "unclaimed", 1)]
}
