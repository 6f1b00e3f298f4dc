//! The client of the official Rust SDK in each revision, also over a restart of the server.

use std::collections::HashMap;

use rmcp::model::{
    CallToolRequestParams, ClientCapabilities, ClientConfig, Implementation, ProtocolVersion,
    ReadResourceRequestParams,
};
use rmcp::service::{RoleClient, RunningService};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::{ClientLifecycleMode, ClientServiceExt};
use serde_json::{Value, json};
use tasktree_server::config::Database;

use crate::support::TestServer;

type Client = RunningService<RoleClient, ClientConfig>;

/// Revisions, each with the way in which a client of it begins.
fn revisions() -> Vec<(ProtocolVersion, ClientLifecycleMode)> {
    let legacy = [
        ProtocolVersion::V_2025_03_26,
        ProtocolVersion::V_2025_06_18,
        ProtocolVersion::V_2025_11_25,
    ];
    let modern = ProtocolVersion::V_2026_07_28;
    let discover = ClientLifecycleMode::Discover {
        preferred_versions: vec![modern.clone()],
    };
    let legacy = legacy.map(|version| (version, ClientLifecycleMode::Initialize));
    legacy.into_iter().chain([(modern, discover)]).collect()
}

async fn connect(
    url: String,
    agent: &str,
    (version, lifecycle): (ProtocolVersion, ClientLifecycleMode),
) -> Client {
    let name = "tasktree-agent".parse().unwrap();
    let headers = HashMap::from([(name, agent.parse().unwrap())]);
    let config = StreamableHttpClientTransportConfig::with_uri(url).custom_headers(headers);
    let info = Implementation::new("a test", "1");
    let client =
        ClientConfig::new(ClientCapabilities::default(), info).with_protocol_version(version);
    let transport = StreamableHttpClientTransport::from_config(config);
    client
        .serve_with_lifecycle(transport, lifecycle)
        .await
        .unwrap()
}

async fn call(client: &Client, tool: &'static str, arguments: Value) -> Value {
    let Value::Object(arguments) = arguments else {
        panic!("arguments are an object");
    };
    let params = CallToolRequestParams::new(tool).with_arguments(arguments);
    let result = client.call_tool(params).await.unwrap();
    assert_eq!(result.is_error, Some(false), "{result:?}");
    result.structured_content.unwrap()
}

#[tokio::test]
async fn the_official_client_works_in_each_revision() {
    let server = TestServer::with_project().await;
    for (index, revision) in revisions().into_iter().enumerate() {
        let title = format!("task of {}", revision.0.as_str());
        server.make_task("alpha", &title).await;
        let agent = format!("agent-{index}");
        let version = revision.0.clone();
        let client = connect(server.url("/mcp"), &agent, revision).await;
        let info = client.peer_info().unwrap();
        assert_eq!(info.protocol_version, version);
        assert_eq!(client.list_all_tools().await.unwrap().len(), 12);
        let next = call(&client, "board_next", json!({})).await;
        assert_eq!(next["task"]["title"], title);
        let uri = format!("tasktree://alpha/task/{}", next["task"]["number"]);
        assert!(client.list_all_resources().await.unwrap().len() >= 2);
        let read = client
            .read_resource(ReadResourceRequestParams::new(uri))
            .await
            .unwrap();
        assert_eq!(read.contents.len(), 1);
        let done = call(&client, "board_done", json!({"summary": "done"})).await;
        assert_eq!(done["task"]["status"], "completed");
        client.cancel().await.unwrap();
    }
}

#[tokio::test]
async fn a_restart_between_two_calls_is_not_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::File(folder.path().join("board.db"));
    let start = async |address| {
        TestServer::with(|config| {
            config.database = database.clone();
            config.listen = address;
        })
        .await
    };
    let mut server = start(([127, 0, 0, 1], 0).into()).await;
    server.make_project("alpha").await;
    for number in 0..4 {
        server.make_task("alpha", &format!("t{number}")).await;
    }
    let mut clients = Vec::new();
    for (index, revision) in revisions().into_iter().enumerate() {
        clients.push(connect(server.url("/mcp"), &format!("agent-{index}"), revision).await);
    }
    let mut held = Vec::new();
    for client in &clients {
        held.push(call(client, "board_next", json!({})).await["task"]["number"].clone());
    }
    for round in 0..3 {
        let address = server.address;
        server.stop().await;
        server = start(address).await;
        for (client, held) in clients.iter().zip(&held) {
            let next = call(client, "board_next", json!({})).await;
            assert_eq!(&next["task"]["number"], held, "round {round}");
            call(
                client,
                "board_update",
                json!({"note": format!("round {round}")}),
            )
            .await;
        }
    }
    for client in &clients {
        call(client, "board_done", json!({"summary": "done"})).await;
    }
}
