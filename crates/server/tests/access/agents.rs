//! In whose name agents speak: an agent's token is for the agent of its name and for those that it registered.

use reqwest::Method;
use serde_json::{Value, json};

use crate::people::{Person, server};
use crate::support::TestServer;

const AGENTS: &str = "/api/projects/alpha/agents";

async fn runner(server: &TestServer, name: &str) -> Person {
    Person::new(server, name, "agent", Some("alpha")).await
}

#[tokio::test]
async fn an_agents_token_speaks_for_its_own_agents_and_for_nobody_else() {
    let server = server().await;
    let (one, other) = (runner(&server, "one").await, runner(&server, "other").await);
    one.post(&server, AGENTS, json!({"id": "one"})).await.ok();
    one.post(&server, AGENTS, json!({"id": "helper"}))
        .await
        .ok();
    let lease = json!({"agent": "helper", "paths": ["a.rs"]});
    let lease = one
        .post(&server, "/api/projects/alpha/leases", lease)
        .await
        .ok();
    let lease = format!("/api/projects/alpha/leases/{}", lease["leases"][0]["id"]);

    let intrusions: Vec<(Method, String, Value)> = vec![
        (Method::POST, AGENTS.into(), json!({"id": "helper"})),
        (Method::POST, AGENTS.into(), json!({"id": "one"})),
        (
            Method::PUT,
            format!("{AGENTS}/helper"),
            json!({"status": "failed"}),
        ),
        (Method::DELETE, format!("{AGENTS}/helper"), Value::Null),
        (
            Method::POST,
            format!("{AGENTS}/helper/heartbeat"),
            json!({}),
        ),
        (
            Method::POST,
            format!("{AGENTS}/helper/logs"),
            json!({"lines": ["l"]}),
        ),
        (
            Method::GET,
            format!("{AGENTS}/helper/messages"),
            Value::Null,
        ),
        (
            Method::POST,
            format!("{AGENTS}/helper/messages/read"),
            json!({"up_to": 9}),
        ),
        (
            Method::POST,
            format!("{AGENTS}/helper/messages"),
            json!({"from": "one", "body": "b"}),
        ),
        (
            Method::POST,
            format!("{AGENTS}/helper/messages"),
            json!({"from": "ann", "body": "b"}),
        ),
        (
            Method::POST,
            "/api/projects/alpha/leases".into(),
            json!({"agent": "helper", "paths": ["b"]}),
        ),
        (Method::DELETE, lease.clone(), Value::Null),
        (Method::POST, format!("{lease}/renew"), json!({})),
    ];
    for (method, path, body) in intrusions {
        let answer = other
            .send(&server, method.clone(), &path, Some(body.clone()))
            .await;
        assert_eq!(
            answer.status, 403,
            "{method} {path} {body}: {}",
            answer.text
        );
    }
    // To write to another's agent is what messages are for.
    let message = json!({"from": "other", "body": "hello"});
    other
        .post(&server, &format!("{AGENTS}/helper/messages"), message)
        .await
        .ok();
    let read = one
        .get(&server, &format!("{AGENTS}/helper/messages?unread=true"))
        .await
        .ok();
    assert_eq!(read[0]["from"], "other");
    one.send(&server, Method::DELETE, &lease, None).await.ok();
    one.send(
        &server,
        Method::PUT,
        &format!("{AGENTS}/helper"),
        Some(json!({"progress": 9})),
    )
    .await
    .ok();
}

#[tokio::test]
async fn the_name_of_a_token_is_no_agent_of_another_token() {
    let server = server().await;
    let (one, _two) = (runner(&server, "one").await, runner(&server, "two").await);
    let refused = one.post(&server, AGENTS, json!({"id": "two"})).await;
    assert_eq!(refused.status, 403, "{}", refused.text);
}

#[tokio::test]
async fn what_an_agent_did_is_in_the_log_under_the_name_of_its_token() {
    let server = server().await;
    let one = runner(&server, "one").await;
    one.post(&server, AGENTS, json!({"id": "helper"}))
        .await
        .ok();
    one.post(&server, "/api/projects/alpha/tasks", json!({"title": "t"}))
        .await
        .ok();
    let events = one.get(&server, "/api/projects/alpha/events").await.ok();
    let actors = events["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["actor"].clone());
    assert!(actors.clone().count() >= 2);
    assert!(actors.into_iter().all(|actor| actor == "agent:one"));
}

#[tokio::test]
async fn a_person_looks_after_any_agent_in_their_own_name() {
    let server = server().await;
    let one = runner(&server, "one").await;
    one.post(&server, AGENTS, json!({"id": "one"})).await.ok();
    let ann = Person::new(&server, "ann", "editor", Some("alpha")).await;
    let message = json!({"from": "one", "body": "b"});
    let sent = ann
        .post(&server, &format!("{AGENTS}/one/messages"), message)
        .await
        .ok();
    assert_eq!(sent["from"], "ann", "whatever the body says");
    ann.send(&server, Method::DELETE, &format!("{AGENTS}/one"), None)
        .await
        .ok();
    let events = ann.get(&server, "/api/projects/alpha/events").await.ok();
    assert_eq!(
        events["events"].as_array().unwrap().last().unwrap()["actor"],
        "human:ann"
    );
}
