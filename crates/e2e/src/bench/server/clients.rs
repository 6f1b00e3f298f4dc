//! Many clients of `board.v1`, each of which checks that it gets every event in order.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail, ensure};
use futures_util::stream::{self, TryStreamExt};
use futures_util::{SinkExt, StreamExt};
use memchr::memmem::Finder;
use serde_json::{Value, json};
use tasktree_protocol::frame::SUBPROTOCOL;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// How many clients connect at the same moment.
const CONNECTING: usize = 64;

/// A client that is live on one stream.
pub(super) struct Client {
    socket: WebSocketStream<TcpStream>,
    finder: Finder<'static>,
    /// The last event that it was sent.
    pub(super) seq: u64,
}

/// Connects that many clients and waits until all are live.
pub(super) async fn connect(address: SocketAddr, count: usize, batch: bool) -> Result<Vec<Client>> {
    stream::iter(0..count)
        .map(|_| Client::connect(address, batch))
        .buffer_unordered(CONNECTING)
        .try_collect()
        .await
}

impl Client {
    /// A client of the server, live on the stream `bench`.
    async fn connect(address: SocketAddr, batch: bool) -> Result<Self> {
        let mut client = Self::open(address, "/ws/updates", Some(SUBPROTOCOL)).await?;
        let caps = if batch { json!(["batch"]) } else { json!([]) };
        let hello = json!({"client": "load", "subs": [{"stream": "bench"}], "caps": caps});
        let hello = json!({"type": "sys.hello", "data": hello}).to_string();
        client.socket.send(Message::text(hello)).await?;
        loop {
            let frame: Value = serde_json::from_str(&client.text().await?)?;
            if frame["type"] == "sys.live" {
                client.seq = frame["data"]["seq"]
                    .as_u64()
                    .context("sys.live has no seq")?;
                return Ok(client);
            }
            ensure!(
                frame["type"] == "sys.welcome",
                "instead of a welcome came {frame}"
            );
        }
    }

    /// A WebSocket at a path, with a small buffer: there are thousands of them.
    pub(super) async fn open(
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
        let tcp = TcpStream::connect(address)
            .await
            .context("the server does not take connections")?;
        tcp.set_nodelay(true)?;
        let config = WebSocketConfig::default().read_buffer_size(16 << 10);
        let (socket, _) = client_async_with_config(request, tcp, Some(config)).await?;
        Ok(Self {
            socket,
            finder: Finder::new(r#""seq":"#),
            seq: 0,
        })
    }

    async fn text(&mut self) -> Result<tokio_tungstenite::tungstenite::Utf8Bytes> {
        loop {
            match self
                .socket
                .next()
                .await
                .context("the server closed a connection")??
            {
                Message::Text(text) => return Ok(text),
                Message::Close(frame) => bail!("the server closed a connection: {frame:?}"),
                _ => {}
            }
        }
    }

    /// Reads the next frame and calls `seen` for each event in it; answers pings.
    pub(super) async fn read(&mut self, mut seen: impl FnMut(u64)) -> Result<()> {
        let text = self.text().await?;
        if text.starts_with(r#"{"type":"sys."#) && !text.starts_with(r#"{"type":"sys.batch""#) {
            return self.control(&text).await;
        }
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
                self.socket.send(Message::text(pong)).await?;
                Ok(())
            }
            _ => bail!("instead of an event came {text}"),
        }
    }

    /// Reads until the event `last` came.
    pub(super) async fn read_until(&mut self, last: u64) -> Result<()> {
        while self.seq < last {
            self.read(|_| {}).await?;
        }
        Ok(())
    }
}
