//! The baseline of sending: a loop that sends the same frames to every socket, over the same
//! transport as TaskTree's. It is the minimum that a server can do, and runs in a separate process,
//! as a server does.

use std::net::Ipv4Addr;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use axum::serve::ListenerExt as _;
use clap::Args;
use futures_util::SinkExt;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::{Semaphore, broadcast};
use yawc::frame::Frame;
use yawc::{IncomingUpgrade, Options};

use super::clients::Client;
use crate::bench::paced;

/// Size of a frame, in bytes: that of an event of a changed task.
const FRAME_BYTES: usize = 430;

/// Number of bytes that are queued before they are written, as in the server.
const WRITE_BUFFER: usize = 8 << 10;

/// Load of the loop.
#[derive(Clone, Copy, Debug, Args)]
pub struct Load {
    /// Number of subscribers; sending begins when all are connected
    #[arg(long)]
    pub subscribers: u32,
    /// Number of frames to each subscriber
    #[arg(long)]
    pub frames: u64,
    /// Frames per second; 0 sends all at once
    #[arg(long)]
    pub per_second: u64,
}

/// A running loop, and its subscribers.
pub(super) struct BareLoop {
    pub(super) clients: Vec<Client>,
    lines: Lines<BufReader<ChildStdout>>,
    /// Process that is killed when this value is dropped.
    _process: Child,
}

impl BareLoop {
    pub(super) async fn start(load: Load) -> Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg("bare-loop")
            .args(["--subscribers", &load.subscribers.to_string()])
            .args(["--frames", &load.frames.to_string()])
            .args(["--per-second", &load.per_second.to_string()])
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let output = process.stdout.take().context("the process has no output")?;
        let mut lines = BufReader::new(output).lines();
        let address = lines.next_line().await?;
        let address = address.context("the bare loop does not say where it is")?;
        let mut clients = Vec::new();
        for _ in 0..load.subscribers {
            clients.push(Client::open(address.parse()?, "/", None).await?);
        }
        Ok(Self {
            clients,
            lines,
            _process: process,
        })
    }

    /// Returns the time at which each frame was sent, once the last is sent.
    pub(super) async fn sent(&mut self) -> Result<Vec<SystemTime>> {
        let line = self.lines.next_line().await?;
        let line = line.context("the bare loop has ended early")?;
        line.split(' ')
            .map(|since| Ok(UNIX_EPOCH + Duration::from_nanos(since.parse()?)))
            .collect()
    }
}

#[derive(Clone)]
struct Loop {
    frames: broadcast::Sender<Frame>,
    arrived: Arc<Semaphore>,
}

/// Prints its address, sends the load, and prints the time of each frame in nanoseconds since 1970.
/// Serves until it is killed.
///
/// # Errors
/// It cannot listen.
pub async fn serve(load: Load) -> Result<()> {
    let capacity = usize::try_from(load.frames)?;
    let shared = Loop {
        frames: broadcast::channel(capacity).0,
        arrived: Arc::new(Semaphore::new(0)),
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("{}", listener.local_addr()?);
    let sending = send(shared.clone(), load);
    let router = Router::new().route("/", get(subscribe)).with_state(shared);
    let listener = listener.tap_io(|connection| {
        // As in the server; if it fails, the figure is only worse.
        let _ = connection.set_nodelay(true);
    });
    let serving = async { anyhow::Ok(axum::serve(listener, router).await?) };
    tokio::try_join!(serving, sending)?;
    Ok(())
}

async fn send(shared: Loop, load: Load) -> Result<()> {
    shared
        .arrived
        .acquire_many(load.subscribers)
        .await?
        .forget();
    let mut sent = Vec::new();
    let mut seq = 0;
    let mut next = || -> Result<()> {
        seq += 1;
        let text = format!(r#"{{"seq":{seq},"fill":"{}"}}"#, "x".repeat(FRAME_BYTES));
        sent.push(
            SystemTime::now()
                .duration_since(UNIX_EPOCH)?
                .as_nanos()
                .to_string(),
        );
        // There is no receiver once all subscribers have left.
        let _ = shared.frames.send(Frame::text(text));
        Ok(())
    };
    match load.per_second {
        0 => (0..load.frames).try_for_each(|_| next())?,
        rate => paced(rate, usize::try_from(load.frames)?, async |_| next()).await?,
    }
    println!("{}", sent.join(" "));
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
