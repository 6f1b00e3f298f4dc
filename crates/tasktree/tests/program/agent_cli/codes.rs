//! Exit codes, errors for programs, and reports of claims that have ended.

use serde_json::{Value, json};

use super::{Desk, envelope, failure};
use crate::server::{Server, said};

#[tokio::test]
async fn each_kind_of_failure_has_its_exit_code() {
    let desk = Desk::open().await;
    let json = async |agent: &str, arguments: &[&str], code: i32| -> Value {
        failure(&desk.call(arguments).agent(agent).json().await, code)
    };
    let nothing = json("ada", &["next"], 6).await;
    assert_eq!(nothing["code"], "nothing_ready");
    assert_eq!(nothing["message"], "No task is left to do");
    desk.add("One").await;
    desk.add("Two").await;
    desk.json("ada", &["next"]).await;
    desk.put(
        "/api/projects/alpha/tasks/2",
        &json!({"dependencies": ["1-alpha"]}),
    )
    .await;
    let nothing = json("bob", &["next"], 6).await;
    assert_eq!(
        nothing["message"],
        "No task is ready: 1 in progress, 1 blocked"
    );

    let taken = json("bob", &["next", "--task", "1"], 5).await;
    assert_eq!(taken["code"], "taken");
    assert_eq!((&taken["task"], &taken["by"]), (&json!(1), &json!("ada")));
    assert_eq!(
        json("bob", &["next", "--task", "2"], 5).await["code"],
        "blocked"
    );
    let stale = json("bob", &["update", "1", "--rev", "1", "--title", "x"], 5).await;
    assert_eq!(stale["code"], "conflict");
    assert_eq!(json("bob", &["done", "1"], 5).await["by"], "ada");
    assert_eq!(json("bob", &["done"], 5).await["code"], "no_task");
    assert_eq!(json("bob", &["show", "99"], 3).await["code"], "not_found");
    assert_eq!(
        json("bob", &["send", "nobody", "hi"], 3).await["code"],
        "not_found"
    );
    assert_eq!(
        json("bob", &["unreserve", "x"], 3).await["code"],
        "not_found"
    );
    assert_eq!(json("bob", &["add", ""], 1).await["code"], "invalid");
    assert_eq!(
        json("bob", &["list", "--limit", "x"], 2).await["code"],
        "usage"
    );
    assert_eq!(json("bob", &["update", "1"], 2).await["code"], "usage");
    let elsewhere = desk.call(&["list", "--server", "http://127.0.0.1:1"]);
    let down = failure(&elsewhere.json().await, 7);
    assert_eq!(down["code"], "unreachable");
    let missing = desk.call(&["list", "--project", "nope"]);
    assert_eq!(failure(&missing.json().await, 3)["code"], "not_found");
    let nameless = failure(&desk.call(&["next"]).json().await, 2);
    assert_eq!(nameless["code"], "no_agent");
    assert!(
        nameless["message"]
            .as_str()
            .unwrap()
            .contains("TASKTREE_AGENT")
    );
}

#[tokio::test]
async fn without_json_a_failure_is_a_sentence_on_standard_error() {
    let desk = Desk::open().await;
    let output = desk.call(&["show", "9"]).run().await;
    assert_eq!(output.status.code(), Some(3));
    assert!(output.stdout.is_empty());
    let said = said(&output);
    assert!(
        said.starts_with("tasktree: ") && said.contains("not found"),
        "{said}"
    );
    let output = desk.call(&["show", "x"]).run().await;
    assert_eq!(output.status.code(), Some(2));
    let variable = desk.call(&["show", "9"]).variable("TASKTREE_JSON", "1");
    assert_eq!(failure(&variable.run().await, 3)["code"], "not_found");
}

#[tokio::test]
async fn a_token_that_is_missing_or_may_not_is_exit_code_4() {
    let home = tempfile::tempdir().unwrap();
    let admin = "administrator-secret";
    let server = Server::in_memory(home.path(), &["--token", admin], "info").await;
    let work = home.path().join("work");
    std::fs::create_dir_all(&work).unwrap();
    let desk = Desk { server, home };
    let refused = failure(&desk.call(&["list"]).json().await, 4);
    assert_eq!(refused["code"], "unauthorized");
    assert!(
        refused["message"]
            .as_str()
            .unwrap()
            .contains("TASKTREE_TOKEN")
    );
    let send = |path: &str, body: Value| {
        let request = desk.server.http.post(desk.server.url(path));
        request.bearer_auth(admin).json(&body).send()
    };
    send("/api/projects", json!({"id": "alpha", "name": "A"}))
        .await
        .unwrap();
    send("/api/projects/alpha/tasks", json!({"title": "One"}))
        .await
        .unwrap();
    let token = json!({"name": "builder", "role": "agent", "project": "alpha"});
    let made = send("/api/tokens", token).await.unwrap();
    let secret = made.json::<Value>().await.unwrap()["secret"].clone();
    let secret = secret.as_str().unwrap();
    let with_token = |arguments: &'static [&'static str]| {
        desk.call(arguments).variable("TASKTREE_TOKEN", secret)
    };
    // Without a name, the agent is that of the token.
    let claimed = envelope(&with_token(&["next"]).json().await);
    assert_eq!(claimed["data"]["task"]["holder"], "builder");
    let file = desk.home.path().join("token");
    std::fs::write(&file, secret).unwrap();
    let from_file = desk.call(&["whoami"]);
    let who = from_file.variable("TASKTREE_TOKEN_FILE", file.to_str().unwrap());
    let who = envelope(&who.json().await)["data"].clone();
    assert_eq!(
        (&who["agent"], &who["agent_from"]),
        (&json!("builder"), &json!("token"))
    );
}

#[tokio::test]
async fn a_report_of_a_claim_that_has_ended_is_refused_and_names_the_holder() {
    let desk = Desk::open().await;
    desk.add("One").await;
    desk.add("Two").await;
    desk.json("ada", &["next"]).await;
    // A person gives the task to another agent, and ada gets the second one elsewhere.
    desk.post("/api/projects/alpha/agents", &json!({"id": "bob"}))
        .await;
    let take = "/api/projects/alpha/tasks/1?take=ada";
    desk.put(take, &json!({"session": "bob", "status": "in_progress"}))
        .await;
    desk.post(
        "/api/projects/alpha/agents/ada/next",
        &json!({"task": "2-alpha"}),
    )
    .await;
    let refused = failure(
        &desk.call(&["done", "all of it"]).agent("ada").json().await,
        5,
    );
    assert_eq!(refused["code"], "taken");
    assert_eq!(
        (&refused["task"], &refused["by"]),
        (&json!(1), &json!("bob"))
    );
    assert!(
        refused["message"]
            .as_str()
            .unwrap()
            .contains("now held by bob")
    );
    assert_eq!(desk.task(1).await["status"], "in_progress");
    assert_eq!(desk.task(2).await["status"], "in_progress");
    // The next report is about the task that ada holds now.
    desk.json("ada", &["done"]).await;
    assert_eq!(desk.task(2).await["status"], "completed");
}

#[tokio::test]
async fn an_agent_waits_for_a_task_to_become_ready() {
    let desk = Desk::open().await;
    let waiting = desk.call(&["next", "--wait", "60s"]).agent("ada").json();
    let adding = async {
        // The first claim has failed once the agent is registered.
        while desk.server.get("/api/projects/alpha/agents").await == json!([]) {
            tokio::task::yield_now().await;
        }
        desk.add("Late").await;
    };
    let (claimed, ()) = tokio::join!(waiting, adding);
    assert_eq!(envelope(&claimed)["data"]["task"]["title"], "Late");
}
