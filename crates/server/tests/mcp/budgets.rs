//! Budgets: the size of everything that a model reads.

use serde_json::{Value, json};

use crate::support::TestServer;
use crate::wire::{MODERN, call_as, request, send};

/// Largest list of tools and largest answer, in bytes.
const BYTES: usize = 8 * 1024;

/// Returns the size of the text of a result.
fn read_by_model(result: &Value) -> usize {
    result["content"][0]["text"].as_str().unwrap().len()
}

#[tokio::test]
async fn the_list_of_tools_fits_its_budget_on_the_wire() {
    let server = TestServer::with_project().await;
    let list = send(request(&server, MODERN, "tools/list", json!({}))).await;
    println!("tools/list: {} bytes", list.text.len());
    assert!(list.text.len() <= BYTES, "{}", list.text.len());
    let info = send(request(&server, MODERN, "server/discover", json!({})))
        .await
        .ok();
    let instructions = info["result"]["instructions"].as_str().unwrap();
    println!("instructions: {} bytes", instructions.len());
    assert!(instructions.len() <= 2000);
}

#[tokio::test]
async fn no_answer_is_larger_than_its_budget_unless_all_is_asked_for() {
    let server = TestServer::with_project().await;
    let long = "é\"\n".repeat(5000);
    let new = json!({"title": "t".repeat(200), "prompt": long, "description": long, "key": "a"});
    call_as(&server, "ann", "board_create", new).await;
    for number in 0..120 {
        let new = json!({
            "title": format!("{number} {}", "x".repeat(150)),
            "labels": ["one", "two", "three"],
        });
        server.post("/api/projects/alpha/tasks", new).await.ok();
    }
    call_as(&server, "ann", "board_heartbeat", json!({})).await;
    for _ in 0..30 {
        let send = json!({"to": "ann", "body": "m".repeat(1000)});
        call_as(&server, "bob", "board_send", send).await;
    }
    for _ in 0..15 {
        let note = json!({"task": 1, "note": "n".repeat(3000)});
        call_as(&server, "bob", "board_update", note).await;
    }
    let paths: Vec<_> = (0..200)
        .map(|n| format!("src/{n}/{}.rs", "d".repeat(80)))
        .collect();
    for (tool, arguments) in [
        ("board_next", json!({"task": 1})),
        ("board_get", json!({"task": 1})),
        ("board_list", json!({"limit": 100})),
        ("board_inbox", json!({"limit": 100, "mark_read": false})),
        ("board_reserve", json!({"paths": paths})),
        ("board_release", json!({})),
        ("board_heartbeat", json!({})),
    ] {
        let result = call_as(&server, "ann", tool, arguments).await;
        assert_eq!(result["isError"], false, "{tool}: {result}");
        println!("{tool}: {} bytes", read_by_model(&result));
        assert!(
            read_by_model(&result) <= BYTES,
            "{tool}: {}",
            read_by_model(&result)
        );
        let text: Value =
            serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap();
        assert_eq!(text, result["structuredContent"], "{tool}");
    }
    for uri in ["tasktree://alpha/board", "tasktree://alpha/task/1"] {
        let read = send(request(
            &server,
            MODERN,
            "resources/read",
            json!({"uri": uri}),
        ))
        .await;
        let text = read.ok()["result"]["contents"][0]["text"]
            .as_str()
            .unwrap()
            .len();
        println!("{uri}: {text} bytes");
        assert!(text <= BYTES, "{uri}: {text}");
    }
    let list = send(request(&server, MODERN, "resources/list", json!({}))).await;
    println!("resources/list: {} bytes", list.text.len());
    assert!(list.text.len() <= BYTES, "{}", list.text.len());
    let all = call_as(
        &server,
        "ann",
        "board_get",
        json!({"task": 1, "full": true}),
    )
    .await;
    assert_eq!(all["structuredContent"]["task"]["prompt"], long);
}
