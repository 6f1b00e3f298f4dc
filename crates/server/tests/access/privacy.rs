//! Messages between agents and people: only they and those who may edit read them.

use serde_json::{Value, json};

use crate::people::{Person, server};
use crate::ws_client::Client;

const AGENTS: &str = "/api/projects/alpha/agents";
const SECRET: &str = "the password is swordfish";

/// Returns the next event about messages.
async fn heard(client: &mut Client) -> Value {
    loop {
        let mut message = client.next().await;
        if message["type"] == "agent_messages" {
            return message["data"].take();
        }
    }
}

#[tokio::test]
async fn a_viewer_meets_no_word_of_a_private_message_anywhere() {
    let server = server().await;
    let one = Person::new(&server, "one", "agent", Some("alpha")).await;
    let two = Person::new(&server, "two", "agent", Some("alpha")).await;
    let ann = Person::new(&server, "ann", "viewer", Some("alpha")).await;
    let ed = Person::new(&server, "ed", "editor", Some("alpha")).await;
    for (person, id) in [(&one, "one"), (&two, "two")] {
        person.post(&server, AGENTS, json!({"id": id})).await.ok();
    }
    let (mut v1, _) = ann.hello(&server, &["alpha", "*"]).await;
    let mut legacy = ann.socket(&server, None).await;
    let bearer = format!("Bearer {}", ann.secret);
    let path = "/api/projects/alpha/coordination/live";
    let mut monitor = Client::connect(&server, path, &[("authorization", &bearer)])
        .await
        .unwrap();

    let path = format!("{AGENTS}/two/messages");
    let message = json!({"from": "one", "body": SECRET});
    let sent = one.post(&server, &path, message).await.ok();
    let event = heard(&mut v1).await;
    let expected =
        json!({"agent": "two", "pending_messages": 1, "from": "one", "message": sent["id"]});
    assert_eq!(event, expected);
    let old = heard(&mut legacy).await;
    assert_eq!(old, expected);
    let shown = monitor.text().await;
    assert!(!shown.contains("swordfish"), "{shown}");

    for path in [
        "/api/projects/alpha/events",
        "/api/projects/alpha/changes",
        "/api/projects/alpha/coordination/events",
        "/api/projects/alpha/coordination/status",
        "/api/projects/alpha/coordination-stats",
        "/api/projects/alpha/logs",
        "/api/projects/alpha/undo",
        AGENTS,
    ] {
        let seen = ann.get(&server, path).await;
        assert_eq!(seen.status, 200, "{path}: {}", seen.text);
        assert!(!seen.text.contains("swordfish"), "{path}: {}", seen.text);
    }
    for (who, person, status) in [
        ("viewer", &ann, 403),
        ("another agent", &one, 403),
        ("its own agent", &two, 200),
        ("editor", &ed, 200),
    ] {
        let read = person.get(&server, &path).await;
        assert_eq!(read.status, status, "{who}: {}", read.text);
        assert_eq!(read.text.contains(SECRET), status == 200, "{who}");
    }
    let read = Some(json!({"up_to": sent["id"]}));
    let read_path = format!("{path}/read");
    two.send(&server, reqwest::Method::POST, &read_path, read)
        .await
        .ok();
    assert_eq!(
        heard(&mut v1).await,
        json!({"agent": "two", "pending_messages": 0}),
    );
    assert_eq!(Value::Null, event["preview"]);
}
