//! Closing the drawer, and the keys that close nothing.

use super::{open_task, title_field, whole};
use crate::board_page::*;
use crate::support::*;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn escape_asks_before_what_was_typed_in_a_field_is_discarded() {
    let (page, peer) = open_task(&whole("Old", "Some words", 4)).await;
    let question = || count(&page.root, ".discard-question");
    let answer = |at: u32| {
        let buttons = page.root.query_selector_all(".discard-question button");
        let button: web_sys::HtmlElement = buttons.unwrap().get(at).unwrap().unchecked_into();
        button.click();
    };
    for selector in [".task-title-field", ".task-facts input", ".markdown-area"] {
        if selector == ".markdown-area" {
            element(&page.root, ".markdown-field header button").click();
            until("the text is open", || count(&page.root, selector) == 1).await;
        }
        let value = || {
            let field = element(&page.root, selector);
            js_sys::Reflect::get(&field, &"value".into()).unwrap()
        };
        let before = value();
        let field = element(&page.root, selector);
        field.focus().unwrap();
        js_sys::Reflect::set(&field, &"value".into(), &"Typed".into()).unwrap();
        let event = web_sys::Event::new("input").unwrap();
        field.dispatch_event(&event).unwrap();
        key("Escape");
        until("it is asked", || question() == 1).await;
        settle().await;
        assert_eq!(value(), "Typed", "{selector}");
        key("Escape");
        until("Escape answers: keep it", || question() == 0).await;
        assert_eq!(document().active_element(), Some(field.clone().into()));
        key("Escape");
        until("it is asked again", || question() == 1).await;
        answer(0);
        settle().await;
        assert_eq!((question(), value()), (0, "Typed".into()), "{selector}");
        key("Escape");
        until("it is asked once more", || question() == 1).await;
        answer(1);
        settle().await;
        assert_eq!(question(), 0, "{selector}");
        if selector == ".markdown-area" {
            assert_eq!(count(&page.root, selector), 0, "it is closed");
        } else {
            assert_eq!(value(), before, "{selector}");
            assert_eq!(document().active_element(), Some(field.into()));
        }
    }
    peer.pump();
    assert!(peer.commands.borrow().is_empty(), "asking saves nothing");
    assert_eq!(count(&page.root, ".task-drawer"), 1);
}

/// Key events of an input method: by Chrome and Firefox; by Safari, which ends the composition
/// first; and by older browsers.
const COMPOSED: [&str; 3] = [
    r#""isComposing": true, "keyCode": 229"#,
    r#""keyCode": 229"#,
    r#""isComposing": true"#,
];

#[wasm_bindgen_test]
async fn keys_that_end_a_composition_do_nothing_else_in_any_field() {
    let (page, peer) = open_task(&whole("Title", "Words", 1)).await;
    peer.pump();
    element(&page.root, ".markdown-field .icon-button").click();
    until("the text is open", || {
        count(&page.root, ".markdown-area") == 1
    })
    .await;
    for selector in [
        ".task-title-field",
        ".markdown-area",
        ".task-facts input",
        ".dependency-field [role=combobox]",
        ".word-field [role=combobox]",
    ] {
        let field = element(&page.root, selector);
        field.focus().unwrap();
        let typed = "\u{5199}\u{5728}\u{8fd9}";
        js_sys::Reflect::set(&field, &"value".into(), &typed.into()).unwrap();
        let event = web_sys::Event::new("input").unwrap();
        field.dispatch_event(&event).unwrap();
        settle().await;
        for how in COMPOSED {
            for name in ["Escape", "Enter"] {
                for held in ["", r#", "ctrlKey": true"#] {
                    press_init(&format!(r#"{{"key": "{name}", {how}{held}}}"#));
                    settle().await;
                    let value = js_sys::Reflect::get(&field, &"value".into()).unwrap();
                    assert_eq!(
                        value.as_string().as_deref(),
                        Some(typed),
                        "{selector}: {name}, {how}"
                    );
                    assert_eq!(
                        document().active_element(),
                        Some(field.clone().into()),
                        "{selector}"
                    );
                    assert_eq!(count(&page.root, ".task-drawer"), 1, "{selector}");
                }
            }
        }
    }
    assert_eq!(requests("POST").len(), 0);
}

#[wasm_bindgen_test]
async fn who_goes_back_from_a_task_is_at_its_card() {
    let (page, _peer) = open_task(&whole("Old", "", 4)).await;
    title_field(&page).focus().unwrap();
    element(&page.root, "#back").click();
    until("the card has the focus", || {
        focused().as_deref() == Some("1-p1")
    })
    .await;
}

#[wasm_bindgen_test]
async fn closing_the_drawer_adds_nothing_to_the_history() {
    let at = go("/p/p1/t/1");
    let (page, _peer) = open_task(&whole("Title", "", 1)).await;
    let length = || window().history().unwrap().length().unwrap();
    let before = length();
    element(&page.root, ".task-drawer").focus().unwrap();
    key("Escape");
    until("the address is that of the board", || {
        window().location().pathname().unwrap() == "/p/p1"
    })
    .await;
    assert_eq!(length(), before);
    go(&at);
}
