//! The whole app follows the address: every page, there and back, and a project that does not
//! exist.

use crate::shell_page::open_app;
use crate::support::*;
use leptos::prelude::*;
use serde_json::json;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlElement;

fn find(selector: &str) -> Option<HtmlElement> {
    document()
        .query_selector(selector)
        .unwrap()
        .map(JsCast::unchecked_into)
}

/// Follows the link to a view, as a person would.
async fn follow(href: &str, shows: &str) {
    until("the link is there", || {
        find(&format!("a[href='{href}']")).is_some()
    })
    .await;
    find(&format!("a[href='{href}']")).unwrap().click();
    until(shows, || find(shows).is_some()).await;
    until("the browser's address is the link's", || {
        window().location().pathname().unwrap() == href
    })
    .await;
}

#[wasm_bindgen_test]
async fn every_view_is_reached_and_left_again_and_a_missing_project_is_said() {
    begin();
    let at = window().location().pathname().unwrap();
    let storage = window().local_storage().unwrap().unwrap();
    storage.set_item("tasktree.locale", "en").unwrap();
    let card = json!({ "id": "1-p1", "task_id": 1, "title": "Fix it", "status": "unclaimed", "updated_at": NOW, "rev": 1 });
    serve_board(10, &[card]);
    let project =
        json!({ "id": PROJECT, "name": "First", "path": "", "created_at": NOW, "updated_at": NOW });
    serve("GET", "projects", &json!([project]));
    for (path, body) in [
        ("projects/p1/stats", json!({ "total_tasks": 1 })),
        ("projects/p1/logs", json!([])),
        ("projects/p1/leases", json!({ "leases": [] })),
        (
            "projects/p1/events",
            json!({ "epoch": EPOCH, "seq": 10, "events": [] }),
        ),
    ] {
        serve("GET", path, &body);
    }
    go("/");
    let page = open_app();
    let peer = Peer::accept(0, 10).await;
    let pumped = gloo_timers::callback::Interval::new(5, move || {
        peer.pump();
    });

    follow("/p/p1", ".task-card").await;
    until("the tab says where it is", || {
        document().title() == "First · TaskTree"
    })
    .await;
    // Twice: leftovers of a visit must not break the next.
    for _ in 0..2 {
        follow("/p/p1/agents", "#agents-title").await;
        follow("/p/p1/activity", "#feed-title").await;
        assert_eq!(document().title(), "Activity · First · TaskTree");
        assert!(find(".task-card").is_none());
        follow("/p/p1", ".task-card").await;
        assert!(find("#feed-title").is_none());
    }
    assert_eq!(
        find(".view-link[aria-current=page]")
            .unwrap()
            .text_content()
            .unwrap(),
        "Board"
    );

    let clear = || find(".filter-bar .icon-button");
    let search: web_sys::HtmlInputElement = find("#board-search").unwrap().unchecked_into();
    let type_search = |text: &str| {
        search.set_value(text);
        search
            .dispatch_event(&web_sys::Event::new("input").unwrap())
            .unwrap();
    };
    let hint = || find("#board-search-hint").unwrap().text_content().unwrap();
    type_search("lable:ui");
    until("the likely word is named", || hint().contains("label:")).await;
    assert!(hint().contains("All tasks are shown"), "{}", hint());
    assert_eq!(
        search.get_attribute("aria-invalid").as_deref(),
        Some("true")
    );
    assert!(
        find(".task-card").is_some(),
        "a faulty search hides nothing"
    );
    type_search("-Fix");
    until("the search is applied", || find(".task-card").is_none()).await;
    assert_eq!(
        (hint().as_str(), search.get_attribute("aria-invalid")),
        ("", None)
    );
    type_search("Fix");
    until("it is filtered", || clear().is_some()).await;
    clear().unwrap().click();
    until("the filter is gone", || clear().is_none()).await;
    assert_eq!(
        document().active_element().unwrap().id(),
        "board-search",
        "the focus stays where the search is"
    );

    // Selects show the active filter, even if their list lacks it.
    let shown = |select: &str| {
        let select = find(select).unwrap();
        let chosen = select.query_selector("option:checked").unwrap().unwrap();
        chosen.text_content().unwrap()
    };
    let query = |query: &str| {
        let history = window().history().unwrap();
        let to = format!("/p/p1{query}");
        history
            .replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&to))
            .unwrap();
        window()
            .dispatch_event(&web_sys::Event::new("popstate").unwrap())
            .unwrap();
    };
    let status: web_sys::HtmlSelectElement = find(".filter-status").unwrap().unchecked_into();
    status.set_value("completed");
    status
        .dispatch_event(&web_sys::Event::new("change").unwrap())
        .unwrap();
    until("it is filtered", || clear().is_some()).await;
    clear().unwrap().click();
    until("the select says so", || {
        shown(".filter-status") == "All columns"
    })
    .await;
    query("?status=unclaimed,merged");
    until("both columns are named", || {
        shown(".filter-status") == "TODO, MERGED"
    })
    .await;
    query("?agent=nobody");
    until("it says that there is no such agent", || {
        find(".filter-agent").is_some() && shown(".filter-agent") == "nobody (not in this project)"
    })
    .await;
    assert_eq!(shown(".filter-status"), "All columns");
    query("");
    until("the filter is gone", || clear().is_none()).await;

    window().history().unwrap().back().unwrap();
    until("back leads to the page before", || {
        find("#feed-title").is_some()
    })
    .await;

    let event = json!({ "type": "project_deleted", "project_id": PROJECT, "stream": "*", "data": { "project_id": PROJECT }, "timestamp": NOW, "seq": 11, "epoch": EPOCH });
    socket_receive(0, &event.to_string());
    until("it says that the project is gone", || {
        find(".message-page").is_some_and(|page| {
            page.text_content()
                .unwrap()
                .contains("Project “p1” not found")
        })
    })
    .await;
    drop(pumped);
    drop(page);
    storage.remove_item("tasktree.locale").unwrap();
    go(&at);
}
