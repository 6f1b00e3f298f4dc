//! `tasktree mcp`: a client on the other end of standard input and output.

use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout};
use tokio::time::timeout;

use super::Desk;
use crate::server::{PATIENCE, Server, command};

/// A client that started the program.
struct Client {
    process: Child,
    input: Option<ChildStdin>,
    output: Lines<BufReader<ChildStdout>>,
}

impl Client {
    fn start(arguments: &[&str], folder: &TempDir, variables: &[(&str, &str)]) -> Self {
        let arguments = [&["mcp"], arguments].concat();
        let mut process = command(&arguments, folder.path())
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            input: process.stdin.take(),
            output: BufReader::new(process.stdout.take().unwrap()).lines(),
            process,
        }
    }

    async fn send(&mut self, message: &Value) {
        let line = format!("{message}\n");
        let input = self.input.as_mut().unwrap();
        input.write_all(line.as_bytes()).await.unwrap();
    }

    async fn next(&mut self) -> Value {
        let line = timeout(PATIENCE, self.output.next_line()).await;
        let line = line.expect("a line comes").unwrap();
        serde_json::from_str(&line.expect("the program runs")).unwrap()
    }

    /// Sends a request and returns the result.
    async fn ask(&mut self, method: &str, params: &Value) -> Value {
        let request = json!({"jsonrpc": "2.0", "id": method, "method": method, "params": params});
        self.send(&request).await;
        let answer = self.next().await;
        assert_eq!(answer["id"], method, "{answer}");
        answer["result"].clone()
    }

    async fn shake_hands(&mut self, revision: &str) {
        let params = json!({
            "protocolVersion": revision,
            "capabilities": {},
            "clientInfo": {"name": "a client", "version": "1"},
        });
        let answer = self.ask("initialize", &params).await;
        assert_eq!(answer["protocolVersion"], revision);
        let done = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        self.send(&done).await;
    }

    async fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        let params = json!({"name": tool, "arguments": arguments});
        let result = self.ask("tools/call", &params).await;
        assert_eq!(result["isError"], false, "{result}");
        result["structuredContent"].clone()
    }

    /// Ends the input, and waits for the program.
    async fn end(mut self) {
        drop(self.input.take());
        let status = timeout(PATIENCE, self.process.wait()).await;
        assert!(status.expect("it ends").unwrap().success());
        assert_eq!(self.output.next_line().await.unwrap(), None);
    }
}

/// Returns a request of the newest revision, which has no handshake.
fn modern(id: &str, method: &str, mut params: Value) -> Value {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
}

#[tokio::test]
async fn a_client_works_in_each_revision_as_the_agent_of_its_surroundings() {
    let desk = Desk::open().await;
    for revision in ["2025-03-26", "2025-06-18", "2025-11-25"] {
        desk.add(revision).await;
        let agent = format!("agent-{revision}");
        let variables = [
            ("TASKTREE_SERVER", desk.server.base.as_str()),
            ("TASKTREE_AGENT", agent.as_str()),
        ];
        let mut client = Client::start(&[], &desk.home, &variables);
        client.shake_hands(revision).await;
        let list = client.ask("tools/list", &json!({})).await;
        assert_eq!(list["tools"].as_array().unwrap().len(), 12);
        let next = client.call("board_next", &json!({})).await;
        assert_eq!(
            (&next["agent"], &next["task"]["title"]),
            (&json!(agent), &json!(revision))
        );
        client.call("board_done", &json!({"summary": "done"})).await;
        client.end().await;
    }
    desk.add("modern").await;
    let server = ["--server", desk.server.base.as_str(), "--project", "alpha"];
    let session = [("CLAUDE_CODE_SESSION_ID", "7c1c8b1e-53f0")];
    let mut client = Client::start(&server, &desk.home, &session);
    client
        .send(&modern("d", "server/discover", json!({})))
        .await;
    assert_eq!(client.next().await["result"]["resultType"], "complete");
    let call = json!({"name": "board_next", "arguments": {}});
    client.send(&modern("c", "tools/call", call)).await;
    let answer = client.next().await;
    let next = &answer["result"]["structuredContent"];
    assert_eq!(
        (&next["agent"], &next["task"]["title"]),
        (&json!("claude-7c1c8b1e"), &json!("modern"))
    );
    client.end().await;
}

#[tokio::test]
async fn whatever_is_wrong_is_answered_and_nothing_breaks() {
    let desk = Desk::open().await;
    let server = ["--server", desk.server.base.as_str(), "--agent", "ada"];
    let mut client = Client::start(&server, &desk.home, &[]);
    client
        .input
        .as_mut()
        .unwrap()
        .write_all(b"not JSON\n\n")
        .await
        .unwrap();
    assert_eq!(client.next().await["error"]["code"], -32700);
    client
        .send(&json!({"jsonrpc": "2.0", "id": 1, "method": "prompts/list"}))
        .await;
    assert_eq!(client.next().await["error"]["code"], -32601);
    client.send(&modern("n", "prompts/list", json!({}))).await;
    assert_eq!(client.next().await["error"]["code"], -32601);
    let next = client.call("board_next", &json!({})).await;
    assert_eq!(next["reason"], "No task is left to do.");
    // Many at once come back in any order.
    for id in 0..50 {
        let call = json!({"jsonrpc": "2.0", "id": id, "method": "ping"});
        client.send(&call).await;
    }
    let mut seen = Vec::new();
    for _ in 0..50 {
        seen.push(client.next().await["id"].as_u64().unwrap());
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..50).collect::<Vec<_>>());
    client.end().await;
    let nobody = [
        "--server",
        "http://127.0.0.1:9",
        "--project",
        "alpha",
        "--agent",
        "ada",
    ];
    let mut client = Client::start(&nobody, &desk.home, &[]);
    client
        .send(&json!({"jsonrpc": "2.0", "id": 1, "method": "ping"}))
        .await;
    let message = client.next().await["error"]["message"].clone();
    assert!(
        message.as_str().unwrap().contains("tasktree serve"),
        "{message}"
    );
    client.end().await;
}

#[tokio::test]
async fn a_restart_of_the_server_between_and_during_calls_is_not_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("board.db");
    let database = ["--db", database.to_str().unwrap()];
    let server = Server::start(folder.path(), &database, "info", "Data: ").await;
    let address = server.base.trim_start_matches("http://").to_owned();
    let made = json!({"id": "alpha", "name": "A"});
    let post = async |server: &Server, path: &str, body: &Value| {
        let sent = server.http.post(server.url(path)).json(body);
        assert!(sent.send().await.unwrap().status().is_success());
    };
    post(&server, "/api/projects", &made).await;
    post(
        &server,
        "/api/projects/alpha/tasks",
        &json!({"title": "one"}),
    )
    .await;
    let given = ["--server", server.base.as_str(), "--agent", "ada"];
    let mut client = Client::start(&given, &folder, &[]);
    client.shake_hands("2025-06-18").await;
    client.call("board_next", &json!({})).await;
    let uri = "tasktree://alpha/task/1";
    let params = json!({"notifications": {"resourceSubscriptions": [uri]}});
    client
        .send(&modern("s", "subscriptions/listen", params))
        .await;
    let first = client.next().await;
    assert_eq!(first["method"], "notifications/subscriptions/acknowledged");

    server.end().await;
    // Sent while nobody is there.
    let call = json!({"name": "board_next", "arguments": {}});
    client
        .send(&json!({"jsonrpc": "2.0", "id": "w", "method": "tools/call", "params": call}))
        .await;
    let server = Server::listening(folder.path(), &address, &database).await;
    let (mut held, mut told) = (None, None);
    while held.is_none() || told.is_none() {
        let message = client.next().await;
        match message["id"].as_str() {
            Some("w") => held = Some(message["result"]["structuredContent"].clone()),
            _ => told = Some(message),
        }
    }
    assert_eq!(held.unwrap()["task"]["number"], 1, "the same as before");
    let told = told.unwrap();
    assert_eq!(
        told["method"], "notifications/resources/updated",
        "it may have changed"
    );
    assert_eq!(told["params"]["uri"], uri);

    post(
        &server,
        "/api/projects/alpha/tasks/1/comments",
        &json!({"body": "Hello"}),
    )
    .await;
    let told = client.next().await;
    assert_eq!(told["params"]["uri"], uri);
    let cancel = json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "s"}});
    client.send(&cancel).await;
    post(
        &server,
        "/api/projects/alpha/tasks/1/comments",
        &json!({"body": "Again"}),
    )
    .await;
    let done = client.call("board_done", &json!({"summary": "done"})).await;
    assert_eq!(done["task"]["status"], "completed");
    client.end().await;
}
