//! Listening for changes: a stream that says which resources changed.

use std::time::Duration;

use rmcp::model::{ClientConfig, ProtocolVersion, ServerNotification, SubscriptionFilter};
use rmcp::service::{RoleClient, RunningService};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::{ClientLifecycleMode, ClientServiceExt};
use serde_json::json;
use tokio::time::{sleep, timeout};

use crate::support::TestServer;
use crate::wire::{LEGACY, MODERN, call, request, send};

async fn connect(server: &TestServer) -> RunningService<RoleClient, ClientConfig> {
    let transport = StreamableHttpClientTransport::from_uri(server.url("/mcp"));
    let lifecycle = ClientLifecycleMode::Discover {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
    };
    let client = ClientConfig::default();
    client
        .serve_with_lifecycle(transport, lifecycle)
        .await
        .unwrap()
}

async fn next(subscription: &mut rmcp::service::Subscription) -> Option<ServerNotification> {
    let told = timeout(Duration::from_secs(10), subscription.next()).await;
    told.expect("something is told").unwrap()
}

fn uri(told: Option<ServerNotification>) -> String {
    match told {
        Some(ServerNotification::ResourceUpdatedNotification(told)) => told.params.uri,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_client_is_told_of_the_resources_that_it_named() {
    let server = TestServer::with_project().await;
    for title in ["one", "two"] {
        server.make_task("alpha", title).await;
    }
    let client = connect(&server).await;
    let filter = SubscriptionFilter::builder()
        .resource_subscription("tasktree://alpha/task/2")
        .resource_subscription("tasktree://alpha/nonsense")
        .tools_list_changed();
    let mut subscription = client.listen(filter.build()).await.unwrap();
    call(&server, "ann", "board_next", json!({"task": 1})).await;
    call(
        &server,
        "bob",
        "board_update",
        json!({"task": 2, "title": "two!"}),
    )
    .await;
    assert_eq!(
        uri(next(&mut subscription).await),
        "tasktree://alpha/task/2"
    );
    call(
        &server,
        "bob",
        "board_update",
        json!({"task": 2, "note": "a note"}),
    )
    .await;
    assert_eq!(
        uri(next(&mut subscription).await),
        "tasktree://alpha/task/2"
    );

    let filter = SubscriptionFilter::builder()
        .resource_subscription("tasktree://alpha/board")
        .resources_list_changed();
    let mut board = client.listen(filter.build()).await.unwrap();
    server.make_task("alpha", "three").await;
    assert_eq!(uri(next(&mut board).await), "tasktree://alpha/board");
    let listed = next(&mut board).await;
    assert!(matches!(
        listed,
        Some(ServerNotification::ResourceListChangedNotification(_))
    ));
    assert_eq!(server.state.hub.counts().mcp, 2);
    subscription.cancel().await.unwrap();
    let left = async {
        while server.state.hub.counts().mcp > 1 {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(10), left)
        .await
        .expect("the place is free again");
}

#[tokio::test]
async fn the_end_of_the_server_ends_a_stream_with_a_result() {
    let server = TestServer::with_project().await;
    let client = connect(&server).await;
    let filter = SubscriptionFilter::builder().resource_subscription("tasktree://alpha/board");
    let mut subscription = client.listen(filter.build()).await.unwrap();
    let ends = async {
        let told = next(&mut subscription).await;
        assert!(told.is_none(), "{told:?}");
        assert!(matches!(
            subscription.end(),
            Some(rmcp::service::SubscriptionEnd::Graceful(_))
        ));
    };
    let ((), ()) = tokio::join!(ends, server.stop());
}

#[tokio::test]
async fn a_stream_says_first_what_it_accepts_and_no_proxy_holds_it_back() {
    let server = TestServer::with_project().await;
    let params = json!({"notifications": {
        "toolsListChanged": true,
        "resourceSubscriptions": ["tasktree://alpha/task/12", "file:///x"],
    }});
    let stream = request(&server, MODERN, "subscriptions/listen", params.clone());
    let mut stream = stream.send().await.unwrap();
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    assert_eq!(stream.headers()["x-accel-buffering"], "no");
    let first = timeout(Duration::from_secs(10), stream.chunk())
        .await
        .unwrap();
    let first = String::from_utf8(first.unwrap().unwrap().to_vec()).unwrap();
    assert!(
        first.contains("notifications/subscriptions/acknowledged"),
        "{first}"
    );
    assert!(first.contains("tasktree://alpha/task/12"), "{first}");
    assert!(
        !first.contains("file:///x") && !first.contains("toolsListChanged"),
        "{first}"
    );
    let legacy = send(request(&server, LEGACY[2], "subscriptions/listen", params)).await;
    assert_eq!(legacy.json()["error"]["code"], -32601);
}
