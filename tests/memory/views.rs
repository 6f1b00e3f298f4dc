//! Memory of a tab that stays open: each kind of view is mounted and dropped 5,000 times, and
//! memory does not grow.

use crate::memory::{effects, soon, stays_flat};
use crate::shell_page::{all, find, one};
use crate::stage::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::Value;
use tasktree_board::components::board::card::TaskCard;
use tasktree_board::components::board::task_board::TaskBoard;
use tasktree_board::components::project::dialog::{DeleteProjectDialog, ProjectDialog};
use tasktree_board::components::shell::help_dialog::HelpDialog;
use tasktree_board::components::shell::top_bar::{BarSlot, TopBar};
use tasktree_board::components::task::drawer::TaskDrawer;
use tasktree_board::ui::toast::Toasts;
use tasktree_board::ui::{ConfirmDialog, Handler, KeyedList, Level, Toast, use_toasts};
use tasktree_protocol::TaskId;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Event, HtmlElement};

#[wasm_bindgen_test]
async fn cards_come_and_go() {
    let stage = loaded(COPIES, &one_task(), || {
        view! { <TaskCard task=TaskId::from("1-p1")/> }
    })
    .await;
    stage.come_and_go(".task-card", 1).await;
}

#[wasm_bindgen_test]
async fn boards_come_and_go() {
    let stage = loaded(COPIES, &one_task(), || view! { <TaskBoard/> }).await;
    stage.come_and_go(".task-card", 1).await;
}

#[wasm_bindgen_test]
async fn drawers_come_and_go() {
    let stage = loaded(COPIES, &one_task(), || view! { <TaskDrawer number=1/> }).await;
    stage.come_and_go(".task-drawer .comment", 1).await;
}

#[wasm_bindgen_test]
async fn dialogs_come_and_go() {
    serve_all(&[]);
    let stage = Stage::new(COPIES, || {
        let open = RwSignal::new(true);
        view! { <HelpDialog open/> }
    });
    stage.come_and_go("dialog[open] .key-groups", 1).await;
}

#[wasm_bindgen_test]
async fn forms_come_and_go() {
    serve_all(&[]);
    let stage = Stage::new(COPIES, || {
        let open = RwSignal::new(true);
        let known = serde_json::from_value(project("p1", "First")).unwrap();
        let project = Signal::stored(Some(known));
        view! {
            <ProjectDialog open project/>
            <DeleteProjectDialog open project/>
        }
    });
    stage.come_and_go("dialog[open] form", 2).await;
}

#[wasm_bindgen_test]
async fn questions_come_and_go() {
    serve_all(&[]);
    let stage = Stage::new(COPIES, || {
        let open = RwSignal::new(true);
        view! { <ConfirmDialog open title="Sure?" text="It is gone then." confirm_label="Yes" cancel_label="No" on_confirm=|()| ()/> }
    });
    stage.come_and_go("dialog[open] .dialog-foot", 1).await;
}

/// Opens a bar that stays, with the project's boards.
async fn bar() -> Stage {
    let before = go("/p/p1");
    let help = RwSignal::new(false);
    let stage = loaded(
        1,
        &one_task(),
        move || view! { <TopBar help page_slot=BarSlot(NodeRef::new())/> },
    )
    .await;
    go(&before);
    stage.is_shown.set(true);
    settle().await;
    stage
}

#[wasm_bindgen_test]
async fn menus_open_and_close() {
    let stage = bar().await;
    let buttons: Vec<HtmlElement> = all(&stage.page, ".top-bar-tools > .icon-button:not(.bell)");
    assert!(buttons.len() >= 3, "{}", buttons.len());
    stays_flat(1, async |number| {
        // Languages, looks, and the account.
        let button = &buttons[number as usize % 3];
        button.click();
        effects().await;
        assert!(find(&stage.page, ".menu-item[role]").is_some());
        button.click();
        effects().await;
    })
    .await;
}

#[wasm_bindgen_test]
async fn popovers_open_and_close() {
    let stage = bar().await;
    let buttons = [".switcher", ".connection-badge", ".bell:not(.inbox-link)"]
        .map(|name| one(&stage.page, name));
    stays_flat(1, async |number| {
        let button = &buttons[number as usize % 3];
        let is_open = || button.get_attribute("aria-expanded").as_deref() == Some("true");
        button.click();
        soon("the panel is open", is_open).await;
        effects().await;
        button.click();
        soon("the panel is closed", || !is_open()).await;
        effects().await;
    })
    .await;
}

#[wasm_bindgen_test]
async fn messages_come_and_go() {
    let slot = RwSignal::new(None::<Toasts>);
    serve_all(&[]);
    let stage = Stage::new(1, move || slot.set(Some(use_toasts())));
    stage.is_shown.set(true);
    settle().await;
    let toasts = slot.get_untracked().unwrap();
    stays_flat(1, async |number| {
        let undo = Handler::new(move || drop(number.to_string()));
        let text = format!("Task {number} deleted");
        toasts.push(Toast::new(Level::Info, text).with_action("Undo", undo));
        effects().await;
    })
    .await;
    assert_eq!(all(&stage.page, ".toast").len(), 4);
}

#[wasm_bindgen_test]
async fn rows_come_and_go() {
    let first = RwSignal::new(0_u32);
    let page = mount(move || {
        let each = move || (first.get()..first.get() + 3).collect::<Vec<_>>();
        let row = |number: u32| {
            let text = RwSignal::new(format!("Row {number}"));
            view! { <p on:click=move |_| text.set(String::new())>{move || text.get()}</p> }
        };
        (
            (),
            view! { <KeyedList each key=|number| *number children=row/> },
        )
    });
    stays_flat(1, async |number| {
        first.set(number);
        effects().await;
    })
    .await;
    assert_eq!(page.root.query_selector_all("p").unwrap().length(), 3);
}

#[wasm_bindgen_test]
async fn a_long_list_is_scrolled_through() {
    let tasks: Vec<Value> = (1..=3_000)
        .map(|number| card(number, "A task", "unclaimed", 1))
        .collect();
    let stage = loaded(1, &tasks, || view! { <TaskBoard/> }).await;
    stage.is_shown.set(true);
    settle().await;
    let list = one(&stage.page, ".column .virtual-list");
    // The list is as high as the window without the stylesheet.
    list.style().set_property("height", "300px").unwrap();
    list.style().set_property("overflow", "auto").unwrap();
    // As many rows appear with each step as disappear.
    let step = 10;
    stays_flat(step, async |number| {
        // To the end, and from the start again.
        let row = number * step % 2_900;
        list.set_scroll_top(i32::try_from(row * 108).unwrap());
        list.dispatch_event(&Event::new("scroll").unwrap()).unwrap();
        effects().await;
    })
    .await;
    assert!(all(&stage.page, ".task-card").len() < 60);
}

#[wasm_bindgen_test]
async fn tasks_change_and_move() {
    const TASKS: u64 = 10;
    let tasks: Vec<Value> = (1..=TASKS)
        .map(|number| card(number, "A task", "unclaimed", 1))
        .collect();
    serve_all(&tasks);
    let stage = Stage::new(1, || view! { <TaskBoard/> });
    let peer = Peer::accept(0, 10).await;
    peer.subscribed(PROJECT).await;
    stage.is_shown.set(true);
    let shown = |status| format!(".task-card[data-status={status}]");
    stays_flat(TASKS as u32, async |number| {
        let status = ["in_progress", "unclaimed"][number as usize % 2];
        for task in 1..=TASKS {
            let row = card(
                task,
                &format!("Title {number}"),
                status,
                u64::from(number) + 2,
            );
            peer.event("task_updated", &row);
        }
        // An empty column that has no height yet mounts a few at once.
        soon("cards are in their column", || {
            find(&stage.page, &shown(status)).is_some()
        })
        .await;
    })
    .await;
}
