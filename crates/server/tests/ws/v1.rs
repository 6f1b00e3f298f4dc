//! `board.v1`: hello, subscriptions, heartbeat and commands.

use std::time::Duration;

use crate::support::TestServer;
use crate::ws_client::{Client, change_task, make_task, position, until};
use serde_json::{Value, json};

#[tokio::test]
async fn hello_is_answered_with_where_each_stream_stands_and_then_events_come() {
    let server = TestServer::with_project().await;
    make_task(&server, "alpha", "before").await;
    let stands = position(&server, "alpha").await;
    let (mut client, welcome) = Client::hello(
        &server,
        json!([{"stream": "alpha"}, {"stream": "*"}]),
        json!([]),
    )
    .await;
    let limits = &server.state.config.sockets;
    assert_eq!(
        welcome["ping_ms"],
        json!(limits.ping_interval.as_millis() as u64)
    );
    assert_eq!(welcome["max_frame"], json!(limits.max_frame));
    let alpha = &welcome["subs"][0];
    assert_eq!(
        (
            &alpha["stream"],
            &alpha["epoch"],
            &alpha["seq"],
            &alpha["recovered"],
            &alpha["reason"]
        ),
        (
            &json!("alpha"),
            &json!(stands.epoch),
            &json!(stands.seq),
            &json!(false),
            &json!("new")
        )
    );
    for _ in 0..2 {
        client.expect("sys.live").await;
    }
    make_task(&server, "alpha", "after").await;
    let event = client.next().await;
    assert_eq!(
        (&event["type"], &event["seq"], &event["epoch"]),
        (
            &json!("task_created"),
            &json!(stands.seq + 1),
            &json!(stands.epoch)
        )
    );
    assert!(
        event["data"].get("description").is_none(),
        "events carry cards: {event}"
    );
    server.make_project("beta").await;
    let event = client.next().await;
    assert_eq!(
        (&event["type"], &event["stream"], &event["project_id"]),
        (&json!("project_created"), &json!("*"), &json!("beta"))
    );
}

#[tokio::test]
async fn a_client_that_reads_batches_gets_every_event_of_a_burst_in_order() {
    let server = TestServer::with_project().await;
    let task = make_task(&server, "alpha", "busy").await;
    let (mut client, _) =
        Client::hello(&server, json!([{"stream": "alpha"}]), json!(["batch"])).await;
    client.expect("sys.live").await;
    change_task(&server, "alpha", &task, 600).await;
    client.expect_events("alpha", 1, 600).await;
}

#[tokio::test]
async fn streams_come_and_go_while_connected() {
    let server = TestServer::with_project().await;
    server.make_project("beta").await;
    let mut client = Client::live(&server, &[]).await;
    client
        .send(json!({"type": "sys.subscribe", "data": {"id": "s1", "stream": "beta"}}))
        .await;
    let answer = client.expect("sys.subscribed").await;
    assert_eq!(
        (&answer["id"], &answer["stream"], &answer["reason"]),
        (&json!("s1"), &json!("beta"), &json!("new"))
    );
    client.expect("sys.live").await;
    make_task(&server, "beta", "one").await;
    client.expect("task_created").await;
    client
        .send(json!({"type": "sys.unsubscribe", "data": {"id": "s2", "stream": "beta"}}))
        .await;
    assert_eq!(client.expect("sys.unsubscribed").await["id"], "s2");
    make_task(&server, "beta", "two").await;
    client
        .send(json!({"type": "sys.ping", "data": {"n": 7, "t": 99}}))
        .await;
    let pong = client.expect("sys.pong").await;
    assert_eq!((&pong["n"], &pong["t"]), (&json!(7), &json!(99)));
}

#[tokio::test]
async fn an_unknown_stream_is_said_so_and_others_are_not_affected() {
    let server = TestServer::with_project().await;
    let (mut client, welcome) = Client::hello(
        &server,
        json!([{"stream": "nowhere"}, {"stream": "alpha"}]),
        json!([]),
    )
    .await;
    assert_eq!(welcome["subs"].as_array().unwrap().len(), 1);
    let error = client.expect("sys.error").await;
    assert_eq!(
        (&error["id"], &error["code"]),
        (&json!("nowhere"), &json!("not_found"))
    );
    client.expect("sys.live").await;
    for stream in ["nowhere", "u:somebody"] {
        client
            .send(json!({"type": "sys.subscribe", "data": {"id": stream, "stream": stream}}))
            .await;
        assert_eq!(client.expect("sys.error").await["id"], stream);
    }
    assert_eq!(server.state.hub.subscriber_count(&"nowhere".into()), 0);
}

#[tokio::test]
async fn a_connection_has_at_most_the_named_number_of_subscriptions() {
    let server = TestServer::with(|config| config.sockets.max_subscriptions = 2).await;
    for project in ["a", "b", "c"] {
        server.make_project(project).await;
    }
    let mut client = Client::live(&server, &["a", "b"]).await;
    client
        .send(json!({"type": "sys.subscribe", "data": {"id": "3", "stream": "c"}}))
        .await;
    assert_eq!(client.expect("sys.error").await["code"], "rate_limited");
    // A second subscription to the same stream is not one more.
    client
        .send(json!({"type": "sys.subscribe", "data": {"id": "4", "stream": "b"}}))
        .await;
    client.expect("sys.subscribed").await;
}

#[tokio::test]
async fn the_heartbeat_carries_the_top_of_each_stream() {
    let server =
        TestServer::with(|config| config.sockets.ping_interval = Duration::from_millis(100)).await;
    server.make_project("alpha").await;
    make_task(&server, "alpha", "one").await;
    let mut client = Client::live(&server, &["alpha"]).await;
    let ping = client.expect("sys.ping").await;
    assert_eq!(ping["tops"], json!({"alpha": 1}));
    client.send(json!({"type": "sys.pong", "data": {"n": ping["n"], "t": ping["t"], "seen": {"alpha": 1}}})).await;
    assert_eq!(
        client.expect("sys.ping").await["n"],
        json!(ping["n"].as_u64().unwrap() + 1)
    );
}

fn update(id: &str, task: &str, patch: &Value) -> Value {
    let args = json!({"project_id": "alpha", "task": task, "patch": patch});
    json!({"type": "sys.cmd", "data": {"id": id, "op": "update_task", "args": args}})
}

#[tokio::test]
async fn a_command_is_executed_once_however_often_and_on_however_many_connections_it_is_sent() {
    let server = TestServer::with_project().await;
    let args = json!({"project_id": "alpha", "task": {"title": "Once"}});
    let command =
        json!({"type": "sys.cmd", "data": {"id": "c-1", "op": "create_task", "args": args}});
    let mut clients = [
        Client::live(&server, &[]).await,
        Client::live(&server, &[]).await,
    ];
    for _ in 0..3 {
        for client in &mut clients {
            client.send(command.clone()).await;
        }
    }
    let mut results = Vec::new();
    for client in &mut clients {
        for _ in 0..3 {
            results.push(client.expect("sys.result").await);
        }
    }
    assert_eq!(results[0]["ok"], true, "{}", results[0]);
    assert_eq!(results[0]["stream"], "alpha");
    assert!(
        results.iter().all(|result| *result == results[0]),
        "{results:?}"
    );
    assert_eq!(
        server
            .get("/api/projects/alpha/tasks")
            .await
            .ok()
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(position(&server, "alpha").await.seq, 1);
}

#[tokio::test]
async fn an_event_names_the_command_that_caused_it_and_comes_also_to_its_sender() {
    let server = TestServer::with_project().await;
    let task = make_task(&server, "alpha", "one").await;
    let mut client = Client::live(&server, &["alpha"]).await;
    client
        .send(update(
            "move-1",
            task.id.as_str(),
            &json!({"status": "up_next"}),
        ))
        .await;
    let mut frames = [client.next().await, client.next().await];
    frames.sort_by_key(|frame| frame["type"].as_str().unwrap().to_owned());
    let [result, event] = frames;
    assert_eq!(
        (&event["type"], &event["cause"]),
        (&json!("task_updated"), &json!("move-1")),
        "{event}"
    );
    assert_eq!(
        (&result["data"]["id"], &result["data"]["seq"]),
        (&json!("move-1"), &event["seq"])
    );
}

#[tokio::test]
async fn a_refused_command_says_why_and_the_connection_goes_on() {
    let server = TestServer::with_project().await;
    let mut client = Client::live(&server, &[]).await;
    client
        .send(update("c-1", "99-alpha", &json!({"title": "x"})))
        .await;
    let result = client.expect("sys.result").await;
    assert_eq!(
        (&result["ok"], &result["error"]["code"]),
        (&json!(false), &json!("not_found")),
        "{result}"
    );
    let task = make_task(&server, "alpha", "one").await;
    client
        .send(update("c-2", task.id.as_str(), &json!({"status": "done"})))
        .await;
    let error = client.expect("sys.error").await;
    assert_eq!(
        (&error["id"], &error["code"]),
        (&json!("c-2"), &json!("invalid")),
        "{error}"
    );
}

#[tokio::test]
async fn commands_of_a_connection_that_names_an_agent_follow_the_rules_of_agents() {
    let server = TestServer::with_project().await;
    let task = make_task(&server, "alpha", "one").await;
    let agents = "/api/projects/alpha/agents";
    server.post(agents, json!({"id": "ada"})).await.ok();
    let headers = [
        ("sec-websocket-protocol", "board.v1"),
        ("tasktree-agent", "ada"),
    ];
    let mut client = Client::connect(&server, "/ws/updates", &headers)
        .await
        .expect("an agent connects");
    client.greet(json!([]), json!([])).await;
    let merged = json!({"status": "merged"});
    client.send(update("c-1", task.id.as_str(), &merged)).await;
    let result = client.expect("sys.result").await;
    assert_eq!(result["error"]["code"], "forbidden", "{result}");
    let urgent = json!({"priority": 1});
    client.send(update("c-2", task.id.as_str(), &urgent)).await;
    assert_eq!(client.expect("sys.result").await["ok"], true);
    let history = format!("/api/projects/alpha/tasks/{}/history", task.id);
    let history = server.get(&history).await.ok();
    assert_eq!(history[0]["actor"], "agent:ada", "{history}");
    let headers = [headers[0], ("tasktree-agent", "a/b")];
    let refused = Client::connect(&server, "/ws/updates", &headers).await;
    assert!(refused.is_err(), "a name that no agent can have is refused");
}

#[tokio::test]
async fn more_commands_than_are_executed_at_once_wait_and_are_all_answered() {
    let server = TestServer::with(|config| config.sockets.max_commands = 2).await;
    server.make_project("alpha").await;
    let task = make_task(&server, "alpha", "one").await;
    let mut client = Client::live(&server, &[]).await;
    for number in 0..50 {
        client
            .send(update(
                &format!("c-{number}"),
                task.id.as_str(),
                &json!({"title": format!("title {number}")}),
            ))
            .await;
    }
    for number in 0..50 {
        let result = client.expect("sys.result").await;
        assert_eq!(
            (&result["id"], &result["ok"]),
            (&json!(format!("c-{number}")), &json!(true))
        );
    }
    let task = server
        .get(&format!("/api/projects/alpha/tasks/{}", task.id))
        .await
        .ok();
    assert_eq!(
        task["title"], "title 49",
        "commands of one connection take effect in their order"
    );
}

#[tokio::test]
async fn messages_without_a_position_reach_those_they_are_for_and_nobody_else() {
    use tasktree_protocol::{Event, Message, Timestamp};
    let server = TestServer::with_project().await;
    server.make_project("beta").await;
    let mut alpha = Client::live(&server, &["alpha"]).await;
    let mut beta = Client::live(&server, &["beta", "*"]).await;
    let hub = &server.state.hub;
    let message = |kind: &str| {
        let event = Event::from_json(kind, "{}").unwrap();
        Message::new(event, None, Timestamp::from_unix_millis(0))
    };
    hub.broadcast_to_project(&"alpha".into(), &message("for_alpha"));
    hub.broadcast(&message("for_all"));
    hub.send_personal_message("local", &message("for_local"));
    hub.send_personal_message("other", &message("for_other"));
    let kinds = |mut frames: Vec<Value>| {
        frames.sort_by_key(|frame| frame["type"].as_str().unwrap().to_owned());
        frames
            .into_iter()
            .map(|frame| frame["type"].clone())
            .collect::<Vec<_>>()
    };
    let got = vec![alpha.next().await, alpha.next().await];
    assert_eq!(kinds(got), ["for_alpha", "for_local"]);
    let got = vec![beta.next().await, beta.next().await];
    assert_eq!(kinds(got), ["for_all", "for_local"]);
    for client in [&mut alpha, &mut beta] {
        client.send(json!({"type": "sys.ping", "data": {}})).await;
        client.expect("sys.pong").await;
    }
}

#[tokio::test]
async fn a_subscriber_of_one_project_gets_nothing_of_another() {
    let server = TestServer::with_project().await;
    server.make_project("beta").await;
    let (a, b) = (
        make_task(&server, "alpha", "a").await,
        make_task(&server, "beta", "b").await,
    );
    let mut client = Client::live(&server, &["alpha"]).await;
    for _ in 0..20 {
        change_task(&server, "beta", &b, 20).await;
        change_task(&server, "alpha", &a, 1).await;
        server
            .post("/api/projects/beta/logs", json!({"lines": ["secret"]}))
            .await
            .ok();
        server
            .post("/api/projects/beta/agents", json!({"id": "agent-b"}))
            .await
            .ok();
    }
    client.expect_events("alpha", 1, 20).await;
    client.send(json!({"type": "sys.ping", "data": {}})).await;
    client.expect("sys.pong").await;
}

#[tokio::test]
async fn counts_say_how_many_are_connected_in_which_mode_and_one_can_be_sent_away() {
    let server = TestServer::with_project().await;
    let (mut client, welcome) =
        Client::hello(&server, json!([{"stream": "alpha"}]), json!([])).await;
    let _legacy = Client::legacy(&server).await;
    until("both are counted", || {
        server.state.hub.counts().total() == 2
    })
    .await;
    let counts = server.state.hub.counts();
    assert_eq!((counts.legacy, counts.v1), (1, 1));
    assert!(
        server
            .state
            .hub
            .disconnect(welcome["session"].as_str().unwrap(), 4004)
    );
    assert_eq!(client.close_code().await, 4004);
    until("it is gone", || server.state.hub.counts().v1 == 0).await;
    assert!(!server.state.hub.disconnect("nobody", 4004));
}

#[tokio::test]
async fn the_version_may_be_in_the_address_where_a_proxy_drops_the_subprotocol() {
    let server = TestServer::start().await;
    let mut client = Client::connect(&server, "/ws/updates?protocol=board.v1", &[])
        .await
        .expect("the answer chooses no subprotocol that was not offered");
    client.greet(json!([]), json!([])).await;
    let mut newer = Client::connect(&server, "/ws/updates?protocol=board.v2", &[])
        .await
        .unwrap();
    assert_eq!(newer.close_code().await, 4505);
}
