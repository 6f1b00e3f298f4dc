//! The field for dependencies.

use super::{serve_task, title_field, whole};
use crate::board_page::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::json;
use tasktree_board::components::task::drawer::TaskDrawer;
use tasktree_board::i18n::Locale;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn the_field_for_dependencies_says_what_it_offers_and_closes_when_it_is_left() {
    begin();
    serve_board(
        10,
        &[
            card(1, "Old", "unclaimed", 4),
            card(2, "Lay the ground", "unclaimed", 1),
            card(3, "Lay the roof", "unclaimed", 1),
        ],
    );
    serve_task(&whole("Old", "", 4));
    let page = open_with(Locale::En, || view! { <TaskDrawer number=1 /> }.into_any());
    let peer = Peer::accept(0, 10).await;
    ready(&page).await;
    peer.subscribed(PROJECT).await;
    until("the field is there", || {
        count(&page.root, ".dependency-field [role=combobox]") == 1
    })
    .await;
    let field: web_sys::HtmlInputElement =
        element(&page.root, ".dependency-field [role=combobox]").unchecked_into();
    let find = |words: &'static str| {
        field.focus().unwrap();
        field.set_value(words);
        field
            .dispatch_event(&web_sys::Event::new("input").unwrap())
            .unwrap();
    };
    find("lay");
    until("two are offered", || {
        count(&page.root, "[role=option]") == 2
    })
    .await;
    key("ArrowDown");
    settle().await;
    let chosen = || {
        let named = field.get_attribute("aria-activedescendant").unwrap();
        document().get_element_by_id(&named).unwrap()
    };
    let option = chosen();
    assert!(text(&option).contains("Lay the roof"));
    assert_eq!(
        option.get_attribute("aria-selected").as_deref(),
        Some("true")
    );
    let list = document().get_element_by_id(&field.get_attribute("aria-controls").unwrap());
    assert!(list.unwrap().contains(Some(&option)));

    find("sing");
    until("it says that none is meant", || {
        text(&page.root).contains("No matching task.")
    })
    .await;
    find("lay");
    until("they are offered again", || {
        count(&page.root, "[role=option]") == 2
    })
    .await;
    key("ArrowDown");
    peer.event("task_deleted", &json!({ "task_id": "2-p1" }));
    until("one is left", || count(&page.root, "[role=option]") == 1).await;
    assert!(text(&chosen()).contains("Lay the roof"));
    assert_eq!(
        chosen().get_attribute("aria-selected").as_deref(),
        Some("true")
    );
    title_field(&page).focus().unwrap();
    until("the list closes", || {
        count(&page.root, "[role=option]") == 0
    })
    .await;
}
