//! The listening socket: it tells each request whom it came from, and counts what goes over the wire.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use crate::metrics::NetworkMetrics;

/// A connection on which nothing has come for so long is probed by the system.
const KEEPALIVE: Duration = Duration::from_secs(60);
/// How long a probe waits for its answer before the next; after some (nine on Linux) the connection is closed.
const KEEPALIVE_PROBE: Duration = Duration::from_secs(15);

/// See the module.
#[derive(Debug)]
pub(crate) struct CountingListener {
    inner: TcpListener,
    metrics: NetworkMetrics,
}

/// Whom a request came from: the next hop, which may be a proxy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

impl CountingListener {
    pub(crate) fn new(inner: TcpListener, metrics: NetworkMetrics) -> Self {
        Self { inner, metrics }
    }
}

impl Listener for CountingListener {
    type Io = CountingStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (CountingStream, SocketAddr) {
        // Axum's own waits where the system has no more sockets to give.
        let (inner, address) = Listener::accept(&mut self.inner).await;
        // Small frames must not wait for each other: a change is to be seen at once.
        if let Err(error) = inner.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps Nagle's algorithm");
        }
        // Who vanished without a word would hold its connection for ever; WebSockets are asked sooner, by their heartbeat.
        let probing = TcpKeepalive::new()
            .with_time(KEEPALIVE)
            .with_interval(KEEPALIVE_PROBE);
        if let Err(error) = SockRef::from(&inner).set_tcp_keepalive(&probing) {
            tracing::debug!(%error, "a connection is not probed");
        }
        let metrics = self.metrics.clone();
        (CountingStream { inner, metrics }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.local_addr()
    }
}

impl Connected<IncomingStream<'_, CountingListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, CountingListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// A connection that counts.
#[derive(Debug)]
pub(crate) struct CountingStream {
    inner: TcpStream,
    metrics: NetworkMetrics,
}

impl CountingStream {
    fn count_sent(&self, polled: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(bytes)) = &polled {
            self.metrics.sent.inc_by(*bytes as u64);
        }
        polled
    }
}

impl AsyncRead for CountingStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(cx, buffer);
        let came = buffer.filled().len() - before;
        self.metrics.received.inc_by(came as u64);
        polled
    }
}

impl AsyncWrite for CountingStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.count_sent(polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write_vectored(cx, parts);
        self.count_sent(polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
