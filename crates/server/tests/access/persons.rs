//! A person is a record with several tokens: their changes are theirs, whichever token was used.

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

async fn change(server: &TestServer, by: &Person, id: &str, body: Value) -> crate::support::Answer {
    let path = format!("/api/people/{id}");
    by.send(server, Method::PUT, &path, Some(body)).await
}

async fn id_of(server: &TestServer, who: &Person) -> String {
    let session = who.get(server, "/api/session").await.ok();
    session["person"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_renamed_person_keeps_what_is_theirs_and_the_former_name_is_nobody_elses() {
    let server = server().await;
    make_task(&server, "alpha", "one").await;
    let admin = Person::new(&server, "root", "admin", None).await;
    let ann = Person::new(&server, "ann", "editor", None).await;
    let written = ann.post(&server, COMMENTS, json!({"body": "b"})).await.ok();
    let mark = json!({"key": "read", "value": 3});
    let marks = "/api/people/me/marks?project=alpha";
    ann.send(&server, Method::PUT, marks, Some(mark)).await.ok();
    let id = id_of(&server, &ann).await;

    let renamed = change(&server, &admin, &id, json!({"name": "annie"}))
        .await
        .ok();
    assert_eq!(
        (&renamed["name"], &renamed["tokens"]),
        (&json!("annie"), &json!(["ann"]))
    );
    let session = ann.get(&server, "/api/session").await.ok();
    assert_eq!(session["person"], json!({"id": id, "name": "annie"}));
    assert_eq!(ann.get(&server, marks).await.ok(), json!({"read": 3}));
    let path = format!("/api/projects/alpha/comments/{}", written["id"]);
    let edit = Some(json!({"body": "c"}));
    let edited = ann.send(&server, Method::PUT, &path, edit).await.ok();
    assert_eq!(edited["author"], "human:ann", "as it was signed");
    let again = ann.post(&server, COMMENTS, json!({"body": "d"})).await.ok();
    assert_eq!(again["author"], "human:annie");

    let new = json!({"name": "other", "role": "editor", "person": "ann"});
    let refused = admin.post(&server, "/api/tokens", new).await.refused(422);
    assert_eq!(refused[0]["type"], "former_name", "{refused}");
    let bob = Person::new(&server, "bob", "editor", None).await;
    let bob = id_of(&server, &bob).await;
    for name in ["ann", "annie", "you", "a b"] {
        change(&server, &admin, &bob, json!({"name": name}))
            .await
            .refused(422);
    }
    change(&server, &admin, &id, json!({"name": "ann"}))
        .await
        .ok();
    let records = admin
        .get(&server, &format!("/api/changes?subject=person:{id}"))
        .await
        .ok();
    let fields = json!([{"field": "name", "before": "annie", "after": "ann"}]);
    assert_eq!(records[0]["fields"], fields);
    assert_eq!(records.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_disabled_person_comes_in_by_no_token_and_no_sign_in_until_enabled() {
    let server = server().await;
    let admin = Person::new(&server, "root", "admin", None).await;
    let ann = Person::new(&server, "ann", "viewer", None).await;
    let laptop = Person::with_token(&server, "laptop", "editor", None, Some("ann")).await;
    let id = id_of(&server, &ann).await;
    let body = json!({"token": ann.secret});
    let signed_in = server.post("/api/session", body).await;
    let (cookie, _) = crate::people::cookie(&signed_in);
    let by_cookie = async || {
        let request = server.request(Method::GET, "/api/session");
        let sent = request.header("cookie", &cookie).send().await.unwrap();
        sent.status().as_u16()
    };
    assert_eq!(by_cookie().await, 200);
    let (mut socket, _) = laptop.hello(&server, &["alpha"]).await;

    let disabled = change(&server, &admin, &id, json!({"disabled": true}))
        .await
        .ok();
    assert!(disabled["disabled_at"].is_string(), "{disabled}");
    socket.rest().await;
    for token in [&ann, &laptop] {
        assert_eq!(token.get(&server, "/api/session").await.status, 401);
    }
    assert_eq!(by_cookie().await, 401);
    let new = json!({"name": "phone", "role": "viewer", "person": "ann"});
    let refused = admin.post(&server, "/api/tokens", new).await.refused(422);
    assert_eq!(refused[0]["type"], "disabled", "{refused}");
    let bob = Person::new(&server, "bob", "viewer", None).await;
    let seen = bob.get(&server, "/api/people").await.ok();
    assert!(!names(&seen).contains(&"ann"), "{seen}");
    bob.send(
        &server,
        Method::PUT,
        &format!("/api/people/{id}"),
        Some(json!({"disabled": false})),
    )
    .await
    .refused(403);

    change(&server, &admin, &id, json!({"disabled": false}))
        .await
        .ok();
    for token in [&ann, &laptop] {
        assert_eq!(token.get(&server, "/api/session").await.status, 200);
    }
    assert_eq!(by_cookie().await, 401, "a sign-in has ended for good");
    let own = id_of(&server, &admin).await;
    change(&server, &admin, &own, json!({"disabled": true}))
        .await
        .refused(400);
    change(&server, &admin, "nobody", json!({"disabled": true}))
        .await
        .refused(404);
}

#[tokio::test]
async fn a_task_is_assigned_to_somebody_who_reaches_it_and_the_assignment_is_undone() {
    let server = server().await;
    make_task(&server, "alpha", "one").await;
    let ann = Person::new(&server, "ann", "editor", Some("alpha")).await;
    let bea = Person::new(&server, "bea", "editor", Some("beta")).await;
    let agent = Person::new(&server, "builder", "agent", Some("alpha")).await;
    let (id, elsewhere) = (id_of(&server, &ann).await, id_of(&server, &bea).await);
    let task = "/api/projects/alpha/tasks/1";
    let assign = async |who: &Person, assignee: Value| {
        let body = Some(json!({"assignee": assignee}));
        who.send(&server, Method::PUT, task, body).await
    };
    for nobody in [json!(elsewhere), json!("nobody"), json!("local")] {
        let refused = assign(&ann, nobody).await.refused(422);
        assert_eq!(refused[0]["type"], "unknown_person", "{refused}");
    }
    assign(&agent, json!(id)).await.refused(403);
    assert_eq!(assign(&ann, json!(id)).await.ok()["assignee"], id.as_str());
    let cards = ann
        .get(&server, "/api/projects/alpha/tasks?view=card")
        .await
        .ok();
    assert_eq!(cards[0]["assignee"], id.as_str());
    assign(&agent, Value::Null).await.refused(403);

    // Undo takes the values from before out of the record.
    let changes = "/api/projects/alpha/changes?subject=task:1";
    let change = ann.get(&server, changes).await.ok()[0].clone();
    assert_eq!(
        change["fields"],
        json!([{"field": "assignee", "before": null, "after": id}])
    );
    let undone = assign(&ann, change["fields"][0]["before"].clone())
        .await
        .ok();
    assert_eq!(undone["assignee"], Value::Null);
    let history = ann.get(&server, &format!("{task}/history")).await.ok();
    assert_eq!(history[0]["changed"], json!(["assignee"]));
}
