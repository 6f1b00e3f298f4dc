//! The open task: its texts, each field saved on its own, and concurrent changes shown instead of
//! lost.

use crate::board_page::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::{Value, json};
use tasktree_board::components::task::drawer::TaskDrawer;
use tasktree_board::i18n::Locale;
use tasktree_protocol::task_patch_fields;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;

fn whole(title: &str, description: &str, rev: u64) -> Value {
    let mut row = crate::support::whole(1, title, "unclaimed", rev);
    row["description"] = description.into();
    row
}

fn serve_task(row: &Value) {
    serve("GET", "projects/p1/tasks/1-p1", row);
    serve(
        "GET",
        "projects/p1/tasks/1-p1/history",
        &json!([
            { "seq": 2, "type": "task_updated", "timestamp": NOW, "actor": "agent:builder", "changed": ["title", "updated_at"] },
            { "seq": 1, "type": "task_created", "timestamp": NOW, "actor": "human:local" },
        ]),
    );
}

/// Opens a live board in English, with task 1 open over it.
async fn open_task(row: &Value) -> (Page<OpenBoard>, Peer) {
    open_task_in(Locale::En, row).await
}

/// Opens the same in any language. A click on `#back` closes the drawer as the browser's "back"
/// does.
async fn open_task_in(locale: Locale, row: &Value) -> (Page<OpenBoard>, Peer) {
    begin();
    serve_board(
        10,
        &[card(
            1,
            row["title"].as_str().unwrap(),
            "unclaimed",
            row["rev"].as_u64().unwrap(),
        )],
    );
    serve_task(row);
    let is_open = RwSignal::new(true);
    let page = open_with(locale, move || {
        view! { <button id="back" on:click=move |_| is_open.set(false)></button>
        <Show when=move || is_open.get()><TaskDrawer number=1 /></Show> }
        .into_any()
    });
    let peer = Peer::accept(0, 10).await;
    ready(&page).await;
    peer.subscribed(PROJECT).await;
    until("the task is shown", || {
        count(&page.root, ".task-title-field") == 1
    })
    .await;
    frame().await;
    (page, peer)
}

fn title_field(page: &Page<OpenBoard>) -> web_sys::HtmlTextAreaElement {
    element(&page.root, ".task-title-field").unchecked_into()
}

/// Types a title and presses Enter.
fn write_title(page: &Page<OpenBoard>, title: &str) {
    type_title(page, title);
    key("Enter");
}

/// Types a title and stays in the field.
fn type_title(page: &Page<OpenBoard>, title: &str) {
    let field = title_field(page);
    field.focus().unwrap();
    field.set_value(title);
    let event = web_sys::Event::new("input").unwrap();
    field.dispatch_event(&event).unwrap();
}

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
async fn the_history_says_who_did_what() {
    let (page, _peer) = open_task(&whole("Title", "", 1)).await;
    until("the history is shown", || {
        count(&page.root, ".task-history li") == 2
    })
    .await;
    let lines = text(&element(&page.root, ".task-history ol"));
    assert!(lines.contains("builder changed title"), "{lines}");
    assert!(lines.contains("a person created it"), "{lines}");
    assert!(!text(&page.root).contains("Older entries are not shown"));
}

#[wasm_bindgen_test]
async fn a_history_that_does_not_reach_back_to_the_beginning_says_so() {
    let (page, peer) = open_task(&whole("Old", "", 4)).await;
    serve(
        "GET",
        "projects/p1/tasks/1-p1/history",
        &json!([{ "seq": 12, "type": "task_updated", "timestamp": NOW, "actor": "agent:builder", "changed": ["title"] }]),
    );
    serve("GET", "projects/p1/tasks/1-p1", &whole("New", "", 5));
    peer.event("task_updated", &card(1, "New", "unclaimed", 5));
    until("it says so", || {
        text(&element(&page.root, ".task-history")).contains("Older entries are not shown")
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_field_is_saved_by_itself_for_the_version_that_was_read() {
    let (page, peer) = open_task(&whole("Old", "", 4)).await;
    write_title(&page, "New");
    let (id, command) = peer.command().await;
    assert_eq!(command["args"]["patch"], json!({ "title": "New" }));
    assert_eq!(command["args"]["if_rev"], json!(4));
    serve_task(&whole("New", "", 5));
    peer.event("task_updated", &card(1, "New", "unclaimed", 5));
    peer.accept_command(&id, &whole("New", "", 5));
    until("it says that it is saved", || {
        text(&page.root).contains("Saved")
    })
    .await;
    assert_eq!(title_field(&page).value(), "New");
    assert!(text(&card_of(&page, 1)).contains("New"));
}

#[wasm_bindgen_test]
async fn what_was_typed_is_saved_when_the_drawer_goes_away() {
    let (page, peer) = open_task(&whole("Old", "", 4)).await;
    type_title(&page, "Typed, not sent");
    element(&page.root, "#back").click();
    let (id, command) = peer.command().await;
    assert_eq!(
        command["args"]["patch"],
        json!({ "title": "Typed, not sent" })
    );
    assert_eq!(command["args"]["if_rev"], json!(4));
    peer.refuse_command(&id, "invalid", "A title may not say that.");
    until("the refusal is told, though its field is gone", || {
        text(&element(&page.root, ".toasts"))
            .contains("Your changes to #1 were not saved. A title may not say that.")
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_merge_order_that_is_no_number_is_refused_before_it_is_sent() {
    let (page, peer) = open_task(&whole("Old", "", 4)).await;
    element(&page.root, ".task-files summary").click();
    let field: web_sys::HtmlInputElement =
        element(&page.root, "[aria-label='Merge order']").unchecked_into();
    field.focus().unwrap();
    for (written, is_number) in [("soon", false), (" 12 ", true)] {
        field.set_value(written);
        let event = web_sys::Event::new("input").unwrap();
        field.dispatch_event(&event).unwrap();
        key("Enter");
        settle().await;
        let says = text(&page.root).contains("Enter a whole number.");
        assert_eq!(says, !is_number, "{written}");
    }
    let (_, command) = peer.command().await;
    assert_eq!(command["args"]["patch"], json!({ "merge_order": 12 }));
}

#[wasm_bindgen_test]
async fn a_refusal_is_said_in_chinese_with_the_servers_own_words() {
    let (page, peer) = open_task_in(Locale::ZhCn, &whole("Old", "", 4)).await;
    write_title(&page, "Mine");
    let (id, _) = peer.command().await;
    peer.refuse_command(&id, "rate_limited", "Wait 3 s.");
    until("the refusal is shown", || {
        text(&page.root).contains("请求过于频繁，请稍后再试。（Wait 3 s.）")
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_newer_value_is_shown_instead_of_being_lost() {
    let (page, peer) = open_task(&whole("Old", "", 4)).await;
    write_title(&page, "Mine");
    let (id, _) = peer.command().await;
    peer.control(
        "sys.result",
        &json!({ "id": id, "ok": false, "error": { "code": "conflict", "message": "It has changed.",
        "current": whole("Theirs", "", 5) } }),
    );
    until("the conflict is shown", || {
        count(&page.root, "[data-kind=conflict]") == 1
    })
    .await;
    assert_eq!(
        text(&element(&page.root, "[data-kind=conflict] blockquote")),
        "Theirs"
    );
    assert_eq!(
        title_field(&page).value(),
        "Mine",
        "what was written is still there"
    );
    // Mine over theirs as they were shown: any other value would be a conflict again.
    element(&page.root, "[data-kind=conflict] [data-look=danger]").click();
    let (id, command) = peer.command().await;
    assert_eq!(command["args"]["patch"], json!({ "title": "Mine" }));
    peer.control(
        "sys.result",
        &json!({ "id": id, "ok": false, "error": { "code": "conflict", "message": "It has changed.",
        "current": whole("Theirs", "", 5) } }),
    );
    let (_, command) = peer.command().await;
    assert_eq!(command["args"]["if_rev"], json!(5));
}

#[wasm_bindgen_test]
async fn what_was_begun_before_somebody_elses_change_is_not_written_over_it() {
    let (page, peer) = open_task(&whole("Old", "", 4)).await;
    type_title(&page, "Mine");
    serve_task(&whole("Theirs", "", 5));
    peer.event("task_updated", &card(1, "Theirs", "unclaimed", 5));
    until("it is shown at once", || {
        count(&page.root, "[data-kind=conflict]") == 1
    })
    .await;
    assert_eq!(
        text(&element(&page.root, "[data-kind=conflict] blockquote")),
        "Theirs"
    );
    key("Enter");
    title_field(&page).blur().unwrap();
    settle().await;
    peer.pump();
    assert!(
        peer.commands.borrow().is_empty(),
        "nothing is sent before the choice is made"
    );
    element(&page.root, "[data-kind=conflict] [data-look=danger]").click();
    let (_, command) = peer.command().await;
    assert_eq!(command["args"]["patch"], json!({ "title": "Mine" }));
    assert_eq!(
        command["args"]["if_rev"],
        json!(5),
        "it names the version that was shown"
    );
}

#[wasm_bindgen_test]
async fn who_leaves_without_choosing_is_told_that_what_they_wrote_was_not_saved() {
    let (page, peer) = open_task(&whole("Old", "", 4)).await;
    type_title(&page, "Mine");
    serve_task(&whole("Theirs", "", 5));
    peer.event("task_updated", &card(1, "Theirs", "unclaimed", 5));
    until("it is shown", || {
        count(&page.root, "[data-kind=conflict]") == 1
    })
    .await;
    element(&page.root, "#back").click();
    let said = || text(&element(&page.root, ".toasts"));
    until("it is said", || {
        said().contains("Your changes to #1 were not saved.")
    })
    .await;
    peer.pump();
    assert!(peer.commands.borrow().is_empty());
    // The text can be copied; a browser that lets no page copy shows it.
    element(&page.root, ".toast-action").click();
    until("it was copied or shown", || {
        announced() == "Copied" || said().contains("Mine")
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_field_in_which_nothing_is_written_shows_what_others_write() {
    let (page, peer) = open_task(&whole("Old", "", 4)).await;
    type_title(&page, "Older");
    type_title(&page, "Old");
    serve_task(&whole("Theirs", "", 5));
    peer.event("task_updated", &card(1, "Theirs", "unclaimed", 5));
    until("it is shown", || title_field(&page).value() == "Theirs").await;
    assert_eq!(count(&page.root, "[data-kind=conflict]"), 0);
}

#[wasm_bindgen_test]
async fn a_value_that_is_stored_without_its_spaces_is_no_change_by_others() {
    let (page, peer) = open_task(&whole("Old", "", 4)).await;
    write_title(&page, "New ");
    let (id, command) = peer.command().await;
    assert_eq!(command["args"]["patch"], json!({ "title": "New" }));
    hold("GET", "projects/p1/tasks/1-p1");
    peer.accept_command(&id, &card(1, "New", "unclaimed", 5));
    until("it is saved", || text(&page.root).contains("Saved")).await;
    type_title(&page, "New one");
    settle().await;
    assert!(
        !text(&page.root).contains("Saved"),
        "what is typed now is not"
    );
    until("it is asked for", || {
        waiting("GET", "projects/p1/tasks/1-p1") > 0
    })
    .await;
    release(
        "GET",
        "projects/p1/tasks/1-p1",
        None,
        &whole("New", "described", 5),
    );
    until("it was read again", || {
        text(&page.root).contains("described")
    })
    .await;
    assert_eq!(count(&page.root, "[data-kind=conflict]"), 0);
    assert_eq!(title_field(&page).value(), "New one");
    key("Enter");
    let (_, command) = peer.command().await;
    assert_eq!(command["args"]["patch"], json!({ "title": "New one" }));
}

#[wasm_bindgen_test]
async fn a_field_does_not_keep_what_was_saved_and_changed_since() {
    let (page, peer) = open_task(&whole("Old", "", 4)).await;
    write_title(&page, "Mine");
    let (id, _) = peer.command().await;
    serve_task(&whole("Theirs", "later", 6));
    peer.event("task_updated", &card(1, "Theirs", "unclaimed", 6));
    until("it was read again", || text(&page.root).contains("later")).await;
    assert_eq!(title_field(&page).value(), "Mine", "not answered yet");
    // The answer was lost with the connection, and is sent again.
    peer.accept_command(&id, &card(1, "Mine", "unclaimed", 5));
    until("the newest is shown", || {
        title_field(&page).value() == "Theirs"
    })
    .await;
}

#[wasm_bindgen_test]
async fn who_chooses_in_a_conflict_by_the_keyboard_is_in_the_field_again() {
    for choice in ["[data-look=danger]", ".button:first-child"] {
        let (page, peer) = open_task(&whole("Old", "", 4)).await;
        type_title(&page, "Mine");
        serve_task(&whole("Theirs", "", 5));
        peer.event("task_updated", &card(1, "Theirs", "unclaimed", 5));
        until("it is shown", || {
            count(&page.root, "[data-kind=conflict]") == 1
        })
        .await;
        let button = element(&page.root, &format!("[data-kind=conflict] {choice}"));
        button.focus().unwrap();
        button.click();
        until("the focus is in the field", || {
            document().active_element().as_ref() == Some(title_field(&page).as_ref())
        })
        .await;
    }
}

#[wasm_bindgen_test]
async fn a_task_that_could_not_be_read_for_the_moment_is_read_again_by_itself() {
    begin();
    serve_board(10, &[card(1, "Old", "unclaimed", 4)]);
    let reason = json!({ "detail": "The disk is full." });
    refuse("GET", "projects/p1/tasks/1-p1", 500, &reason);
    let page = open_with(Locale::En, || view! { <TaskDrawer number=1 /> }.into_any());
    until("it says so", || {
        text(&page.root).contains("The disk is full.")
    })
    .await;
    serve_task(&whole("Old", "", 4));
    until("the task is shown", || {
        count(&page.root, ".task-title-field") == 1
    })
    .await;
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

#[wasm_bindgen_test]
async fn what_is_written_while_a_save_is_on_its_way_follows_it() {
    let (page, peer) = open_task(&whole("Old", "", 4)).await;
    write_title(&page, "A");
    let (first, _) = peer.command().await;
    write_title(&page, "AB");
    settle().await;
    peer.pump();
    assert!(peer.commands.borrow().is_empty(), "one after the other");
    peer.accept_command(&first, &card(1, "A", "unclaimed", 5));
    let (_, second) = peer.command().await;
    assert_eq!(second["args"]["patch"], json!({ "title": "AB" }));
}

#[wasm_bindgen_test]
async fn who_leaves_while_an_older_text_is_on_its_way_is_in_no_conflict_with_it() {
    let (page, peer) = open_task(&whole("Old", "", 4)).await;
    write_title(&page, "A");
    let (first, _) = peer.command().await;
    type_title(&page, "AB");
    element(&page.root, "#back").click();
    peer.accept_command(&first, &card(1, "A", "unclaimed", 5));
    let (second, command) = peer.command().await;
    assert_eq!(command["args"]["patch"], json!({ "title": "AB" }));
    peer.control(
        "sys.result",
        &json!({ "id": second, "ok": false, "error": { "code": "conflict", "message": "It has changed.",
        "current": whole("A", "", 5) } }),
    );
    let (_, again) = peer.command().await;
    assert_eq!(again["args"]["patch"], json!({ "title": "AB" }));
    assert_eq!(again["args"]["if_rev"], json!(5));
}

#[wasm_bindgen_test]
async fn a_change_of_another_field_is_no_conflict() {
    let (page, peer) = open_task(&whole("Old", "", 4)).await;
    write_title(&page, "Mine");
    let (id, _) = peer.command().await;
    peer.control(
        "sys.result",
        &json!({ "id": id, "ok": false, "error": { "code": "conflict", "message": "It has changed.",
        "current": whole("Old", "described meanwhile", 5) } }),
    );
    let (_, command) = peer.command().await;
    assert_eq!(
        command["args"]["if_rev"],
        json!(5),
        "it is tried again by itself"
    );
    assert_eq!(count(&page.root, "[data-kind=conflict]"), 0);
}

#[wasm_bindgen_test]
async fn a_refusal_is_shown_under_the_field_with_its_reason() {
    let (page, peer) = open_task(&whole("Old", "", 4)).await;
    write_title(&page, "Mine");
    let (id, _) = peer.command().await;
    peer.refuse_command(&id, "invalid", "A title may have 500 letters.");
    until("the reason is shown", || {
        text(&page.root).contains("A title may have 500 letters.")
    })
    .await;
    assert_eq!(title_field(&page).value(), "Mine");
}

#[wasm_bindgen_test]
async fn a_task_that_is_deleted_elsewhere_says_so_and_can_be_brought_back() {
    let (page, peer) = open_task(&whole("Old", "", 4)).await;
    peer.event("task_deleted", &json!({ "task_id": task(1) }));
    until("it says so", || {
        text(&page.root).contains("This task was deleted.")
    })
    .await;
    element(&page.root, ".task-drawer-body .button").click();
    let (_, command) = peer.command().await;
    assert_eq!(command["op"], json!("restore_task"));
}

#[wasm_bindgen_test]
async fn a_link_to_a_task_that_was_deleted_says_so_and_not_that_there_was_none() {
    begin();
    serve_board(10, &[]);
    let nothing = json!({ "detail": "Task '7-p1' not found" });
    refuse("GET", "projects/p1/tasks/7-p1", 404, &nothing);
    serve(
        "GET",
        "projects/p1/tasks/7-p1/history",
        &json!([{ "seq": 3, "type": "task_deleted", "timestamp": NOW, "actor": "human:ann" }]),
    );
    let page = open_with(Locale::En, || view! { <TaskDrawer number=7 /> }.into_any());
    let peer = Peer::accept(0, 10).await;
    ready(&page).await;
    peer.subscribed(PROJECT).await;
    until("it says so", || {
        text(&page.root).contains("This task was deleted.")
    })
    .await;
    assert!(text(&page.root).contains("ann deleted it"));
    element(&page.root, ".task-drawer-body .button").click();
    let (_, command) = peer.command().await;
    assert_eq!(command["op"], json!("restore_task"));
}

#[wasm_bindgen_test]
async fn a_link_to_a_task_that_never_was_says_that_there_is_none() {
    begin();
    serve_board(10, &[]);
    let nothing = json!({ "detail": "Task '7-p1' not found" });
    refuse("GET", "projects/p1/tasks/7-p1", 404, &nothing);
    refuse("GET", "projects/p1/tasks/7-p1/history", 404, &nothing);
    let page = open_with(Locale::En, || view! { <TaskDrawer number=7 /> }.into_any());
    until("it says so", || {
        text(&page.root).contains("Task #7 not found")
    })
    .await;
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
async fn an_empty_title_is_refused_before_it_is_sent() {
    let (page, peer) = open_task(&whole("Old", "", 4)).await;
    write_title(&page, "  ");
    until("it says why", || {
        text(&page.root).contains("A task needs a title.")
    })
    .await;
    peer.pump();
    assert!(peer.commands.borrow().is_empty());
}

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
async fn a_title_that_was_pasted_and_is_too_long_is_kept_and_said() {
    let (page, _peer) = open_task(&whole("Title", "Words", 1)).await;
    let long = "\u{1f600}".repeat(501);
    write_title(&page, &long);
    until("it is said", || {
        text(&page.root).contains("A title has at most 500 characters")
    })
    .await;
    assert_eq!(title_field(&page).value(), long, "nothing is cut off");
    assert_eq!(
        title_field(&page).max_length(),
        -1,
        "the browser cuts nothing either"
    );
    type_title(&page, &"\u{1f600}".repeat(500));
    until("it is short enough", || {
        !text(&page.root).contains("A title has at most")
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

/// Types into the field for labels.
fn type_label(page: &Page<OpenBoard>, label: &str) {
    let field: web_sys::HtmlInputElement =
        element(&page.root, ".word-field input").unchecked_into();
    field.focus().unwrap();
    field.set_value(label);
    let event = web_sys::Event::new("input").unwrap();
    field.dispatch_event(&event).unwrap();
}

#[wasm_bindgen_test]
async fn labels_are_added_and_removed_by_key_and_completed_from_those_of_the_project() {
    let (page, peer) = open_task(&whole("Title", "", 1)).await;
    let mut other = card(2, "Other", "unclaimed", 1);
    other["labels"] = json!(["Backend", "ui"]);
    peer.event("task_created", &other);
    let offers = || text(&element(&page.root, ".word-offers"));
    let chips = || count(&page.root, ".word-chip");
    until("the labels of the project are offered", || {
        type_label(&page, "b");
        offers() == "Backend"
    })
    .await;
    key("ArrowDown");
    frame().await;
    key("Enter");
    let (id, command) = peer.command().await;
    assert_eq!(command["args"]["patch"]["labels"], json!(["Backend"]));
    until("the label is shown at once", || chips() == 1).await;
    let mut stored = card(1, "Title", "unclaimed", 2);
    stored["labels"] = json!(["Backend"]);
    peer.accept_command(&id, &stored);
    // The same word in other letters changes nothing; a comma ends a word.
    type_label(&page, "BACKEND, second");
    key("Enter");
    let (id, command) = peer.command().await;
    assert_eq!(
        command["args"]["patch"]["labels"],
        json!(["Backend", "second"])
    );
    stored["labels"] = json!(["Backend", "second"]);
    stored["rev"] = 3.into();
    peer.accept_command(&id, &stored);
    until("both are shown", || chips() == 2).await;
    // An empty field: Backspace removes the last.
    type_label(&page, "");
    key("Backspace");
    let (id, command) = peer.command().await;
    assert_eq!(command["args"]["patch"]["labels"], json!(["Backend"]));
    stored["labels"] = json!(["Backend"]);
    stored["rev"] = 4.into();
    peer.accept_command(&id, &stored);
    type_label(&page, &"x".repeat(51));
    key("Enter");
    until("the fault is shown", || {
        text(&page.root).contains("A label has at most 50 characters.")
    })
    .await;
    let field: web_sys::HtmlInputElement =
        element(&page.root, ".word-field input").unchecked_into();
    assert_eq!(field.value().len(), 51, "what was typed stays");
}

#[wasm_bindgen_test]
async fn each_field_that_people_set_is_in_the_open_task() {
    let (page, _peer) = open_task(&whole("Title", "", 1)).await;
    let names = page.root.query_selector_all(".task-drawer dt").unwrap();
    let names: Vec<_> = (0..names.length())
        .filter_map(|at| names.get(at).unwrap().text_content())
        .collect();
    let texts = Locale::En.strings().task;
    macro_rules! one {
        // Shown in a place of their own.
        (title) => {};
        (description) => {};
        (prompt) => {};
        (status) => {};
        (dependencies) => {};
        // The board has no field for them.
        (on_hold) => {};
        (parent) => {};
        (assignee) => {};
        ($name:ident) => {
            assert!(
                names.iter().any(|name| name == texts.$name),
                "show `{}` in src/components/task/drawer/facts.rs under its name, or in a place \
                 of its own and in this list; the drawer has {names:?}",
                stringify!($name)
            );
        };
    }
    macro_rules! all {
        ($($name:ident: $type:ty,)*) => { $(one!($name);)* };
    }
    task_patch_fields!(all);
}
