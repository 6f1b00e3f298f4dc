//! The listening socket: it attaches the peer to each request, and counts the bytes on the wire.

mod metrics;

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::serve::Listener;
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use crate::address::Peer;
pub use metrics::NetworkMetrics;

/// Time without data after which the system probes a connection.
const KEEPALIVE: Duration = Duration::from_secs(15);
/// Interval between probes.
///
/// On Linux the connection is closed when no probe was answered within `unread_timeout`. That
/// deadline replaces a number of probes, so several have to fit into it.
const KEEPALIVE_PROBE: Duration = Duration::from_secs(15);

/// Listener whose connections count their bytes.
#[derive(Debug)]
pub(crate) struct CountingListener {
    inner: TcpListener,
    metrics: NetworkMetrics,
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "only Linux supports this timeout")
    )]
    unread_timeout: Duration,
}

impl CountingListener {
    /// Creates a listener that counts in `metrics`; `unread_timeout` is as in
    /// [`crate::config::HttpLimits`].
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

    /// Returns the metrics that it counts in.
    pub(crate) fn metrics(&self) -> &NetworkMetrics {
        &self.metrics
    }

    /// Returns the next connection, with its peer.
    pub(crate) async fn accept(&mut self) -> (CountingStream, Peer) {
        // Axum's version waits while the system has no more sockets to give.
        let (inner, address) = Listener::accept(&mut self.inner).await;
        // Small frames must not wait for each other: a change is to be seen at once.
        if let Err(error) = inner.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY");
        }
        // A peer that vanished silently would hold its connection forever. WebSockets are checked
        // sooner, by their heartbeat.
        let probing = TcpKeepalive::new()
            .with_time(KEEPALIVE)
            .with_interval(KEEPALIVE_PROBE);
        let socket = SockRef::from(&inner);
        if let Err(error) = socket.set_tcp_keepalive(&probing) {
            tracing::debug!(%error, "cannot enable TCP keepalive");
        }
        // A peer that does not read its answer would do the same, and hold the answer too.
        #[cfg(target_os = "linux")]
        if let Err(error) = socket.set_tcp_user_timeout(Some(self.unread_timeout)) {
            tracing::debug!(%error, "cannot set TCP_USER_TIMEOUT");
        }
        let metrics = self.metrics.clone();
        (CountingStream { inner, metrics }, Peer(address))
    }
}

/// A connection that counts its bytes.
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
