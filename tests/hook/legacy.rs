//! `use_websocket` with an older server, which has no subprotocol.

use std::cell::RefCell;
use std::rc::Rc;

use crate::support::{begin, run, until};
use leptos::prelude::*;
use serde_json::json;
use tasktree_board::net::{ConnectionState, provide_websocket};
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn a_server_that_chooses_no_subprotocol_is_taken_for_an_older_one_and_heard() {
    begin();
    let page = run(|| provide_websocket(None));
    let socket = page.value;
    let kinds: Rc<RefCell<Vec<String>>> = Rc::default();
    let _subscription = socket.on_message({
        let kinds = Rc::clone(&kinds);
        move |message| kinds.borrow_mut().push(message.event.kind().into())
    });
    crate::support::socket_open(0, "");
    until("legacy", || {
        socket.state.get_untracked() == ConnectionState::Legacy
    })
    .await;
    assert!(socket.details.get_untracked().legacy);
    for project in ["p1", "another"] {
        crate::support::socket_receive(
            0,
            &crate::support::legacy("task_updated", project, &json!({ "id": "1-p1" })),
        );
    }
    crate::support::socket_receive(
        0,
        &crate::support::legacy("something_new", "p1", &json!({})),
    );
    until("all messages", || kinds.borrow().len() == 3).await;
    assert_eq!(
        *kinds.borrow(),
        ["task_updated", "task_updated", "something_new"],
        "nothing is left out, whatever it is"
    );
    assert_eq!(crate::support::live_sockets(), 1);
}
