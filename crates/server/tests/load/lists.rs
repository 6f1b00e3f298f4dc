//! Long lists: sent in parts, and bounded in the bytes that wait to be read.

use serde::Serialize;
use serde_json::{Value, json};
use tasktree_protocol::ProjectId;
use tasktree_server::limits::ANSWER_PART_BYTES;
use tasktree_server::store::QuestionFilter;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{AGENTS, TestServer};
use crate::ws_client::PATIENCE;

/// Creates a project with so many tasks, each with so long a prompt, in three priorities, each
/// depending on the one before.
async fn filled(server: &TestServer, count: usize, prompt: usize) {
    server.make_project("alpha").await;
    let tasks: Vec<Value> = (0..count)
        .map(|number| {
            let needs: Vec<_> = number.checked_sub(1).map(|need| need.to_string()).into_iter().collect();
            json!({
                "source": number.to_string(), "title": format!("Task {number}"), "priority": number % 3,
                "prompt": "x".repeat(prompt), "dependencies": needs,
                "status": if number % 5 == 0 { "completed" } else { "unclaimed" },
            })
        })
        .collect();
    // An import has at most 16 MiB.
    for tasks in tasks.chunks((8 << 20) / prompt) {
        let body = json!({ "tasks": tasks });
        server.post("/api/projects/alpha/import", body).await.ok();
    }
}

#[tokio::test]
async fn a_list_in_parts_is_the_whole_list_in_its_order() {
    let server = TestServer::start().await;
    filled(&server, 700, 2000).await;
    let service = &server.state.service;
    let tasks = service.list_tasks(&"alpha".into()).await.unwrap();
    let cards = service.list_cards(&"alpha".into()).await.unwrap();
    let full = server.get("/api/projects/alpha/tasks").await;
    assert_eq!(full.header("stream-seq"), tasks.cursor.seq.to_string());
    assert_eq!(full.header("stream-epoch"), tasks.cursor.epoch.as_str());
    assert_eq!(full.ok(), serde_json::to_value(&tasks.value).unwrap());
    let card = server.get("/api/projects/alpha/tasks?view=card").await.ok();
    assert_eq!(card, serde_json::to_value(&cards.value).unwrap());
    server.make_project("beta").await;
    let none = server.get("/api/projects/beta/tasks").await;
    assert_eq!(none.header("content-length"), "2");
    assert_eq!(none.text, "[]");
}

/// Fetches a list that has to come in parts, and compares it with the whole of it.
async fn comes_in_parts(server: &TestServer, path: &str, whole: impl Serialize) {
    let answer = server.get(path).await;
    assert_eq!(answer.header("transfer-encoding"), "chunked", "{path}");
    assert!(answer.text.len() > ANSWER_PART_BYTES, "{path}");
    assert_eq!(answer.ok(), serde_json::to_value(whole).unwrap(), "{path}");
}

#[tokio::test]
async fn every_list_that_may_be_long_comes_in_parts() {
    let server = TestServer::with_project().await;
    let alpha: ProjectId = "alpha".into();
    let text = |bytes: usize| "x".repeat(bytes);
    for number in 0..12 {
        let agent = json!({"id": format!("agent-{number:02}"), "description": text(60 << 10)});
        server.post(AGENTS, agent).await.ok();
        let name = format!("p{number}");
        let new = json!({"id": name, "name": name, "plan": text(40 << 10)});
        server.post("/api/projects", new).await.ok();
    }
    server.make_task("alpha", "Task").await;
    for number in 0..40 {
        let path = "/api/projects/alpha/tasks/1/comments";
        server.post(path, json!({"body": text(8 << 10)})).await.ok();
        let branch = format!("b{number}");
        let change = json!({"description": format!("{number}{}", text(4000)), "branch": branch});
        server.put("/api/projects/alpha/tasks/1", change).await.ok();
        let agent = format!("{AGENTS}/agent-{:02}", number % 12);
        let question = format!("{number}{}", text(8000));
        let wait = json!({"kind": "question", "text": question});
        let report = json!({"status": "waiting", "waiting_for": wait});
        server.put(&agent, report).await.ok();
    }
    let service = &server.state.service;
    let agents = service.list_agents(&alpha).await.unwrap();
    comes_in_parts(&server, AGENTS, agents.value).await;
    let projects = service.list_projects().await.unwrap();
    comes_in_parts(&server, "/api/projects", projects.value).await;
    let of_task = |list: &str| format!("/api/projects/alpha/tasks/1/{list}");
    let comments = service.comments(&alpha, &"1".into()).await.unwrap();
    comes_in_parts(&server, &of_task("comments"), comments.value).await;
    let history = service.history(&alpha, &"1".into(), 500).await.unwrap();
    comes_in_parts(&server, &of_task("history"), history).await;
    let all = QuestionFilter::default();
    let questions = service.questions(&alpha, all, 100).await.unwrap();
    comes_in_parts(&server, "/api/projects/alpha/questions", questions.value).await;
    for number in 0..12 {
        let path = format!("/api/projects/p{number}");
        server.delete(&path).await.ok();
    }
    let kept = server.get("/api/projects?deleted=true").await;
    let ids = kept.ok();
    let ids: Vec<_> = ids.as_array().unwrap().iter().collect();
    assert_eq!((ids.len(), &ids[0]["id"]), (12, &json!("p11")));
}

/// Requests a list and reads only the beginning of the response. Returns none if it is refused.
async fn unread_list(server: &TestServer) -> Option<TcpStream> {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let request = "GET /api/projects/alpha/tasks HTTP/1.1\r\nHost: localhost\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut first = [0; 15];
    stream.read_exact(&mut first).await.unwrap();
    match &first {
        b"HTTP/1.1 200 OK" => Some(stream),
        other => {
            assert_eq!(other, b"HTTP/1.1 503 Se");
            None
        }
    }
}

#[tokio::test]
async fn who_does_not_read_takes_room_from_large_answers_only_and_gives_it_back() {
    // With three parts that are not read, there is no room for the plan; with two, for a third.
    let room = 3 * ANSWER_PART_BYTES + (128 << 10);
    let server = TestServer::with(move |config| config.http.buffered_bytes = room).await;
    // More than the system buffers of a connection that is not read.
    filled(&server, 200, 128 << 10).await;
    let large = json!({"plan": "y".repeat(200 << 10)});
    server
        .send(
            reqwest::Method::PUT,
            "/api/projects/alpha/plan",
            Some(large),
        )
        .await
        .ok();
    // The buffers fill up while parts are written to clients that do not read them. A list is also
    // refused while parts of others are on their way, so it takes several tries.
    let mut slow = Vec::new();
    let refused = timeout(PATIENCE, async {
        loop {
            let answer = server.get("/api/projects/alpha/plan").await;
            if answer.status != 200 {
                break answer;
            }
            slow.extend(unread_list(&server).await);
        }
    });
    let refused = refused.await.expect("the buffers fill up");
    assert_eq!(refused.status, 503);
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(server.get("/api/projects/alpha/undo").await.status, 200);
    assert_eq!(server.get("/api/projects/alpha/stats").await.status, 200);
    // One of them reads on after all, and gets all of it.
    let mut patient = slow.pop().unwrap();
    drop(slow);
    let mut text = Vec::new();
    let mut part = vec![0; 64 << 10];
    while !text.ends_with(b"]\r\n0\r\n\r\n") {
        let read = patient.read(&mut part).await.unwrap();
        assert!(
            read > 0,
            "the answer was broken off after {} bytes",
            text.len()
        );
        text.extend_from_slice(&part[..read]);
    }
    assert!(text.len() > 200 * (128 << 10));
    let has_room = timeout(PATIENCE, async {
        while server.get("/api/projects/alpha/plan").await.status != 200 {
            tokio::task::yield_now().await;
        }
    });
    has_room.await.expect("the buffers are given back");
}
