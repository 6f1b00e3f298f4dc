//! The table role x operation, over the real router and over a socket.
//!
//! Every operation of the API's description is in it.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::people::{Person, server};
use crate::support::{Answer, TestServer};
use crate::ws_client::{PATIENCE, make_task};

/// Permission that an operation needs, in the words of the table in `auth/permission.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    Read,
    Change,
    Speak,
    Manage,
    Destroy,
    Administer,
    /// Everybody may, also an unauthenticated caller.
    Nothing,
    /// Every authenticated caller may.
    Known,
    /// Every person may, and no agent.
    Human,
}

use Needs::{Administer, Change, Destroy, Human, Known, Manage, Nothing, Read, Speak};

/// All operations: method and path, and the permission that each needs.
const OPERATIONS: &[(&str, Needs)] = &[
    ("get /api/projects", Known),
    ("post /api/projects", Manage),
    ("get /api/projects/{project}", Read),
    ("put /api/projects/{project}", Manage),
    ("delete /api/projects/{project}", Destroy),
    ("post /api/projects/{project}/reset", Destroy),
    ("get /api/projects/{project}/stats", Read),
    ("get /api/projects/{project}/changes", Read),
    ("get /api/projects/{project}/tasks", Read),
    ("post /api/projects/{project}/tasks", Change),
    ("get /api/projects/{project}/tasks/{task}", Read),
    ("put /api/projects/{project}/tasks/{task}", Change),
    ("delete /api/projects/{project}/tasks/{task}", Destroy),
    ("post /api/projects/{project}/tasks/{task}/restore", Destroy),
    ("get /api/projects/{project}/tasks/{task}/merge", Manage),
    ("post /api/projects/{project}/tasks/{task}/merge", Manage),
    ("get /api/projects/{project}/tasks/{task}/history", Read),
    ("get /api/projects/{project}/tasks/{task}/comments", Read),
    ("post /api/projects/{project}/tasks/{task}/comments", Change),
    ("put /api/projects/{project}/comments/{comment}", Change),
    ("delete /api/projects/{project}/comments/{comment}", Change),
    ("get /api/projects/{project}/tasks/{task}/attempts", Read),
    ("post /api/projects/{project}/agents/{agent}/next", Speak),
    ("get /api/projects/{project}/agents/{agent}/runs", Read),
    ("post /api/projects/{project}/agents/{agent}/runs", Speak),
    (
        "put /api/projects/{project}/agents/{agent}/runs/{run}",
        Speak,
    ),
    ("get /api/projects/{project}/events", Read),
    ("get /api/projects/{project}/agents", Read),
    ("post /api/projects/{project}/agents", Speak),
    ("get /api/projects/{project}/agents/{agent}", Read),
    ("put /api/projects/{project}/agents/{agent}", Speak),
    ("delete /api/projects/{project}/agents/{agent}", Speak),
    ("put /api/projects/{project}/agents/{agent}/owner", Manage),
    (
        "post /api/projects/{project}/agents/{agent}/heartbeat",
        Speak,
    ),
    ("post /api/projects/{project}/agents/{agent}/logs", Speak),
    ("get /api/projects/{project}/agents/{agent}/logs", Read),
    (
        "post /api/projects/{project}/agents/{agent}/messages",
        Speak,
    ),
    ("get /api/projects/{project}/agents/{agent}/messages", Speak),
    (
        "post /api/projects/{project}/agents/{agent}/messages/read",
        Speak,
    ),
    ("get /api/projects/{project}/leases", Read),
    ("post /api/projects/{project}/leases", Speak),
    ("delete /api/projects/{project}/leases/{lease}", Speak),
    ("post /api/projects/{project}/leases/{lease}/renew", Speak),
    ("get /api/projects/{project}/plan", Read),
    ("put /api/projects/{project}/plan", Change),
    ("post /api/projects/{project}/notifications", Change),
    ("post /api/notifications", Change),
    ("get /api/projects/{project}/logs", Read),
    ("post /api/projects/{project}/logs", Speak),
    ("post /api/projects/{project}/reset-agent-tasks", Destroy),
    ("get /api/projects/{project}/coordination-stats", Read),
    ("get /api/projects/{project}/coordination/status", Read),
    ("get /api/projects/{project}/coordination/events", Read),
    ("get /api/events", Read),
    ("post /api/projects/{project}/commands", Change),
    ("get /api/orchestrator/config", Known),
    ("put /api/orchestrator/config", Manage),
    ("get /api/orchestrator/status", Known),
    ("post /api/orchestrator/start", Manage),
    ("post /api/orchestrator/stop", Manage),
    ("post /api/projects/{project}/generate-plan", Change),
    (
        "post /api/projects/{project}/generate-task-breakdown",
        Change,
    ),
    ("get /api/projects/{project}/git-status", Read),
    ("post /api/projects/{project}/init-git", Manage),
    ("post /api/projects/{project}/import", Manage),
    ("post /api/projects/{project}/imports", Manage),
    ("post /api/imports", Manage),
    ("get /health", Nothing),
    ("get /metrics", Read),
    ("get /api/admin/connections", Administer),
    ("post /api/projects/{project}/restore", Destroy),
    ("get /api/projects/{project}/undo", Read),
    ("post /api/projects/{project}/undo/{undo}", Destroy),
    ("get /api/session", Known),
    ("post /api/session", Nothing),
    ("delete /api/session", Nothing),
    ("post /api/tickets", Known),
    ("get /api/tokens", Administer),
    ("post /api/tokens", Administer),
    ("delete /api/tokens/{token}", Administer),
    ("get /api/projects/{project}/questions", Read),
    (
        "post /api/projects/{project}/questions/{question}/answers",
        Manage,
    ),
    (
        "post /api/projects/{project}/questions/{question}/answers/{answer}/resend",
        Manage,
    ),
    (
        "post /api/projects/{project}/agents/{agent}/answers/read",
        Speak,
    ),
    ("get /api/people", Known),
    ("put /api/people/{person}", Administer),
    ("get /api/changes", Administer),
    ("post /api/hooks/{source}", Speak),
    ("post /api/hooks/{source}/context", Speak),
    ("post /api/hooks/{source}/decision", Speak),
    ("get /api/hooks", Read),
    ("get /api/folder", Read),
    ("get /api/projects/{project}/runs", Read),
    ("get /api/people/me/marks", Human),
    ("put /api/people/me/marks", Human),
    ("post /api/demo", Manage),
    ("get /api/attention", Read),
    ("put /api/attention/{project}/{item}", Human),
];

/// Repeats the table, written out by hand, so that a change of either is noticed.
fn allowed(role: &str, needs: Needs) -> bool {
    match role {
        "admin" => true,
        "editor" => needs != Administer,
        "agent" => matches!(needs, Nothing | Known | Read | Change | Speak),
        "viewer" => matches!(needs, Nothing | Known | Read | Human),
        _ => needs == Nothing,
    }
}

/// Returns a body with which the operation gets as far as the permission check.
fn body_of(operation: &str) -> Option<Value> {
    Some(match operation {
        "post /api/projects" => json!({"id": "gamma", "name": "g"}),
        "put /api/projects/{project}" => json!({"description": "d"}),
        "post /api/projects/{project}/tasks" => json!({"title": "t"}),
        "put /api/projects/{project}/tasks/{task}" => json!({"title": "t2"}),
        "post /api/projects/{project}/tasks/{task}/comments"
        | "put /api/projects/{project}/comments/{comment}" => json!({"body": "b"}),
        "post /api/projects/{project}/agents" => json!({"id": "ada"}),
        "put /api/projects/{project}/agents/{agent}" => json!({"progress": 5}),
        "put /api/projects/{project}/agents/{agent}/owner" => json!({"token": null}),
        "post /api/projects/{project}/agents/{agent}/runs" => {
            json!({"source": "api", "session": "s"})
        }
        "post /api/projects/{project}/agents/{agent}/logs"
        | "post /api/projects/{project}/logs" => {
            json!({"lines": ["l"]})
        }
        "post /api/projects/{project}/agents/{agent}/messages" => {
            json!({"from": "ada", "body": "b"})
        }
        "post /api/projects/{project}/agents/{agent}/messages/read"
        | "post /api/projects/{project}/agents/{agent}/answers/read" => json!({"up_to": 1}),
        "post /api/projects/{project}/leases" => json!({"agent": "ada", "paths": ["p"]}),
        "put /api/projects/{project}/plan" => json!({"plan": "p"}),
        "post /api/projects/{project}/notifications" | "post /api/notifications" => {
            json!({"title": "n"})
        }
        "post /api/projects/{project}/questions/{question}/answers" => json!({"text": "yes"}),
        "put /api/people/me/marks" => json!({"key": "k", "value": 1}),
        "put /api/people/{person}" => json!({"disabled": true}),
        "put /api/attention/{project}/{item}" => json!({"seen": true}),
        "post /api/demo" => json!({"start": false}),
        "put /api/orchestrator/config"
        | "put /api/projects/{project}/agents/{agent}/runs/{run}" => json!({}),
        "post /api/projects/{project}/import" => json!({"tasks": []}),
        "post /api/hooks/{source}"
        | "post /api/hooks/{source}/context"
        | "post /api/hooks/{source}/decision" => json!({"hook_event_name": "Stop"}),
        "post /api/tokens" => json!({"name": "x y", "role": "viewer"}),
        _ => return None,
    })
}

/// Returns method and path of an operation on things that may exist.
fn request_line(operation: &str, project: &str) -> (Method, String) {
    let (method, path) = operation.split_once(' ').unwrap();
    let mut path = path
        .replace("{project}", project)
        .replace("{task}", "1")
        .replace("{agent}", "ada")
        .replace("{run}", "1")
        .replace("{lease}", "999")
        .replace("{comment}", "999")
        .replace("{question}", "999")
        .replace("{answer}", "999")
        .replace("{token}", "nobody")
        .replace("{item}", "999")
        .replace("{source}", "codex")
        .replace("{person}", "nobody")
        .replace("{undo}", "nothing");
    if path.ends_with("/start") {
        path.push_str("?project_id=nowhere");
    }
    if path.ends_with("/marks") {
        path.push_str("?project=alpha");
    }
    if operation == "get /api/projects/{project}/runs" {
        path.push_str("?source=codex&session=s");
    }
    (method.to_uppercase().parse().unwrap(), path)
}

async fn ask(server: &TestServer, secret: Option<&str>, operation: &str, project: &str) -> Answer {
    let (method, path) = request_line(operation, project);
    let mut request = server.request(method, &path);
    if let Some(secret) = secret {
        request = request.bearer_auth(secret);
    }
    if let Some(body) = body_of(operation) {
        request = request.json(&body);
    }
    Answer::of(request.send().await.unwrap()).await
}

/// Starts a server with a task and an agent in `alpha`, which every operation may find.
async fn furnished() -> TestServer {
    let server = server().await;
    make_task(&server, "alpha", "one").await;
    server
}

#[tokio::test]
async fn every_operation_of_the_description_is_in_the_table() {
    let server = server().await;
    let admin = Person::new(&server, "root", "admin", None).await;
    let description = admin.get(&server, "/api/openapi.json").await.ok();
    let mut described = BTreeSet::new();
    for (path, operations) in description["paths"].as_object().unwrap() {
        let methods = operations.as_object().unwrap().keys();
        described.extend(methods.map(|method| format!("{method} {path}")));
    }
    let table: BTreeSet<_> = OPERATIONS
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    assert_eq!(described, table);
}

#[tokio::test]
async fn each_role_may_do_what_the_table_says_and_nothing_else() {
    let roles = [
        ("admin", None),
        ("editor", None),
        ("viewer", None),
        ("agent", Some("alpha")),
        ("nobody", None),
    ];
    for (role, project) in roles {
        for (operation, needs) in OPERATIONS {
            let server = furnished().await;
            let secret = match role {
                "nobody" => None,
                // Has the name of the agent that it speaks for.
                _ => Some(Person::new(&server, "ada", role, project).await.secret),
            };
            let answer = ask(&server, secret.as_deref(), operation, "alpha").await;
            let about_all = matches!(
                *operation,
                "post /api/notifications"
                    | "get /metrics"
                    | "get /api/admin/connections"
                    | "get /api/tokens"
                    | "get /api/changes"
            );
            let expected = allowed(role, *needs) && !(project.is_some() && about_all);
            let refused = matches!(answer.status, 401 | 403)
                // A sign-in without a token is refused for what it is.
                && *operation != "post /api/session";
            assert_eq!(
                !refused, expected,
                "{role}: {operation} needs {needs:?}: {} {}",
                answer.status, answer.text
            );
            if role == "nobody" && refused {
                assert_eq!(answer.status, 401, "{operation}");
            }
        }
    }
}

#[tokio::test]
async fn of_a_project_out_of_reach_every_operation_says_what_it_says_of_one_that_does_not_exist() {
    let server = furnished().await;
    make_task(&server, "beta", "MARK").await;
    for (name, role) in [("ed", "editor"), ("vi", "viewer"), ("ag", "agent")] {
        let bound = Person::new(&server, name, role, Some("alpha")).await;
        for (operation, _) in OPERATIONS
            .iter()
            .filter(|(name, _)| name.contains("{project}"))
        {
            let beta = ask(&server, Some(&bound.secret), operation, "beta").await;
            let nowhere = ask(&server, Some(&bound.secret), operation, "nowhere").await;
            assert_eq!(
                beta.status, nowhere.status,
                "{role} {operation}: {}",
                beta.text
            );
            assert_eq!(
                beta.text.replace("beta", "nowhere"),
                nowhere.text,
                "{role} {operation}"
            );
            assert!(
                matches!(beta.status, 404 | 501),
                "{role} {operation}: {}",
                beta.text
            );
        }
        let seen = bound.get(&server, "/api/projects").await.ok();
        let ids: Vec<_> = seen
            .as_array()
            .unwrap()
            .iter()
            .map(|project| &project["id"])
            .collect();
        assert_eq!(ids, ["alpha"]);
        // Of events about other projects, only the positions are there.
        let events = bound.get(&server, "/api/events").await;
        assert!(!events.text.contains("beta"), "{role}: {}", events.text);
        let events = events.ok();
        let seen = events["events"].as_array().unwrap();
        assert_eq!(Some(seen.len() as u64), events["seq"].as_u64());
        for stream in ["*", "u:vi"] {
            let path = format!("/api/projects/{stream}/events");
            let status = bound.get(&server, &path).await.status;
            assert!(matches!(status, 403 | 404), "{stream}: {status}");
        }
        let another = json!({"id": "mine", "name": "Mine"});
        let made = bound.post(&server, "/api/projects", another).await;
        assert_eq!(made.status, 403, "{role}: {}", made.text);
    }
}

#[tokio::test]
async fn commands_of_a_socket_pass_the_same_check() {
    let commands = |project: &str| {
        BTreeMap::from([
            (
                "create_task",
                (
                    json!({"project_id": project, "task": {"title": "t"}}),
                    Change,
                ),
            ),
            (
                "update_task",
                (
                    json!({"project_id": project, "task": "1", "patch": {"title": "x"}}),
                    Change,
                ),
            ),
            (
                "delete_task",
                (json!({"project_id": project, "task": "1"}), Destroy),
            ),
            (
                "restore_task",
                (json!({"project_id": project, "task": "1"}), Destroy),
            ),
        ])
    };
    for role in ["admin", "editor", "viewer", "agent"] {
        let server = furnished().await;
        make_task(&server, "beta", "one").await;
        let project = (role == "agent").then_some("alpha");
        let person = Person::new(&server, "ada", role, project).await;
        let (mut client, _) = person.hello(&server, &[]).await;
        for (op, (args, needs)) in commands("alpha") {
            client.send(json!({"type": "sys.cmd", "data": {"id": format!("a-{op}"), "op": op, "args": args}})).await;
            let result = client.expect("sys.result").await;
            assert_eq!(result["ok"], allowed(role, needs), "{role} {op}: {result}");
            if !allowed(role, needs) {
                assert_eq!(
                    result["error"]["code"], "forbidden",
                    "{role} {op}: {result}"
                );
            }
        }
        for (op, (args, _)) in commands("beta").into_iter().filter(|_| project.is_some()) {
            client.send(json!({"type": "sys.cmd", "data": {"id": format!("b-{op}"), "op": op, "args": args}})).await;
            let result = client.expect("sys.result").await;
            assert_eq!(
                result["error"]["code"], "not_found",
                "{role} {op}: {result}"
            );
        }
    }
}

#[tokio::test]
async fn whoever_may_not_do_something_is_refused_before_a_body_is_read() {
    let server = furnished().await;
    let viewer = Person::new(&server, "vi", "viewer", None).await;
    let takes_body = |name: &str| !name.starts_with("get ");
    for secret in [Some(&*viewer.secret), None] {
        let role = if secret.is_some() { "viewer" } else { "nobody" };
        for (operation, needs) in OPERATIONS {
            if !takes_body(operation) || allowed(role, *needs) {
                continue;
            }
            let (method, path) = request_line(operation, "alpha");
            let secret = secret.map(|secret| format!("Authorization: Bearer {secret}\r\n"));
            let head = format!(
                "{method} {path} HTTP/1.1\r\nHost: localhost\r\n{}Content-Length: 1000\r\n\r\n",
                secret.unwrap_or_default(),
            );
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            stream.write_all(head.as_bytes()).await.unwrap();
            let mut start = [0; 12];
            let read = timeout(PATIENCE, stream.read_exact(&mut start)).await;
            let Ok(Ok(_)) = read else {
                panic!("{role} {operation}: the body is waited for");
            };
            let expected = if role == "viewer" { "403" } else { "401" };
            let status = String::from_utf8_lossy(&start);
            assert!(status.ends_with(expected), "{role} {operation}: {status}");
        }
    }
}
