//! Comments belong to their authors; people who manage the project can delete them.

use reqwest::Method;
use serde_json::json;

use crate::people::{Person, server};
use crate::support::TestServer;
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
