//! `use_websocket`: every subscriber receives all messages in order; commands are answered.

use std::cell::RefCell;
use std::rc::Rc;

use crate::support::{EPOCH, PROJECT, Peer, begin, card, run, settle, until};
use leptos::prelude::*;
use serde_json::{Value, json};
use tasktree_board::net::{StreamGuard, Subscription, Watcher, WebSocketHandle, provide_websocket};
use tasktree_protocol::{Command, Cursor, Epoch, Message, StreamId, TaskId};
use wasm_bindgen_test::wasm_bindgen_test;

/// Subscribes to the project's stream from its beginning.
fn watch(socket: WebSocketHandle) -> StreamGuard {
    let nothing = Watcher {
        need_snapshot: Box::new(|_| {}),
        missed: Box::new(|| {}),
        refused: Box::new(|_| {}),
    };
    let guard = socket.watch(StreamId::from(PROJECT), nothing);
    guard.snapshot_applied(Some(Cursor::new(Epoch::from(EPOCH), 0)));
    guard
}

type Heard = Rc<RefCell<Vec<u64>>>;

fn note(heard: &Heard) -> impl Fn(&Message) + 'static {
    let heard = Rc::clone(heard);
    move |message| heard.borrow_mut().push(message.seq.unwrap_or(0))
}

#[wasm_bindgen_test]
async fn a_burst_of_a_thousand_messages_is_delivered_whole_and_in_order() {
    begin();
    let page = run(|| (provide_websocket(None), Heard::default()));
    let (socket, heard) = &page.value;
    let guard = watch(*socket);
    let _subscription = socket.on_message(note(heard));
    let peer = Peer::accept(0, 0).await;
    peer.subscribed(PROJECT).await;
    for number in 1..=1_000 {
        peer.event("task_updated", &card(number, "A burst", "unclaimed", 1));
    }
    until("all of them", || heard.borrow().len() >= 1_000).await;
    settle().await;
    assert_eq!(*heard.borrow(), (1..=1_000).collect::<Vec<_>>());
    assert_eq!(
        socket
            .last_message
            .get_untracked()
            .and_then(|message| message.seq),
        Some(1_000)
    );
    drop(guard);
}

#[wasm_bindgen_test]
async fn batches_are_unpacked_in_order_and_what_comes_twice_is_told_once() {
    begin();
    let page = run(|| (provide_websocket(None), Heard::default()));
    let (socket, heard) = &page.value;
    let _guard = watch(*socket);
    let _subscription = socket.on_message(note(heard));
    let peer = Peer::accept(0, 0).await;
    peer.subscribed(PROJECT).await;
    let events: Vec<Value> = (1..=16)
        .map(|number| peer.next("task_updated", &card(number, "In a batch", "merged", 1)))
        .collect();
    peer.control("sys.batch", &json!({ "events": events }));
    peer.control("sys.batch", &json!({ "events": events }));
    until("all of them", || heard.borrow().len() >= 16).await;
    settle().await;
    assert_eq!(*heard.borrow(), (1..=16).collect::<Vec<_>>());
}

#[wasm_bindgen_test]
async fn subscribers_come_and_go_at_run_time() {
    begin();
    let page = run(|| provide_websocket(None));
    let socket = page.value;
    let _guard = watch(socket);
    let peer = Peer::accept(0, 0).await;
    peer.subscribed(PROJECT).await;
    let send = |number| peer.event("task_updated", &card(number, "News", "unclaimed", 1));
    let (first, second) = (Heard::default(), Heard::default());
    let one = socket.on_message(note(&first));
    send(1);
    until("the first hears", || first.borrow().len() == 1).await;
    let two = socket.on_message(note(&second));
    send(2);
    until("both hear", || second.borrow().len() == 1).await;
    drop(one);
    send(3);
    until("the second hears", || second.borrow().len() == 2).await;
    drop(two);
    send(4);
    until("the message came", || {
        socket
            .last_message
            .get_untracked()
            .and_then(|message| message.seq)
            == Some(4)
    })
    .await;
    assert_eq!((first.take(), second.take()), (vec![1, 2], vec![2, 3]));
}

#[wasm_bindgen_test]
async fn a_callback_may_subscribe_and_end_subscriptions_its_own_too() {
    begin();
    let page = run(|| provide_websocket(None));
    let socket = page.value;
    let _guard = watch(socket);
    let peer = Peer::accept(0, 0).await;
    peer.subscribed(PROJECT).await;
    let (once, later) = (Heard::default(), Heard::default());
    let held: Rc<RefCell<Vec<Subscription>>> = Rc::default();
    let own = Rc::clone(&held);
    let (note_once, note_later) = (note(&once), Rc::clone(&later));
    let subscription = socket.on_message(move |message| {
        note_once(message);
        // Ends this subscription and begins another, during a message.
        own.borrow_mut().clear();
        own.borrow_mut().push(socket.on_message(note(&note_later)));
    });
    held.borrow_mut().push(subscription);
    for number in 1..=3 {
        peer.event("task_updated", &card(number, "News", "unclaimed", 1));
    }
    until("the later one hears", || later.borrow().len() == 2).await;
    assert_eq!(
        (once.take(), later.take()),
        (vec![1], vec![2, 3]),
        "a subscription hears of what comes after it"
    );
}

#[wasm_bindgen_test]
async fn a_subscription_that_is_forgotten_ends_with_its_component() {
    begin();
    let page = run(|| provide_websocket(None));
    let socket = page.value;
    let _guard = watch(socket);
    let peer = Peer::accept(0, 0).await;
    peer.subscribed(PROJECT).await;
    let heard = Heard::default();
    let component = Owner::new();
    component.with(|| socket.on_message(note(&heard)).forget());
    peer.event("task_updated", &card(1, "News", "unclaimed", 1));
    until("it hears", || heard.borrow().len() == 1).await;
    component.cleanup();
    peer.event("task_updated", &card(2, "News", "unclaimed", 1));
    until("the message came", || {
        socket
            .last_message
            .get_untracked()
            .and_then(|message| message.seq)
            == Some(2)
    })
    .await;
    assert_eq!(heard.take(), [1]);
}

fn removal() -> Command {
    Command::DeleteTask {
        project_id: PROJECT.into(),
        task: TaskId::from("1-p1"),
        bound: None,
    }
}

#[wasm_bindgen_test]
async fn every_command_is_answered() {
    begin();
    let page = run(|| provide_websocket(None));
    let socket = page.value;
    let peer = Peer::accept(0, 0).await;
    let answer: Rc<RefCell<Vec<Result<bool, String>>>> = Rc::default();
    let send = || {
        let answer = Rc::clone(&answer);
        leptos::task::spawn_local(async move {
            let result = socket.send(removal()).await;
            answer
                .borrow_mut()
                .push(result.map(|result| result.ok).map_err(|error| error.code));
        });
    };
    send();
    let (id, sent) = peer.command().await;
    assert_eq!(
        (sent["op"].as_str(), sent["args"]["task"].as_str()),
        (Some("delete_task"), Some("1-p1"))
    );
    peer.accept_command(&id, &Value::Null);
    until("the answer", || answer.borrow().len() == 1).await;

    send();
    let (second, _) = peer.command().await;
    assert_ne!(id, second, "every command has an id of its own");
    peer.refuse_command(&second, "blocked", "Task #1 waits for #2.");
    until("the refusal", || answer.borrow().len() == 2).await;
    assert_eq!(answer.take(), [Ok(true), Err("blocked".into())]);
}

#[wasm_bindgen_test]
async fn a_command_that_was_not_answered_is_sent_again_on_the_next_socket() {
    begin();
    let page = run(|| provide_websocket(None));
    let socket = page.value;
    let peer = Peer::accept(0, 0).await;
    let done: Rc<RefCell<Option<bool>>> = Rc::default();
    leptos::task::spawn_local({
        let done = Rc::clone(&done);
        async move {
            let result = socket.send(removal()).await;
            done.replace(Some(result.is_ok()));
        }
    });
    let (id, _) = peer.command().await;
    crate::support::socket_finish(0, 1006);
    let peer = Peer::accept(1, 0).await;
    let (again, _) = peer.command().await;
    assert_eq!(id, again, "under the same id, so that it is executed once");
    peer.accept_command(&id, &Value::Null);
    until("the answer", || *done.borrow() == Some(true)).await;
}

#[wasm_bindgen_test]
async fn a_socket_with_much_unsent_takes_no_commands() {
    begin();
    let page = run(|| provide_websocket(None));
    let socket = page.value;
    let peer = Peer::accept(0, 0).await;
    crate::support::set_buffered(0, 2_000_000);
    leptos::task::spawn_local(async move {
        let _ = socket.send(removal()).await;
    });
    settle().await;
    peer.pump();
    assert!(peer.commands.borrow().is_empty());
    crate::support::set_buffered(0, 0);
    peer.command().await;
}
