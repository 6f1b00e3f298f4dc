//! A card that is held: it never overwrites concurrent changes, and nothing of the gesture outlives
//! it.

mod changes;
mod lost;
mod menu;
mod modifiers;
mod pointer;

use crate::board_page::*;
use crate::support::*;
use serde_json::Value;
use web_sys::HtmlElement;

fn three() -> [Value; 3] {
    [
        ranked(1, 0, "unclaimed"),
        ranked(2, 0, "unclaimed"),
        ranked(5, 0, "up_next"),
    ]
}

/// Returns task 1 in its second version, with those fields changed.
fn changed(fields: &Value) -> Value {
    let mut row = card(1, "Task 1", "unclaimed", 2);
    let fields = fields.as_object().unwrap().clone();
    row.as_object_mut().unwrap().extend(fields);
    row
}

/// Sends an event by that actor.
fn event_by(peer: &Peer, actor: &str, kind: &str, data: &Value) {
    let mut event = peer.next(kind, data);
    event["actor"] = actor.into();
    socket_receive(peer.index, &event.to_string());
}

fn nothing_was_sent(peer: &Peer) {
    peer.pump();
    let commands = peer.commands.borrow();
    assert!(commands.is_empty(), "{commands:?}");
}

fn nothing_is_held(page: &Page<OpenBoard>) {
    let left = ".drag-ghost, [data-held], [data-over], [data-dragging]";
    assert_eq!(count(&page.root, left), 0);
}

/// Picks task 1 up with the space bar and carries it over UP NEXT.
async fn carry(page: &Page<OpenBoard>) {
    card_of(page, 1).focus().unwrap();
    frame().await;
    for name in [" ", "ArrowRight"] {
        key(name);
        frame().await;
    }
    assert!(column(page, "up_next").has_attribute("data-over"));
}

/// Picks task 1 up with a pointer and holds it over UP NEXT. Returns the board and the position of
/// the pointer.
async fn drag(page: &Page<OpenBoard>, pointer: &str) -> (HtmlElement, (f64, f64)) {
    let (board, held) = (element(&page.root, ".task-board"), card_of(page, 1));
    point("pointerdown", &held, middle(&held), pointer);
    let over = middle(&column(page, "up_next"));
    if pointer == "touch" {
        until("the finger has picked it up", || {
            held.has_attribute("data-held")
        })
        .await;
    }
    point("pointermove", &board, over, pointer);
    frame().await;
    assert!(column(page, "up_next").has_attribute("data-over"));
    (board, over)
}

async fn told(page: &Page<OpenBoard>) -> String {
    until("it is said", || count(&page.root, ".toast-text") > 0).await;
    text(&element(&page.root, ".toast-text"))
}
