//! The server in this process: the real routes, sockets, hooks, hub, service and SQL, behind pipes
//! in place of a network, and on a clock that stands still until it is moved.

use std::io;
use std::sync::Arc;

use axum::serve::Listener;
use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tasktree_protocol::Cursor;
use tasktree_server::app;
use tasktree_server::http::AppState;
use tasktree_server::hub::WebSocketManager;
use tasktree_server::service::ManualClock;
use tasktree_server::store::InlineStore;
use tokio::io::{DuplexStream, duplex};
use tokio::sync::mpsc;

use crate::in_process::Parts;

/// Host in requests: the server answers for addresses.
pub(crate) const HOST: &str = "127.0.0.1:8000";

/// Size of a pipe's buffer, in bytes.
const PIPE_BYTES: usize = 256 << 10;

/// Begins to serve on pipes; returns the state of the server, and the door to it.
///
/// The store works on the caller's thread, so that the same seed gives the same day.
pub(crate) async fn start(clock: Arc<ManualClock>) -> (AppState, Door) {
    let store = InlineStore::new().unwrap();
    let hub = WebSocketManager::new();
    let parts = Parts {
        metrics: store.metrics().clone(),
        store: Arc::new(store),
        publisher: Arc::new(hub.clone()),
        hub,
        clock,
    };
    let state = parts.state(|_| {}).await;
    let (door, pipes) = mpsc::unbounded_channel();
    tokio::spawn(state.hooks.clone().run());
    let router = app::router(state.clone());
    tokio::spawn(async move { axum::serve(Pipes(pipes), router).await });
    (state, Door(door))
}

/// A way to open connections. Cloning returns another handle.
#[derive(Clone, Debug)]
pub(crate) struct Door(mpsc::UnboundedSender<DuplexStream>);

impl Door {
    /// Opens a connection.
    pub(crate) fn open(&self) -> DuplexStream {
        let (ours, theirs) = duplex(PIPE_BYTES);
        self.0.send(theirs).unwrap();
        ours
    }

    /// Opens a connection for requests.
    pub(crate) async fn caller(&self) -> Caller {
        let (sender, connection) = handshake(TokioIo::new(self.open())).await.unwrap();
        tokio::spawn(connection);
        Caller(sender)
    }
}

struct Pipes(mpsc::UnboundedReceiver<DuplexStream>);

impl Listener for Pipes {
    type Io = DuplexStream;
    type Addr = ();

    async fn accept(&mut self) -> (DuplexStream, ()) {
        match self.0.recv().await {
            Some(pipe) => (pipe, ()),
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<()> {
        Ok(())
    }
}

/// Client of the HTTP API over one connection.
pub(crate) struct Caller(SendRequest<Full<Bytes>>);

impl Caller {
    /// Sends a request; returns the status, the position, and the body.
    async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> (u16, Option<Cursor>, Bytes) {
        let bytes = body.map(|body| Bytes::from(body.to_string()));
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", HOST)
            .header("content-type", "application/json")
            .header("tasktree-machine", "m1")
            .body(Full::new(bytes.unwrap_or_default()))
            .unwrap();
        self.0.ready().await.unwrap();
        let answer = self.0.send_request(request).await.unwrap();
        let status = answer.status().as_u16();
        let header = |name: &str| Some(answer.headers().get(name)?.to_str().unwrap().to_owned());
        let cursor = header("stream-epoch").zip(header("stream-seq"));
        let cursor = cursor.map(|(epoch, seq)| Cursor::new(epoch.into(), seq.parse().unwrap()));
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, cursor, body)
    }

    /// Sends an event of a harness.
    pub(crate) async fn hook(&mut self, source: &str, body: &Value) {
        let path = format!("/api/hooks/{source}");
        let (status, _, answer) = self.send(Method::POST, &path, Some(body)).await;
        assert_eq!((status, answer.len()), (204, 0), "{source}: {body}");
    }

    /// Sends a request that the server executes; returns its answer.
    pub(crate) async fn write(&mut self, method: Method, path: &str, body: &Value) -> Value {
        let (status, _, answer) = self.send(method, path, Some(body)).await;
        let text = String::from_utf8_lossy(&answer);
        assert_eq!(status, 200, "{path} {body}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Fetches a snapshot with its position.
    pub(crate) async fn fetch(&mut self, path: &str) -> (Bytes, Option<Cursor>) {
        let (status, cursor, body) = self.send(Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}");
        (body, cursor)
    }
}
