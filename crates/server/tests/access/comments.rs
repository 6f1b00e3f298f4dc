//! Comments belong to their authors; people who manage the project can delete them.

use reqwest::Method;
use serde_json::json;

use crate::people::{Person, server};
use crate::support::{Answer, TestServer};
use crate::ws_client::make_task;

const COMMENTS: &str = "/api/projects/alpha/tasks/1/comments";

async fn comment_of(server: &TestServer, person: &Person) -> String {
    let made = person.post(server, COMMENTS, json!({"body": "mine"})).await;
    format!("/api/projects/alpha/comments/{}", made.ok()["id"])
}

#[tokio::test]
async fn authors_edit_and_delete_their_own_and_people_who_manage_delete_any() {
    let server = server().await;
    make_task(&server, "alpha", "one").await;
    let ann = Person::new(&server, "ann", "editor", None).await;
    let bob = Person::new(&server, "bob", "editor", Some("alpha")).await;
    let ada = Person::new(&server, "ada", "agent", Some("alpha")).await;
    let eve = Person::new(&server, "eve", "agent", Some("alpha")).await;
    let viewer = Person::new(&server, "vi", "viewer", None).await;
    let change = Some(json!({"body": "changed"}));
    for author in [&ann, &ada] {
        let path = comment_of(&server, author).await;
        for other in [&bob, &eve] {
            let answer = other.send(&server, Method::PUT, &path, change.clone());
            assert_eq!(answer.await.status, 403, "only the author edits");
        }
        let edited = author.send(&server, Method::PUT, &path, change.clone());
        assert_eq!(edited.await.ok()["body"], "changed");
        for refused in [&eve, &viewer] {
            let answer = refused.send(&server, Method::DELETE, &path, None);
            assert_eq!(answer.await.status, 403);
        }
        author.send(&server, Method::DELETE, &path, None).await.ok();
        let path = comment_of(&server, author).await;
        bob.send(&server, Method::DELETE, &path, None).await.ok();
    }
    let listed = viewer.get(&server, COMMENTS).await.ok();
    let authors: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["author"])
        .collect();
    assert_eq!(
        authors,
        ["human:ann", "human:ann", "agent:ada", "agent:ada"]
    );
    assert!(
        listed
            .as_array()
            .unwrap()
            .iter()
            .all(|row| row["body"] == "")
    );
}

#[tokio::test]
async fn an_agent_with_a_persons_token_manages_no_comments_of_others() {
    let server = server().await;
    make_task(&server, "alpha", "one").await;
    let ann = Person::new(&server, "ann", "editor", None).await;
    let bob = Person::new(&server, "bob", "editor", None).await;
    let path = comment_of(&server, &bob).await;
    let by_agent = |method: Method, path: &str| {
        let request = server.request(method, path).bearer_auth(&ann.secret);
        request.header("TaskTree-Agent", "ada")
    };
    let refused = by_agent(Method::DELETE, &path).send().await.unwrap();
    assert_eq!(
        refused.status(),
        403,
        "the token's owner may, its agent not"
    );
    let made = by_agent(Method::POST, COMMENTS).json(&json!({"body": "hers"}));
    let made = Answer::of(made.send().await.unwrap()).await.ok();
    let mine = format!("/api/projects/alpha/comments/{}", made["id"]);
    let change = Some(json!({"body": "his"}));
    let refused = ann.send(&server, Method::PUT, &mine, change).await;
    assert_eq!(refused.status, 403, "a person does not edit an agent's");
}

#[tokio::test]
async fn an_agents_token_speaks_for_no_agent_that_it_did_not_register() {
    let server = server().await;
    make_task(&server, "alpha", "one").await;
    let ada = Person::new(&server, "ada", "agent", Some("alpha")).await;
    let bob = Person::new(&server, "bob", "agent", Some("alpha")).await;
    let path = comment_of(&server, &bob).await;
    let as_bob = |method: Method, path: &str| {
        let request = server.request(method, path).bearer_auth(&ada.secret);
        request.header("TaskTree-Agent", "bob")
    };
    let forged = json!({"body": "forged"});
    for request in [
        as_bob(Method::PUT, &path).json(&forged),
        as_bob(Method::DELETE, &path),
        as_bob(Method::POST, COMMENTS).json(&forged),
    ] {
        assert_eq!(request.send().await.unwrap().status(), 403);
    }
    let helper = json!({"id": "ada-helper"});
    ada.post(&server, "/api/projects/alpha/agents", helper)
        .await
        .ok();
    let request = server.request(Method::POST, COMMENTS);
    let request = request.bearer_auth(&ada.secret);
    let request = request.header("TaskTree-Agent", "ada-helper");
    let made = request.json(&json!({"body": "hers"})).send().await.unwrap();
    assert_eq!(Answer::of(made).await.ok()["author"], "agent:ada-helper");
}
