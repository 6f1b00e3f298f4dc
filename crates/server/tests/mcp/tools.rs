//! The tools, one after the other, as an agent uses them.

use serde_json::{Value, json};

use crate::support::TestServer;
use crate::wire::{call, call_as, refused};

async fn task(server: &TestServer, number: u64) -> Value {
    let path = format!("/api/projects/alpha/tasks/{number}");
    server.get(&path).await.ok()
}

#[tokio::test]
async fn an_agent_works_through_a_task() {
    let server = TestServer::with_project().await;
    let new = json!({"title": "Parse it", "prompt": "Write a parser.", "priority": 1});
    let made = call(&server, "ann", "board_create", new).await;
    assert_eq!(made["task"]["number"], 1);
    let new = json!({"title": "Use it", "blocked_by": [1]});
    call(&server, "ann", "board_create", new).await;

    let seen = call(&server, "ann", "board_next", json!({"claim": false})).await;
    assert_eq!(seen["task"]["number"], 1);
    assert_eq!(task(&server, 1).await["status"], "unclaimed");
    let next = call(&server, "ann", "board_next", json!({})).await;
    assert_eq!(next["task"]["prompt"], "Write a parser.");
    assert_eq!(
        (&next["claimed"], &next["task"]["claim"]),
        (&json!(true), &json!(1))
    );
    let again = call(&server, "ann", "board_next", json!({})).await;
    assert_eq!(
        (&again["claimed"], &again["task"]["number"]),
        (&json!(false), &json!(1))
    );
    let none = call(&server, "bob", "board_next", json!({})).await;
    assert_eq!(none.get("task"), None);
    assert_eq!(
        none["reason"],
        "No task is ready: 1 in progress, 1 blocked."
    );

    let note = json!({"note": "Found a **bug**.\nMore.", "progress": 40, "claim": 1});
    call(&server, "ann", "board_update", note).await;
    let agent = server.get("/api/projects/alpha/agents/ann").await.ok();
    assert_eq!(
        (&agent["progress"], &agent["last_activity"]),
        (&json!(40), &json!("Found a **bug**."))
    );
    let seen = call(&server, "bob", "board_get", json!({"task": "#1"})).await;
    assert_eq!(seen["notes"][0]["by"], "ann");
    assert_eq!(seen["notes"][0]["text"], "Found a **bug**.\nMore.");
    assert_eq!(seen["task"]["holder"], "ann");

    let done = json!({"summary": "It parses.", "task": 1});
    let completed = call(&server, "ann", "board_done", done.clone()).await;
    assert_eq!(completed["task"]["status"], "completed");
    assert_eq!(completed["unlocked"], json!([2]));
    let rev = task(&server, 1).await["rev"].clone();
    let again = call(&server, "ann", "board_done", done).await;
    assert_eq!(
        again["task"]["status"], "completed",
        "a repetition changes nothing"
    );
    assert_eq!(task(&server, 1).await["rev"], rev);
    assert_eq!(task(&server, 1).await["evidence"]["summary"], "It parses.");
}

#[tokio::test]
async fn a_refusal_says_what_to_do() {
    let server = TestServer::with_project().await;
    server.make_task("alpha", "one").await;
    call(&server, "ann", "board_next", json!({})).await;
    let taken = refused(
        &server,
        "bob",
        "board_done",
        json!({"task": 1, "summary": "x"}),
    )
    .await;
    assert_eq!(
        (&taken["code"], &taken["holder"]),
        (&json!("taken"), &json!("ann"))
    );
    let taken = call_as(&server, "bob", "board_next", json!({"task": 1})).await;
    assert_eq!(taken["isError"], true);
    let text = taken["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("ann"), "{text}");
    let none = refused(&server, "bob", "board_done", json!({"summary": "x"})).await;
    assert_eq!(
        none["message"],
        "You hold no task: claim one with board_next."
    );
    let missing = refused(&server, "bob", "board_get", json!({"task": 99})).await;
    assert_eq!(missing["code"], "not_found");
    for (tool, arguments, word) in [
        ("board_create", json!({}), "title"),
        ("board_create", json!({"title": 7}), "title"),
        (
            "board_create",
            json!({"title": "x", "colour": "red"}),
            "colour",
        ),
        ("board_get", json!({"task": "twelve"}), "twelve"),
        ("board_list", json!({"status": "merging"}), "up_next"),
        ("board_list", json!({"text": "is:nonsense"}), "text"),
        ("board_list", json!({"cursor": "x"}), "cursor"),
        (
            "board_update",
            json!({"task": 1, "status": "completed"}),
            "board_done",
        ),
        ("board_update", json!({"progress": 200}), "progress"),
        ("board_update", json!({"task": 1, "title": null}), "title"),
        ("board_reserve", json!({"paths": ["../x"]}), "paths"),
        (
            "board_block",
            json!({"reason": "x", "kind": "bored"}),
            "kind",
        ),
        ("board_send", json!({"to": "nobody", "body": "x"}), "nobody"),
    ] {
        let refusal = refused(&server, "ann", tool, arguments.clone()).await;
        let message = refusal["message"].as_str().unwrap();
        assert!(message.contains(word), "{tool} {arguments}: {message}");
    }
    assert_eq!(task(&server, 1).await["holder"], "ann", "nothing changed");
}

#[tokio::test]
async fn a_report_about_a_claim_that_has_ended_changes_nothing() {
    let server = TestServer::with_project().await;
    server.make_task("alpha", "one").await;
    let claim = call(&server, "ann", "board_next", json!({})).await["task"]["claim"].clone();
    call(
        &server,
        "ann",
        "board_block",
        json!({"reason": "no", "kind": "failed"}),
    )
    .await;
    call(&server, "ann", "board_next", json!({"task": 1})).await;
    for (tool, arguments) in [
        (
            "board_update",
            json!({"claim": claim, "note": "late", "title": "late"}),
        ),
        ("board_done", json!({"claim": claim, "summary": "late"})),
        ("board_block", json!({"claim": claim, "reason": "late"})),
    ] {
        let refusal = refused(&server, "ann", tool, arguments).await;
        assert_eq!(refusal["code"], "conflict", "{tool}: {refusal}");
    }
    let now = task(&server, 1).await;
    assert_eq!(
        (&now["title"], &now["status"]),
        (&json!("one"), &json!("in_progress"))
    );
    let comments = server
        .get("/api/projects/alpha/tasks/1/comments")
        .await
        .ok();
    assert_eq!(comments, json!([]));
}

#[tokio::test]
async fn a_person_answers_a_question_and_the_next_results_have_the_answer() {
    let server = TestServer::with_project().await;
    server.make_task("alpha", "one").await;
    call(&server, "ann", "board_next", json!({})).await;
    let ask = json!({"reason": "Which port?", "options": ["80", "443"]});
    let blocked = call(&server, "ann", "board_block", ask).await;
    assert_eq!(blocked["agent"]["waiting_for"], "question");
    assert_eq!(blocked["task"]["status"], "in_progress");
    let questions = server.get("/api/projects/alpha/questions").await.ok();
    let id = &questions[0]["id"];
    let path = format!("/api/projects/alpha/questions/{id}/answers");
    server.post(&path, json!({"text": "443"})).await.ok();
    let beat = call(
        &server,
        "ann",
        "board_heartbeat",
        json!({"note": "waiting"}),
    )
    .await;
    assert_eq!(beat["answers"][0]["text"], "443");
    let inbox = call(&server, "ann", "board_inbox", json!({})).await;
    assert_eq!(inbox["answers"][0]["text"], "443");
    let beat = call(&server, "ann", "board_heartbeat", json!({})).await;
    assert_eq!(beat.get("answers"), None, "read by now");
    assert_eq!((&beat["task"], &beat["unread"]), (&json!(1), &json!(0)));
}

#[tokio::test]
async fn files_are_granted_with_their_conflicts_and_given_back() {
    let server = TestServer::with_project().await;
    let paths = json!({"paths": ["src/a.rs", "docs/**"], "exclusive": true, "minutes": 5});
    let mine = call(&server, "ann", "board_reserve", paths).await;
    assert_eq!(mine["leases"].as_array().unwrap().len(), 2);
    assert_eq!(mine["conflicts"], json!([]));
    let theirs = call(
        &server,
        "bob",
        "board_reserve",
        json!({"paths": ["src/a.rs"]}),
    )
    .await;
    assert_eq!(
        theirs["conflicts"],
        json!([{"path": "src/a.rs", "agents": ["ann"]}])
    );
    let some = call(
        &server,
        "ann",
        "board_release",
        json!({"paths": ["./src/a.rs"]}),
    )
    .await;
    assert_eq!(some["released"], json!(["src/a.rs"]));
    let rest = call(&server, "ann", "board_release", json!({})).await;
    assert_eq!(rest["released"], json!(["docs/**"]));
    let left = server.get("/api/projects/alpha/leases").await.ok();
    assert_eq!(left["leases"].as_array().unwrap().len(), 1, "bob's");
}

#[tokio::test]
async fn messages_are_read_once_and_long_ones_in_full() {
    let server = TestServer::with_project().await;
    call(&server, "ann", "board_heartbeat", json!({})).await;
    let sent = call(
        &server,
        "bob",
        "board_send",
        json!({"to": "ann", "body": "Hello"}),
    )
    .await;
    assert_eq!(sent["to"], "ann");
    let long = "x".repeat(9000);
    call(
        &server,
        "bob",
        "board_send",
        json!({"to": "ann", "body": long}),
    )
    .await;
    let kept = call(&server, "ann", "board_inbox", json!({"mark_read": false})).await;
    assert_eq!(kept["messages"][0]["body"], "Hello");
    assert_eq!(kept["more"], 1);
    let first = call(&server, "ann", "board_inbox", json!({})).await;
    assert_eq!(first["messages"].as_array().unwrap().len(), 1);
    let hint = call(&server, "ann", "board_inbox", json!({})).await;
    assert_eq!(
        hint["messages"],
        json!([]),
        "nothing is marked that was not shown"
    );
    assert!(hint["hint"].as_str().unwrap().contains("full=true"));
    let second = call(&server, "ann", "board_inbox", json!({"full": true})).await;
    assert_eq!(second["messages"][0]["body"], long);
    let none = call(&server, "ann", "board_inbox", json!({})).await;
    assert_eq!(none, json!({"messages": []}));
}

#[tokio::test]
async fn a_key_makes_creation_repeatable_and_null_clears_a_field() {
    let server = TestServer::with_project().await;
    let new = json!({"title": "one", "description": "d", "key": "k1"});
    let first = call(&server, "ann", "board_create", new.clone()).await;
    let again = call(&server, "ann", "board_create", new).await;
    assert_eq!(first, again);
    let other = json!({"title": "two", "key": "k1"});
    assert_eq!(
        refused(&server, "ann", "board_create", other).await["code"],
        "invalid"
    );
    let rev = first["task"]["rev"].as_u64().unwrap();
    let change = json!({"task": 1, "description": null, "labels": ["ui"], "rev": rev});
    call(&server, "ann", "board_update", change.clone()).await;
    let now = task(&server, 1).await;
    assert_eq!(
        (&now["description"], &now["labels"]),
        (&Value::Null, &json!(["ui"]))
    );
    let stale = refused(&server, "ann", "board_update", change).await;
    assert_eq!(
        (&stale["code"], &stale["rev"]),
        (&json!("conflict"), &now["rev"])
    );
}

#[tokio::test]
async fn lists_come_in_pages_and_by_query() {
    let server = TestServer::with_project().await;
    for number in 1..=30 {
        let new =
            json!({"title": format!("task {number}"), "labels": [format!("l{}", number % 3)]});
        server.post("/api/projects/alpha/tasks", new).await.ok();
    }
    let mut seen = Vec::new();
    let mut arguments = json!({"limit": 12});
    loop {
        let page = call(&server, "ann", "board_list", arguments.clone()).await;
        let rows = page["tasks"].as_array().unwrap();
        seen.extend(rows.iter().map(|row| row["number"].as_u64().unwrap()));
        match page.get("next_cursor") {
            Some(cursor) => arguments["cursor"] = cursor.clone(),
            None => break,
        }
    }
    assert_eq!(seen, (1..=30).collect::<Vec<_>>());
    let found = call(&server, "ann", "board_list", json!({"text": "label:l0"})).await;
    assert_eq!(found["tasks"].as_array().unwrap().len(), 10);
    call(&server, "ann", "board_next", json!({"task": 4})).await;
    let mine = call(&server, "ann", "board_list", json!({"mine": true})).await;
    assert_eq!(
        (&mine["tasks"][0]["number"], &mine["tasks"][0]["agent"]),
        (&json!(4), &json!("ann"))
    );
    let working = json!({"status": "in_progress,completed"});
    let working = call(&server, "ann", "board_list", working).await;
    assert_eq!(working["tasks"].as_array().unwrap().len(), 1);
    let ready = call(
        &server,
        "ann",
        "board_list",
        json!({"ready": true, "limit": 100}),
    )
    .await;
    assert_eq!(ready["tasks"].as_array().unwrap().len(), 29);
}
