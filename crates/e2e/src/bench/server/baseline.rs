//! The least that a server can do: a loop that sends the same frames to every socket, over the same transport as TaskTree's.

use std::net::Ipv4Addr;
use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use axum::serve::ListenerExt as _;
use futures_util::SinkExt;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, broadcast};
use yawc::frame::Frame;
use yawc::{IncomingUpgrade, Options};

/// Bytes that are queued before they are written, as in the server.
const WRITE_BUFFER: usize = 8 << 10;

#[derive(Clone)]
struct Loop {
    frames: broadcast::Sender<Frame>,
    arrived: Arc<Semaphore>,
}

/// Prints its address, waits for that many subscribers, and sends them that many frames. Serves until it is killed.
///
/// # Errors
/// When it cannot listen.
pub async fn run(subscribers: u32, frames: u64, bytes: usize) -> Result<()> {
    let capacity = usize::try_from(frames)?;
    let shared = Loop {
        frames: broadcast::channel(capacity).0,
        arrived: Arc::new(Semaphore::new(0)),
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("{}", listener.local_addr()?);
    let sending = shared.clone();
    tokio::spawn(async move {
        if sending.arrived.acquire_many(subscribers).await.is_ok() {
            for seq in 1..=frames {
                let text = format!(r#"{{"seq":{seq},"fill":"{}"}}"#, "x".repeat(bytes));
                // Nobody listens any more where all subscribers have left.
                let _ = sending.frames.send(Frame::text(text));
            }
        }
    });
    let router = Router::new().route("/", get(subscribe)).with_state(shared);
    let listener = listener.tap_io(|connection| {
        // As in the server; without it the figure is only worse.
        let _ = connection.set_nodelay(true);
    });
    axum::serve(listener, router).await?;
    Ok(())
}

async fn subscribe(State(shared): State<Loop>, upgrade: IncomingUpgrade) -> Response {
    let options = Options::default().with_backpressure_boundary(WRITE_BUFFER);
    let Ok((response, upgraded)) = upgrade.upgrade(options) else {
        return Response::new(axum::body::Body::empty());
    };
    let mut frames = shared.frames.subscribe();
    tokio::spawn(async move {
        let Ok(mut socket) = upgraded.await else {
            return;
        };
        shared.arrived.add_permits(1);
        while let Ok(frame) = frames.recv().await {
            if socket.feed(frame).await.is_err() {
                return;
            }
            if frames.is_empty() && socket.flush().await.is_err() {
                return;
            }
        }
    });
    response.map(axum::body::Body::new)
}
