//! Agents that a token may speak for: the one of the token's name and those that it registered.

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
    // To write to another token's agent is the purpose of messages.
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

/// Returns true if a token may speak for an agent.
async fn speaks(server: &TestServer, person: &Person, agent: &str) -> bool {
    let path = format!("{AGENTS}/{agent}/heartbeat");
    let answer = person.post(server, &path, json!({})).await;
    assert!(matches!(answer.status, 200 | 403), "{}", answer.text);
    answer.status == 200
}

#[tokio::test]
async fn an_agent_of_a_tokens_name_is_the_tokens_whoever_registered_it_before() {
    let server = server().await;
    let thief = runner(&server, "thief").await;
    thief.post(&server, AGENTS, json!({"id": "ada"})).await.ok();
    assert!(speaks(&server, &thief, "ada").await);
    let ada = runner(&server, "ada").await;
    assert!(speaks(&server, &ada, "ada").await);
    assert!(!speaks(&server, &thief, "ada").await);
    let again = thief.post(&server, AGENTS, json!({"id": "ada"})).await;
    assert_eq!(again.status, 403, "{}", again.text);
    // Not even after the token was revoked.
    let by = tasktree_server::auth::Principal::server();
    server
        .state
        .accounts
        .revoke_token(&by, &ada.id)
        .await
        .unwrap();
    assert!(!speaks(&server, &thief, "ada").await);
}

#[tokio::test]
async fn only_a_valid_agents_token_of_the_project_owns_the_agent_of_its_name() {
    let server = server().await;
    let one = runner(&server, "one").await;
    for id in ["ed", "elsewhere", "revoked"] {
        one.post(&server, AGENTS, json!({ "id": id })).await.ok();
    }
    let revoked = runner(&server, "revoked").await;
    let by = tasktree_server::auth::Principal::server();
    server
        .state
        .accounts
        .revoke_token(&by, &revoked.id)
        .await
        .unwrap();
    Person::new(&server, "elsewhere", "agent", Some("beta")).await;
    let ed = Person::new(&server, "ed", "editor", Some("alpha")).await;
    let path = format!("{AGENTS}/revoked/owner");
    ed.send(&server, Method::PUT, &path, Some(json!({"token": "one"})))
        .await
        .ok();
    // Each new token of the project takes the agent of its name, and no other.
    runner(&server, "two").await;
    for id in ["ed", "elsewhere", "revoked"] {
        assert!(speaks(&server, &one, id).await, "{id}");
    }
}

#[tokio::test]
async fn a_reset_that_is_undone_gives_no_agent_back_to_whoever_had_its_name_first() {
    let server = server().await;
    let thief = runner(&server, "thief").await;
    thief.post(&server, AGENTS, json!({"id": "ada"})).await.ok();
    let ed = Person::new(&server, "ed", "editor", None).await;
    let reset = ed
        .post(&server, "/api/projects/alpha/reset-agent-tasks", json!({}))
        .await;
    assert_eq!(reset.status, 200, "{}", reset.text);
    let ada = runner(&server, "ada").await;
    let undos = ed.get(&server, "/api/projects/alpha/undo").await.ok();
    for undo in undos.as_array().unwrap() {
        let path = format!("/api/projects/alpha/undo/{}", undo["id"].as_str().unwrap());
        ed.post(&server, &path, json!({})).await.ok();
    }
    let there = ed.get(&server, &format!("{AGENTS}/ada")).await;
    assert_eq!(there.status, 200, "{}", there.text);
    assert!(!speaks(&server, &thief, "ada").await);
    assert!(speaks(&server, &ada, "ada").await);
}

#[tokio::test]
async fn who_may_change_projects_gives_an_agent_to_another_token_or_removes_it() {
    let server = server().await;
    let (one, two) = (runner(&server, "one").await, runner(&server, "two").await);
    one.post(&server, AGENTS, json!({"id": "helper"}))
        .await
        .ok();
    let path = format!("{AGENTS}/helper/owner");
    let give = |token: Value| json!({ "token": token });
    let as_agent = one
        .send(&server, Method::PUT, &path, Some(give(json!("one"))))
        .await;
    assert_eq!(as_agent.status, 403);
    let ed = Person::new(&server, "ed", "editor", Some("alpha")).await;
    let as_ed = async |path: &str, token: Value| {
        ed.send(&server, Method::PUT, path, Some(give(token))).await
    };
    assert_eq!(as_ed(&path, json!("two")).await.ok()["id"], "helper");
    assert!(speaks(&server, &two, "helper").await && !speaks(&server, &one, "helper").await);
    as_ed(&path, Value::Null).await.ok();
    assert!(!speaks(&server, &two, "helper").await);
    for (wrong, status) in [(json!("ed"), 422), (json!("nobody"), 422), (json!(7), 422)] {
        let refused = as_ed(&path, wrong.clone()).await;
        assert_eq!(refused.status, status, "{wrong}: {}", refused.text);
    }
    two.post(&server, AGENTS, json!({"id": "two"})).await.ok();
    let own = as_ed(&format!("{AGENTS}/two/owner"), json!("one")).await;
    assert_eq!(own.status, 400, "{}", own.text);
    let path = format!("{AGENTS}/helper");
    ed.send(&server, Method::DELETE, &path, None).await.ok();
}

#[tokio::test]
async fn what_was_written_to_a_former_agent_is_not_for_who_has_its_name_next() {
    let server = server().await;
    let former = runner(&server, "one").await;
    former
        .post(&server, AGENTS, json!({"id": "one"}))
        .await
        .ok();
    let ann = Person::new(&server, "ann", "editor", Some("alpha")).await;
    let messages = format!("{AGENTS}/one/messages");
    let write = async |body: &str| {
        let message = json!({"from": "ann", "body": body});
        ann.post(&server, &messages, message).await.ok()
    };
    write("read by the former one").await;
    let read = json!({"up_to": 1_000_000});
    former
        .post(&server, &format!("{messages}/read"), read)
        .await
        .ok();
    write("never read").await;
    let ask = json!({"status": "waiting", "waiting_for": {"kind": "question", "text": "Which?"}});
    let asked = former
        .send(&server, Method::PUT, &format!("{AGENTS}/one"), Some(ask))
        .await
        .ok();
    assert_eq!(asked["status"], "waiting", "{asked}");
    let questions = "/api/projects/alpha/questions";
    let question = ann.get(&server, questions).await.ok()[0]["id"].clone();
    let answers = format!("{questions}/{question}/answers");
    ann.post(&server, &answers, json!({"text": "the password is 4711"}))
        .await
        .ok();
    let by = tasktree_server::auth::Principal::server();
    let accounts = &server.state.accounts;
    accounts.revoke_token(&by, &former.id).await.unwrap();
    let left = ann.get(&server, &format!("{AGENTS}/one")).await.ok();
    assert_eq!(left["status"], "idle", "{left}");
    let closed = ann.get(&server, questions).await.ok();
    assert_eq!(closed[0]["outcome"], "removed", "{closed}");
    write("nobody has the name").await;

    let now = runner(&server, "one").await;
    now.post(&server, AGENTS, json!({"id": "one"})).await.ok();
    let seen = async |person: &Person, query: &str| {
        person
            .get(&server, &format!("{messages}{query}"))
            .await
            .ok()
    };
    assert_eq!(seen(&now, "?unread=true").await, json!([]));
    assert_eq!(seen(&now, "").await, json!([]));
    let report = now
        .send(
            &server,
            Method::PUT,
            &format!("{AGENTS}/one"),
            Some(json!({"progress": 1})),
        )
        .await;
    let heard = now.get(&server, questions).await;
    for text in [&report.text, &heard.text] {
        assert!(!text.contains("4711"), "{text}");
    }
    write("for the new one").await;
    assert_eq!(
        seen(&now, "?unread=true").await[0]["body"],
        "for the new one"
    );
    // People who may edit still read all of it, and see which messages were never read.
    let all = seen(&ann, "").await;
    assert_eq!(all.as_array().unwrap().len(), 4, "{all}");
    assert!(
        !all[0]["read_at"].is_null() && all[1]["read_at"].is_null(),
        "{all}"
    );
    assert!(ann.get(&server, questions).await.text.contains("4711"));
}

#[tokio::test]
async fn what_was_written_to_an_agent_is_not_for_a_token_that_is_made_under_its_name() {
    let server = server().await;
    let other = runner(&server, "other").await;
    other.post(&server, AGENTS, json!({"id": "ada"})).await.ok();
    let messages = format!("{AGENTS}/ada/messages");
    let message = json!({"from": "other", "body": "to the agent of the other one"});
    other.post(&server, &messages, message).await.ok();
    let ada = runner(&server, "ada").await;
    assert_eq!(ada.get(&server, &messages).await.ok(), json!([]));
}

#[tokio::test]
async fn a_token_under_the_name_of_a_revoked_one_inherits_nothing() {
    let server = server().await;
    let former = runner(&server, "one").await;
    former
        .post(&server, AGENTS, json!({"id": "helper"}))
        .await
        .ok();
    let make = async |person: &Person| {
        let request = server
            .request(Method::POST, "/api/projects/alpha/tasks")
            .bearer_auth(&person.secret)
            .header("idempotency-key", "same")
            .json(&json!({"title": "secret plan"}));
        crate::support::Answer::of(request.send().await.unwrap()).await
    };
    let first = make(&former).await;
    assert_eq!(make(&former).await.header("idempotency-replayed"), "true");
    let by = tasktree_server::auth::Principal::server();
    server
        .state
        .accounts
        .revoke_token(&by, &former.id)
        .await
        .unwrap();
    let now = runner(&server, "one").await;
    assert!(!speaks(&server, &now, "helper").await);
    let fresh = make(&now).await;
    assert_eq!(fresh.header("idempotency-replayed"), "");
    assert_ne!(fresh.ok()["id"], first.ok()["id"]);
}
