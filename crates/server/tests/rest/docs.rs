//! The API's description agrees with the API.

use std::collections::BTreeSet;

use crate::support::TestServer;
use reqwest::Method;
use serde_json::{Value, json};
use tasktree_protocol::http::paths;

/// Operations that are promised, each by method and path.
const PROMISED: &[&str] = &[
    "get /api/projects",
    "post /api/projects",
    "get /api/projects/{project}",
    "put /api/projects/{project}",
    "delete /api/projects/{project}",
    "post /api/projects/{project}/reset",
    "get /api/projects/{project}/stats",
    "get /api/projects/{project}/changes",
    "get /api/projects/{project}/tasks",
    "post /api/projects/{project}/tasks",
    "get /api/projects/{project}/tasks/{task}",
    "put /api/projects/{project}/tasks/{task}",
    "delete /api/projects/{project}/tasks/{task}",
    "post /api/projects/{project}/tasks/{task}/restore",
    "get /api/projects/{project}/tasks/{task}/merge",
    "post /api/projects/{project}/tasks/{task}/merge",
    "get /api/projects/{project}/tasks/{task}/history",
    "get /api/projects/{project}/tasks/{task}/comments",
    "post /api/projects/{project}/tasks/{task}/comments",
    "put /api/projects/{project}/comments/{comment}",
    "delete /api/projects/{project}/comments/{comment}",
    "get /api/projects/{project}/tasks/{task}/attempts",
    "get /api/projects/{project}/events",
    "get /api/projects/{project}/agents",
    "post /api/projects/{project}/agents",
    "get /api/projects/{project}/agents/{agent}",
    "put /api/projects/{project}/agents/{agent}",
    "delete /api/projects/{project}/agents/{agent}",
    "put /api/projects/{project}/agents/{agent}/owner",
    "post /api/projects/{project}/agents/{agent}/heartbeat",
    "post /api/projects/{project}/agents/{agent}/next",
    "get /api/projects/{project}/agents/{agent}/runs",
    "post /api/projects/{project}/agents/{agent}/runs",
    "put /api/projects/{project}/agents/{agent}/runs/{run}",
    "post /api/projects/{project}/agents/{agent}/logs",
    "get /api/projects/{project}/agents/{agent}/logs",
    "post /api/projects/{project}/agents/{agent}/messages",
    "get /api/projects/{project}/agents/{agent}/messages",
    "post /api/projects/{project}/agents/{agent}/messages/read",
    "get /api/projects/{project}/leases",
    "post /api/projects/{project}/leases",
    "delete /api/projects/{project}/leases/{lease}",
    "post /api/projects/{project}/leases/{lease}/renew",
    "get /api/projects/{project}/plan",
    "put /api/projects/{project}/plan",
    "post /api/projects/{project}/notifications",
    "post /api/notifications",
    "get /api/projects/{project}/logs",
    "post /api/projects/{project}/logs",
    "post /api/projects/{project}/reset-agent-tasks",
    "get /api/projects/{project}/coordination-stats",
    "get /api/projects/{project}/coordination/status",
    "get /api/projects/{project}/coordination/events",
    "get /api/events",
    "post /api/projects/{project}/commands",
    "get /api/orchestrator/config",
    "put /api/orchestrator/config",
    "get /api/orchestrator/status",
    "post /api/orchestrator/start",
    "post /api/orchestrator/stop",
    "post /api/projects/{project}/generate-plan",
    "post /api/projects/{project}/generate-task-breakdown",
    "get /api/projects/{project}/git-status",
    "post /api/projects/{project}/init-git",
    "post /api/projects/{project}/import",
    "post /api/projects/{project}/imports",
    "post /api/imports",
    "get /health",
    "get /metrics",
    "get /api/admin/connections",
    "post /api/projects/{project}/restore",
    "get /api/projects/{project}/undo",
    "post /api/projects/{project}/undo/{undo}",
    "get /api/session",
    "post /api/session",
    "delete /api/session",
    "post /api/tickets",
    "get /api/tokens",
    "post /api/tokens",
    "delete /api/tokens/{token}",
    "get /api/projects/{project}/questions",
    "post /api/projects/{project}/questions/{question}/answers",
    "post /api/projects/{project}/questions/{question}/answers/{answer}/resend",
    "post /api/projects/{project}/agents/{agent}/answers/read",
    "get /api/people",
    "put /api/people/{person}",
    "get /api/changes",
    "post /api/hooks/{source}",
    "post /api/hooks/{source}/context",
    "post /api/hooks/{source}/decision",
    "get /api/hooks",
    "get /api/folder",
    "get /api/projects/{project}/runs",
    "get /api/people/me/marks",
    "put /api/people/me/marks",
    "post /api/demo",
    "get /api/attention",
    "put /api/attention/{project}/{item}",
];

#[tokio::test]
async fn every_operation_is_described_and_every_description_answers() {
    let server = TestServer::with_project().await;
    let description = server.get("/api/openapi.json").await.ok();
    let mut described = BTreeSet::new();
    for (path, operations) in description["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            assert!(
                operation["summary"].is_string(),
                "{method} {path} says what it does"
            );
            described.insert(format!("{method} {path}"));
            let method: Method = method.to_uppercase().parse().unwrap();
            let real = path
                .replace("{project}", "nope")
                .replace("{task}", "1")
                .replace("{agent}", "a")
                .replace("{run}", "1")
                .replace("{lease}", "1")
                .replace("{comment}", "1")
                .replace("{question}", "1")
                .replace("{answer}", "1")
                .replace("{token}", "t")
                .replace("{undo}", "u")
                .replace("{item}", "1")
                .replace("{source}", "codex")
                .replace("{person}", "p");
            let answer = server.send(method.clone(), &real, None).await;
            assert!(
                answer.status != 405 && !answer.text.contains("API endpoint not found"),
                "{method} {path}: {}",
                answer.text
            );
        }
    }
    let promised: BTreeSet<_> = PROMISED
        .iter()
        .map(|operation| (*operation).to_owned())
        .collect();
    assert_eq!(described, promised);
}

#[tokio::test]
async fn described_types_have_the_fields_that_are_sent() {
    let server = TestServer::with_project().await;
    let description = server.get("/api/openapi.json").await.ok();
    let described = |name: &str| keys(&description["components"]["schemas"][name]["properties"]);
    let task = server
        .post("/api/projects/alpha/tasks", json!({"title": "one"}))
        .await
        .ok();
    server
        .post(
            "/api/projects/alpha/agents",
            json!({"id": "a1", "task_id": 1}),
        )
        .await
        .ok();
    server
        .post("/api/projects/alpha/agents", json!({"id": "a2"}))
        .await
        .ok();
    server
        .post(
            "/api/projects/alpha/tasks",
            json!({"title": "two", "priority": 1, "dependencies": [1]}),
        )
        .await
        .ok();
    let p = "/api/projects/alpha";
    let leases = json!({"agent": "a1", "paths": ["a"], "reason": "r"});
    server
        .post(&format!("{p}/leases"), leases.clone())
        .await
        .ok();
    let lease = server
        .post(
            &format!("{p}/leases"),
            json!({"agent": "a2", "paths": ["a"]}),
        )
        .await
        .ok();
    server
        .post(&format!("{p}/logs"), json!({"lines": ["x"]}))
        .await
        .ok();
    let message = server
        .post(
            &format!("{p}/agents/a1/messages"),
            json!({"from": "a2", "body": "b"}),
        )
        .await
        .ok();
    let comment = server
        .post(&format!("{p}/tasks/1/comments"), json!({"body": "b"}))
        .await
        .ok();
    let cards = server.get(&format!("{p}/tasks?view=card")).await.ok();
    assert_eq!(described("Task"), keys(&task));
    assert_eq!(described("Comment"), keys(&comment));
    assert_eq!(
        described("ProjectStats"),
        keys(&server.get(&format!("{p}/stats")).await.ok())
    );
    assert_eq!(
        described("Agent"),
        keys(&server.get(&format!("{p}/agents/a1")).await.ok())
    );
    assert_eq!(described("AgentMessage"), keys(&message));
    assert_eq!(described("Lease"), keys(&lease["leases"][0]));
    assert_eq!(
        described("LogEntry"),
        keys(&server.get(&format!("{p}/logs")).await.ok()[0])
    );
    assert_eq!(
        described("CoordinationStats"),
        keys(&server.get(&format!("{p}/coordination/status")).await.ok())
    );
    assert_eq!(
        described("CoordinationSummary"),
        keys(&server.get(&format!("{p}/coordination-stats")).await.ok())
    );
    assert_eq!(
        described("OrchestratorConfig"),
        keys(&server.get("/api/orchestrator/config").await.ok())
    );
    assert_eq!(
        described("Events"),
        keys(&server.get(&format!("{p}/events")).await.ok())
    );
    // Fields that are left out when they are empty: everything that is sent must be described.
    for (name, sent) in [
        ("Project", server.get(p).await.ok()),
        (
            "Event",
            server.get(&format!("{p}/events")).await.ok()["events"][0].clone(),
        ),
        (
            "HistoryEntry",
            server.get(&format!("{p}/tasks/1/history")).await.ok()[0].clone(),
        ),
        (
            "Change",
            server
                .get(&format!("{p}/changes?subject=task:1"))
                .await
                .ok()[0]
                .clone(),
        ),
        ("TaskCard", cards[0].clone()),
        ("TaskCard", cards[1].clone()),
        ("GitStatus", json!({"is_git_repo": false})),
        ("Health", json!({"status": "ok", "version": ""})),
    ] {
        let (sent, described) = (keys(&sent), described(name));
        assert!(
            sent.is_subset(&described),
            "{name}: {sent:?} are not all in {described:?}"
        );
    }
}

/// Paths of the API that exist for older clients only. The protocol does not name them.
const OLDER: [&str; 9] = [
    "/api/orchestrator/config",
    "/api/orchestrator/start",
    "/api/orchestrator/status",
    "/api/orchestrator/stop",
    "/api/projects/{project}/coordination-stats",
    "/api/projects/{project}/coordination/events",
    "/api/projects/{project}/coordination/status",
    "/api/projects/{project}/generate-plan",
    "/api/projects/{project}/generate-task-breakdown",
];

#[tokio::test]
async fn the_paths_are_those_of_the_protocol_and_no_others() {
    let server = TestServer::start().await;
    let description = server.get("/api/openapi.json").await.ok();
    let described = keys(&description["paths"]);
    let named = paths::ALL.iter().chain(&OLDER);
    let named: BTreeSet<_> = named.map(|path| (*path).to_owned()).collect();
    assert_eq!(described, named);
}

#[tokio::test]
async fn descriptions_have_no_links_into_the_source() {
    let server = TestServer::start().await;
    let description = server.get("/api/openapi.json").await.text;
    let links = description.match_indices("[`");
    let links: Vec<_> = links
        .map(|(at, _)| description[at..].chars().take(40).collect::<String>())
        .collect();
    assert!(links.is_empty(), "{links:?}");
}

#[tokio::test]
async fn the_page_comes_from_this_server_alone() {
    let server = TestServer::start().await;
    let page = server.get("/api/docs/").await;
    assert_eq!(page.status, 200);
    assert!(
        page.header("content-type").starts_with("text/html"),
        "{:?}",
        page.headers
    );
    assert!(!page.text.contains("https://"), "{}", page.text);
    let script = server.get("/api/docs/swagger-ui-bundle.js").await;
    assert_eq!(script.status, 200);
    assert_eq!(
        server
            .get("/api/docs/swagger-initializer.js")
            .await
            .text
            .matches("\"../openapi.json\"")
            .count(),
        1
    );
}

#[tokio::test]
async fn large_answers_are_compressed_for_who_can_read_that() {
    let server = TestServer::with_project().await;
    for number in 0..20 {
        server
            .make_task("alpha", &format!("a task with number {number}"))
            .await;
    }
    let request = server
        .request(Method::GET, "/api/projects/alpha/tasks")
        .header("accept-encoding", "gzip");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.headers()["content-encoding"], "gzip");
    let plain = server.get("/api/projects/alpha/tasks").await;
    assert_eq!(plain.header("content-encoding"), "");
    assert!(plain.text.len() > 4 * answer.bytes().await.unwrap().len());
}

fn keys(object: &Value) -> BTreeSet<String> {
    object
        .as_object()
        .unwrap_or_else(|| panic!("{object}"))
        .keys()
        .cloned()
        .collect()
}

/// Returns the operations of the description, each with its method and path.
fn operations(docs: &Value) -> Vec<(String, &Value)> {
    let paths = docs["paths"].as_object().unwrap().iter();
    let operations = paths.flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, operation)| (format!("{method} {path}"), operation))
    });
    operations.collect()
}

#[tokio::test]
async fn every_operation_has_a_name_of_its_own_and_the_refusals_of_the_layers() {
    let server = TestServer::start().await;
    let docs = server.get("/api/openapi.json").await.ok();
    let mut names = BTreeSet::new();
    for (operation, described) in operations(&docs) {
        let name = described["operationId"].as_str().unwrap();
        assert!(names.insert(name.to_owned()), "{operation}: {name}");
        let responses = &described["responses"];
        for status in ["401", "403", "422", "429", "503"] {
            let response = &responses[status];
            assert!(response["description"].is_string(), "{operation}: {status}");
        }
        let challenge = &responses["401"]["headers"]["WWW-Authenticate"];
        assert!(challenge.is_object(), "{operation}");
        if described.get("requestBody").is_some() {
            for status in ["408", "413"] {
                assert!(responses[status].is_object(), "{operation}: {status}");
            }
        }
        let contents = described["requestBody"]["content"].as_object().into_iter();
        for (kind, content) in contents.flatten() {
            assert!(content["schema"].is_object(), "{operation}: {kind}");
        }
        let parameters = described["parameters"].as_array().unwrap();
        let has = |name: &str| parameters.iter().any(|parameter| parameter["name"] == name);
        assert!(has("TaskTree-Agent"), "{operation}");
    }
    for (path, most) in [
        ("/api/session", "16 KiB"),
        ("/api/projects", "1 MiB"),
        ("/api/imports", "16 MiB"),
        ("/api/projects/{project}/import", "16 MiB"),
    ] {
        let refused = &docs["paths"][path]["post"]["responses"]["413"]["description"];
        assert_eq!(
            refused,
            &json!(format!("The request body is larger than {most}")),
            "{path}"
        );
    }
    for scheme in ["token", "cookie"] {
        assert!(docs["components"]["securitySchemes"][scheme].is_object());
    }
}

#[tokio::test]
async fn the_bounds_of_fields_are_those_that_are_applied() {
    let server = TestServer::with_project().await;
    let docs = server.get("/api/openapi.json").await.ok();
    let schemas = &docs["components"]["schemas"];
    let title = &schemas["NewTask"]["properties"]["title"];
    let most = usize::try_from(title["maxLength"].as_u64().unwrap()).unwrap();
    let tasks = "/api/projects/alpha/tasks";
    server
        .post(tasks, json!({"title": "修".repeat(most)}))
        .await
        .ok();
    let long = json!({"title": "修".repeat(most + 1)});
    server.post(tasks, long).await.refused(422);
    let priority = &schemas["NewTask"]["properties"]["priority"]["maximum"];
    let most = priority.as_u64().unwrap();
    server
        .post(tasks, json!({"title": "x", "priority": most}))
        .await
        .ok();
    let more = json!({"title": "x", "priority": most + 1});
    server.post(tasks, more).await.refused(422);
    for schema in [
        "NewTask",
        "TaskPatch",
        "AgentPatch",
        "NewWait",
        "ImportedTask",
        "NewLeases",
    ] {
        assert_eq!(
            schemas[schema]["additionalProperties"],
            json!(false),
            "{schema}"
        );
    }
    assert_eq!(
        schemas["TaskPatch"]["properties"]["rev"]["readOnly"],
        json!(true)
    );
    assert_eq!(
        schemas["Problem"]["properties"]["input"]["type"],
        Value::Null,
        "any JSON"
    );
}
