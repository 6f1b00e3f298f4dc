//! The listening socket: it tells each request whom it came from, and counts what goes over the wire.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::serve::Listener;
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use crate::metrics::NetworkMetrics;

/// A connection on which nothing has come for so long is probed by the system.
const KEEPALIVE: Duration = Duration::from_secs(15);
/// How long a probe waits for its answer before the next. On Linux the connection is closed when none was answered within `unread_timeout`:
/// that deadline takes the place of a number of probes, so several have to fit into it.
const KEEPALIVE_PROBE: Duration = Duration::from_secs(15);

/// See the module.
#[derive(Debug)]
pub(crate) struct CountingListener {
    inner: TcpListener,
    metrics: NetworkMetrics,
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "only Linux has this deadline")
    )]
    unread_timeout: Duration,
}

/// Whom a request came from: the next hop, which may be a proxy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

impl CountingListener {
    /// Counts on `metrics`; `unread_timeout` is as in [`crate::serving::Limits`].
    pub(crate) fn new(
        inner: TcpListener,
        metrics: NetworkMetrics,
        unread_timeout: Duration,
    ) -> Self {
        Self {
            inner,
            metrics,
            unread_timeout,
        }
    }

    /// What it counts on.
    pub(crate) fn metrics(&self) -> &NetworkMetrics {
        &self.metrics
    }

    /// The next connection, and whom it came from.
    pub(crate) async fn accept(&mut self) -> (CountingStream, Peer) {
        // Axum's waits where the system has no more sockets to give.
        let (inner, address) = Listener::accept(&mut self.inner).await;
        // Small frames must not wait for each other: a change is to be seen at once.
        if let Err(error) = inner.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps Nagle's algorithm");
        }
        // Who vanished without a word would hold its connection for ever; WebSockets are asked sooner, by their heartbeat.
        let probing = TcpKeepalive::new()
            .with_time(KEEPALIVE)
            .with_interval(KEEPALIVE_PROBE);
        let socket = SockRef::from(&inner);
        if let Err(error) = socket.set_tcp_keepalive(&probing) {
            tracing::debug!(%error, "a connection is not probed");
        }
        // And so would who does not read its answer, with the answer.
        #[cfg(target_os = "linux")]
        if let Err(error) = socket.set_tcp_user_timeout(Some(self.unread_timeout)) {
            tracing::debug!(%error, "a connection may leave unread what it was sent");
        }
        let metrics = self.metrics.clone();
        (CountingStream { inner, metrics }, Peer(address))
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
