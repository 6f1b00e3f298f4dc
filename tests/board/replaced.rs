//! Text that was written for a task of a former database is never saved into the task that has the
//! same number now.

use crate::board_page::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::{Value, json};
use tasktree_board::components::task::drawer::TaskDrawer;
use tasktree_board::i18n::Locale;
use tasktree_board::state::BoardState;
use tasktree_protocol::Status;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;

const TASK: &str = "projects/p1/tasks/1-p1";
const COMMENTS: &str = "projects/p1/tasks/1-p1/comments";

/// Returns task 1, created in that year.
fn task_of(year: u32, title: &str, rev: u64) -> Value {
    let mut row = whole(1, title, "unclaimed", rev);
    row["created_at"] = format!("{year}-01-01T00:00:00.000Z").into();
    row
}

fn serve_task(row: &Value) {
    serve_at("GET", TASK, 10, row);
    serve("GET", &format!("{TASK}/history"), &json!([]));
    serve("GET", COMMENTS, &json!([]));
}

/// Opens a live board with the first task 1 open over it.
async fn open_task() -> (Page<OpenBoard>, Peer) {
    begin();
    serve_board(10, &[card(1, "First", "unclaimed", 1)]);
    serve_task(&task_of(2020, "First", 1));
    let is_open = RwSignal::new(true);
    let page = open_with(Locale::En, move || {
        view! { <button id="toggle" on:click=move |_| is_open.update(|it| *it = !*it)></button>
        <Show when=move || is_open.get()><TaskDrawer number=1 /></Show> }
        .into_any()
    });
    let peer = Peer::accept(0, 10).await;
    ready(&page).await;
    peer.subscribed(PROJECT).await;
    until("the task is shown", || {
        count(&page.root, ".task-title-field") == 1
            && count(&page.root, ".comment-composer textarea") == 1
    })
    .await;
    frame().await;
    (page, peer)
}

/// Gives the number to another task, and waits until the board has read it.
async fn replace(page: &Page<OpenBoard>, peer: &Peer) {
    serve_task(&task_of(2026, "Second", 7));
    peer.event("task_updated", &card(1, "Second", "unclaimed", 7));
    let created = || text(&element(&page.root, ".task-facts"));
    until("the other task is shown", || created().contains("2026")).await;
    settle().await;
}

fn write(page: &Page<OpenBoard>, selector: &str, written: &str) {
    let field: web_sys::HtmlTextAreaElement = element(&page.root, selector).unchecked_into();
    field.focus().unwrap();
    field.set_value(written);
    let event = web_sys::Event::new("input").unwrap();
    field.dispatch_event(&event).unwrap();
}

fn written(page: &Page<OpenBoard>, selector: &str) -> String {
    let field: web_sys::HtmlTextAreaElement = element(&page.root, selector).unchecked_into();
    field.value()
}

#[wasm_bindgen_test]
async fn a_text_for_another_task_of_the_same_number_is_kept_said_and_not_saved() {
    let (page, peer) = open_task().await;
    write(&page, ".task-title-field", "Mine");
    replace(&page, &peer).await;
    let said = || text(&element(&page.root, ".field-note"));
    until("it is said", || {
        said().contains("this is a different task now")
    })
    .await;
    key("Enter");
    element(&page.root, ".task-title-field").blur().unwrap();
    settle().await;
    assert_eq!(written(&page, ".task-title-field"), "Mine");
    peer.pump();
    assert!(peer.commands.borrow().is_empty());
    element(&page.root, "#toggle").click();
    let toast = || text(&element(&page.root, ".toasts"));
    until("it can be taken along", || {
        toast().contains("Your changes to #1 were not saved.")
    })
    .await;
    peer.pump();
    assert!(peer.commands.borrow().is_empty());
}

#[wasm_bindgen_test]
async fn a_comment_that_was_begun_is_not_offered_for_another_task_of_the_same_number() {
    let (page, peer) = open_task().await;
    write(&page, ".comment-composer textarea", "About the first");
    settle().await;
    replace(&page, &peer).await;
    until("the box is empty", || {
        written(&page, ".comment-composer textarea").is_empty()
    })
    .await;
    element(&page.root, "#toggle").click();
    until("it is closed", || {
        count(&page.root, ".comment-composer") == 0
    })
    .await;
    element(&page.root, "#toggle").click();
    until("it is open", || {
        count(&page.root, ".comment-composer textarea") == 1
    })
    .await;
    assert_eq!(written(&page, ".comment-composer textarea"), "");
}

#[wasm_bindgen_test]
async fn each_change_names_the_life_of_the_project_that_was_seen() {
    let (page, peer) = open_task().await;
    write(&page, ".task-title-field", "Mine");
    key("Enter");
    let (_, saved) = peer.command().await;
    assert_eq!(saved["args"]["bound"], json!({ "epoch": EPOCH }));
    let board: BoardState = *page.value;
    let _moved = outcome(board.move_task(task(1), Status::UpNext));
    let _deleted = outcome(board.delete_task(task(1)));
    let _made = outcome(board.create_task(tasktree_protocol::NewTask::default()));
    let (_, made) = peer.command().await;
    assert_eq!(made["op"], "create_task");
    assert_eq!(made["args"]["bound"], json!({ "epoch": EPOCH }));
}

#[wasm_bindgen_test]
async fn a_move_that_was_made_in_another_life_of_the_project_cannot_be_undone_in_this_one() {
    let (page, peer) = open_task().await;
    let board: BoardState = *page.value;
    let moved = outcome(board.move_task(task(1), Status::UpNext));
    let (id, _) = peer.command().await;
    peer.accept_command(&id, &card(1, "First", "up_next", 2));
    until("it is made", || moved.borrow().is_some()).await;
    assert!(board.newest_undoable().is_some());
    serve_board_of("e2", 3, &[card(1, "Second", "up_next", 2)]);
    board.retry();
    until("the other project is shown", || {
        board.card(&task(1)).unwrap().title == "Second"
    })
    .await;
    assert!(board.newest_undoable().is_none());
}

#[wasm_bindgen_test]
async fn dependencies_chosen_in_another_project_of_the_same_name_are_not_taken_for_its_tasks() {
    let tasks = [
        card(1, "First", "unclaimed", 1),
        card(2, "Theirs", "unclaimed", 1),
    ];
    let (page, peer) = live(Locale::En, &tasks[..1]).await;
    key("c");
    until("the form is there", || {
        count(&page.root, ".add-task [role=combobox]") == 1
    })
    .await;
    let more = element(&page.root, ".add-task-more");
    more.set_attribute("open", "").unwrap();
    write(&page, ".add-task [role=combobox]", "1");
    until("it is offered", || {
        count(&page.root, ".add-task [role=option]") == 1
    })
    .await;
    key("Enter");
    let chosen = || count(&page.root, ".add-task .task-links li");
    until("it is chosen", || chosen() == 1).await;
    write(&page, ".add-task input[name=title]", "New");
    serve_board_of("e2", 3, &tasks);
    page.value.retry();
    until("the other project is shown", || {
        page.value.card(&task(2)).is_some()
    })
    .await;
    let add = || element(&page.root, ".add-task-actions .button").click();
    add();
    let (id, sent) = peer.command().await;
    assert_eq!(sent["args"]["bound"]["epoch"], EPOCH);
    assert_eq!(sent["args"]["task"]["dependencies"], json!(["1-p1"]));
    peer.refuse_command(&id, "replaced", "The project was replaced.");
    until("it comes back", || {
        written(&page, ".add-task input[name=title]") == "New"
    })
    .await;
    assert_eq!(chosen(), 0);
    let problem = text(&element(&page.root, ".add-task-problem"));
    assert!(problem.contains("replaced"), "{problem}");
    add();
    let (_, sent) = peer.command().await;
    assert_eq!(sent["args"]["bound"]["epoch"], "e2");
    assert_eq!(sent["args"]["task"]["dependencies"], json!([]));
}
