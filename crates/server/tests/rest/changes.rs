//! Changes of tasks over REST: versions, repetitions, positions in the log, removal, merging.

use std::time::Instant;

use crate::support::{Answer, TestServer};
use reqwest::Method;
use serde_json::json;

const TASKS: &str = "/api/projects/alpha/tasks";

#[tokio::test]
async fn a_change_made_for_an_older_version_is_refused_with_the_present_row() {
    let server = TestServer::with_project().await;
    let made = server.post(TASKS, json!({"title": "one"})).await;
    assert_eq!(made.header("etag"), "\"1\"");
    let url = format!("{TASKS}/1-alpha");
    let put = |tag: &'static str, title: &'static str| {
        let request = server
            .request(Method::PUT, &url)
            .header("if-match", tag)
            .json(&json!({"title": title}));
        async move { Answer::of(request.send().await.unwrap()).await }
    };
    let changed = put("\"1\"", "two").await;
    assert_eq!((changed.status, changed.header("etag")), (200, "\"2\""));
    let refused = put("\"1\"", "three").await;
    assert_eq!(refused.status, 412);
    let body = refused.json();
    assert!(body["detail"].is_string());
    assert_eq!(body["current"]["title"], "two");
    assert_eq!(put("*", "four").await.status, 200);
    assert_eq!(put("W/\"3\"", "five").await.status, 200);
    assert_eq!(
        put("yesterday", "six").await.refused(422)[0]["loc"],
        json!(["header", "if-match"])
    );
    assert_eq!(server.get(&url).await.header("etag"), "\"4\"");
}

#[tokio::test]
async fn an_answer_says_how_long_it_took_to_the_commit_if_there_was_one() {
    let server = TestServer::with_project().await;
    let post = async |key: &str, title: &str| {
        let request = server
            .request(Method::POST, TASKS)
            .header("idempotency-key", key)
            .json(&json!({"title": title}));
        Answer::of(request.send().await.unwrap()).await
    };
    let begun = Instant::now();
    let made = post("k1", "one").await;
    let took = begun.elapsed().as_secs_f64() * 1000.0;
    let said = made.header("server-timing");
    let milliseconds: f64 = said.strip_prefix("commit;dur=").unwrap().parse().unwrap();
    assert!(
        0.0 < milliseconds && milliseconds < took,
        "{said} of {took} ms"
    );
    assert_eq!(
        post("k1", "one").await.header("server-timing"),
        "",
        "a kept answer"
    );
    assert_eq!(
        post("k2", "").await.header("server-timing"),
        "",
        "a refusal"
    );
    assert_eq!(
        server.get(TASKS).await.header("server-timing"),
        "",
        "a reading"
    );
}

#[tokio::test]
async fn a_repeated_request_has_its_effect_once() {
    let server = TestServer::with_project().await;
    let post = |key: &'static str, title: &'static str| {
        let request = server
            .request(Method::POST, TASKS)
            .header("idempotency-key", key)
            .json(&json!({"title": title}));
        async move { Answer::of(request.send().await.unwrap()).await }
    };
    let first = post("k1", "one").await;
    let again = post("k1", "one").await;
    assert_eq!(first.header("idempotency-replayed"), "");
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.text, first.text);
    assert_eq!(again.header("stream-seq"), first.header("stream-seq"));
    assert_eq!(again.header("etag"), first.header("etag"));
    let other = post("k1", "two").await.refused(422);
    assert_eq!(other[0]["loc"], json!(["header", "idempotency-key"]));
    assert_eq!(post("k2", "one").await.status, 200);
    assert_eq!(server.get(TASKS).await.ok().as_array().unwrap().len(), 2);
    let long = "k".repeat(256);
    let request = server
        .request(Method::POST, TASKS)
        .header("idempotency-key", &long)
        .json(&json!({"title": "x"}));
    let refused = Answer::of(request.send().await.unwrap()).await.refused(422);
    assert_eq!(refused[0]["loc"][0], "header");
}

#[tokio::test]
async fn answers_say_their_position_and_the_log_goes_on_from_it() {
    let server = TestServer::with_project().await;
    let list = server.get(TASKS).await;
    let position: u64 = list.header("stream-seq").parse().unwrap();
    let made = server.post(TASKS, json!({"title": "one"})).await;
    assert_eq!(made.header("stream-seq"), (position + 1).to_string());
    assert_eq!(made.header("stream-epoch"), list.header("stream-epoch"));
    let page = server
        .get(&format!("/api/projects/alpha/events?after={position}"))
        .await;
    assert!(
        page.text
            .contains(r#"{"type":"task_created","project_id":"alpha","data":{"id":"1-alpha""#),
        "{}",
        page.text
    );
    let page = page.ok();
    assert_eq!(page["epoch"], list.header("stream-epoch"));
    assert_eq!(
        (&page["seq"], &page["more"]),
        (&json!(position + 1), &json!(false))
    );
    assert_eq!(page["events"][0]["seq"], json!(position + 1));
    for number in 0..3 {
        server.make_task("alpha", &number.to_string()).await;
    }
    let page = server
        .get(&format!(
            "/api/projects/alpha/events?after={position}&limit=2"
        ))
        .await
        .ok();
    assert_eq!(
        (page["events"].as_array().unwrap().len(), &page["more"]),
        (2, &json!(true))
    );
    let bad = server
        .get("/api/projects/alpha/events?after=x")
        .await
        .refused(422);
    assert_eq!(bad[0]["loc"], json!(["query", "after"]));
}

#[tokio::test]
async fn a_removed_task_is_404_until_it_is_restored_and_its_number_stays_its_own() {
    let server = TestServer::with_project().await;
    server.make_task("alpha", "one").await;
    assert_eq!(
        server.delete(&format!("{TASKS}/1-alpha")).await.ok(),
        json!({"message": "Task deleted"})
    );
    assert_eq!(
        server.get(&format!("{TASKS}/1-alpha")).await.refused(404),
        "Task '1-alpha' not found"
    );
    assert_eq!(
        server
            .delete(&format!("{TASKS}/1-alpha"))
            .await
            .refused(404),
        "Task '1-alpha' not found"
    );
    assert_eq!(
        server
            .put(&format!("{TASKS}/nope"), json!({}))
            .await
            .refused(404),
        "Task 'nope' not found"
    );
    assert_eq!(server.make_task("alpha", "two").await["task_id"], 2);
    let restored = server
        .post(&format!("{TASKS}/1-alpha/restore"), json!(null))
        .await
        .ok();
    assert_eq!(restored["title"], "one");
    let history = server.get(&format!("{TASKS}/1-alpha/history")).await.ok();
    assert_eq!(history[0]["type"], "task_created", "{history}");
    assert_eq!(history[1]["type"], "task_deleted", "{history}");
}

#[tokio::test]
async fn merging_follows_the_older_apis_answers() {
    let server = TestServer::with_project().await;
    server.make_task("alpha", "one").await;
    let merge = format!("{TASKS}/1-alpha/merge");
    assert_eq!(
        server.post(&merge, json!(null)).await.refused(400),
        "Task must be completed to merge"
    );
    server
        .put(&format!("{TASKS}/1-alpha"), json!({"status": "completed"}))
        .await
        .ok();
    let merged = server
        .post(&format!("{merge}?force=true"), json!(null))
        .await
        .ok();
    assert_eq!(merged["message"], "Task 'one' merged successfully");
    assert_eq!(
        (&merged["branch"], &merged["merge_commit"]),
        (&json!("task-1"), &json!(null)),
        "marked by hand"
    );
    let task = server.get(&format!("{TASKS}/1-alpha")).await.ok();
    assert_eq!(task["status"], "merged");
    assert!(task["merged_at"].is_string());
    assert_eq!(
        server
            .post(&format!("{merge}?force=perhaps"), json!(null))
            .await
            .refused(422)[0]["loc"],
        json!(["query", "force"])
    );
    let unknown = server
        .post("/api/projects/alpha/tasks/nope/merge", json!(null))
        .await;
    assert_eq!(unknown.status, 404, "{}", unknown.text);
}

#[tokio::test]
async fn a_key_stands_for_the_headers_that_say_what_is_meant_too() {
    let server = TestServer::with_project().await;
    let task = server.make_task("alpha", "one").await;
    let path = format!("/api/projects/alpha/tasks/{}", task["id"].as_str().unwrap());
    let change = async |headers: &[(&str, &str)]| {
        let mut request = server
            .request(Method::PUT, &path)
            .header("idempotency-key", "k")
            .body(r#"{"title": "two"}"#);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request.send().await.unwrap()).await
    };
    let json = ("content-type", "application/json");
    let first = [json, ("if-match", "\"1\"")];
    assert_eq!(change(&first).await.status, 200);
    assert_eq!(change(&first).await.header("idempotency-replayed"), "true");
    for other in [
        &[json][..],
        &[json, ("if-match", "\"2\"")],
        &[json, ("if-match", "*")],
        &[
            ("content-type", "application/problem+json"),
            ("if-match", "\"1\""),
        ],
    ] {
        let refused = change(other).await;
        let detail = refused.refused(422);
        assert_eq!(detail[0]["type"], "key_reused", "{other:?}: {detail}");
    }
    // An agent's keys are its own: it gets no other caller's answer.
    let by_agent = change(&[json, ("if-match", "\"1\""), ("tasktree-agent", "ada")]).await;
    assert_eq!(by_agent.status, 412, "{}", by_agent.text);
}

#[tokio::test]
async fn a_removal_that_was_made_for_an_older_version_is_refused() {
    let server = TestServer::with_project().await;
    server.post(TASKS, json!({"title": "one"})).await.ok();
    let url = format!("{TASKS}/1-alpha");
    server.put(&url, json!({"title": "two"})).await.ok();
    let delete = |tag: &'static str| {
        let request = server.request(Method::DELETE, &url);
        let request = request.header("if-match", tag);
        async move { Answer::of(request.send().await.unwrap()).await }
    };
    let refused = delete("\"1\"").await;
    assert_eq!(refused.status, 412);
    assert_eq!(refused.json()["current"]["title"], "two");
    assert_eq!(delete("yesterday").await.status, 422);
    assert_eq!(delete("\"2\"").await.status, 200);
    assert_eq!(server.get(&url).await.status, 404);
}

#[tokio::test]
async fn changes_of_a_project_are_listed_with_their_values_page_by_page() {
    let server = TestServer::with_project().await;
    server.make_task("alpha", "one").await;
    server
        .post("/api/projects/alpha/agents", json!({"id": "ada"}))
        .await
        .ok();
    let title = json!({"title": "two"});
    server.put(&format!("{TASKS}/1"), title).await.ok();
    let changes = "/api/projects/alpha/changes";
    let first = server.get(&format!("{changes}?limit=2")).await;
    let next = first.header("next-cursor").to_owned();
    assert!(!first.header("stream-seq").is_empty());
    let first = first.ok();
    assert_eq!(first[0]["subject"], "task:1");
    assert_eq!(
        first[0]["fields"],
        json!([{"field": "title", "before": "one", "after": "two"}])
    );
    assert_eq!(first[1]["type"], "agent_registered");
    let rest = server.get(&format!("{changes}?before={next}")).await;
    assert_eq!(rest.header("next-cursor"), "");
    let rest = rest.ok();
    let kinds: Vec<_> = rest
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["type"])
        .collect();
    assert_eq!(kinds, ["task_created", "project_created"]);
    let ada = server
        .get(&format!("{changes}?subject=agent:ada"))
        .await
        .ok();
    assert_eq!(ada.as_array().unwrap().len(), 1);
    let later = format!("{changes}?since=2999-01-01T00:00:00Z&actor=human:local");
    assert_eq!(server.get(&later).await.ok(), json!([]));
    for wrong in ["since=yesterday", "before=x", "limit=x"] {
        let refused = server.get(&format!("{changes}?{wrong}")).await.refused(422);
        assert_eq!(refused[0]["loc"][0], "query", "{wrong}: {refused}");
    }
    let unknown = server.get("/api/projects/nope/changes").await;
    assert_eq!(unknown.status, 404);
}
