//! The page of all projects.

use super::{live, project};
use crate::shell_page::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::json;
use tasktree_board::i18n::Locale;
use tasktree_board::pages::projects::ProjectsPage;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn projects_are_listed_with_how_far_they_are_and_follow_what_others_do() {
    let (page, peer) = live(|| view! { <ProjectsPage/> }.into_any()).await;
    until("the counts are there", || {
        text(&page.root).contains("1 of 3 done")
    })
    .await;
    let names = || {
        all(&page, ".project-name")
            .iter()
            .map(|name| text(name))
            .collect::<Vec<_>>()
    };
    assert_eq!(names(), ["First", "Second"]);
    let third = json!({ "type": "project_created", "project_id": "p3", "stream": "*", "data": project("p3", "Third"), "timestamp": NOW, "seq": 11, "epoch": EPOCH });
    socket_receive(peer.index, &third.to_string());
    until("the new project is listed", || names().len() == 3).await;
    assert_eq!(names()[2], "Third");
}

#[wasm_bindgen_test]
async fn a_project_is_deleted_only_after_its_name_was_typed() {
    let (page, _peer) = live(|| view! { <ProjectsPage/> }.into_any()).await;
    serve(
        "DELETE",
        "projects/p2",
        &json!({ "message": "Project deleted" }),
    );
    until("the projects are listed", || {
        all(&page, ".project-row .icon-button").len() == 2
    })
    .await;
    all(&page, ".project-row .icon-button")[1].click();
    until("the menu is open", || all(&page, ".menu-item").len() == 2).await;
    all(&page, ".menu-item")[1].click();
    until("the question is asked", || {
        find(&page, "dialog[open] .input").is_some()
    })
    .await;
    let submit = one(&page, "dialog[open] [type=submit]");
    assert!(submit.has_attribute("disabled"));
    fill(&one(&page, "dialog[open] .input"), "Secon");
    settle().await;
    submit.click();
    settle().await;
    assert!(requests("DELETE").is_empty());
    // As it is displayed, with spaces and letter forms that a keyboard may produce.
    fill(&one(&page, "dialog[open] .input"), "\u{a0}Second\u{200b}");
    settle().await;
    submit.click();
    until("the project is gone", || {
        all(&page, ".project-row").len() == 1
    })
    .await;
    assert_eq!(requests("DELETE").len(), 1);
    until("the dialog is closed", || {
        find(&page, "dialog[open]").is_none()
    })
    .await;
}

#[wasm_bindgen_test]
async fn without_projects_the_page_says_how_to_begin_with_this_server() {
    begin();
    serve("GET", "projects", &json!([]));
    let page = open(Locale::En, || view! { <ProjectsPage/> }.into_any());
    until("the ways to begin are there", || {
        all(&page, ".command").len() >= 4
    })
    .await;
    let origin = window().location().origin().unwrap();
    let command = format!("tasktree connect claude --server {origin}");
    assert!(text(&one(&page, ".command")).contains(&command));
}

#[wasm_bindgen_test]
async fn a_list_that_cannot_be_read_says_so_and_is_read_again_when_asked() {
    begin();
    refuse(
        "GET",
        "projects",
        500,
        &json!({ "detail": "The disk is full" }),
    );
    let page = open(Locale::En, || view! { <ProjectsPage/> }.into_any());
    until("the failure is said", || {
        text(&page.root).contains("The disk is full")
    })
    .await;
    serve("GET", "projects", &json!([project("p2", "Second")]));
    one(&page, "[role=alert] .button").click();
    until("the projects are listed", || {
        find(&page, ".project-row").is_some()
    })
    .await;
}

#[wasm_bindgen_test]
async fn an_identifier_that_another_project_has_is_refused_in_the_form() {
    let (page, _peer) = live(|| view! { <ProjectsPage/> }.into_any()).await;
    until("the projects are listed", || {
        all(&page, ".project-row").len() == 2
    })
    .await;
    one(&page, ".sheet-head .button").click();
    until("the form is there", || {
        find(&page, "dialog[open] .input").is_some()
    })
    .await;
    fill(&one(&page, "dialog[open] .input"), "P1");
    settle().await;
    one(&page, "dialog[open] [type=submit]").click();
    until("it says so", || {
        text(&one(&page, "dialog[open]")).contains("Another project has this ID.")
    })
    .await;
    assert!(requests("POST projects").is_empty());
}
