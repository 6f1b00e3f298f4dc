//! The merge of a finished task: its preview, the reasons for a refusal, and its marks on a card.

use crate::board_page::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::{Value, json};
use tasktree_board::components::board::view::use_board_view;
use tasktree_board::i18n::Locale;
use wasm_bindgen_test::wasm_bindgen_test;

const MERGE: &str = "projects/p1/tasks/1-p1/merge";
const SHA: &str = "0123456789abcdef0123456789abcdef01234567";

fn preview(refusal: &Value) -> Value {
    json!({
        "branch": "task-1", "main_branch": "main", "branch_commit": SHA, "main_commit": SHA,
        "commits": [{"sha": SHA, "subject": "Add it", "author": "Ada", "time": NOW}],
        "commits_total": 3,
        "files": [{"path": "src/a.rs", "kind": "M", "additions": 4, "deletions": 1}],
        "files_total": 1, "additions": 4, "deletions": 1, "refusal": refusal,
    })
}

/// Opens a live board with the merge of its completed task open.
async fn open_merge(locale: Locale, preview: &Value) -> (Page<OpenBoard>, Peer) {
    begin();
    serve_board(10, &[card(1, "One", "completed", 1)]);
    serve("GET", MERGE, preview);
    let page = open_with(locale, || {
        let merging = use_board_view().merging;
        view! { <button id="merge" on:click=move |_| merging.set(Some("1-p1".into()))></button> }
            .into_any()
    });
    let peer = Peer::accept(0, 10).await;
    ready(&page).await;
    peer.subscribed(PROJECT).await;
    element(&page.root, "#merge").click();
    until("the merge is read", || {
        count(&page.root, "dialog[open] [aria-busy]") == 0
    })
    .await;
    frame().await;
    (page, peer)
}

fn submit(page: &Page<OpenBoard>) -> web_sys::HtmlElement {
    element(&page.root, "dialog[open] .button[data-look=primary]")
}

#[wasm_bindgen_test]
async fn commits_and_files_are_listed_and_the_merge_is_asked_for_once() {
    let (page, _peer) = open_merge(Locale::En, &preview(&Value::Null)).await;
    let shown = text(&element(&page.root, "dialog[open]"));
    for part in [
        "Merge #1",
        "“task-1” is merged into “main”.",
        "3 commits",
        "0123456789",
        "Add it",
        "Ada",
        "and 2 more",
        "1 changed file",
        "src/a.rs",
        "+4 \u{2212}1",
    ] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
    serve("POST", MERGE, &json!({"message": "", "merge_commit": SHA}));
    submit(&page).click();
    until("the dialog closes", || {
        count(&page.root, "dialog[open]") == 0
    })
    .await;
    assert_eq!(requests(&format!("POST {MERGE}")).len(), 1);
}

#[wasm_bindgen_test]
async fn a_refusal_names_its_files_and_offers_to_mark_by_hand_only() {
    let refusal = json!({"code": "merge_conflicts", "message": "Merge failed: CONFLICT", "files": ["shared.txt"], "files_total": 1, "commit": null});
    let (page, _peer) = open_merge(Locale::ZhCn, &preview(&refusal)).await;
    let shown = text(&element(&page.root, "dialog[open] [role=alert]"));
    for part in ["两个分支", "CONFLICT", "shared.txt"] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
    assert!(submit(&page).has_attribute("disabled"));
    assert!(text(&element(&page.root, "dialog[open] .dialog-foot")).contains("手动标记为已合并"));
}

#[wasm_bindgen_test]
async fn what_is_contained_already_can_be_marked_with_its_commit() {
    let refusal = json!({"code": "already_merged", "message": "m", "files": [], "files_total": 0, "commit": SHA});
    let (page, _peer) = open_merge(Locale::En, &preview(&refusal)).await;
    assert_eq!(
        text(&submit(&page)),
        "Mark as merged (contained in 0123456789)"
    );
    assert!(!submit(&page).has_attribute("disabled"));
}

#[wasm_bindgen_test]
async fn a_merged_card_shows_its_commit_or_that_it_was_marked_by_hand() {
    let mut by_git = card(1, "One", "merged", 1);
    by_git["merge_commit"] = SHA.into();
    let (page, _peer) = live(
        Locale::En,
        &[
            by_git,
            card(2, "Two", "merged", 1),
            card(3, "Three", "completed", 1),
        ],
    )
    .await;
    let of = |number: u64| element(&page.root, &format!("[data-task='{number}-p1']"));
    assert_eq!(text(&element(&of(1), ".task-card-merge")), "0123456");
    assert_eq!(text(&element(&of(2), ".task-card-merge")), "merged by hand");
    assert_eq!(count(&of(3), ".task-card-merge"), 0);
}
