//! The button that copies, with and without the clipboard.

use super::{all, focused};
use crate::support::{mount, settle, until};
use leptos::prelude::*;
use tasktree_board::ui::CopyButton;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Element;

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
