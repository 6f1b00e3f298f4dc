//! A client of the sockets, by another WebSocket library than the server's, with helpers for tests.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses its own part of it"
)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails where it goes wrong"
)]

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tasktree_protocol::{Cursor, NewTask, ProjectId, StreamId, Task, TaskPatch};
use tasktree_server::actor::Actor;
use tasktree_server::service::WriteContext;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use crate::support::TestServer;

/// Time after which a test gives up.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Events of a batch that were not returned yet.
    events: std::collections::VecDeque<Value>,
}

impl Client {
    /// Connects to a path with these headers.
    pub async fn connect(
        server: &TestServer,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, Error> {
        let mut request = server.socket_url(path).into_client_request()?;
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let config = WebSocketConfig::default().max_write_buffer_size(16 << 20);
        let (socket, _) = connect_async_with_config(request, Some(config), true).await?;
        Ok(Self {
            socket,
            events: Default::default(),
        })
    }

    /// Connects in legacy mode. It is connected when the server counts it.
    pub async fn legacy(server: &TestServer) -> Self {
        Self::connect(server, "/ws/updates", &[])
            .await
            .expect("the server takes legacy clients")
    }

    /// Connects with `board.v1`, before hello.
    pub async fn v1(server: &TestServer) -> Self {
        let headers = [("sec-websocket-protocol", "board.v1")];
        Self::connect(server, "/ws/updates", &headers)
            .await
            .expect("the server speaks board.v1")
    }

    /// Connects with `board.v1`, and says hello; returns the welcome's data too.
    pub async fn hello(server: &TestServer, subs: Value, caps: Value) -> (Self, Value) {
        let mut client = Self::v1(server).await;
        let welcome = client.greet(subs, caps).await;
        (client, welcome)
    }

    /// Says hello; returns the data of the welcome.
    pub async fn greet(&mut self, subs: Value, caps: Value) -> Value {
        let hello = json!({"client": "test", "subs": subs, "caps": caps});
        self.send(json!({"type": "sys.hello", "data": hello})).await;
        self.expect("sys.welcome").await
    }

    /// Connects and is live on these streams from now on.
    pub async fn live(server: &TestServer, streams: &[&str]) -> Self {
        let subs = streams
            .iter()
            .map(|stream| json!({"stream": stream}))
            .collect();
        let (mut client, _) = Self::hello(server, subs, json!([])).await;
        for _ in streams {
            client.expect("sys.live").await;
        }
        client
    }

    pub async fn send(&mut self, frame: Value) {
        self.send_raw(Message::text(frame.to_string())).await;
    }

    pub async fn send_raw(&mut self, message: Message) {
        timeout(PATIENCE, self.socket.send(message))
            .await
            .expect("the server reads")
            .expect("the socket is open");
    }

    /// Sends a frame to a server that may have closed already.
    pub async fn try_send(&mut self, frame: Value) -> Result<(), Error> {
        self.socket.send(Message::text(frame.to_string())).await
    }

    /// Sends any message to a server that may have closed already.
    pub async fn try_send_raw(&mut self, message: Message) -> Result<(), Error> {
        self.socket.send(message).await
    }

    /// Returns the next message of the socket; pings are answered on the way, and are not returned.
    pub async fn message(&mut self) -> Option<Message> {
        loop {
            let message = timeout(PATIENCE, self.socket.next())
                .await
                .expect("the server sends something in time");
            match message {
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(message)) => return Some(message),
                Some(Err(_)) | None => return None,
            }
        }
    }

    /// Waits for the next WebSocket-level ping.
    pub async fn ping(&mut self) {
        loop {
            let message = timeout(PATIENCE, self.socket.next())
                .await
                .expect("a ping in time");
            if let Message::Ping(_) = message.expect("the socket is open").expect("a frame") {
                return;
            }
        }
    }

    /// Returns the next frame, taken out of its batch.
    pub async fn next(&mut self) -> Value {
        loop {
            if let Some(event) = self.events.pop_front() {
                return event;
            }
            let Some(Message::Text(text)) = self.message().await else {
                panic!("the socket was closed")
            };
            let frame: Value = serde_json::from_str(&text).expect("frames are JSON");
            if frame["type"] == "sys.batch" {
                let events = frame["data"]["events"]
                    .as_array()
                    .expect("a batch has events")
                    .clone();
                assert!((2..=16).contains(&events.len()), "{} events", events.len());
                self.events.extend(events);
            } else {
                return frame;
            }
        }
    }

    /// Returns the data of the next frame, which must be of that type.
    pub async fn expect(&mut self, kind: &str) -> Value {
        let mut frame = self.next().await;
        assert_eq!(frame["type"], kind, "{frame}");
        frame["data"].take()
    }

    /// Expects the next `count` events, which must follow each other without a gap after `after`.
    pub async fn expect_events(&mut self, stream: &str, after: u64, count: u64) {
        for seq in after + 1..=after + count {
            let event = self.next().await;
            assert_eq!(
                (&event["project_id"], &event["seq"]),
                (&json!(stream), &json!(seq)),
                "{event}"
            );
        }
    }

    /// Reads on to the end, and returns the close code.
    pub async fn close_code(&mut self) -> u16 {
        loop {
            match self.message().await {
                Some(Message::Close(frame)) => {
                    return frame.map_or(1005, |frame| frame.code.into());
                }
                Some(_) => {}
                None => return 1006,
            }
        }
    }

    /// Returns the next text message, as it is.
    pub async fn text(&mut self) -> String {
        match self.message().await {
            Some(Message::Text(text)) => text.to_string(),
            other => panic!("no text: {other:?}"),
        }
    }

    /// Reads on to the end; returns the close code and everything that came before it.
    pub async fn rest(&mut self) -> (u16, String) {
        let mut all = String::new();
        loop {
            match self.message().await {
                Some(Message::Close(frame)) => {
                    return (frame.map_or(1005, |frame| frame.code.into()), all);
                }
                Some(Message::Text(text)) => all.push_str(&text),
                Some(_) => {}
                None => return (1006, all),
            }
        }
    }

    /// Drops the connection without a close frame, as a lost link does.
    pub fn cut(self) {
        drop(self);
    }
}

/// Returns the context of a write by nobody in particular.
pub fn write() -> WriteContext {
    WriteContext::new(Actor::local())
}

/// Creates a task, past HTTP.
pub async fn make_task(server: &TestServer, project: &str, title: &str) -> Task {
    let new = NewTask {
        title: title.into(),
        ..NewTask::default()
    };
    let service = &server.state.service;
    service
        .create_task(write(), &ProjectId::from(project), new)
        .await
        .expect("a task")
        .value
}

/// Changes a task's title that many times: as many events.
pub async fn change_task(server: &TestServer, project: &str, task: &Task, times: u64) {
    let project = ProjectId::from(project);
    let mut changes = futures_util::stream::iter(0..times)
        .map(|number| {
            let title = format!(
                "title {number} of {} at {:?}",
                task.id,
                std::time::Instant::now()
            );
            let patch = TaskPatch {
                title: Some(title).into(),
                ..TaskPatch::default()
            };
            server
                .state
                .service
                .update_task(write(), &project, &task.id, patch, None)
        })
        .buffered(64);
    while let Some(changed) = changes.next().await {
        changed.expect("the task changes");
    }
}

/// Returns the position of a stream.
pub async fn position(server: &TestServer, stream: &str) -> Cursor {
    let stream = StreamId::from(stream);
    server
        .state
        .service
        .stream_position(&stream)
        .await
        .expect("the store answers")
        .expect("there is such a stream")
}

/// Returns a subscription from a position.
pub fn from(stream: &str, cursor: &Cursor) -> Value {
    json!({"stream": stream, "epoch": cursor.epoch, "seq": cursor.seq})
}

/// Waits for a condition of the server.
pub async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let waiting = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, waiting)
        .await
        .unwrap_or_else(|_| panic!("not in time: {what}"));
}
