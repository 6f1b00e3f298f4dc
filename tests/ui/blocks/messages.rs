//! Messages, on the screen and to screen readers.

use super::all;
use crate::support::{Page, mount, settle};
use leptos::prelude::*;
use tasktree_board::ui::toast::Toasts;
use tasktree_board::ui::{Handler, Level, Toast, ToastHost, announce, provide_toasts};
use wasm_bindgen_test::wasm_bindgen_test;

fn toasts() -> Page<Toasts> {
    mount(|| {
        (
            provide_toasts(),
            view! { <ToastHost dismiss_label="Dismiss"/> },
        )
    })
}

#[wasm_bindgen_test]
async fn only_four_messages_are_in_sight_and_the_oldest_makes_room() {
    let page = toasts();
    for number in 1..=6 {
        page.value
            .push(Toast::new(Level::Info, format!("message {number}")));
    }
    settle().await;
    let texts: Vec<_> = all(&page, ".toast-text")
        .iter()
        .map(|text| text.text_content().unwrap())
        .collect();
    assert_eq!(texts, ["message 3", "message 4", "message 5", "message 6"]);
}

#[wasm_bindgen_test]
async fn a_sentence_that_is_said_again_is_shown_once_unless_something_can_be_done_about_it() {
    let page = toasts();
    for _ in 0..3 {
        page.value.push(Toast::new(Level::Error, "refused"));
    }
    settle().await;
    let former = all(&page, ".toast").remove(0);
    page.value.push(Toast::new(Level::Error, "refused"));
    settle().await;
    assert_eq!(all(&page, ".toast").len(), 1);
    assert!(!former.is_connected(), "it is a new alert, and read again");
    for _ in 0..2 {
        let action = Handler::default();
        page.value
            .push(Toast::new(Level::Info, "Tasks reset").with_action("Undo", action));
    }
    settle().await;
    assert_eq!(all(&page, ".toast-action").len(), 2);
}

#[wasm_bindgen_test]
async fn only_a_failure_interrupts_a_screen_reader() {
    let page = toasts();
    page.value.push(Toast::new(Level::Success, "done"));
    page.value.push(Toast::new(Level::Error, "failed"));
    settle().await;
    let roles: Vec<_> = all(&page, ".toast")
        .iter()
        .map(|toast| toast.get_attribute("role").unwrap())
        .collect();
    assert_eq!(roles, ["status", "alert"]);
}

#[wasm_bindgen_test]
async fn the_action_of_a_message_runs_once_and_takes_it_away() {
    let page = toasts();
    let runs = RwSignal::new(0);
    let action = Handler::new(move || runs.update(|runs| *runs += 1));
    page.value
        .push(Toast::new(Level::Info, "Task deleted").with_action("Undo", action));
    settle().await;
    all(&page, ".toast-action")[0].click();
    settle().await;
    assert_eq!(runs.get_untracked(), 1);
    assert!(all(&page, ".toast").is_empty());
}

#[wasm_bindgen_test]
fn a_sentence_that_is_said_twice_changes_the_live_region_twice() {
    let page = mount(|| ((), view! { <tasktree_board::ui::Announcer/> }));
    let region = || page.root.text_content().unwrap();
    announce("Moved");
    let first = region();
    announce("Moved");
    assert_ne!(region(), first);
    assert_eq!(region().trim(), "Moved");
}
