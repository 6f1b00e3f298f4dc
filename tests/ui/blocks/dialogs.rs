//! Dialogs, and the question before typed text is discarded.

use super::{all, drag_mouse, focused, press};
use crate::support::{Page, asks_before_leaving, mount, settle, until};
use leptos::prelude::*;
use tasktree_board::browser::before_next_paint;
use tasktree_board::ui::{Dialog, DiscardWords, use_dialog_exit};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Element;

#[wasm_bindgen_test]
async fn a_dialog_holds_its_content_only_while_open_and_gives_the_focus_back() {
    let page = mount(|| {
        let open = RwSignal::new(false);
        let view = view! {
            <button class="opener" on:click=move |_| open.set(true)>"Open"</button>
            <Dialog open title="Question" close_label="Close"><p class="inside">"Sure?"</p></Dialog>
        };
        (open, view)
    });
    assert!(all(&page, ".inside").is_empty());
    let opener = all(&page, ".opener").remove(0);
    opener.focus().unwrap();
    opener.click();
    until("the dialog is open", || {
        !all(&page, "dialog[open] .inside").is_empty()
    })
    .await;
    all(&page, "dialog .icon-button")[0].click();
    until("the dialog is closed", || {
        all(&page, "dialog[open]").is_empty()
    })
    .await;
    settle().await;
    assert!(!page.value.get_untracked());
    assert!(all(&page, ".inside").is_empty());
    assert_eq!(focused(), *opener.unchecked_ref::<Element>());
}

/// Opens a dialog with a field, which asks before its text is discarded.
async fn dialog_with_text() -> Page<RwSignal<bool>> {
    let page = mount(|| {
        let open = RwSignal::new(true);
        let discard = DiscardWords {
            question: "Discard?".into(),
            discard: "Discard".into(),
            keep: "Keep".into(),
        };
        let view = view! {
            <Dialog open title="Form" close_label="Close" discard>
                <input class="inside" prop:value="as it was"/>
                <button class="leave" on:click=|_| ()>"Leave"</button>
            </Dialog>
        };
        (open, view)
    });
    until("the dialog is open", || {
        !all(&page, "dialog[open] .inside").is_empty()
    })
    .await;
    next_frame().await;
    page
}

async fn next_frame() {
    let (sender, receiver) = futures_channel::oneshot::channel::<()>();
    before_next_paint(move || {
        let _ = sender.send(());
    });
    receiver.await.unwrap();
    settle().await;
}

#[wasm_bindgen_test]
async fn a_dialog_closes_only_by_a_click_that_began_and_ended_outside() {
    let page = dialog_with_text().await;
    let dialog = all(&page, "dialog").remove(0);
    let field = all(&page, ".inside").remove(0);
    for (from, to) in [(&field, &dialog), (&dialog, &field), (&field, &field)] {
        drag_mouse(from, to, 1.0, 1.0);
        settle().await;
        assert!(
            page.value.get_untracked(),
            "it was not outside all the time"
        );
    }
    drag_mouse(&dialog, &dialog, 1.0, 1.0);
    settle().await;
    assert!(!page.value.get_untracked());
}

#[wasm_bindgen_test]
async fn a_dialog_asks_before_text_that_was_typed_is_discarded() {
    let page = dialog_with_text().await;
    let dialog = all(&page, "dialog").remove(0);
    let field = all(&page, ".inside").remove(0);
    field.focus().unwrap();
    let question = || all(&page, ".discard-question").len();
    field
        .unchecked_ref::<web_sys::HtmlInputElement>()
        .set_value("typed");
    assert!(asks_before_leaving(), "the page would take it along");
    drag_mouse(&dialog, &dialog, 1.0, 1.0);
    settle().await;
    assert!(
        page.value.get_untracked() && question() == 1,
        "a click beside it asks"
    );
    all(&page, ".discard-question button").remove(0).click();
    settle().await;
    assert_eq!(question(), 0);
    assert_eq!(
        focused(),
        *field.unchecked_ref::<Element>(),
        "back in the field"
    );
    all(&page, "dialog .icon-button").remove(0).click();
    settle().await;
    assert!(
        page.value.get_untracked() && question() == 1,
        "the cross asks"
    );
    press("Escape");
    settle().await;
    assert!(
        page.value.get_untracked() && question() == 0,
        "Escape answers: keep it"
    );
    press("Escape");
    settle().await;
    assert!(page.value.get_untracked() && question() == 1, "Escape asks");
    all(&page, ".discard-question button").remove(1).click();
    settle().await;
    assert!(!page.value.get_untracked());
    assert!(!asks_before_leaving());
}

/// Button that leaves the dialog around it.
#[component]
fn LeaveButton() -> impl IntoView {
    let exit = use_dialog_exit();
    view! { <button class="leave" on:click=move |_| exit.leave()>"Leave"</button> }
}

#[wasm_bindgen_test]
async fn a_button_leaves_the_dialog_that_is_around_it_and_no_other() {
    let page = mount(|| {
        let (first, second) = (RwSignal::new(true), RwSignal::new(false));
        let view = view! {
            <Dialog open=first title="First" close_label="Close"><LeaveButton/></Dialog>
            <Dialog open=second title="Second" close_label="Close"><LeaveButton/></Dialog>
        };
        ((first, second), view)
    });
    let (first, second) = page.value;
    until("the first is open", || {
        !all(&page, "dialog[open] .leave").is_empty()
    })
    .await;
    all(&page, ".leave").remove(0).click();
    settle().await;
    assert!(!first.get_untracked());
    second.set(true);
    settle().await;
    all(&page, "dialog[open] .leave").remove(0).click();
    settle().await;
    assert!(!second.get_untracked());
}

#[wasm_bindgen_test]
async fn a_dialog_in_which_nothing_was_typed_closes_without_a_question() {
    let page = dialog_with_text().await;
    all(&page, "dialog .icon-button").remove(0).click();
    settle().await;
    assert!(!page.value.get_untracked());
}

#[wasm_bindgen_test]
async fn a_dialog_that_is_opened_again_before_it_said_that_it_closed_stays_open() {
    let page = mount(|| {
        let open = RwSignal::new(true);
        let view = view! {
            <Dialog open title="Question" close_label="Close"><p class="inside">"Sure?"</p></Dialog>
        };
        (open, view)
    });
    let is_open = || !all(&page, "dialog[open] .inside").is_empty();
    until("the dialog is open", is_open).await;
    page.value.set(false);
    // Effects run before the event, which is a task of its own.
    leptos::task::tick().await;
    assert!(!is_open());
    page.value.set(true);
    leptos::task::tick().await;
    assert!(is_open());
    settle().await;
    assert!(is_open() && page.value.get_untracked());
}
