//! Attention items are for those who may see their project; marks are a person's own.

use reqwest::Method;
use serde_json::{Value, json};

use crate::people::{Person, server};
use crate::support::{Answer, TestServer};

async fn fail(server: &TestServer, by: &Person, project: &str) {
    let agents = format!("/api/projects/{project}/agents");
    by.post(server, &agents, json!({"id": "ada"})).await.ok();
    let body = json!({"status": "failed", "reason": format!("SECRET of {project}")});
    let path = format!("{agents}/ada");
    by.send(server, Method::PUT, &path, Some(body)).await.ok();
}

async fn mark(server: &TestServer, by: &Person, id: &Value, body: Value) -> Answer {
    let path = format!("/api/attention/alpha/{id}");
    by.send(server, Method::PUT, &path, Some(body)).await
}

#[tokio::test]
async fn items_are_hidden_from_who_may_not_see_their_project() {
    let server = server().await;
    let editor = Person::new(&server, "eve", "editor", None).await;
    let bob = Person::new(&server, "bob", "viewer", Some("beta")).await;
    let (mut socket, _) = bob.hello(&server, &["*"]).await;
    fail(&server, &editor, "alpha").await;
    fail(&server, &editor, "beta").await;
    let mut seen = Vec::new();
    loop {
        let frame = socket.next().await;
        assert!(!frame.to_string().contains("SECRET of alpha"), "{frame}");
        seen.push(frame["type"].as_str().unwrap().to_owned());
        if frame["type"] == "attention_changed" {
            assert_eq!(frame["data"]["opened"][0]["text"], "SECRET of beta");
            break;
        }
    }
    assert!(seen.contains(&"hidden".to_owned()), "{seen:?}");
    let own = bob.get(&server, "/api/attention").await.ok();
    let projects: Vec<_> = own["items"].as_array().unwrap().iter().collect();
    assert_eq!(
        (projects.len(), &projects[0]["project"]),
        (1, &json!("beta"))
    );
    let other = bob.get(&server, "/api/attention?project=alpha").await;
    assert_eq!(other.status, 404);
}

#[tokio::test]
async fn marks_belong_to_the_person_and_a_viewer_has_them_too() {
    let server = server().await;
    let editor = Person::new(&server, "eve", "editor", None).await;
    fail(&server, &editor, "alpha").await;
    let ann = Person::new(&server, "ann", "viewer", None).await;
    let laptop = Person::with_token(&server, "laptop", "viewer", None, Some("ann")).await;
    let bob = Person::new(&server, "bob", "viewer", Some("beta")).await;
    let agent = Person::new(&server, "robot", "agent", Some("alpha")).await;
    let list = ann.get(&server, "/api/attention").await.ok();
    let id = list["items"][0]["id"].clone();
    let (mut socket, _) = laptop.hello(&server, &["alpha"]).await;
    socket.expect("sys.live").await;
    let (mut others, _) = editor.hello(&server, &["alpha"]).await;
    others.expect("sys.live").await;
    mark(&server, &ann, &id, json!({"seen": true})).await.ok();
    assert_eq!(socket.expect("attention_marked").await["id"], id);
    others.send(json!({"type": "sys.ping", "data": {}})).await;
    others.expect("sys.pong").await;
    let seen_by = async |person: &Person| {
        let list = person.get(&server, "/api/attention").await.ok();
        list["items"][0]["seen"] == true
    };
    assert!(seen_by(&ann).await && seen_by(&laptop).await);
    assert!(!seen_by(&editor).await && !seen_by(&agent).await);
    let seen = json!({"seen": true});
    assert_eq!(mark(&server, &bob, &id, seen.clone()).await.status, 404);
    assert_eq!(mark(&server, &agent, &id, seen).await.status, 403);
}
