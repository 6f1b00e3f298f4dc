//! The badge shows the state of the connection, and never says "live" without one.

use crate::shell_page::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::json;
use tasktree_board::components::shell::connection_badge::ConnectionBadge;
use tasktree_board::i18n::Locale;
use tasktree_board::state::{BoardState, Load, use_board};
use tasktree_protocol::{NewTask, Status, TaskId};
use wasm_bindgen_test::wasm_bindgen_test;

async fn live_badge(locale: Locale) -> (Page<Ended>, Peer) {
    begin();
    serve_board(10, &[]);
    serve("GET", "projects", &json!([]));
    let page = open(locale, || view! { <ConnectionBadge/> }.into_any());
    let peer = Peer::accept(0, 10).await;
    peer.subscribed(PROJECT).await;
    until("the badge says live", || {
        peer.pump();
        look(&page) == "live"
    })
    .await;
    (page, peer)
}

fn look(page: &Page<Ended>) -> String {
    one(page, ".connection").get_attribute("data-look").unwrap()
}

fn words(page: &Page<Ended>) -> String {
    text(&one(page, ".connection-words"))
}

#[wasm_bindgen_test]
async fn a_live_connection_is_said_quietly_and_offers_no_retry() {
    let (page, _peer) = live_badge(Locale::En).await;
    assert_eq!(words(&page), "Live");
    assert!(find(&page, ".connection-retry").is_none());
    assert!(find(&page, ".connection-from").is_none());
}

#[wasm_bindgen_test]
async fn a_lost_connection_counts_down_says_since_when_and_retries_at_once_when_asked() {
    let (page, peer) = live_badge(Locale::En).await;
    socket_finish(peer.index, 1006);
    until("the badge waits", || look(&page) == "waiting").await;
    until("it says since when", || {
        find(&page, ".connection-from").is_some()
    })
    .await;
    let from = text(&one(&page, ".connection-from"));
    assert!(
        from.starts_with("data from ") && from.contains(':'),
        "{from}"
    );
    if let Some(retry) = find(&page, ".connection-retry") {
        assert!(
            words(&page).starts_with("Reconnecting in "),
            "{}",
            words(&page)
        );
        retry.click();
    }
    let peer = Peer::accept(1, 10).await;
    until("the badge says live again", || {
        peer.pump();
        words(&page) == "Live"
    })
    .await;
    assert_eq!(live_sockets(), 1);
}

#[wasm_bindgen_test]
async fn a_final_refusal_says_what_helps() {
    let (page, peer) = live_badge(Locale::ZhCn).await;
    assert_eq!(words(&page), "实时");
    socket_finish(peer.index, 4505);
    until("the badge says that it stopped", || {
        look(&page) == "stopped"
    })
    .await;
    assert_eq!(words(&page), "有新版本：请刷新");
    one(&page, ".connection-badge").click();
    until("the details are open", || {
        find(&page, ".connection-panel .facts").is_some()
    })
    .await;
    let panel = text(&one(&page, ".connection-panel"));
    assert!(
        panel.contains("请重新加载页面") && panel.contains("4505"),
        "{panel}"
    );
}

#[wasm_bindgen_test]
async fn what_waits_for_the_connection_is_counted_in_the_badge_and_listed_behind_it() {
    begin();
    serve_board(10, &[card(1, "One", "unclaimed", 1)]);
    serve("GET", "projects", &json!([]));
    let board = StoredValue::new_local(None::<BoardState>);
    let page = open(Locale::En, move || {
        board.set_value(Some(use_board()));
        view! { <ConnectionBadge/> }.into_any()
    });
    let board = board.get_value().unwrap();
    let peer = Peer::accept(0, 10).await;
    peer.subscribed(PROJECT).await;
    until("the board is loaded", || {
        board.load().get_untracked() == Load::Ready
    })
    .await;
    socket_finish(peer.index, 1006);
    until("the badge waits", || look(&page) == "waiting").await;
    let id = TaskId::from("1-p1");
    drop(board.move_task(id.clone(), Status::UpNext));
    drop(board.create_task(NewTask {
        title: "Later".into(),
        ..NewTask::default()
    }));
    until("the badge counts them", || {
        find(&page, ".connection-unsent").is_some_and(|count| text(&count) == "2 not sent")
    })
    .await;
    one(&page, ".connection-badge").click();
    until("they are listed", || {
        all(&page, ".unsent-change").len() == 2
    })
    .await;
    let list = text(&one(&page, ".unsent-changes"));
    assert!(
        list.contains("Move #1 to UP NEXT") && list.contains("Add “Later”"),
        "{list}"
    );
    one(&page, "[aria-label='Discard: Move #1 to UP NEXT']").click();
    until("the move is taken back", || {
        board.card(&id).unwrap().status == Status::Unclaimed
    })
    .await;
    assert_eq!(all(&page, ".unsent-change").len(), 1);
}

#[wasm_bindgen_test]
async fn where_sockets_are_blocked_the_badge_says_polling_and_why_and_changes_go_by_http() {
    begin();
    serve_board(10, &[card(1, "One", "unclaimed", 1)]);
    serve_at("GET", "projects", 10, &json!([]));
    let quiet = json!({ "epoch": EPOCH, "seq": 10, "events": [], "more": false });
    serve("GET", "projects/p1/events", &quiet);
    serve("GET", "events", &quiet);
    let board = StoredValue::new_local(None::<BoardState>);
    let page = open(Locale::ZhCn, move || {
        board.set_value(Some(use_board()));
        view! { <ConnectionBadge/> }.into_any()
    });
    let board = board.get_value().unwrap();
    for index in 0..2 {
        until("a socket is tried", || socket_count() > index).await;
        socket_finish(index, 1006);
    }
    until("the badge says polling", || words(&page) == "轮询").await;
    assert_eq!(text(&one(&page, ".connection-from")), "WebSocket 被拦截");
    assert_eq!(
        look(&page),
        "steady",
        "nothing moves for as long as it lasts"
    );
    assert!(find(&page, ".connection-unsent").is_none());
    one(&page, ".connection-badge").click();
    until("it is explained", || {
        find(&page, ".connection-panel")
            .is_some_and(|panel| text(&panel).contains("可能被代理或浏览器扩展拦截"))
    })
    .await;
    drop(board.move_task(TaskId::from("1-p1"), Status::UpNext));
    until("the change is sent", || {
        !requests("POST projects/p1/commands").is_empty()
    })
    .await;
    let body = requests("POST projects/p1/commands")[0].body.clone();
    assert!(body.contains("\"op\":\"update_task\""), "{body}");

    let next = socket_count();
    one(&page, ".connection-retry").click();
    until("another socket is tried", || {
        (next - 1..socket_count()).any(|index| socket_state(index) == 0)
    })
    .await;
    let peer = Peer::accept(socket_count() - 1, 10).await;
    until("the badge says live again", || {
        peer.pump();
        words(&page) == "实时"
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_busy_server_is_polled_again_no_sooner_than_it_says() {
    begin();
    serve_board(10, &[]);
    serve_at("GET", "projects", 10, &json!([]));
    let quiet = json!({ "epoch": EPOCH, "seq": 10, "events": [], "more": false });
    serve("GET", "projects/p1/events", &quiet);
    serve("GET", "events", &quiet);
    let page = open(Locale::En, || view! { <ConnectionBadge/> }.into_any());
    for index in 0..2 {
        until("a socket is tried", || socket_count() > index).await;
        socket_finish(index, 1006);
    }
    until("the badge says polling", || words(&page) == "Polling").await;
    let polls = || requests("GET projects/p1/events").len();
    put_off("GET", "projects/p1/events", 30);
    let before = polls();
    until("it is polled", || polls() > before).await;
    until("it is not current", || words(&page) != "Polling").await;
    let put_off = polls();
    serve("GET", "projects/p1/events", &quiet);
    // Longer than without the header.
    put_clock_forward(15_000.0);
    wake();
    pass(300).await;
    assert_eq!(polls(), put_off);
    put_clock_forward(15_000.0);
    until("it is polled again", || {
        wake();
        polls() > put_off
    })
    .await;
    until("the badge says polling", || words(&page) == "Polling").await;
}

/// Turns to the page.
fn wake() {
    let focus = web_sys::Event::new("focus").unwrap();
    window().dispatch_event(&focus).unwrap();
}

#[wasm_bindgen_test]
async fn a_server_that_stops_answering_is_said_to_with_the_time_of_the_data() {
    let (page, peer) = live_badge(Locale::En).await;
    put_clock_forward(7_000.0);
    until("the page doubts", || {
        words(&page).starts_with("No answer for ")
    })
    .await;
    let from = text(&one(&page, ".connection-from"));
    assert!(from.starts_with("data from "), "{from}");
    one(&page, ".connection-badge").click();
    until("it is explained", || {
        find(&page, ".connection-panel")
            .is_some_and(|panel| text(&panel).contains("has stopped answering"))
    })
    .await;
    peer.pump();
    until("it answers again", || {
        peer.pump();
        words(&page) == "Live"
    })
    .await;
}
