//! `use_websocket`: one socket, opened again when it is lost, and never a second one.

use crate::support::{Peer, begin, mount, pass, run, settle, until};
use leptos::prelude::*;
use tasktree_board::net::{
    ConnectionState, StopReason, WebSocketHandle, provide_websocket, use_websocket,
};
use wasm_bindgen_test::wasm_bindgen_test;

/// Waits until it is live.
///
/// The peer answers meanwhile: a page that becomes visible, or that the machine delayed, checks the
/// connection, and does not wait for long.
async fn live(socket: WebSocketHandle, peer: &Peer) {
    until("live", || {
        peer.pump();
        socket.state.get_untracked() == ConnectionState::Live
    })
    .await;
    // The last answer is received too.
    settle().await;
}

#[wasm_bindgen_test]
async fn the_socket_is_opened_again_after_a_close_and_the_state_says_so() {
    begin();
    let page = run(|| provide_websocket(None));
    let socket = page.value;
    assert!(
        crate::support::socket_url(0).ends_with("/ws/updates?protocol=board.v1")
            && crate::support::socket_url(0).starts_with("ws://")
    );
    assert!(matches!(
        socket.state.get_untracked(),
        ConnectionState::Connecting { .. }
    ));
    live(socket, &Peer::accept(0, 0).await).await;

    crate::support::socket_finish(0, 1006);
    until("waiting", || {
        matches!(
            socket.state.get_untracked(),
            ConnectionState::Waiting { .. }
        )
    })
    .await;
    assert_eq!(
        socket
            .details
            .get_untracked()
            .last_close
            .map(|(code, _)| code),
        Some(1006)
    );

    live(socket, &Peer::accept(1, 0).await).await;
    assert_eq!(crate::support::live_sockets(), 1);
    assert_eq!(socket.details.get_untracked().connections, 2);
}

#[wasm_bindgen_test]
async fn a_person_who_asks_for_it_need_not_wait_for_the_next_attempt() {
    begin();
    let page = run(|| provide_websocket(None));
    Peer::accept(0, 0).await;
    // 1013 means "overloaded": the first delay is then drawn from three seconds.
    crate::support::socket_finish(0, 1013);
    until("waiting", || {
        matches!(
            page.value.state.get_untracked(),
            ConnectionState::Waiting { .. }
        )
    })
    .await;
    page.value.retry_now();
    assert_eq!(
        crate::support::socket_count(),
        2,
        "the attempt is made at once"
    );
}

#[wasm_bindgen_test]
async fn all_users_of_the_hook_share_one_socket_even_while_it_is_being_opened() {
    begin();
    // Also without a provider above them: siblings find each other.
    let page = mount(|| {
        let users: Vec<_> = (0..5).map(|_| Owner::new()).collect();
        let handles: Vec<_> = users
            .iter()
            .map(|owner| owner.with(use_websocket))
            .collect();
        ((users, handles), ())
    });
    settle().await;
    assert_eq!(crate::support::socket_count(), 1);
    let peer = Peer::accept(0, 0).await;
    let (users, handles) = &page.value;
    for handle in handles {
        live(*handle, &peer).await;
    }
    // One that leaves does not close the socket for the others.
    users[0].cleanup();
    settle().await;
    assert_eq!(crate::support::live_sockets(), 1);
    assert_eq!(handles[1].state.get_untracked(), ConnectionState::Live);
}

#[wasm_bindgen_test]
async fn a_socket_that_does_not_open_is_given_up_before_the_next_one_is_asked_for() {
    begin();
    let page = run(|| provide_websocket(None));
    crate::support::socket_finish(0, 1006);
    until("a second attempt", || crate::support::socket_count() == 2).await;
    assert_eq!(crate::support::live_sockets(), 1);
    crate::support::socket_finish(1, 1006);
    until("a third attempt", || crate::support::socket_count() == 3).await;
    assert_eq!(crate::support::live_sockets(), 1);
    assert!(page.value.details.get_untracked().attempts >= 3);
}

#[wasm_bindgen_test]
async fn close_is_final_until_open() {
    begin();
    let page = run(|| provide_websocket(None));
    Peer::accept(0, 0).await;
    page.value.close();
    assert_eq!(
        page.value.state.get_untracked(),
        ConnectionState::Stopped(StopReason::Closed)
    );
    assert_eq!(crate::support::socket_close_code(0), 1000);
    // Neither a late close event, nor a wake, nor the retry button opens it again.
    window()
        .dispatch_event(&web_sys::Event::new("focus").unwrap())
        .unwrap();
    page.value.retry_now();
    pass(700).await;
    assert_eq!(crate::support::socket_count(), 1);
    page.value.open();
    assert_eq!(crate::support::socket_count(), 2);
}

#[wasm_bindgen_test]
async fn a_page_without_network_waits_for_it_and_then_connects() {
    begin();
    let page = run(|| provide_websocket(None));
    live(page.value, &Peer::accept(0, 0).await).await;
    window()
        .dispatch_event(&web_sys::Event::new("offline").unwrap())
        .unwrap();
    crate::support::socket_finish(0, 1006);
    until("offline", || {
        page.value.state.get_untracked() == ConnectionState::Offline
    })
    .await;
    pass(700).await;
    assert_eq!(
        crate::support::socket_count(),
        1,
        "no attempt without a network"
    );
    window()
        .dispatch_event(&web_sys::Event::new("online").unwrap())
        .unwrap();
    until("an attempt", || crate::support::socket_count() == 2).await;
}

#[wasm_bindgen_test]
async fn nothing_is_left_when_the_page_is_gone() {
    begin();
    let before = crate::support::listener_count();
    let page = run(|| provide_websocket(None));
    let peer = Peer::accept(0, 0).await;
    assert!(
        crate::support::listener_count() > before,
        "the page is listened to"
    );
    drop(page);
    settle().await;
    assert_eq!(crate::support::live_sockets(), 0);
    assert_eq!(crate::support::listener_count(), before);
    crate::support::socket_finish(0, 1006);
    pass(700).await;
    assert_eq!(
        crate::support::socket_count(),
        1,
        "nobody is there to connect again"
    );
    drop(peer);
}
