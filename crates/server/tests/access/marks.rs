//! Marks belong to a person, in a project, and nobody else reads them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::people::{Person, server};
use crate::support::{Answer, TestServer};

const MARKS: &str = "/api/people/me/marks?project=alpha";

async fn mark(server: &TestServer, person: &Person, key: &str, value: Value) -> Answer {
    let body = json!({"key": key, "value": value});
    person.send(server, Method::PUT, MARKS, Some(body)).await
}

#[tokio::test]
async fn marks_are_the_persons_whichever_token_and_nobody_elses() {
    let server = server().await;
    let ann = Person::new(&server, "ann", "viewer", None).await;
    let laptop = Person::with_token(&server, "laptop", "editor", None, Some("ann")).await;
    let bob = Person::new(&server, "bob", "editor", Some("beta")).await;
    assert_eq!(ann.get(&server, MARKS).await.ok(), json!({}));
    let view = json!({"status": ["unclaimed"], "q": "任务"});
    mark(&server, &ann, "read.1", json!(12)).await.ok();
    mark(&server, &laptop, "view", view.clone()).await.ok();
    mark(&server, &laptop, "read.1", json!(13)).await.ok();
    let expected = json!({"read.1": 13, "view": view});
    for token in [&ann, &laptop] {
        assert_eq!(token.get(&server, MARKS).await.ok(), expected);
    }
    let beta = "/api/people/me/marks?project=beta";
    assert_eq!(ann.get(&server, beta).await.ok(), json!({}));
    assert_eq!(bob.get(&server, MARKS).await.status, 404, "out of reach");
    assert_eq!(bob.get(&server, beta).await.ok(), json!({}));
    assert_eq!(mark(&server, &bob, "k", json!(1)).await.status, 404);
    mark(&server, &ann, "view", Value::Null).await.ok();
    assert_eq!(laptop.get(&server, MARKS).await.ok(), json!({"read.1": 13}));
    let events = ann.get(&server, "/api/projects/alpha/events").await.ok();
    assert_eq!(events["events"], json!([]), "nobody is told");
}

#[tokio::test]
async fn marks_are_bounded_and_a_wrong_one_is_refused() {
    let server = server().await;
    let ann = Person::new(&server, "ann", "viewer", None).await;
    for body in [
        json!({}),
        json!({"key": "k"}),
        json!({"key": " ", "value": 1}),
        json!({"key": "k".repeat(101), "value": 1}),
        json!({"key": "k", "value": "x".repeat(8 * 1024)}),
    ] {
        let answer = ann.send(&server, Method::PUT, MARKS, Some(body));
        assert_eq!(answer.await.status, 422);
    }
    let nowhere = ann.get(&server, "/api/people/me/marks").await;
    assert_eq!(nowhere.refused(422)[0]["loc"], json!(["query", "project"]));
    for number in 0..500 {
        mark(&server, &ann, &format!("k{number}"), json!(1))
            .await
            .ok();
    }
    let refused = mark(&server, &ann, "one more", json!(1)).await.refused(400);
    assert_eq!(
        refused,
        "You have reached the maximum number of marks (500). Remove one to add another."
    );
    mark(&server, &ann, "k7", json!("changed")).await.ok();
    mark(&server, &ann, "k8", Value::Null).await.ok();
    mark(&server, &ann, "one more", json!(1)).await.ok();
}

#[tokio::test]
async fn marks_go_with_their_project_and_come_back_with_it() {
    let server = server().await;
    let ann = Person::new(&server, "ann", "editor", None).await;
    mark(&server, &ann, "k", json!(1)).await.ok();
    ann.post(&server, "/api/projects/alpha/reset", json!({}))
        .await
        .ok();
    assert_eq!(
        ann.get(&server, MARKS).await.ok(),
        json!({}),
        "numbers begin again"
    );
    ann.post(&server, "/api/projects/alpha/restore", json!({}))
        .await
        .ok();
    assert_eq!(ann.get(&server, MARKS).await.ok(), json!({"k": 1}));
}
