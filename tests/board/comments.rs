//! Comments in the drawer of a task: read, written, edited and deleted; unsent text is kept.

use crate::board_page::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::{Value, json};
use tasktree_board::components::task::drawer::TaskDrawer;
use tasktree_board::i18n::Locale;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;

const COMMENTS: &str = "projects/p1/tasks/1-p1/comments";

fn comment(id: u64, author: &str, body: &str) -> Value {
    json!({
        "id": id, "task_id": "1-p1", "author": author, "body": body, "made_at": NOW,
        "edited_at": null, "deleted_at": null,
    })
}

/// Opens task 1 in that role. A click on `#back` closes the drawer, and another opens it.
async fn open_task(locale: Locale, role: &str) -> (Page<OpenBoard>, Peer) {
    serve("GET", "session", &session(role));
    serve_board(10, &[card(1, "Title", "unclaimed", 1)]);
    serve(
        "GET",
        "projects/p1/tasks/1-p1",
        &whole(1, "Title", "unclaimed", 1),
    );
    serve("GET", "projects/p1/tasks/1-p1/history", &json!([]));
    let is_open = RwSignal::new(true);
    let page = open_with(locale, move || {
        view! { <button id="back" on:click=move |_| is_open.update(|open| *open = !*open)></button>
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

/// Returns the text of the section.
fn section(page: &Page<OpenBoard>) -> String {
    text(&element(&page.root, ".task-comments"))
}

fn area(page: &Page<OpenBoard>) -> web_sys::HtmlTextAreaElement {
    element(&page.root, ".comment-composer textarea").unchecked_into()
}

async fn type_comment(area: &web_sys::HtmlTextAreaElement, written: &str) {
    area.focus().unwrap();
    area.set_value(written);
    let event = web_sys::Event::new("input").unwrap();
    area.dispatch_event(&event).unwrap();
    settle().await;
}

async fn composer_is_there(page: &Page<OpenBoard>) {
    until("a comment can be written", || {
        count(&page.root, ".comment-composer textarea") == 1
    })
    .await;
}

#[wasm_bindgen_test]
async fn comments_are_shown_with_author_and_markdown_and_follow_the_server() {
    begin();
    let first = comment(1, "agent:ada", "**bold** <script>x</script>");
    serve("GET", COMMENTS, &json!([first]));
    let (page, peer) = open_task(Locale::En, "editor").await;
    until("it is shown", || section(&page).contains("ada")).await;
    let row = element(&page.root, ".comment");
    assert_eq!(text(&element(&row, "strong.history-actor")), "ada");
    assert_eq!(text(&element(&row, ".markdown strong")), "bold");
    assert_eq!(count(&row, "script"), 0);
    let mut second = comment(2, "human:ann", "");
    second["deleted_at"] = NOW.into();
    serve("GET", COMMENTS, &json!([first, second]));
    peer.event(
        "comments_changed",
        &json!({"task_id": "1-p1", "id": 2, "comments": 1}),
    );
    until("the change is shown", || {
        section(&page).contains("This comment was deleted.")
    })
    .await;
    assert_eq!(count(&page.root, ".comment"), 2);
    let requests_before = requests(&format!("GET {COMMENTS}")).len();
    peer.event(
        "comments_changed",
        &json!({"task_id": "2-p1", "id": 3, "comments": 1}),
    );
    settle().await;
    let requests_after = requests(&format!("GET {COMMENTS}")).len();
    assert_eq!(
        requests_after, requests_before,
        "another task's are not this one's"
    );
}

#[wasm_bindgen_test]
async fn a_comment_is_sent_and_the_field_is_empty_then() {
    begin();
    serve("GET", COMMENTS, &json!([]));
    let (page, _peer) = open_task(Locale::En, "editor").await;
    composer_is_there(&page).await;
    assert!(section(&page).contains("No comments yet."));
    type_comment(&area(&page), "Looks good").await;
    serve("POST", COMMENTS, &comment(1, "human:ann", "Looks good"));
    serve(
        "GET",
        COMMENTS,
        &json!([comment(1, "human:ann", "Looks good")]),
    );
    element(&page.root, ".comment-composer button").click();
    until("it is shown", || count(&page.root, ".comment") == 1).await;
    assert_eq!(area(&page).value(), "");
    let sent = requests(&format!("POST {COMMENTS}"));
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].body, r#"{"body":"Looks good"}"#);
}

#[wasm_bindgen_test]
async fn what_was_not_sent_stays_with_the_reason_and_outlives_the_drawer() {
    begin();
    serve("GET", COMMENTS, &json!([]));
    let (page, _peer) = open_task(Locale::ZhCn, "editor").await;
    composer_is_there(&page).await;
    type_comment(&area(&page), "Long thoughts").await;
    refuse(
        "POST",
        COMMENTS,
        400,
        &json!({"detail": "Task #1 has its 500 comments."}),
    );
    element(&page.root, ".comment-composer button").click();
    until("the refusal is told", || {
        section(&page).contains("评论未能保存。") && section(&page).contains("500 comments")
    })
    .await;
    assert_eq!(area(&page).value(), "Long thoughts");
    element(&page.root, "#back").click();
    until("the drawer is closed", || {
        count(&page.root, ".task-comments") == 0
    })
    .await;
    element(&page.root, "#back").click();
    composer_is_there(&page).await;
    assert_eq!(area(&page).value(), "Long thoughts");
    type_comment(&area(&page), "").await;
}

#[wasm_bindgen_test]
async fn who_may_not_write_reads_and_a_failure_offers_to_try_again() {
    begin();
    refuse("GET", COMMENTS, 400, &json!({"detail": "No."}));
    let (page, _peer) = open_task(Locale::En, "viewer").await;
    until("the failure is told", || {
        section(&page).contains("The comments could not be loaded.")
    })
    .await;
    serve(
        "GET",
        COMMENTS,
        &json!([comment(1, "human:ann", "Read me")]),
    );
    element(&page.root, ".task-comments [role=alert] button").click();
    until("they are shown", || section(&page).contains("Read me")).await;
    assert_eq!(count(&page.root, ".comment-composer, .comment button"), 0);
}

#[wasm_bindgen_test]
async fn a_server_without_comments_shows_no_section() {
    begin();
    refuse(
        "GET",
        COMMENTS,
        404,
        &json!({"detail": "API endpoint not found"}),
    );
    let (page, _peer) = open_task(Locale::En, "editor").await;
    until("it is hidden", || {
        element(&page.root, ".task-comments").hidden()
    })
    .await;
    assert_eq!(count(&page.root, ".comment-composer"), 0);
}

#[wasm_bindgen_test]
async fn a_comment_that_is_being_edited_is_discarded_after_a_question_and_outlives_the_drawer() {
    begin();
    serve("GET", COMMENTS, &json!([comment(7, "human:ann", "Mine")]));
    let (page, _peer) = open_task(Locale::En, "editor").await;
    let editors = || count(&page.root, ".comment textarea");
    let editor = || -> web_sys::HtmlTextAreaElement {
        element(&page.root, ".comment textarea").unchecked_into()
    };
    let question = || count(&page.root, ".discard-question");
    until("it is shown", || count(&page.root, ".comment") == 1).await;
    element(&page.root, "[aria-label='Edit comment']").click();
    until("it is open", || editors() == 1).await;
    key("Escape");
    until("nothing was written: it is closed at once", || {
        editors() == 0
    })
    .await;

    element(&page.root, "[aria-label='Edit comment']").click();
    until("it is open again", || editors() == 1).await;
    type_comment(&editor(), "Long thoughts").await;
    element(&page.root, "#back").click();
    until("the drawer is closed", || editors() == 0).await;
    element(&page.root, "#back").click();
    until("what was written is there", || {
        editors() == 1 && editor().value() == "Long thoughts"
    })
    .await;

    editor().focus().unwrap();
    key("Escape");
    until("Escape asks", || question() == 1).await;
    key("Escape");
    until("and goes back", || question() == 0).await;
    assert_eq!(editor().value(), "Long thoughts");
    element(&page.root, ".comment [data-look=quiet]").click();
    until("Cancel asks", || question() == 1).await;
    element(&page.root, ".discard-question [data-look=danger]").click();
    until("it is discarded", || editors() == 0).await;
    assert!(section(&page).contains("Mine"));
    element(&page.root, "[aria-label='Edit comment']").click();
    until("it is open", || editors() == 1).await;
    assert_eq!(editor().value(), "Mine");
    assert!(requests("PUT").is_empty());
}

#[wasm_bindgen_test]
async fn who_wrote_a_comment_edits_it_and_a_question_comes_before_it_is_deleted() {
    begin();
    let mine = comment(1, "human:ann", "Mine");
    let other = comment(2, "human:bob", "Of another");
    serve("GET", COMMENTS, &json!([mine, other]));
    let (page, _peer) = open_task(Locale::En, "editor").await;
    until("they are shown", || count(&page.root, ".comment") == 2).await;
    assert_eq!(
        count(&page.root, ".comment [aria-label='Edit comment']"),
        1,
        "one's own can be edited"
    );
    assert_eq!(
        count(&page.root, ".comment [aria-label='Delete comment']"),
        2
    );
    element(&page.root, "[aria-label='Edit comment']").click();
    until("it is open", || count(&page.root, ".comment textarea") == 1).await;
    let field = element(&page.root, ".comment textarea").unchecked_into();
    type_comment(&field, "Better").await;
    let mut edited = comment(1, "human:ann", "Better");
    edited["edited_at"] = NOW.into();
    serve("PUT", "projects/p1/comments/1", &edited);
    serve("GET", COMMENTS, &json!([edited, other]));
    element(&page.root, ".comment [data-look=primary]").click();
    until("it is changed", || {
        section(&page).contains("Better") && count(&page.root, ".comment textarea") == 0
    })
    .await;
    assert!(section(&page).contains("edited"));

    element(&page.root, ".comment [aria-label='Delete comment']").click();
    until("it is asked", || {
        text(&page.root).contains("Delete this comment?")
    })
    .await;
    assert!(requests("DELETE").is_empty());
    serve("DELETE", "projects/p1/comments/1", &json!({}));
    element(&page.root, ".dialog-foot [data-look=danger]").click();
    until("it is deleted", || {
        requests("DELETE projects/p1/comments/1").len() == 1
    })
    .await;
}
