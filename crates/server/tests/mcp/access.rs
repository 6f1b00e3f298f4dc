//! Credentials: the token decides, whatever a request says about itself.

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tasktree_server::auth::Principal;
use tasktree_server::config::SignIn;
use tasktree_server::domain::NewToken;

use crate::support::TestServer;
use crate::wire::{MODERN, request, send};

async fn signed_in() -> TestServer {
    let server = TestServer::with(|config| config.sign_in = Some(SignIn::Required)).await;
    let admin = token(&server, "root", "admin", None).await;
    for id in ["alpha", "beta"] {
        let made = server.request(reqwest::Method::POST, "/api/projects");
        let made = made
            .bearer_auth(&admin)
            .json(&json!({"id": id, "name": id}));
        send(made).await.ok();
        for title in ["one", "two", "three"] {
            let path = format!("/api/projects/{id}/tasks");
            let made = server.request(reqwest::Method::POST, &path);
            send(made.bearer_auth(&admin).json(&json!({"title": title})))
                .await
                .ok();
        }
    }
    server
}

async fn token(server: &TestServer, name: &str, role: &str, project: Option<&str>) -> String {
    let new = NewToken {
        name: name.into(),
        person: None,
        role: serde_json::from_value(json!(role)).unwrap(),
        project: project.map(Into::into),
    };
    let by = Principal::server();
    let made = server.state.accounts.make_token(&by, new).await.unwrap();
    made.1.reveal().to_owned()
}

fn tool(server: &TestServer, secret: &str, name: &str, arguments: Value) -> RequestBuilder {
    let mut params = json!({"name": name});
    params["arguments"] = arguments;
    request(server, MODERN, "tools/call", params).bearer_auth(secret)
}

async fn object(request: RequestBuilder) -> Value {
    send(request).await.ok()["result"]["structuredContent"].clone()
}

#[tokio::test]
async fn without_a_valid_token_nothing_is_answered() {
    let server = signed_in().await;
    let none = send(request(&server, MODERN, "tools/list", json!({}))).await;
    assert_eq!(none.status, 401);
    let challenge = none.header("www-authenticate").to_owned();
    assert!(challenge.starts_with("Bearer") && !challenge.contains("resource_metadata"));
    let wrong = request(&server, MODERN, "tools/list", json!({})).bearer_auth("tt_wrong");
    assert_eq!(send(wrong).await.status, 401);
}

#[tokio::test]
async fn the_token_of_an_agent_speaks_for_itself_and_for_what_it_registers() {
    let server = signed_in().await;
    let one = token(&server, "one", "agent", Some("alpha")).await;
    let two = token(&server, "two", "agent", Some("alpha")).await;
    let next = object(tool(&server, &one, "board_next", json!({}))).await;
    assert_eq!(
        (&next["agent"], &next["task"]["id"]),
        (&json!("one"), &json!("1-alpha"))
    );
    let helper = tool(&server, &one, "board_next", json!({})).header("tasktree-agent", "helper");
    assert_eq!(object(helper).await["task"]["number"], 2);
    let foreign = tool(&server, &two, "board_next", json!({})).header("tasktree-agent", "helper");
    assert_eq!(object(foreign).await["code"], "forbidden");
    let foreign = tool(&server, &two, "board_heartbeat", json!({})).header("tasktree-agent", "one");
    assert_eq!(object(foreign).await["code"], "forbidden");
    let elsewhere = tool(&server, &one, "board_list", json!({})).header("tasktree-project", "beta");
    assert_eq!(object(elsewhere).await["code"], "not_found");
}

#[tokio::test]
async fn the_role_of_the_token_holds_here_too() {
    let server = signed_in().await;
    let viewer = token(&server, "vi", "viewer", Some("alpha")).await;
    let list = object(tool(&server, &viewer, "board_list", json!({}))).await;
    assert_eq!(list["tasks"].as_array().unwrap().len(), 3);
    for (name, arguments) in [
        ("board_next", json!({})),
        ("board_create", json!({"title": "x"})),
        ("board_update", json!({"task": 1, "title": "x"})),
        ("board_inbox", json!({})),
    ] {
        let call = tool(&server, &viewer, name, arguments).header("tasktree-agent", "vi");
        assert_eq!(object(call).await["code"], "forbidden", "{name}");
    }
}

#[tokio::test]
async fn a_person_who_calls_is_an_agent_and_takes_nothing_from_another() {
    let server = signed_in().await;
    let root = token(&server, "pat", "admin", None).await;
    let call = |agent: &str, name: &str, arguments: Value| {
        tool(&server, &root, name, arguments)
            .header("tasktree-agent", agent)
            .header("tasktree-project", "alpha")
    };
    object(call("ann", "board_next", json!({"task": 1}))).await;
    let refusal = object(call("bob", "board_next", json!({"task": 1}))).await;
    assert_eq!(refusal["code"], "conflict", "{refusal}");
    let change = json!({"task": 1, "status": "unclaimed"});
    let refusal = object(call("bob", "board_update", change)).await;
    assert!(refusal["code"].is_string(), "{refusal}");
}
