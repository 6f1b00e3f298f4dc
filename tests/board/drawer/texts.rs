//! Texts of the open task: their Markdown, and opening them for writing.

use super::{open_task, whole};
use crate::board_page::*;
use crate::support::*;
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn markdown_is_shown_as_views_without_html_and_with_harmless_links_only() {
    let written = "# Plan\n\n- **bold** and `code`\n\n<img src=x onerror=alert(1)> <script>alert(2)</script>\n\n\
        [good](https://example.org) [bad](javascript:alert(3)) ![picture](https://example.org/x.png)";
    let (page, _peer) = open_task(&whole("Title", written, 1)).await;
    let shown = element(&page.root, ".markdown");
    assert_eq!(text_of(&shown, "h3"), "Plan");
    assert_eq!(text_of(&shown, "strong"), "bold");
    assert_eq!(count(&shown, "img, script"), 0, "nothing is fetched or run");
    let links = shown.query_selector_all("a").unwrap();
    assert_eq!(links.length(), 2);
    assert_eq!(
        element(&shown, "a").get_attribute("href").as_deref(),
        Some("https://example.org")
    );
    assert!(
        text(&shown).contains("<script>alert(2)</script>"),
        "raw HTML is shown as what it is"
    );
}

fn text_of(root: &web_sys::Element, selector: &str) -> String {
    text(&element(root, selector))
}

#[wasm_bindgen_test]
async fn markdown_nested_ten_thousand_deep_does_not_end_the_page() {
    let (page, _peer) = open_task(&whole("Title", &format!("{}deep", ">".repeat(10_000)), 1)).await;
    assert!(text(&element(&page.root, ".markdown")).contains("deep"));
}

#[wasm_bindgen_test]
async fn a_text_is_opened_for_writing_as_often_as_one_likes_and_has_the_focus() {
    let (page, _peer) = open_task(&whole("Title", "Some words", 1)).await;
    for round in 1..=2 {
        element(&page.root, ".markdown-field .icon-button").click();
        until("the text is open and has the focus", || {
            let focused = document().active_element();
            focused.is_some_and(|it| it.class_list().contains("markdown-area"))
        })
        .await;
        element(&page.root, ".markdown-actions [data-look=quiet]").click();
        until("it is closed", || count(&page.root, ".markdown-area") == 0).await;
        assert_eq!(
            text(&element(&page.root, ".markdown")),
            "Some words",
            "round {round}"
        );
    }
}

#[wasm_bindgen_test]
async fn who_closes_a_text_is_at_the_button_that_opens_it() {
    let (page, _peer) = open_task(&whole("Old", "Some words", 4)).await;
    element(&page.root, ".markdown-field header button").click();
    until("the text is open", || {
        count(&page.root, ".markdown-area") == 1
    })
    .await;
    settle().await;
    key("Escape");
    until("the focus is at the button", || {
        let active = document().active_element();
        active.is_some_and(|active| matches!(active.closest(".markdown-field header"), Ok(Some(_))))
    })
    .await;
}
