//! The pages beside the board: projects, activity and log.

mod activity;
mod log;
mod projects;
mod settings;

use crate::shell_page::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::{Value, json};
use tasktree_board::i18n::Locale;

fn project(id: &str, name: &str) -> Value {
    json!({ "id": id, "name": name, "path": "", "created_at": NOW, "updated_at": NOW })
}

/// Opens a page with the project open and live.
async fn live(part: impl FnOnce() -> AnyView + 'static) -> (Page<Ended>, Peer) {
    begin();
    serve_board(10, &[]);
    serve(
        "GET",
        "projects",
        &json!([project(PROJECT, "First"), project("p2", "Second")]),
    );
    serve(
        "GET",
        "projects/p1/stats",
        &json!({ "total_tasks": 3, "merged_tasks": 1 }),
    );
    serve("GET", "projects/p2/stats", &json!({}));
    serve("GET", "projects/p1/logs", &json!([]));
    serve(
        "GET",
        "projects/p1/events",
        &json!({ "epoch": EPOCH, "seq": 10, "events": [] }),
    );
    let page = open(Locale::En, part);
    let peer = Peer::accept(0, 10).await;
    peer.subscribed(PROJECT).await;
    (page, peer)
}
