//! Requests as bytes: each revision, and everything that clients get wrong.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::{Answer, TestServer};

/// Revisions with a handshake.
pub(crate) const LEGACY: [&str; 3] = ["2025-03-26", "2025-06-18", "2025-11-25"];

/// Revision without a handshake, in which every request says everything.
pub(crate) const MODERN: &str = "2026-07-28";

/// Returns the body of a request.
pub(crate) fn body(method: &str, params: Value) -> Value {
    let mut body = json!({"jsonrpc": "2.0", "id": 7, "method": method});
    body["params"] = params;
    body
}

/// Returns a request of a revision, with the headers that the revision asks for.
pub(crate) fn request(
    server: &TestServer,
    revision: &str,
    method: &str,
    mut params: Value,
) -> RequestBuilder {
    let mut request = server
        .request(Method::POST, "/mcp")
        .header("accept", "application/json, text/event-stream");
    if revision != LEGACY[0] {
        request = request.header("mcp-protocol-version", revision);
    }
    if revision == MODERN {
        request = request.header("mcp-method", method);
        if let Some(name) = params.get("name").or(params.get("uri")) {
            request = request.header("mcp-name", name.as_str().unwrap());
        }
        let meta = &mut params["_meta"];
        meta["io.modelcontextprotocol/protocolVersion"] = json!(revision);
        meta["io.modelcontextprotocol/clientCapabilities"] = json!({});
    }
    request.json(&body(method, params))
}

pub(crate) async fn send(request: RequestBuilder) -> Answer {
    Answer::of(request.send().await.unwrap()).await
}

/// Calls a tool in the newest revision; returns its result.
pub(crate) async fn call_as(
    server: &TestServer,
    agent: &str,
    tool: &str,
    arguments: Value,
) -> Value {
    let params = json!({"name": tool, "arguments": arguments});
    let request = request(server, MODERN, "tools/call", params).header("tasktree-agent", agent);
    send(request).await.ok()["result"].clone()
}

/// Calls a tool; returns its object.
pub(crate) async fn call(server: &TestServer, agent: &str, tool: &str, arguments: Value) -> Value {
    let result = call_as(server, agent, tool, arguments).await;
    assert_eq!(result["isError"], false, "{tool}: {result}");
    result["structuredContent"].clone()
}

/// Calls a tool that refuses; returns its object.
pub(crate) async fn refused(
    server: &TestServer,
    agent: &str,
    tool: &str,
    arguments: Value,
) -> Value {
    let result = call_as(server, agent, tool, arguments).await;
    assert_eq!(result["isError"], true, "{tool}: {result}");
    result["structuredContent"].clone()
}

#[tokio::test]
async fn each_revision_with_a_handshake_is_answered_as_it_asks_and_without_a_session() {
    let server = TestServer::with_project().await;
    for revision in LEGACY {
        let params = json!({
            "protocolVersion": revision,
            "capabilities": {},
            "clientInfo": {"name": "a client", "version": "1"},
        });
        let request = server.request(Method::POST, "/mcp");
        let request = request.header("accept", "application/json, text/event-stream");
        let answer = send(request.json(&body("initialize", params))).await;
        assert_eq!(answer.header("mcp-session-id"), "", "{revision}");
        let result = answer.ok()["result"].clone();
        assert_eq!(result["protocolVersion"], revision);
        assert_eq!(result["serverInfo"]["name"], "tasktree");
        let resources = &result["capabilities"]["resources"];
        assert_eq!(resources, &json!({}), "nothing is pushed without a session");
        assert!(
            result["instructions"]
                .as_str()
                .unwrap()
                .contains("board_next")
        );

        let done = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        let request = server.request(Method::POST, "/mcp").json(&done);
        assert_eq!(send(request).await.status, 202);

        let list = self::request(&server, revision, "tools/list", json!({}));
        let list = send(list).await.ok()["result"].clone();
        assert_eq!(list["tools"].as_array().unwrap().len(), 12, "{revision}");
        assert_eq!(list.get("resultType"), None, "{revision}");
    }
}

#[tokio::test]
async fn the_newest_revision_needs_no_handshake_and_checks_its_headers() {
    let server = TestServer::with_project().await;
    let found = send(request(&server, MODERN, "server/discover", json!({})))
        .await
        .ok();
    let found = &found["result"];
    let supported = found["supportedVersions"].as_array().unwrap();
    for revision in LEGACY.into_iter().chain([MODERN]) {
        assert!(supported.contains(&json!(revision)), "{found}");
    }
    assert_eq!(supported.len(), 4);
    let resources = &found["capabilities"]["resources"];
    assert_eq!(resources["subscribe"], true, "{found}");

    let list = send(request(&server, MODERN, "tools/list", json!({})))
        .await
        .ok();
    assert_eq!(list["result"]["resultType"], "complete");
    assert_eq!(list["result"]["ttlMs"], 3_600_000);
    assert_eq!(list["result"]["cacheScope"], "public");

    let params = json!({"name": "board_list", "arguments": {}});
    let other = request(&server, MODERN, "tools/call", params.clone());
    let (client, other) = other.build_split();
    let mut other = other.unwrap();
    other
        .headers_mut()
        .insert("mcp-name", "board_next".parse().unwrap());
    let answer = Answer::of(client.execute(other).await.unwrap()).await;
    assert_eq!(
        (answer.status, &answer.json()["error"]["code"]),
        (400, &json!(-32020))
    );

    let unknown = request(&server, "2027-01-01", "tools/list", json!({}));
    assert_eq!(send(unknown).await.status, 400);
    let unknown = send(request(&server, MODERN, "prompts/list", json!({}))).await;
    assert_eq!(
        (unknown.status, &unknown.json()["error"]["code"]),
        (404, &json!(-32601))
    );
}

#[tokio::test]
async fn clients_that_accept_too_little_are_answered_all_the_same() {
    let server = TestServer::with_project().await;
    for accept in ["application/json", "*/*", "text/event-stream", ""] {
        let mut request = server.request(Method::POST, "/mcp");
        if !accept.is_empty() {
            request = request.header("accept", accept);
        }
        let answer = send(request.json(&body("tools/list", json!({})))).await;
        assert_eq!(
            answer.header("content-type"),
            "application/json",
            "{accept}"
        );
        assert_eq!(answer.ok()["result"]["tools"][0]["name"], "board_next");
    }
}

#[tokio::test]
async fn what_is_no_request_is_refused_cleanly() {
    let server = TestServer::with_project().await;
    for method in [Method::GET, Method::DELETE, Method::PUT] {
        let answer = send(server.request(method, "/mcp")).await;
        assert_eq!((answer.status, answer.header("allow")), (405, "POST"));
    }
    let batch = json!([body("tools/list", json!({})), body("ping", json!({}))]);
    let answer = send(server.request(Method::POST, "/mcp").json(&batch)).await;
    assert_eq!(
        (answer.status, &answer.json()["error"]["code"]),
        (400, &json!(-32600))
    );
    let broken = server.request(Method::POST, "/mcp").body("{\"jsonrpc\": ");
    let broken = send(broken.header("content-type", "application/json")).await;
    assert_eq!(
        (broken.status, &broken.json()["error"]["code"]),
        (400, &json!(-32700))
    );
    let text = server.request(Method::POST, "/mcp").body("{}");
    assert_eq!(
        send(text.header("content-type", "text/plain")).await.status,
        415
    );
    let large = body("tools/list", json!({"x": "x".repeat(1 << 20)}));
    let large = send(server.request(Method::POST, "/mcp").json(&large)).await;
    assert_eq!(large.status, 413);
    let unknown = json!({"name": "board_delete", "arguments": {}});
    let unknown = send(request(&server, LEGACY[1], "tools/call", unknown)).await;
    assert_eq!(unknown.ok()["error"]["code"], -32602);
    // A client that logs too early (VS Code did) is not broken by the answer.
    let level = request(
        &server,
        LEGACY[1],
        "logging/setLevel",
        json!({"level": "info"}),
    );
    assert_eq!(send(level).await.ok()["error"]["code"], -32601);
    let ping = request(&server, LEGACY[2], "ping", json!({}));
    assert_eq!(send(ping).await.ok()["result"], json!({}));
}

#[tokio::test]
async fn pages_of_other_sites_are_refused() {
    let server = TestServer::with_project().await;
    let request = request(&server, MODERN, "tools/list", json!({}));
    let answer = send(request.header("origin", "https://evil.example")).await;
    assert_eq!(answer.status, 403);
    let request = self::request(&server, MODERN, "tools/list", json!({}));
    assert_eq!(
        send(request.header("host", "evil.example")).await.status,
        403
    );
}

#[tokio::test]
async fn a_client_that_hangs_up_leaves_a_claim_whole_or_undone() {
    let server = TestServer::with_project().await;
    for number in 0..20 {
        server.make_task("alpha", &format!("t{number}")).await;
    }
    let text = body("tools/call", json!({"name": "board_next", "arguments": {}})).to_string();
    for number in 0..10 {
        use tokio::io::AsyncWriteExt as _;
        let mut socket = tokio::net::TcpStream::connect(server.address)
            .await
            .unwrap();
        let head = format!(
            "POST /mcp HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
             TaskTree-Agent: a{number}\r\nContent-Length: {}\r\n\r\n{text}",
            server.address,
            text.len()
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        drop(socket);
    }
    for number in 0..10 {
        let agent = format!("a{number}");
        // The same task, if the call was applied, and a claim now, if it was not.
        let next = call(&server, &agent, "board_next", json!({})).await;
        let held = next["task"]["number"].as_u64().unwrap();
        let path = format!("/api/projects/alpha/tasks/{held}");
        assert_eq!(server.get(&path).await.ok()["holder"], agent);
    }
    let list = server
        .get("/api/projects/alpha/tasks?status=in_progress")
        .await
        .ok();
    assert_eq!(list.as_array().unwrap().len(), 10);
}
