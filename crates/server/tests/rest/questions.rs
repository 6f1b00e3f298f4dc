//! Questions of agents over REST: asked, answered once, delivered, read, closed, and late.

use crate::support::{AGENTS, Answer, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

const QUESTIONS: &str = "/api/projects/alpha/questions";
const ADA: &str = "/api/projects/alpha/agents/ada";

async fn asking() -> (TestServer, Value) {
    let server = TestServer::with_project().await;
    server.make_task("alpha", "one").await;
    server
        .post(AGENTS, json!({"id": "ada", "task_id": 1}))
        .await
        .ok();
    let wait = json!({"kind": "question", "text": "SECRET plan?", "options": ["yes", "no"]});
    let agent = server.put(ADA, json!({"waiting_for": wait})).await.ok();
    let questions = server.get(&format!("{QUESTIONS}?open=true")).await.ok();
    assert_eq!(questions.as_array().unwrap().len(), 1);
    let question = questions[0].clone();
    assert_eq!(agent["waiting_for"]["request"], question["id"].to_string());
    (server, question)
}

async fn give(server: &TestServer, question: &Value, text: &str) -> Answer {
    let path = format!("{QUESTIONS}/{}/answers", question["id"]);
    server.post(&path, json!({"text": text})).await
}

async fn resend(server: &TestServer, answer: &Value) -> Answer {
    let (question, id) = (&answer["question"], &answer["id"]);
    let path = format!("{QUESTIONS}/{question}/answers/{id}/resend");
    server.send(Method::POST, &path, None).await
}

#[tokio::test]
async fn an_answer_is_queued_delivered_and_read() {
    let (server, question) = asking().await;
    assert_eq!(question["options"], json!(["yes", "no"]));
    assert_eq!(
        (&question["task_id"], &question["generation"]),
        (&json!("1-alpha"), &json!(1))
    );
    let given = give(&server, &question, "yes, do it").await.ok();
    assert_eq!(
        (&given["late"], &given["delivered_at"]),
        (&json!(false), &Value::Null)
    );
    let beat = server
        .post(&format!("{ADA}/heartbeat"), json!({}))
        .await
        .ok();
    assert_eq!(beat["answers"][0]["text"], "yes, do it");
    // An answer that is lost on the way loses nothing: it comes again until it is confirmed.
    let next = server.post(&format!("{ADA}/next"), json!({})).await.ok();
    assert_eq!(next["answers"][0]["id"], given["id"]);
    let read = json!({"up_to": given["id"]});
    let left = server.post(&format!("{ADA}/answers/read"), read).await.ok();
    assert_eq!(left, json!({"unread": 0}));
    let beat = server
        .post(&format!("{ADA}/heartbeat"), json!({}))
        .await
        .ok();
    assert_eq!(beat["answers"], Value::Null);
    server.put(ADA, json!({"status": "running"})).await.ok();
    let closed = &server.get(&format!("{QUESTIONS}?open=false")).await.ok()[0];
    assert_eq!(closed["outcome"], "answered");
    assert!(closed["answers"][0]["read_at"].is_string());
    let log = server.get("/api/projects/alpha/events").await.text;
    assert!(!log.contains("yes, do it"), "{log}");
}

#[tokio::test]
async fn a_second_answer_and_one_for_a_closed_question_are_late_and_sent_again_once() {
    let (server, question) = asking().await;
    let first = give(&server, &question, "first").await.ok();
    let second = give(&server, &question, "second").await.ok();
    assert_eq!(
        (&first["late"], &second["late"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(resend(&server, &first).await.status, 400);
    // The agent goes on without having received the first: it is late as well.
    let report = server.put(ADA, json!({"status": "running"})).await.ok();
    assert_eq!(report["answers"], Value::Null);
    let third = give(&server, &question, "third").await.ok();
    assert_eq!(third["late"], true);
    let listed = &server.get(QUESTIONS).await.ok()[0];
    assert_eq!(listed["outcome"], "resumed");
    assert!(
        listed["answers"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["late"] == true)
    );
    let sent = resend(&server, &third).await.ok();
    assert!(sent["sent_again_at"].is_string());
    assert_eq!(resend(&server, &third).await.status, 400);
    let messages = server.get(&format!("{ADA}/messages")).await.ok();
    let body = messages[0]["body"].as_str().unwrap();
    assert!(
        body.starts_with("> SECRET plan?") && body.ends_with("third"),
        "{body}"
    );
}

#[tokio::test]
async fn a_question_goes_with_whatever_ends_its_agents_wait() {
    for (end, outcome) in [
        (json!({"status": "completed"}), "finished"),
        (json!({"status": "failed"}), "finished"),
        (json!({"task_id": null}), "claim_ended"),
        (
            json!({"waiting_for": {"kind": "permission", "text": "rm?"}}),
            "replaced",
        ),
        (
            json!({"waiting_for": {"kind": "rate_limit", "text": "5 h"}}),
            "replaced",
        ),
    ] {
        let (server, question) = asking().await;
        server.put(ADA, end.clone()).await.ok();
        let all = server.get(QUESTIONS).await.ok();
        let old = all
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["id"] == question["id"]);
        assert_eq!(old.unwrap()["outcome"], outcome, "{end}");
        assert_eq!(
            give(&server, &question, "x").await.ok()["late"],
            true,
            "{end}"
        );
    }
    let (server, _) = asking().await;
    server.delete(ADA).await.ok();
    assert_eq!(server.get(QUESTIONS).await.ok()[0]["outcome"], "removed");
    let (server, _) = asking().await;
    server
        .post("/api/projects/alpha/reset-agent-tasks", json!({}))
        .await
        .ok();
    assert_eq!(server.get(QUESTIONS).await.ok()[0]["outcome"], "reset");
}

#[tokio::test]
async fn the_same_wait_again_is_the_same_question_and_agents_answer_none() {
    let (server, question) = asking().await;
    let wait = json!({"kind": "question", "text": "SECRET plan?"});
    let again = server.put(ADA, json!({"waiting_for": wait})).await.ok();
    assert_eq!(again["waiting_for"]["request"], question["id"].to_string());
    assert_eq!(
        server.get(QUESTIONS).await.ok().as_array().unwrap().len(),
        1
    );
    let path = format!("{QUESTIONS}/{}/answers", question["id"]);
    let request = server
        .request(Method::POST, &path)
        .json(&json!({"text": "yes"}));
    let answer = request
        .header("TaskTree-Agent", "eve")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 403);
    for number in 0..10 {
        give(&server, &question, &number.to_string()).await.ok();
    }
    assert_eq!(give(&server, &question, "one more").await.status, 400);
    assert_eq!(
        give(&server, &question, &"x".repeat(8193)).await.status,
        422
    );
}

#[tokio::test]
async fn questions_are_listed_by_agent_and_by_task() {
    let (server, question) = asking().await;
    for (filter, found) in [
        ("agent=ada", 1),
        ("agent=bob", 0),
        ("task=1", 1),
        ("task=1-alpha&open=true", 1),
        ("task=2", 0),
        ("agent=ada&task=1&open=false", 0),
    ] {
        let listed = server.get(&format!("{QUESTIONS}?{filter}")).await.ok();
        assert_eq!(listed.as_array().unwrap().len(), found, "{filter}");
        assert!(found == 0 || listed[0]["id"] == question["id"]);
    }
    assert_eq!(server.get(&format!("{QUESTIONS}?task=x")).await.status, 404);
}

#[tokio::test]
async fn an_answer_is_delivered_by_the_claim_that_closes_its_question() {
    let server = TestServer::with_project().await;
    server.make_task("alpha", "one").await;
    server.post(AGENTS, json!({"id": "ada"})).await.ok();
    let wait = json!({"waiting_for": {"kind": "question", "text": "Which one?"}});
    server.put(ADA, wait).await.ok();
    let question = server.get(QUESTIONS).await.ok()[0].clone();
    let given = give(&server, &question, "the first").await.ok();
    assert_eq!(given["late"], false);
    let next = server.post(&format!("{ADA}/next"), json!({})).await.ok();
    assert_eq!(next["claimed"], true);
    assert_eq!(next["answers"][0]["text"], "the first", "{next}");
    let closed = server.get(QUESTIONS).await.ok()[0].clone();
    assert_eq!(closed["outcome"], "answered");
    assert_eq!(closed["answers"][0]["late"], false);
    assert!(closed["answers"][0]["delivered_at"].is_string());
}

#[tokio::test]
async fn an_answer_stays_queued_where_the_claim_is_refused() {
    let (server, question) = asking().await;
    give(&server, &question, "go on").await.ok();
    let unknown = json!({"task": 77});
    let refused = server.post(&format!("{ADA}/next"), unknown).await;
    assert_eq!(refused.status, 404);
    let open = server.get(QUESTIONS).await.ok()[0].clone();
    assert_eq!(open["answers"][0]["delivered_at"], Value::Null);
    let beat = server.post(&format!("{ADA}/heartbeat"), json!({})).await;
    assert_eq!(beat.ok()["answers"][0]["text"], "go on");
}
