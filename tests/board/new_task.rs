//! The form for a new task, whose text is kept.

use crate::board_page::*;
use crate::moves::three;
use crate::support::*;
use leptos::prelude::*;
use tasktree_board::i18n::Locale;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlInputElement;

#[wasm_bindgen_test]
async fn who_closes_the_form_for_a_new_task_is_at_what_opens_it() {
    let (page, _peer) = live(Locale::En, &[ranked(1, 0, "unclaimed")]).await;
    key("c");
    until("the form has the focus", || {
        let active = document().active_element();
        active.is_some_and(|active| matches!(active.closest(".add-task"), Ok(Some(_))))
    })
    .await;
    key("Escape");
    until("the focus is at the button", || {
        let button = element(&page.root, ".column-head .icon-button");
        document().active_element().as_ref() == Some(button.as_ref())
    })
    .await;
    assert_eq!(count(&page.root, ".add-task"), 0);
}

#[wasm_bindgen_test]
async fn the_next_task_can_be_typed_while_the_last_is_on_its_way_and_a_refused_one_comes_back() {
    let (page, peer) = live(Locale::En, &[ranked(1, 0, "unclaimed")]).await;
    key("c");
    until("the form is there", || {
        count(&page.root, ".add-task input") >= 1
    })
    .await;
    let field = || element(&page.root, ".add-task input").unchecked_into::<HtmlInputElement>();
    let add = |title: &str| {
        field().set_value(title);
        field()
            .dispatch_event(&web_sys::Event::new("input").unwrap())
            .unwrap();
        element(&page.root, ".add-task-actions .button").click();
    };
    add("First");
    let (first, sent) = peer.command().await;
    assert!(sent["args"].to_string().contains("First"), "{sent}");
    settle().await;
    assert_eq!(field().value(), "");
    field().set_value("Sec");
    field()
        .dispatch_event(&web_sys::Event::new("input").unwrap())
        .unwrap();
    peer.accept_command(&first, &card(2, "First", "unclaimed", 1));
    settle().await;
    assert_eq!(field().value(), "Sec");
    add("Second");
    let (second, _) = peer.command().await;
    peer.refuse_command(&second, "invalid", "No.");
    until("it came back", || field().value() == "Second").await;
}

#[wasm_bindgen_test]
async fn what_is_typed_of_a_task_stays_when_the_board_gets_its_first() {
    let (page, peer) = live(Locale::En, &[]).await;
    key("c");
    let find = || page.root.query_selector(".add-task input").unwrap();
    until("the form is there", || find().is_some()).await;
    let field = || find().unwrap().unchecked_into::<HtmlInputElement>();
    field().set_value("Half a tit");
    field()
        .dispatch_event(&web_sys::Event::new("input").unwrap())
        .unwrap();
    peer.event("task_created", &card(1, "By an agent", "unclaimed", 1));
    until("the board has columns", || {
        find_card(&page, 1).is_some() && find().is_some()
    })
    .await;
    assert_eq!(field().value(), "Half a tit");
    assert!(asks_before_leaving());
    until("and the focus", || {
        document().active_element().as_ref() == Some(field().as_ref())
    })
    .await;
    key("Escape");
    until("the form is closed", || find().is_none()).await;
    key("c");
    until("it is there again", || find().is_some()).await;
    assert_eq!(field().value(), "Half a tit");
}

#[wasm_bindgen_test]
async fn what_is_typed_of_a_task_outlives_its_form_and_its_project() {
    let typed = "A title without a task";
    {
        let (page, _peer) = live(Locale::En, &three()).await;
        key("c");
        let find = || page.root.query_selector(".add-task input").unwrap();
        until("the form is there", || find().is_some()).await;
        let field = find().unwrap().unchecked_into::<HtmlInputElement>();
        field.set_value(typed);
        field
            .dispatch_event(&web_sys::Event::new("input").unwrap())
            .unwrap();
        key("Escape");
        until("the form is closed", || find().is_none()).await;
        assert!(asks_before_leaving());
    }
    let page = open(Locale::En);
    let _peer = Peer::accept(1, 10).await;
    ready(&page).await;
    let find = || page.root.query_selector(".add-task input").unwrap();
    until("the form is there again", || find().is_some()).await;
    let field = find().unwrap().unchecked_into::<HtmlInputElement>();
    assert_eq!(field.value(), typed);
}
