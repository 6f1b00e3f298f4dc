//! Memory of a tab that stays open: each page is visited 5,000 times, and memory does not grow.

use crate::stage::*;
use crate::support::*;
use leptos::prelude::*;
use tasktree_board::address::{Route, View};
use tasktree_board::components::shell::top_bar::{BarSlot, TopBar};
use tasktree_board::pages::inbox::InboxPage;
use tasktree_board::pages::not_found::NotFound;
use tasktree_board::pages::project::ProjectPage;
use tasktree_board::pages::projects::ProjectsPage;
use tasktree_board::pages::settings::SettingsPage;
use tasktree_board::state::provide_attention;
use wasm_bindgen_test::wasm_bindgen_test;

// A new page does not compile without its name here. It also needs a test below.
const _: fn(Route) = |route| match route {
    Route::Project(_, View::Board { .. } | View::Agents | View::Activity)
    | Route::Projects
    | Route::Inbox
    | Route::Settings
    | Route::Nowhere => {}
};

/// Shows a page of the project at an address.
async fn visit(address: &str, selector: &str) {
    serve_all(&one_task());
    let before = go(address);
    let stage = Stage::new(COPIES, || view! { <ProjectPage project=PROJECT.into()/> });
    stage.come_and_go(selector, 1).await;
    drop(stage);
    go(&before);
}

#[wasm_bindgen_test]
async fn pages_of_a_board_come_and_go() {
    visit("/p/p1", ".task-card").await;
}

#[wasm_bindgen_test]
async fn pages_of_agents_come_and_go() {
    visit("/p/p1/agents", ".agent").await;
}

#[wasm_bindgen_test]
async fn pages_of_events_come_and_go() {
    visit("/p/p1/activity", ".feed-row").await;
}

#[wasm_bindgen_test]
async fn pages_of_projects_come_and_go() {
    serve_all(&[]);
    let stage = Stage::new(COPIES, || view! { <ProjectsPage/> });
    stage.come_and_go(".project-row:first-child a", 1).await;
}

#[wasm_bindgen_test]
async fn pages_of_the_inbox_come_and_go() {
    serve_all(&[]);
    // Seen already: a page would mark it at each visit.
    let mut item = question_item(1, 7, "Which branch?");
    item["seen"] = true.into();
    serve_attention(&[item]);
    // As the app does: the items stay while pages come and go.
    let provide = || {
        provide_attention();
    };
    let stage = Stage::below(COPIES, provide, || view! { <InboxPage/> });
    stage.come_and_go(".inbox-item .answer-box", 1).await;
}

#[wasm_bindgen_test]
async fn pages_of_settings_come_and_go() {
    serve_all(&[]);
    let stage = Stage::new(COPIES, || view! { <SettingsPage/> });
    stage.come_and_go(".token-row", 1).await;
}

#[wasm_bindgen_test]
async fn pages_that_do_not_exist_come_and_go() {
    serve_all(&[]);
    let stage = Stage::new(COPIES, || view! { <NotFound/> });
    stage.come_and_go(".message-page", 1).await;
}

#[wasm_bindgen_test]
async fn bars_come_and_go() {
    serve_all(&one_task());
    let help = RwSignal::new(false);
    let stage = Stage::new(
        COPIES,
        move || view! { <TopBar help page_slot=BarSlot(NodeRef::new())/> },
    );
    stage.come_and_go(".inbox-link", 1).await;
}
