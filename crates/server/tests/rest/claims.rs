//! Claims over REST: the caller's kind, `take`, the next task, reports and runs.

use crate::support::{AGENTS, Answer, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

const TASK: &str = "/api/projects/alpha/tasks/1";

async fn claimed() -> TestServer {
    let server = TestServer::with_project().await;
    server.make_task("alpha", "one").await;
    let agent = json!({"id": "ada", "task_id": 1});
    server.post(AGENTS, agent).await.ok();
    server.post(AGENTS, json!({"id": "bob"})).await.ok();
    server
}

async fn by_agent(server: &TestServer, agent: &str, path: &str, body: Value) -> Answer {
    let request = server.request(Method::PUT, path);
    let request = request.header("TaskTree-Agent", agent).json(&body);
    Answer::of(request.send().await.unwrap()).await
}

#[tokio::test]
async fn a_drag_of_a_held_task_is_refused_with_its_holder_and_taken_when_asked() {
    let server = claimed().await;
    for body in [json!({"session": "bob"}), json!({"status": "completed"})] {
        let refused = server.put(TASK, body).await;
        let answer = refused.json();
        assert_eq!((refused.status, &answer["code"]), (409, &json!("claimed")));
        assert_eq!(answer["holder"], "ada");
        assert!(answer["detail"].as_str().unwrap().contains("ada"));
    }
    let same = server.put(TASK, json!({"status": "in_progress"})).await;
    assert_eq!(same.status, 200, "{}", same.text);
    let body = json!({"status": "up_next"});
    let taken = server.put(&format!("{TASK}?take=ada"), body).await.ok();
    assert_eq!(
        (&taken["status"], &taken["holder"]),
        (&json!("up_next"), &json!(null))
    );
    let ada = server.get(&format!("{AGENTS}/ada")).await.ok();
    assert_eq!(
        (&ada["status"], &ada["task_id"]),
        (&json!("idle"), &json!(""))
    );
    let late = server
        .put(&format!("{AGENTS}/ada"), json!({"status": "completed"}))
        .await;
    assert_eq!(late.status, 409, "{}", late.text);
}

#[tokio::test]
async fn the_header_makes_a_caller_an_agent_whatever_it_is_otherwise() {
    let server = claimed().await;
    let taken = by_agent(
        &server,
        "bob",
        TASK,
        json!({"session": "bob", "take": "ada"}),
    )
    .await;
    assert_eq!(taken.status, 403, "{}", taken.text);
    let held = by_agent(&server, "bob", TASK, json!({"status": "completed"})).await;
    assert_eq!(held.status, 409, "{}", held.text);
    let merged = by_agent(&server, "ada", TASK, json!({"status": "merged"})).await;
    assert_eq!(merged.status, 403, "{}", merged.text);
    let other = by_agent(
        &server,
        "bob",
        &format!("{AGENTS}/ada"),
        json!({"progress": 5}),
    )
    .await;
    assert_eq!(other.status, 403, "{}", other.text);
    let request = server.request(Method::DELETE, TASK);
    let request = request.header("TaskTree-Agent", "ada").send().await;
    assert_eq!(request.unwrap().status(), 403);
    let wrong = by_agent(&server, "a/b", TASK, json!({"title": "t"})).await;
    assert_eq!(
        wrong.refused(422)[0]["loc"],
        json!(["header", "tasktree-agent"])
    );
    let done = by_agent(&server, "ada", TASK, json!({"status": "completed"}))
        .await
        .ok();
    assert_eq!(
        (&done["status"], &done["holder"], &done["session"]),
        (&json!("completed"), &json!(null), &json!("ada"))
    );
}

#[tokio::test]
async fn an_agent_asks_for_its_next_task_waits_fails_and_leaves_an_attempt() {
    let server = claimed().await;
    server.make_task("alpha", "two").await;
    let next = |body: Value| server.post("/api/projects/alpha/agents/bob/next", body);
    let two = next(json!({})).await.ok();
    assert_eq!(
        (
            &two["claimed"],
            &two["task"]["title"],
            &two["agent"]["generation"]
        ),
        (&json!(true), &json!("two"), &json!(1))
    );
    assert_eq!(next(json!({})).await.ok()["claimed"], false);
    let taken = next(json!({"task": 1})).await;
    assert_eq!(taken.refused(409), "Agent 'ada' is working on task #1");
    let bob = format!("{AGENTS}/bob");
    let wait = json!({"waiting_for": {"kind": "rate_limit", "text": "5 hours", "until": "2027-01-01T00:00:00Z"}});
    let waiting = server.put(&bob, wait).await.ok();
    assert_eq!(
        (&waiting["status"], &waiting["waiting_for"]["kind"]),
        (&json!("waiting"), &json!("rate_limit"))
    );
    let unknown = json!({"waiting_for": {"kind": "question", "why": "x"}});
    assert_eq!(server.put(&bob, unknown).await.status, 422);
    let failed = json!({"status": "failed", "reason": "no compiler", "generation": 1});
    server.put(&bob, failed).await.ok();
    let attempts = server
        .get("/api/projects/alpha/tasks/2/attempts")
        .await
        .ok();
    assert_eq!(
        (&attempts[0]["outcome"], &attempts[0]["reason"]),
        (&json!("failed"), &json!("no compiler"))
    );
    let none = next(json!({})).await.ok();
    assert_eq!(none["task"]["title"], "two", "it is ready again");
}

#[tokio::test]
async fn runs_nest_and_end_with_their_parent() {
    let server = claimed().await;
    let runs = format!("{AGENTS}/ada/runs");
    let main = json!({"source": "claude-code", "session": "s1", "machine": "m", "folder": "/w"});
    let main = server.post(&runs, main).await.ok();
    let child = json!({"source": "claude-code", "session": "s2", "machine": "m", "parent": "s1"});
    let child = server.post(&runs, child.clone()).await.ok();
    assert_eq!(child["parent"], main["id"]);
    let ada = server.get(&format!("{AGENTS}/ada")).await.ok();
    assert_eq!(
        (&ada["run"]["session"], &ada["children"]),
        (&json!("s1"), &json!(1))
    );
    let orphan = json!({"source": "claude-code", "session": "s3", "parent": "nothing"});
    assert_eq!(server.post(&runs, orphan).await.status, 422);
    let ended = server
        .put(&format!("{runs}/{}", main["id"]), json!({"ended": true}))
        .await
        .ok();
    assert!(ended["ended_at"].is_string());
    let all = server.get(&runs).await.ok();
    let open = all
        .as_array()
        .unwrap()
        .iter()
        .filter(|run| run["ended_at"].is_null());
    assert_eq!(open.count(), 0, "{all}");
    let ada = server.get(&format!("{AGENTS}/ada")).await.ok();
    assert_eq!(
        (&ada["status"], &ada["children"]),
        (&json!("idle"), &json!(0))
    );
    assert_eq!(ada["generation"], 1, "a stop keeps the claim");
}

#[tokio::test]
async fn the_history_has_the_values_before_and_after() {
    let server = claimed().await;
    let long = "x".repeat(5000);
    let body = json!({"title": "renamed", "description": long});
    server.put(TASK, body).await.ok();
    let history = server.get(&format!("{TASK}/history")).await.ok();
    let fields = &history[0]["fields"];
    assert_eq!(
        fields[0],
        json!({"field": "title", "before": "one", "after": "renamed"})
    );
    assert_eq!(fields[1]["after"]["bytes"], 5000, "{fields}");
    assert_eq!(history[0]["generation"], 1);
}

#[tokio::test]
async fn the_header_makes_a_caller_an_agent_at_doors_without_a_project_too() {
    let server = claimed().await;
    for (method, path, body) in [
        (Method::GET, "/api/tokens", None),
        (
            Method::POST,
            "/api/tokens",
            Some(json!({"name": "x", "role": "admin"})),
        ),
        (
            Method::POST,
            "/api/projects/alpha/import?dry_run=true",
            Some(json!({"tasks": []})),
        ),
        (Method::DELETE, "/api/projects/alpha", None),
    ] {
        let mut request = server.request(method, path).header("TaskTree-Agent", "ada");
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 403, "{path}");
    }
    let wrong = server.request(Method::GET, AGENTS);
    let wrong = wrong.header("TaskTree-Agent", "a/b").send().await.unwrap();
    assert_eq!(wrong.status(), 422, "a name that no agent can have");
}
