//! The settings of a project, and concurrent changes of them.

use super::{live, project};
use crate::shell_page::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::{Value, json};
use tasktree_board::pages::projects::ProjectsPage;
use wasm_bindgen_test::wasm_bindgen_test;

/// Opens the settings of the second project.
async fn open_settings(page: &Page<Ended>) {
    until("the projects are listed", || {
        all(page, ".project-row .icon-button").len() == 2
    })
    .await;
    all(page, ".project-row .icon-button")[1].click();
    until("the menu is open", || all(page, ".menu-item").len() == 2).await;
    all(page, ".menu-item")[0].click();
    until("the form is there", || {
        find(page, "dialog[open] form").is_some()
    })
    .await;
}

fn changed_elsewhere(change: impl FnOnce(&mut Value)) {
    let mut row = project("p2", "Second");
    row["updated_at"] = json!("2026-11-28T00:00:09.000Z");
    change(&mut row);
    serve("GET", "projects/p2", &row);
}

#[wasm_bindgen_test]
async fn settings_that_others_have_changed_meanwhile_are_not_overwritten_unseen() {
    let (page, _peer) = live(|| view! { <ProjectsPage/> }.into_any()).await;
    open_settings(&page).await;
    let newer = json!({ "detail": [{
        "type": "read_only", "loc": ["body", "updated_at"], "msg": "is read-only", "input": NOW,
    }] });
    refuse("PUT", "projects/p2", 422, &newer);
    changed_elsewhere(|row| row["name"] = json!("Theirs"));
    fill(&one(&page, "dialog[open] .input"), "Ours");
    settle().await;
    one(&page, "dialog[open] [type=submit]").click();
    until("the change of others is named", || {
        text(&page.root).contains("Somebody else changed this while you were editing: Name.")
    })
    .await;
    let sent: Value = serde_json::from_str(&requests("PUT")[0].body).unwrap();
    assert_eq!(sent["updated_at"], json!(NOW));
    assert_eq!(requests("PUT").len(), 1, "it is not overwritten by itself");
    serve("PUT", "projects/p2", &project("p2", "Ours"));
    one(&page, "dialog[open] [type=submit]").click();
    until("the second save is a choice", || {
        find(&page, "dialog[open]").is_none()
    })
    .await;
    let sent: Value = serde_json::from_str(&requests("PUT")[1].body).unwrap();
    assert_eq!(sent["updated_at"], json!("2026-11-28T00:00:09.000Z"));
    assert_eq!(sent["name"], "Ours");
}

#[wasm_bindgen_test]
async fn settings_are_merged_with_changes_of_other_fields() {
    let (page, _peer) = live(|| view! { <ProjectsPage/> }.into_any()).await;
    open_settings(&page).await;
    hold("PUT", "projects/p2");
    changed_elsewhere(|row| row["path"] = json!("/theirs"));
    fill(&one(&page, "dialog[open] .input"), "Ours");
    settle().await;
    one(&page, "dialog[open] [type=submit]").click();
    until("it is sent", || waiting("PUT", "projects/p2") == 1).await;
    let newer = json!({ "detail": [{
        "type": "read_only", "loc": ["body", "updated_at"], "msg": "is read-only", "input": NOW,
    }] });
    refuse_held("PUT", "projects/p2", 422, &newer);
    until("it is sent again", || requests("PUT").len() == 2).await;
    let sent: Value = serde_json::from_str(&requests("PUT")[1].body).unwrap();
    assert_eq!(
        sent,
        json!({ "name": "Ours", "updated_at": "2026-11-28T00:00:09.000Z" })
    );
    release("PUT", "projects/p2", None, &project("p2", "Ours"));
    until("it is saved", || find(&page, "dialog[open]").is_none()).await;
}
