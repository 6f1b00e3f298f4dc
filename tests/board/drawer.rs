//! The open task: its texts, each field saved on its own, and concurrent changes shown instead of
//! lost.

mod closing;
mod conflicts;
mod dependencies;
mod fields;
mod history;
mod labels;
mod missing;
mod saving;
mod texts;

use crate::board_page::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::{Value, json};
use tasktree_board::components::task::drawer::TaskDrawer;
use tasktree_board::i18n::Locale;
use wasm_bindgen::JsCast;

fn whole(title: &str, description: &str, rev: u64) -> Value {
    let mut row = crate::support::whole(1, title, "unclaimed", rev);
    row["description"] = description.into();
    row
}

fn serve_task(row: &Value) {
    serve("GET", "projects/p1/tasks/1-p1", row);
    serve(
        "GET",
        "projects/p1/tasks/1-p1/history",
        &json!([
            { "seq": 2, "type": "task_updated", "timestamp": NOW, "actor": "agent:builder", "changed": ["title", "updated_at"] },
            { "seq": 1, "type": "task_created", "timestamp": NOW, "actor": "human:local" },
        ]),
    );
}

/// Opens a live board in English, with task 1 open over it.
async fn open_task(row: &Value) -> (Page<OpenBoard>, Peer) {
    open_task_in(Locale::En, row).await
}

/// Opens the same in any language. A click on `#back` closes the drawer as the browser's "back"
/// does.
async fn open_task_in(locale: Locale, row: &Value) -> (Page<OpenBoard>, Peer) {
    begin();
    serve_board(
        10,
        &[card(
            1,
            row["title"].as_str().unwrap(),
            "unclaimed",
            row["rev"].as_u64().unwrap(),
        )],
    );
    serve_task(row);
    let is_open = RwSignal::new(true);
    let page = open_with(locale, move || {
        view! { <button id="back" on:click=move |_| is_open.set(false)></button>
        <Show when=move || is_open.get()><TaskDrawer number=1 /></Show> }
        .into_any()
    });
    let peer = Peer::accept(0, 10).await;
    ready(&page).await;
    peer.subscribed(PROJECT).await;
    until("the task is shown", || {
        count(&page.root, ".task-title-field") == 1
    })
    .await;
    frame().await;
    (page, peer)
}

fn title_field(page: &Page<OpenBoard>) -> web_sys::HtmlTextAreaElement {
    element(&page.root, ".task-title-field").unchecked_into()
}

/// Types a title and presses Enter.
fn write_title(page: &Page<OpenBoard>, title: &str) {
    type_title(page, title);
    key("Enter");
}

/// Types a title and stays in the field.
fn type_title(page: &Page<OpenBoard>, title: &str) {
    let field = title_field(page);
    field.focus().unwrap();
    field.set_value(title);
    let event = web_sys::Event::new("input").unwrap();
    field.dispatch_event(&event).unwrap();
}
