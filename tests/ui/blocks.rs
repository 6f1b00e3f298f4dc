//! The building blocks: messages, menus, dialogs and the theme.

use crate::support::{Page, asks_before_leaving, mount, settle, until};
use leptos::prelude::*;
use tasktree_board::browser::before_next_paint;
use tasktree_board::ui::preference::{Theme, keep_preference, provide_preference, use_preference};
use tasktree_board::ui::toast::Toasts;
use tasktree_board::ui::{
    CopyButton, Dialog, DiscardWords, Handler, Level, Menu, MenuHost, MenuItem, Popover, Toast,
    ToastHost, announce, provide_menu, provide_toasts, use_dialog_exit,
};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, HtmlElement};

fn all<T>(page: &Page<T>, selector: &str) -> Vec<HtmlElement> {
    let found = page.root.query_selector_all(selector).unwrap();
    (0..found.length())
        .map(|index| found.get(index).unwrap().unchecked_into())
        .collect()
}

#[wasm_bindgen(module = "/tests/support/input.js")]
extern "C" {
    fn drag_mouse(from: &Element, to: &Element, x: f64, y: f64);
    #[wasm_bindgen(js_name = press)]
    fn press_with(key: &str, alt: bool, composing: bool);
}

fn press(key: &str) {
    press_with(key, false, false);
}

fn focused() -> Element {
    document().active_element().unwrap()
}

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
async fn a_menu_is_worked_by_arrows_and_gives_the_focus_back() {
    let chosen = RwSignal::new(None::<&str>);
    let page: Page<Menu> = mount(move || {
        let menu = provide_menu();
        let open = move |event: web_sys::MouseEvent| {
            let anchor: Element = event.current_target().unwrap().unchecked_into();
            let item = |label: &'static str| MenuItem {
                label: label.to_owned(),
                on_select: Handler::new(move || chosen.set(Some(label))),
                ..MenuItem::default()
            };
            let refused = MenuItem {
                refused: Some("It waits for #3".to_owned()),
                ..item("refused")
            };
            menu.toggle(
                &anchor,
                "Choose",
                vec![item("first"), refused, item("last")],
            );
        };
        (
            menu,
            view! { <button class="opener" on:click=open>"Open"</button><MenuHost/> },
        )
    });
    let opener = all(&page, ".opener").remove(0);
    opener.focus().unwrap();
    opener.click();
    until("the first line has the focus", || {
        focused().text_content().as_deref() == Some("first")
    })
    .await;
    press("ArrowUp");
    assert_eq!(focused().text_content().unwrap(), "last");
    press("ArrowDown");
    press("ArrowDown");
    let refused = focused();
    assert_eq!(
        refused.get_attribute("aria-disabled").as_deref(),
        Some("true")
    );
    refused.unchecked_ref::<HtmlElement>().click();
    settle().await;
    assert_eq!(
        chosen.get_untracked(),
        None,
        "what is refused cannot be chosen"
    );
    press("End");
    focused().unchecked_ref::<HtmlElement>().click();
    settle().await;
    assert_eq!(chosen.get_untracked(), Some("last"));
    assert_eq!(focused(), *opener.unchecked_ref::<Element>());
    opener.click();
    until("the menu is open again", || {
        focused().text_content().as_deref() == Some("first")
    })
    .await;
    press("Escape");
    settle().await;
    assert_eq!(focused(), *opener.unchecked_ref::<Element>());
    assert!(all(&page, ".menu-item").is_empty());
}

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

#[wasm_bindgen_test]
async fn the_chosen_theme_is_on_the_document_and_kept_and_the_system_leaves_no_trace() {
    let storage = window().local_storage().unwrap().unwrap();
    let root = document().document_element().unwrap();
    let page = crate::support::run(|| {
        provide_preference::<Theme>();
        keep_preference::<Theme>();
        use_preference::<Theme>()
    });
    page.value.set(Theme::Dark);
    settle().await;
    assert_eq!(root.get_attribute("data-theme").as_deref(), Some("dark"));
    assert_eq!(
        storage.get_item("tasktree.theme").unwrap().as_deref(),
        Some("dark")
    );
    page.value.set(Theme::System);
    settle().await;
    assert_eq!(root.get_attribute("data-theme"), None);
    assert_eq!(storage.get_item("tasktree.theme").unwrap(), None);
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

#[wasm_bindgen_test]
async fn a_panel_that_grows_while_it_is_open_is_placed_anew() {
    const STYLE: &str =
        ".popover { position: fixed; margin: 0; inset: auto; padding: 0; border: 0 }
        .low { position: fixed; bottom: 60px; left: 20px }";
    let page = mount(|| {
        let height = RwSignal::new(40);
        let trigger = || "open".into_any();
        let view = view! {
            <style>{STYLE}</style>
            <Popover class="low" name="Panel" trigger panel_class="grows">
                <div style:height=move || format!("{}px", height.get())></div>
            </Popover>
        };
        (height, view)
    });
    let of = |selector: &str| all(&page, selector)[0].get_bounding_client_rect();
    settle().await;
    all(&page, ".low")[0].click();
    until("it is under its button", || {
        of(".grows").height() > 39.0 && of(".grows").top() > of(".low").bottom()
    })
    .await;
    page.value.set(300);
    until("it is over it, where there is room", || {
        of(".grows").height() > 299.0 && of(".grows").bottom() < of(".low").top()
    })
    .await;
}

/// Makes the page copy as on a page that is not served securely; `allowed` is the result of the
/// browser's own command.
fn without_clipboard(allowed: bool) {
    let script = js_sys::Function::new_with_args(
        "allowed",
        "Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true });
        document.execCommand = () => {
          const field = document.activeElement;
          window.copied = field.value.slice(field.selectionStart, field.selectionEnd);
          return allowed;
        };",
    );
    script.call1(&JsValue::NULL, &allowed.into()).unwrap();
}

fn with_clipboard() {
    let script = js_sys::Function::new_no_args(
        "delete navigator.clipboard; delete document.execCommand; delete window.copied;",
    );
    script.call0(&JsValue::NULL).unwrap();
}

fn copied() -> Option<String> {
    js_sys::Reflect::get(&window(), &"copied".into())
        .unwrap()
        .as_string()
}

#[wasm_bindgen_test]
async fn copying_works_without_a_secure_page_or_shows_the_text_selected() {
    let page = mount(|| {
        let view = view! {
            <CopyButton text="a text" label="Copy" copied_label="Copied" failed_label="By hand"/>
        };
        ((), view)
    });
    let button = all(&page, "button").remove(0);
    button.focus().unwrap();
    without_clipboard(true);
    button.click();
    until("it is copied", || copied().as_deref() == Some("a text")).await;
    settle().await;
    assert_eq!(
        focused(),
        *button.unchecked_ref::<Element>(),
        "the focus is back"
    );
    let shown = || document().query_selector(".copy-by-hand").unwrap();
    assert!(shown().is_none());
    without_clipboard(false);
    button.click();
    until("the text is shown", || shown().is_some()).await;
    assert!(shown().unwrap().text_content().unwrap().contains("By hand"));
    let area: web_sys::HtmlTextAreaElement = focused().unchecked_into();
    assert_eq!(area.value(), "a text");
    assert_eq!(
        (
            area.selection_start().unwrap(),
            area.selection_end().unwrap()
        ),
        (Some(0), Some(6))
    );
    button.focus().unwrap();
    until("it goes with the focus", || shown().is_none()).await;
    with_clipboard();
}
