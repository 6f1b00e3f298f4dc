//! A client that counts the bytes it receives, compressed or not, and follows the stream `bench`.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context as TaskContext, Poll};

use anyhow::{Context, Result, bail, ensure};
use futures_util::SinkExt;
use serde_json::json;
use tasktree_protocol::Cursor;
use tasktree_protocol::frame::{CAP_BATCH, Incoming, SUBPROTOCOL, ServerFrame};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use yawc::frame::{Frame, OpCode};
use yawc::{CompressionLevel, HttpRequest, Options, WebSocket};

/// A client whose socket counts its bytes.
pub(super) struct Client {
    socket: WebSocket<Counted>,
    received: Arc<AtomicU64>,
    place: Cursor,
}

impl Client {
    /// Connects, and follows the stream from a position, or from its current end.
    pub(super) async fn connect(
        address: SocketAddr,
        compressed: bool,
        from: Option<Cursor>,
    ) -> Result<Self> {
        let received = Arc::new(AtomicU64::new(0));
        let socket = Counted {
            inner: TcpStream::connect(address).await?,
            received: Arc::clone(&received),
        };
        let mut options = Options::default();
        if compressed {
            options = options.with_compression_level(CompressionLevel::default());
        }
        let request = HttpRequest::builder().header("sec-websocket-protocol", SUBPROTOCOL);
        let url = format!("ws://{address}/ws/updates").parse()?;
        let socket = WebSocket::handshake_with_request(url, socket, options, request).await?;
        let place = Cursor::new("".into(), 0);
        let mut client = Self {
            socket,
            received,
            place,
        };
        let mut sub = json!({"stream": "bench"});
        if let Some(from) = &from {
            sub["epoch"] = json!(from.epoch);
            sub["seq"] = json!(from.seq);
        }
        let hello = json!({"client": "load", "subs": [sub], "caps": [CAP_BATCH]});
        let hello = json!({"type": "sys.hello", "data": hello}).to_string();
        client.socket.send(Frame::text(hello)).await?;
        let Incoming::Control(ServerFrame::Welcome(welcome)) = client.next().await? else {
            bail!("there was no welcome");
        };
        let sub = welcome.subs.first().context("the stream is not there")?;
        ensure!(from.is_none() || sub.recovered, "the replay was refused");
        client.place = from.unwrap_or_else(|| Cursor::new(sub.epoch.clone(), sub.seq));
        Ok(client)
    }

    /// Returns the number of bytes received so far, including those of the handshake.
    pub(super) fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// Returns the number of the last event received.
    pub(super) fn seq(&self) -> u64 {
        self.place.seq
    }

    /// Leaves, and returns its position.
    pub(super) fn leave(self) -> Cursor {
        self.place
    }

    /// Reads until the event `last` has arrived.
    pub(super) async fn read_until(&mut self, last: u64) -> Result<()> {
        while self.seq() < last {
            let events = match self.next().await? {
                Incoming::Message(event) => vec![*event],
                Incoming::Control(ServerFrame::Batch { events }) => events,
                _ => continue,
            };
            for event in events {
                let seq = event.seq.context("an event has no position")?;
                ensure!(
                    seq == self.place.seq + 1,
                    "after event {} came {seq}",
                    self.seq()
                );
                self.place.seq = seq;
            }
        }
        Ok(())
    }

    async fn next(&mut self) -> Result<Incoming> {
        loop {
            let frame = self.socket.next_frame().await?;
            match frame.opcode() {
                OpCode::Text => {
                    let text = std::str::from_utf8(frame.payload())?;
                    return Incoming::parse(text).map_err(anyhow::Error::msg);
                }
                OpCode::Close => bail!("the server closed the connection"),
                _ => {}
            }
        }
    }
}

/// A connection that counts the bytes that it receives.
struct Counted {
    inner: TcpStream,
    received: Arc<AtomicU64>,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut TaskContext<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(cx, buffer);
        let came = buffer.filled().len() - before;
        self.received.fetch_add(came as u64, Ordering::Relaxed);
        polled
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut TaskContext<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
