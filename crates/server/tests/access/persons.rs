//! A person is a record with several tokens: what they do is theirs, whichever token it is done with.

use reqwest::Method;
use serde_json::{Value, json};

use crate::people::{Person, server};
use crate::support::TestServer;
use crate::ws_client::make_task;

const COMMENTS: &str = "/api/projects/alpha/tasks/1/comments";

fn names(people: &Value) -> Vec<&str> {
    let people = people.as_array().unwrap().iter();
    people
        .map(|person| person["name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn two_tokens_of_a_person_are_one_actor_and_one_author() {
    let server = server().await;
    make_task(&server, "alpha", "one").await;
    let ann = Person::new(&server, "ann", "editor", None).await;
    let laptop = Person::with_token(&server, "laptop", "editor", None, Some("ann")).await;
    let bob = Person::new(&server, "bob", "editor", None).await;
    let made = laptop
        .post(&server, COMMENTS, json!({"body": "b"}))
        .await
        .ok();
    assert_eq!(made["author"], "human:ann");
    let path = format!("/api/projects/alpha/comments/{}", made["id"]);
    let change = Some(json!({"body": "c"}));
    let edit = |who: &Person| {
        let (who, path, change) = (who.clone(), path.clone(), change.clone());
        let server = &server;
        async move { who.send(server, Method::PUT, &path, change).await.status }
    };
    assert_eq!(edit(&ann).await, 200);
    assert_eq!(edit(&bob).await, 403);
    let session = laptop.get(&server, "/api/session").await.ok();
    assert_eq!(session["name"], "laptop");
    assert_eq!(session["person"]["name"], "ann");
    let own = ann.get(&server, "/api/session").await.ok();
    assert_eq!(own["person"], session["person"]);
    let events = ann.get(&server, "/api/projects/alpha/events").await.ok();
    let last = events["events"].as_array().unwrap().last().unwrap();
    assert_eq!(last["actor"], "human:ann");
}

#[tokio::test]
async fn a_person_stays_when_a_token_goes() {
    let server = server().await;
    let admin = Person::new(&server, "root", "admin", None).await;
    let first = Person::new(&server, "ann", "viewer", None).await;
    let before = first.get(&server, "/api/session").await.ok();
    let token = format!("/api/tokens/{}", first.id);
    let gone = admin.send(&server, Method::DELETE, &token, None).await;
    gone.ok();
    let second = Person::with_token(&server, "ann-2", "viewer", None, Some("ann")).await;
    let after = second.get(&server, "/api/session").await.ok();
    assert_eq!(before["person"], after["person"]);
    let people = admin.get(&server, "/api/people").await.ok();
    let ann = people
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == "ann");
    assert_eq!(ann.unwrap()["tokens"], json!(["ann-2"]));
}

#[tokio::test]
async fn administrators_see_everybody_and_others_only_names_of_those_who_reach_the_same() {
    let server = server().await;
    let admin = Person::new(&server, "root", "admin", None).await;
    Person::new(&server, "everywhere", "viewer", None).await;
    let alpha = Person::new(&server, "alice", "editor", Some("alpha")).await;
    Person::new(&server, "bea", "editor", Some("beta")).await;
    let agent = Person::new(&server, "builder", "agent", Some("alpha")).await;
    let all = admin.get(&server, "/api/people").await.ok();
    let seen = names(&all);
    for name in ["alice", "bea", "everywhere", "root"] {
        assert!(seen.contains(&name), "{name} in {seen:?}");
    }
    assert!(!seen.contains(&"builder"), "an agent is no person");
    assert!(all[0]["made_at"].is_string() && all[0]["tokens"].is_array());
    for who in [&alpha, &agent] {
        let people = who.get(&server, "/api/people").await.ok();
        let seen = names(&people);
        assert!(
            seen.contains(&"alice") && seen.contains(&"everywhere"),
            "{seen:?}"
        );
        assert!(!seen.contains(&"bea"), "{seen:?}");
        assert_eq!(people[0].as_object().unwrap().len(), 2, "{people}");
    }
}

#[tokio::test]
async fn a_person_that_cannot_be_is_refused() {
    let server = server().await;
    let admin = Person::new(&server, "root", "admin", None).await;
    let refused = [
        (
            json!({"name": "a", "role": "viewer", "person": "x y"}),
            "token_name",
        ),
        (
            json!({"name": "a", "role": "viewer", "person": "local"}),
            "reserved",
        ),
        (
            json!({"name": "a", "role": "viewer", "person": "you"}),
            "reserved",
        ),
        (
            json!({"name": "a", "role": "viewer", "person": " "}),
            "string_too_short",
        ),
        (
            json!({"name": "a", "role": "viewer", "person": 3}),
            "string_type",
        ),
        (
            json!({"name": "a", "role": "agent", "project": "alpha", "person": "ann"}),
            "not_allowed",
        ),
    ];
    for (body, kind) in refused {
        let detail = admin.post(&server, "/api/tokens", body.clone()).await;
        let detail = detail.refused(422);
        assert_eq!(detail[0]["type"], kind, "{body}");
        assert_eq!(detail[0]["loc"], json!(["body", "person"]), "{body}");
    }
    let made = json!({"name": "a", "role": "viewer", "person": "ann"});
    let made = admin.post(&server, "/api/tokens", made).await.ok();
    assert_eq!(made["person"], "ann");
    let listed = admin.get(&server, "/api/tokens").await.ok();
    let listed = listed
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == "a");
    assert_eq!(listed.unwrap()["person"], "ann");
}

#[tokio::test]
async fn without_sign_in_there_is_one_person_and_the_actor_keeps_its_name() {
    let server = TestServer::with_project().await;
    let people = server.get("/api/people").await.ok();
    assert_eq!(people, json!([{"id": "local", "name": "you"}]));
    let session = server.get("/api/session").await.ok();
    assert_eq!(session["person"], people[0]);
    server.make_task("alpha", "one").await;
    assert_eq!(server.events().await[0].1, "human:local");
}
