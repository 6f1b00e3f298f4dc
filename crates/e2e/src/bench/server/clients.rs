//! Many clients of `board.v1`, each of which checks that it gets every event in order.

use std::fmt;
use std::net::SocketAddr;

use anyhow::{Context, Result, bail, ensure};
use futures_util::stream::{self, TryStreamExt};
use futures_util::{SinkExt, StreamExt};
use memchr::memmem::Finder;
use serde_json::{Value, json};
use tasktree_protocol::frame::SUBPROTOCOL;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// Number of clients that connect at the same time.
const CONNECTING: usize = 64;

/// A client that is live on one stream.
pub(super) struct Client {
    socket: WebSocketStream<TcpStream>,
    finder: Finder<'static>,
    /// Number of the last event that it received.
    pub(super) seq: u64,
    /// Epoch of the stream.
    pub(super) epoch: String,
}

/// Error of a client whose connection the server has closed, with the close frame if one arrived.
#[derive(Debug)]
pub(super) struct Closed(Option<CloseFrame>);

impl std::error::Error for Closed {}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(frame) => write!(f, "the server closed a connection: {frame}"),
            None => write!(f, "the server cut a connection"),
        }
    }
}

/// Maps a socket's error: that of a lost connection becomes [`Closed`], any other stays.
fn failed(error: Error) -> anyhow::Error {
    match error {
        Error::ConnectionClosed
        | Error::AlreadyClosed
        | Error::Io(_)
        | Error::Protocol(ResetWithoutClosingHandshake) => Closed(None).into(),
        other => other.into(),
    }
}

/// Receive buffer of a client that does not read, in bytes. It is small, so that the data waits in
/// the server and not in the system.
const NARROW: u32 = 32 << 10;

/// Position of a client before it resumes.
#[derive(Clone, Debug)]
pub(super) struct Position {
    pub(super) epoch: String,
    pub(super) seq: u64,
}

/// Connects the given number of clients, and waits until all are live.
pub(super) async fn connect(address: SocketAddr, count: usize, batch: bool) -> Result<Vec<Client>> {
    stream::iter(0..count)
        .map(|_| Client::connect(address, batch))
        .buffer_unordered(CONNECTING)
        .try_collect()
        .await
}

/// Does the same as [`connect`] for clients that will not read for a while.
pub(super) async fn connect_narrow(address: SocketAddr, count: usize) -> Result<Vec<Client>> {
    stream::iter(0..count)
        .map(async |_| {
            let socket = TcpSocket::new_v4()?;
            socket.set_recv_buffer_size(NARROW)?;
            let tcp = socket.connect(address).await?;
            let client = Client::over(tcp, address, "/ws/updates", Some(SUBPROTOCOL)).await?;
            client.greet(true, None).await
        })
        .buffer_unordered(CONNECTING)
        .try_collect()
        .await
}

impl Client {
    /// Connects a client to the server, and waits until it is live on the stream `bench`.
    async fn connect(address: SocketAddr, batch: bool) -> Result<Self> {
        let client = Self::open(address, "/ws/updates", Some(SUBPROTOCOL)).await?;
        client.greet(batch, None).await
    }

    /// Connects a client that was away since `from`, and waits until it is live again.
    pub(super) async fn resume(address: SocketAddr, from: &Position) -> Result<Self> {
        let client = Self::open(address, "/ws/updates", Some(SUBPROTOCOL)).await?;
        client.greet(true, Some(from)).await
    }

    /// Returns its position.
    pub(super) fn position(&self) -> Position {
        Position {
            epoch: self.epoch.clone(),
            seq: self.seq,
        }
    }

    /// Sends hello, and reads until the stream is live.
    async fn greet(mut self, batch: bool, from: Option<&Position>) -> Result<Self> {
        let caps = if batch { json!(["batch"]) } else { json!([]) };
        let mut wanted = json!({"stream": "bench"});
        if let Some(Position { epoch, seq }) = from {
            wanted["epoch"] = json!(epoch);
            wanted["seq"] = json!(seq);
            self.seq = *seq;
        }
        let hello = json!({"client": "load", "subs": [wanted], "caps": caps});
        let hello = json!({"type": "sys.hello", "data": hello}).to_string();
        self.socket.send(Message::text(hello)).await?;
        loop {
            let text = self.text().await?;
            if text.starts_with(r#"{"type":"sys.live""#) {
                let frame: Value = serde_json::from_str(&text)?;
                let seq = frame["data"]["seq"].as_u64();
                let seq = seq.context("sys.live has no seq")?;
                ensure!(
                    from.is_none() || seq == self.seq,
                    "live at {seq}, with events up to {}",
                    self.seq
                );
                self.seq = seq;
                return Ok(self);
            }
            if text.starts_with(r#"{"type":"sys.welcome""#) {
                let frame: Value = serde_json::from_str(&text)?;
                let begun = &frame["data"]["subs"][0];
                ensure!(
                    from.is_none() || begun["recovered"] == true,
                    "not resumed: {frame}"
                );
                self.epoch = begun["epoch"].as_str().context("there is no epoch")?.into();
                continue;
            }
            ensure!(from.is_some(), "instead of a welcome came {text}");
            self.take(&text, |_| {})?;
        }
    }

    /// Opens a WebSocket at a path, with a small buffer, since there are thousands of them.
    pub(super) async fn open(
        address: SocketAddr,
        path: &str,
        subprotocol: Option<&str>,
    ) -> Result<Self> {
        let tcp = TcpStream::connect(address)
            .await
            .context("the server does not take connections")?;
        Self::over(tcp, address, path, subprotocol).await
    }

    async fn over(
        tcp: TcpStream,
        address: SocketAddr,
        path: &str,
        subprotocol: Option<&str>,
    ) -> Result<Self> {
        let mut request = format!("ws://{address}{path}").into_client_request()?;
        if let Some(name) = subprotocol {
            request
                .headers_mut()
                .insert("sec-websocket-protocol", name.parse()?);
        }
        tcp.set_nodelay(true)?;
        let config = WebSocketConfig::default().read_buffer_size(16 << 10);
        let (socket, _) = client_async_with_config(request, tcp, Some(config)).await?;
        Ok(Self {
            socket,
            finder: Finder::new(r#""seq":"#),
            seq: 0,
            epoch: String::new(),
        })
    }

    async fn text(&mut self) -> Result<Utf8Bytes> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text),
                Some(Ok(Message::Close(frame))) => return Err(Closed(frame).into()),
                Some(Ok(_)) => {}
                None => return Err(Closed(None).into()),
                Some(Err(error)) => return Err(failed(error)),
            }
        }
    }

    /// Reads the next frame and calls `seen` for each event in it. Answers pings.
    pub(super) async fn read(&mut self, seen: impl FnMut(u64)) -> Result<()> {
        let text = self.text().await?;
        if text.starts_with(r#"{"type":"sys."#) && !text.starts_with(r#"{"type":"sys.batch""#) {
            return self.control(&text).await;
        }
        self.take(&text, seen)
    }

    /// Reads the events of a frame.
    fn take(&mut self, text: &str, mut seen: impl FnMut(u64)) -> Result<()> {
        let bytes = text.as_bytes();
        for at in self.finder.find_iter(bytes) {
            let digits = &text[at + 6..];
            let end = digits
                .find(|letter: char| !letter.is_ascii_digit())
                .unwrap_or(digits.len());
            let seq: u64 = digits[..end].parse().context("a seq is a number")?;
            ensure!(seq == self.seq + 1, "after event {} came {seq}", self.seq);
            self.seq = seq;
            seen(seq);
        }
        Ok(())
    }

    async fn control(&mut self, text: &str) -> Result<()> {
        let frame: Value = serde_json::from_str(text)?;
        match frame["type"].as_str() {
            Some("sys.ping") => {
                let pong = json!({"n": frame["data"]["n"], "t": frame["data"]["t"]});
                let pong = json!({"type": "sys.pong", "data": pong}).to_string();
                self.socket.send(Message::text(pong)).await.map_err(failed)
            }
            _ => bail!("instead of an event came {text}"),
        }
    }

    /// Reads until the event `last` has arrived.
    pub(super) async fn read_until(&mut self, last: u64) -> Result<()> {
        while self.seq < last {
            self.read(|_| {}).await?;
        }
        Ok(())
    }
}
