//! The API obeys or refuses a request: no field, parameter or row is dropped.

use crate::support::TestServer;
use proptest::prelude::*;
use reqwest::Method;
use serde_json::{Value, json};

/// Returns the problems of a refusal, each as `place: message`.
fn problems(refusal: &Value) -> Vec<String> {
    let problems = refusal.as_array().unwrap().iter();
    let told = problems.map(|problem| {
        let place = problem["loc"].as_array().unwrap().iter();
        let place: Vec<_> = place
            .map(|part| part.as_str().map_or(part.to_string(), str::to_owned))
            .collect();
        format!("{}: {}", place.join("."), problem["msg"].as_str().unwrap())
    });
    told.collect()
}

#[tokio::test]
async fn unknown_fields_are_refused_with_the_likely_name_everywhere() {
    let server = TestServer::with_project().await;
    server.make_task("alpha", "One").await;
    server
        .post("/api/projects/alpha/agents", json!({"id": "ada"}))
        .await
        .ok();
    let at = |path: &str| format!("/api/projects/alpha{path}");
    for (method, path, body, wanted) in [
        (
            "POST",
            "/tasks",
            json!({"title": "x", "depends_on": [1]}),
            "body.depends_on: Unknown field; did you mean 'dependencies'?",
        ),
        (
            "POST",
            "/tasks",
            json!({"title": "x", "state": "done"}),
            "body.state: Unknown field; did you mean 'status'?",
        ),
        (
            "PUT",
            "/tasks/1",
            json!({"owner": "ada"}),
            "body.owner: Unknown field; did you mean 'session'?",
        ),
        (
            "PUT",
            "/tasks/1",
            json!({"on_hold": {"reason": "x", "by": "me"}}),
            "body.on_hold: by: Unknown field; the known ones are 'reason' and 'since'",
        ),
        (
            "PUT",
            "/plan",
            json!({"plan": "p", "tasks": [{"title": "x", "dependsOn": []}]}),
            "body.tasks.0.dependsOn: Unknown field; did you mean 'dependencies'?",
        ),
        (
            "PUT",
            "",
            json!({"max_agent": 3}),
            "body.max_agent: Unknown field; did you mean 'max_agents'?",
        ),
        (
            "PUT",
            "/agents/ada",
            json!({"state": "idle"}),
            "body.state: Unknown field; did you mean 'status'?",
        ),
        (
            "POST",
            "/agents/ada/heartbeat",
            json!({"activity": "x"}),
            "body.activity: Unknown field",
        ),
        (
            "POST",
            "/agents/ada/logs",
            json!({"line": ["x"]}),
            "body.line: Unknown field; did you mean 'lines'?",
        ),
        (
            "POST",
            "/agents/ada/messages",
            json!({"from": "bob", "text": "x"}),
            "body.text: Unknown field; did you mean 'body'?",
        ),
        (
            "POST",
            "/leases",
            json!({"agent": "ada", "path": ["x"]}),
            "body.path: Unknown field; did you mean 'paths'?",
        ),
        (
            "POST",
            "/import",
            json!({"tasks": [{"source": "1", "title": "x", "tags": []}]}),
            "body.tasks.0.tags: Unknown field",
        ),
        (
            "POST",
            "/tasks/1/comments",
            json!({"text": "x"}),
            "body.text: Unknown field; did you mean 'body'?",
        ),
        (
            "POST",
            "/tasks/1/restore",
            json!({"force": true}),
            "body.force: Unknown field; none is accepted here",
        ),
        (
            "POST",
            "/notifications",
            json!({"title": "x", "severity": "info"}),
            "body.severity: Unknown field",
        ),
    ] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let answer = server.send(method, &at(path), Some(body)).await;
        let refusal = answer.refused(422);
        let problems = problems(&refusal);
        let is_told = problems.iter().any(|problem| problem.starts_with(wanted));
        assert!(is_told, "{path}: {problems:?} lacks {wanted}");
    }
    let tasks = server.get(&at("/tasks")).await.ok();
    assert_eq!(
        tasks.as_array().unwrap().len(),
        1,
        "nothing was made: {tasks}"
    );
}

#[tokio::test]
async fn unknown_and_repeated_query_parameters_are_refused() {
    let server = TestServer::with_project().await;
    server.make_task("alpha", "One").await;
    for (method, path, wanted) in [
        (
            "GET",
            "/tasks?state=unclaimed",
            "query.state: Unknown query parameter; did you mean 'status'?",
        ),
        (
            "GET",
            "/tasks?page_size=1",
            "query.page_size: Unknown query parameter; did you mean 'limit'?",
        ),
        (
            "GET",
            "/tasks?limit=1&limit=2",
            "query.limit: Given more than once",
        ),
        (
            "GET",
            "?verbose=1",
            "query.verbose: Unknown query parameter; none is accepted here",
        ),
        (
            "DELETE",
            "/tasks/1?force=true",
            "query.force: Unknown query parameter",
        ),
        (
            "GET",
            "/events?since=1",
            "query.since: Unknown query parameter",
        ),
        (
            "POST",
            "/tasks?title=x&depends_on=1",
            "query.depends_on: Unknown query parameter",
        ),
    ] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let answer = server
            .send(method, &format!("/api/projects/alpha{path}"), None)
            .await;
        let refusal = answer.refused(422);
        let problems = problems(&refusal);
        let is_told = problems.iter().any(|problem| problem.starts_with(wanted));
        assert!(is_told, "{path}: {problems:?} lacks {wanted}");
    }
    let twice = server
        .post("/api/projects/alpha/tasks?title=x", json!({"title": "y"}))
        .await
        .refused(422);
    assert_eq!(
        problems(&twice),
        ["query.title: Given in both the query string and the body"]
    );
}

#[tokio::test]
async fn text_that_is_no_utf_8_is_refused_wherever_it_is() {
    let server = TestServer::with_project().await;
    // "修复" in GBK.
    let query = "/api/projects/alpha/tasks?title=%D0%DE%B8%B4";
    let refusal = server.post(query, json!({})).await.refused(422);
    let told = problems(&refusal);
    assert!(
        told[0].starts_with("query.title: Input should be UTF-8"),
        "{told:?}"
    );
    let path = "/api/projects/alpha/tasks/%D0%DE";
    server.get(path).await.refused(422);
    let body = b"{\"title\": \"\xd0\xde\xb8\xb4\"}".to_vec();
    let answer = server
        .request(Method::POST, "/api/projects/alpha/tasks")
        .header("content-type", "application/json")
        .body(body)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 422);
    let tasks = server.get("/api/projects/alpha/tasks").await.ok();
    assert_eq!(tasks, json!([]));
}

#[tokio::test]
async fn a_row_can_be_sent_back_as_it_came() {
    let server = TestServer::with_project().await;
    server.make_task("alpha", "One").await;
    let path = "/api/projects/alpha/tasks/1";
    server
        .put(
            path,
            json!({"on_hold": "later", "priority": 2, "owned_files": ["a"]}),
        )
        .await
        .ok();
    let mut task = server.get(path).await.ok();
    let same = server.put(path, task.clone()).await.ok();
    assert_eq!(same, task);
    task["title"] = json!("Two");
    let changed = server.put(path, task.clone()).await.ok();
    assert_eq!(changed["title"], "Two");
    assert_eq!(changed["on_hold"], task["on_hold"]);
    // Its version is the old one now.
    server.put(path, task).await.refused(412);
    let mut forged = changed.clone();
    forged["created_at"] = json!("2020-01-01T00:00:00Z");
    forged["holder"] = json!("ada");
    let told = problems(&server.put(path, forged).await.refused(422));
    assert!(
        told[0].starts_with("body.created_at: is read-only; its value is"),
        "{told:?}"
    );
    assert!(
        told[1].starts_with("body.holder: is read-only; its value is null"),
        "{told:?}"
    );
    let project = server.get("/api/projects/alpha").await.ok();
    let same = server
        .put("/api/projects/alpha", project.clone())
        .await
        .ok();
    assert_eq!(same, project);
}

#[tokio::test]
async fn a_held_task_can_be_sent_back_by_its_agent_and_by_a_person() {
    let server = TestServer::with_project().await;
    server.make_task("alpha", "One").await;
    let agents = "/api/projects/alpha/agents";
    server
        .post(agents, json!({"id": "ada", "task_id": "1"}))
        .await
        .ok();
    let path = "/api/projects/alpha/tasks/1";
    let mut task = server.get(path).await.ok();
    assert_eq!(task["holder"], "ada");
    server.put(path, task.clone()).await.ok();
    task["description"] = json!("More");
    let changed = server.put(path, task).await.ok();
    assert_eq!(changed["holder"], "ada");
    let answer = server
        .request(Method::PUT, path)
        .header("tasktree-agent", "ada")
        .json(&changed)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
}

#[tokio::test]
async fn a_path_that_only_a_shell_reads_is_refused() {
    let server = TestServer::with_project().await;
    let refused = server
        .put("/api/projects/alpha", json!({"path": "~/shop"}))
        .await
        .refused(422);
    assert!(problems(&refused)[0].contains("cannot expand '~'"));
    let agent = json!({"id": "ada"});
    server.post("/api/projects/alpha/agents", agent).await.ok();
    let lease = json!({"agent": "ada", "paths": ["~/a.rs"]});
    let refused = server.post("/api/projects/alpha/leases", lease).await;
    assert!(problems(&refused.refused(422))[0].contains("use a full path"));
}

#[tokio::test]
async fn the_creation_of_a_project_keeps_its_time() {
    let server = TestServer::start().await;
    let body = json!({"id": "old", "name": "Old", "created_at": "2024-02-03T04:05:06Z"});
    let made = server.post("/api/projects", body).await.ok();
    assert!(
        made["created_at"]
            .as_str()
            .unwrap()
            .starts_with("2024-02-03T04:05:06"),
        "{made}"
    );
}

#[tokio::test]
async fn numbers_and_words_mean_what_they_say() {
    let server = TestServer::with_project().await;
    let path = "/api/projects/alpha/tasks";
    for (priority, stored) in [
        (json!(128.0), 128),
        (json!(2e0), 2),
        (json!("3"), 3),
        (json!("High"), 2),
        (json!("urgent"), 1),
    ] {
        let body = json!({"title": "x", "priority": priority});
        assert_eq!(server.post(path, body).await.ok()["priority"], stored);
    }
    let none = server
        .post(path, json!({"title": "x", "priority": "asap"}))
        .await;
    let scale = &none.refused(422)[0]["ctx"]["scale"];
    assert!(scale.as_str().unwrap().contains("2 'high'"), "{scale}");
    server
        .post(path, json!({"title": "x", "priority": 1.5}))
        .await
        .refused(422);
}

/// Returns the pages of the list of tasks, and the address of the last.
///
/// Between two of them a task changes.
async fn pages(server: &TestServer, limit: usize) -> (Vec<Value>, String) {
    let path = "/api/projects/alpha/tasks";
    let (mut address, mut pages, mut first) = (format!("{path}?limit={limit}"), Vec::new(), None);
    loop {
        let page = server.get(&address).await;
        let position = page.header("stream-seq").to_owned();
        let of_first = first.get_or_insert_with(|| position.clone());
        assert_eq!(
            *of_first, position,
            "each page has the position of the first"
        );
        let next = page.header("next-cursor").to_owned();
        pages.push(page.ok());
        if next.is_empty() {
            return (pages, address);
        }
        let change = json!({"description": next});
        server.put(&format!("{path}/1"), change).await.ok();
        address = format!("{path}?limit={limit}&cursor={next}");
    }
}

#[tokio::test]
async fn lists_of_tasks_are_selected_and_paged() {
    let server = TestServer::with_project().await;
    let path = "/api/projects/alpha/tasks";
    for (title, status, priority) in [
        ("a", "unclaimed", 3),
        ("b", "up_next", 1),
        ("c", "unclaimed", 0),
        ("d", "completed", 2),
        ("e", "unclaimed", 3),
    ] {
        let body = json!({"title": title, "status": status, "priority": priority});
        server.post(path, body).await.ok();
    }
    server
        .put(&format!("{path}/5"), json!({"dependencies": [1]}))
        .await
        .ok();
    server
        .post(
            "/api/projects/alpha/agents",
            json!({"id": "ada", "task_id": "1"}),
        )
        .await
        .ok();
    let titles = |rows: Value| -> String {
        let rows = rows.as_array().unwrap().clone();
        rows.iter()
            .map(|row| row["title"].as_str().unwrap())
            .collect()
    };
    for (query, wanted) in [
        ("", "bdaec"),
        ("?status=unclaimed", "ec"),
        ("?status=unclaimed,up_next", "bec"),
        ("?status=unclaimed&status=completed", "dec"),
        ("?ready=true", "bc"),
        ("?ready=false", "dae"),
        ("?agent=ada", "a"),
        ("?agent=nobody", ""),
        ("?ready=true&status=up_next&view=card", "b"),
        ("?limit=2", "bd"),
    ] {
        let rows = server.get(&format!("{path}{query}")).await.ok();
        assert_eq!(titles(rows), wanted, "{query}");
    }
    for query in [
        "?status=done-ish",
        "?ready=maybe",
        "?limit=0",
        "?limit=1001",
        "?view=tiny",
        "?cursor=x",
    ] {
        server.get(&format!("{path}{query}")).await.refused(422);
    }
    let (pages, last) = pages(&server, 2).await;
    let seen: String = pages.into_iter().map(titles).collect();
    assert_eq!(seen, "bdaec");
    server
        .post("/api/projects/alpha/reset", json!({}))
        .await
        .ok();
    server.get(&last).await.refused(409);
}

#[tokio::test]
async fn log_lines_say_what_is_missing_and_show_nothing_raw() {
    let server = TestServer::with_project().await;
    let agents = "/api/projects/alpha/agents";
    server.post(agents, json!({"id": "ada"})).await.ok();
    let path = format!("{agents}/ada/logs");
    let many: Vec<_> = (1..=1400).map(|line| format!("line {line}")).collect();
    let stored = server
        .post(&path, json!({"lines": [many.join("\n")]}))
        .await
        .ok();
    assert_eq!(stored, json!({"stored": 1000, "dropped": 401, "cut": 0}));
    let lines = server.get(&format!("{path}?limit=1000")).await.ok();
    assert_eq!(lines[0]["line"], "[401 earlier lines were dropped]");
    assert_eq!(lines[999]["line"], "line 1400");
    let long = "x".repeat(20_000);
    let stored = server
        .post(
            &path,
            json!({"lines": [long, "\u{1b}[32mPASS\u{1b}[0m 1%\r100%"]}),
        )
        .await
        .ok();
    assert_eq!(stored, json!({"stored": 2, "dropped": 0, "cut": 1}));
    let lines = server.get(&format!("{path}?limit=2")).await.ok();
    let cut = lines[0]["line"].as_str().unwrap();
    assert!(
        cut.len() <= 8192 && cut.ends_with("bytes cut]"),
        "{}",
        cut.len()
    );
    assert_eq!(lines[1]["line"], "100% 1%");
    let said = json!({"last_activity": "\u{1b}[1mReads\u{1b}[0m\u{7} a"});
    server.put(&format!("{agents}/ada"), said).await.ok();
    let agent = server.get(&format!("{agents}/ada")).await.ok();
    assert_eq!(
        (&agent["last_activity"], &agent["output_preview"]),
        (&json!("Reads a"), &json!("100% 1%"))
    );
}

#[tokio::test]
async fn texts_that_cannot_be_seen_or_told_apart_are_refused_with_the_position() {
    let server = TestServer::with_project().await;
    for (path, body, wanted) in [
        (
            "/tasks",
            json!({"title": "a\0b"}),
            "body.title: contains a control character (U+0000) at position 1",
        ),
        (
            "/tasks",
            json!({"title": "修\u{1b}[1m"}),
            "body.title: contains a control character (U+001B) at position 1",
        ),
        (
            "/tasks",
            json!({"title": "\u{200b}\u{200d}"}),
            "body.title: must contain a visible character",
        ),
        (
            "/tasks",
            json!({"title": "x", "branch": "a\u{7f}"}),
            "body.branch: contains a control character (U+007F) at position 1",
        ),
        (
            "/agents",
            json!({"id": "."}),
            "body.id: must not be '.' or '..'",
        ),
        (
            "/agents",
            json!({"id": ".."}),
            "body.id: must not be '.' or '..'",
        ),
        (
            "/agents",
            json!({"id": "ada "}),
            "body.id: must not begin or end with whitespace",
        ),
        (
            "/agents",
            json!({"id": "a\u{202e}da"}),
            "body.id: contains an invisible character (U+202E) at position 1",
        ),
        ("/agents", json!({"id": "ad\0a"}), "body.id: contains"),
    ] {
        let refusal = server
            .post(&format!("/api/projects/alpha{path}"), body)
            .await
            .refused(422);
        let told = problems(&refusal);
        assert!(told[0].starts_with(wanted), "{told:?} is not {wanted}");
    }
    let agents = "/api/projects/alpha/agents";
    server.post(agents, json!({"id": "ada"})).await.ok();
    let refusal = server
        .post(agents, json!({"id": "ad\u{430}"}))
        .await
        .refused(422);
    assert_eq!(refusal[0]["type"], "look_alike");
    server.post(agents, json!({"id": "Ada"})).await.ok();
    for title in ["👩\u{200d}💻 pairs", "שלום\u{200f}"] {
        let made = server
            .post("/api/projects/alpha/tasks", json!({"title": title}))
            .await
            .ok();
        assert_eq!(made["title"], title);
    }
    let body = r#"{"title": "half \ud83d of a pair"}"#;
    let answer = server
        .request(Method::POST, "/api/projects/alpha/tasks")
        .header("content-type", "application/json")
        .body(body)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 422);
    let refusal: Value = answer.json().await.unwrap();
    let told = refusal["detail"][0]["ctx"]["error"].as_str().unwrap();
    assert!(told.contains("unpaired surrogate"), "{refusal}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]
    #[test]
    fn pages_of_any_size_are_the_whole_list(priorities in prop::collection::vec(0_u32..4, 1..12), limit in 1_usize..6) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let server = TestServer::with_project().await;
            let path = "/api/projects/alpha/tasks";
            for priority in &priorities {
                server.post(path, json!({"title": "x", "priority": priority})).await.ok();
            }
            let ids = |rows: &Value| -> Vec<Value> {
                let rows = rows.as_array().unwrap().iter();
                rows.map(|row| row["id"].clone()).collect()
            };
            let whole = server.get(path).await.ok();
            let (pages, _) = pages(&server, limit).await;
            let paged: Vec<Value> = pages.iter().flat_map(ids).collect();
            assert_eq!(paged, ids(&whole));
        });
    }
}
