//! Events of harnesses for tests: bodies, doors, and the state of their agent.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, TestServer};

/// Starts a server with a project in the folder `/w`.
pub(crate) async fn started() -> TestServer {
    let server = TestServer::start().await;
    let new = json!({"id": "alpha", "name": "Alpha", "path": "/w"});
    server.post("/api/projects", new).await.ok();
    server
}

/// Returns an event of a session of Claude Code.
pub(crate) fn event(session: &str, name: &str, more: &Value) -> Value {
    let mut body = json!({"session_id": session, "cwd": "/w", "hook_event_name": name});
    for (field, value) in more.as_object().unwrap() {
        body[field] = value.clone();
    }
    body
}

/// Sends a body to the door of Claude Code, and waits until it is applied.
pub(crate) async fn apply(server: &TestServer, query: &str, body: &Value) -> Value {
    apply_by(server, "claude-code", query, body).await
}

/// Sends a body to the door of a harness, and waits until it is applied.
pub(crate) async fn apply_by(
    server: &TestServer,
    source: &str,
    query: &str,
    body: &Value,
) -> Value {
    let path = format!("/api/hooks/{source}/context{query}");
    let request = server
        .request(Method::POST, &path)
        .header("TaskTree-Machine", "m1")
        .json(body);
    Answer::of(request.send().await.unwrap()).await.ok()
}

/// Returns the state of an agent in one line.
pub(crate) async fn state(server: &TestServer, project: &str, agent: &str) -> String {
    let base = format!("/api/projects/{project}");
    let agent = server.get(&format!("{base}/agents/{agent}")).await.ok();
    let mut parts = vec![agent["status"].as_str().unwrap().to_owned()];
    let run = &agent["run"];
    for (is, word) in [
        (run["turn_open"] == true, "turn open"),
        (run["ended_at"].is_string(), "ended"),
        (agent["is_alive"] == false, "silent"),
    ] {
        if is {
            parts[0].push_str(", ");
            parts[0].push_str(word);
        }
    }
    let wait = &agent["waiting_for"];
    if wait.is_object() {
        let options: Vec<&str> = wait["options"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let until = if wait["until"].is_string() {
            " until"
        } else {
            ""
        };
        let text = |name: &str| wait[name].as_str().unwrap().to_owned();
        parts.push(format!(
            "{}: {}{until} [{}]",
            text("kind"),
            text("text"),
            options.join(", ")
        ));
    }
    if agent["children"] != 0 {
        parts.push(format!("{} subagents", agent["children"]));
    }
    let leases = server.get(&format!("{base}/leases")).await.ok();
    let paths: Vec<&str> = leases["leases"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|lease| lease["agent"] == agent["id"])
        .map(|lease| {
            assert_eq!(lease["soft"], true);
            assert_eq!(lease["run"], run["id"]);
            lease["path"].as_str().unwrap()
        })
        .collect();
    if !paths.is_empty() {
        parts.push(format!("leases {}", paths.join(", ")));
    }
    let notes = server.get(&format!("{base}/logs")).await.ok();
    for note in notes.as_array().unwrap() {
        parts.push(format!("note {}", note["line"].as_str().unwrap()));
    }
    if let Some(activity) = agent["last_activity"].as_str() {
        parts.push(activity.to_owned());
    }
    parts.join("; ")
}
