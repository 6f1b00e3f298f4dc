//! The WebSocket transport: the only module that knows the library that frames, masks and
//! compresses.
//!
//! One task owns a [`Socket`]. It queues frames while there is room, and waits for
//! [`Socket::event`], which writes and reads. Compression is permessage-deflate without kept
//! context in both directions: the state comes from a pool for the duration of one message, so an
//! idle connection has none.

mod fragments;
pub(crate) mod offer;

use std::future::poll_fn;
use std::io::ErrorKind;
use std::sync::LazyLock;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::response::Response;
use bytes::Bytes;
use futures_util::{Sink, SinkExt};
use tasktree_protocol::frame::close;
use tokio::time::{sleep, timeout};
use yawc::close::CloseCode;
use yawc::frame::{Frame, OpCode};
use yawc::streaming::Streaming;
use yawc::{
    CompressionLevel, DeflatePool, HttpStream, IncomingUpgrade, Options, UpgradeFut, WebSocketError,
};

use super::Close;
use crate::config::SocketLimits;
use fragments::{Fragments, Part};

/// Bytes that are queued before they have to be written. The write buffer shrinks to this size, so
/// an idle connection keeps this much. Larger frames pass, but one at a time.
const WRITE_BUFFER: usize = 8 << 10;

/// Size of the read buffer of a connection that reads small frames, in bytes.
const READ_BUFFER: usize = 1 << 10;

/// Pool of compressors that are kept between messages: about two per processor.
static POOL: LazyLock<DeflatePool> = LazyLock::new(|| {
    DeflatePool::new(2 * std::thread::available_parallelism().map_or(2, std::num::NonZero::get))
});

/// Event of a socket: received from the peer, or the result of sending.
#[derive(Debug)]
pub(crate) enum SocketEvent {
    /// A text message, valid UTF-8.
    Text(String),
    /// A binary message.
    Binary,
    /// A WebSocket ping. It was already answered.
    Ping,
    /// The answer to [`Socket::ping`].
    Pong,
    /// A part of a message, except the last one.
    Fragment,
    /// Everything queued was written; there is room again.
    Written,
    /// End of the connection, now or once the closing frame is written, with the code that was
    /// received or sent.
    Closed(u16),
    /// Protocol violation that the library does not answer itself: close with this code.
    Violation(u16),
}

/// Upgrade that was answered and becomes a [`Socket`] when the answer is sent.
pub(crate) struct Accepting {
    upgraded: UpgradeFut,
    max_frame: usize,
}

/// Answers an upgrade request.
pub(crate) fn accept(
    upgrade: IncomingUpgrade,
    limits: &SocketLimits,
) -> Result<(Response, Accepting), String> {
    // The library refuses a frame of exactly the limit.
    let max_frame = limits.max_frame + 1;
    let options = Options::default()
        .with_limits(max_frame, max_frame)
        .with_read_buffer_capacity(READ_BUFFER)
        .with_write_buffer_capacity(READ_BUFFER)
        .with_backpressure_boundary(WRITE_BUFFER)
        .with_compression_level(CompressionLevel::fast())
        .with_compression_threshold(limits.compress_from)
        .with_deflate_pool(POOL.clone())
        .server_no_context_takeover()
        .client_no_context_takeover();
    let (response, upgraded) = upgrade
        .upgrade(options)
        .map_err(|error| error.to_string())?;
    let accepting = Accepting {
        upgraded,
        max_frame: limits.max_frame,
    };
    Ok((response.map(axum::body::Body::new), accepting))
}

impl Accepting {
    /// Waits until the answer is sent. Returns `None` if the upgrade failed.
    pub(crate) async fn socket(self) -> Option<Socket> {
        match self.upgraded.await {
            Ok(inner) => Some(Socket {
                inner: inner.into_streaming(),
                fragments: Fragments::default(),
                max_frame: self.max_frame,
                queued: 0,
                failed: false,
            }),
            Err(error) => {
                tracing::debug!(%error, "upgrade not completed");
                None
            }
        }
    }
}

/// WebSocket of one connection.
pub(crate) struct Socket {
    inner: Streaming<HttpStream>,
    /// Message that is being received.
    fragments: Fragments,
    /// Longest allowed message, in bytes.
    max_frame: usize,
    /// Bytes queued since everything was last written.
    queued: usize,
    failed: bool,
}

impl Socket {
    /// Returns true if another frame may be queued before the queued ones are written.
    pub(crate) fn has_room(&self) -> bool {
        self.queued < WRITE_BUFFER
    }

    /// Returns true if data waits to be written.
    pub(crate) fn is_writing(&self) -> bool {
        self.queued > 0
    }

    /// Queues a text frame.
    pub(crate) fn send(&mut self, text: Bytes) {
        self.queue(Frame::text(text));
    }

    /// Queues a WebSocket ping.
    pub(crate) fn ping(&mut self) {
        self.queue(Frame::ping(Bytes::new()));
    }

    /// Queues the closing frame.
    pub(crate) fn close(&mut self, code: u16, reason: &str) {
        self.queue(Frame::close(CloseCode::from(code), reason));
    }

    fn queue(&mut self, frame: Frame) {
        // At least 1, so that an empty frame counts as waiting too.
        self.queued += frame.payload().len() + 2;
        if let Err(error) = self.inner.start_send_unpin(frame) {
            tracing::debug!(%error, "cannot queue a frame");
            self.failed = true;
        }
    }

    /// Writes queued data, and reads the next message if `reading`. Cancel safe: nothing is lost.
    pub(crate) async fn event(&mut self, reading: bool) -> SocketEvent {
        poll_fn(|cx| self.poll_event(reading, cx)).await
    }

    fn poll_event(&mut self, reading: bool, cx: &mut Context<'_>) -> Poll<SocketEvent> {
        if self.failed {
            return Poll::Ready(SocketEvent::Closed(ABNORMAL));
        }
        if self.is_writing()
            && let Poll::Ready(written) = std::pin::Pin::new(&mut self.inner).poll_flush(cx)
        {
            self.queued = 0;
            self.failed = written.is_err();
            return Poll::Ready(if self.failed {
                SocketEvent::Closed(ABNORMAL)
            } else {
                SocketEvent::Written
            });
        }
        if !reading {
            return Poll::Pending;
        }
        match ready!(self.inner.poll_next_frame(cx)) {
            Ok(frame) => Poll::Ready(self.read(&frame)),
            Err(error) => Poll::Ready(self.explain(&error, cx)),
        }
    }

    fn read(&mut self, frame: &Frame) -> SocketEvent {
        let opcode = frame.opcode();
        match opcode {
            OpCode::Ping => return SocketEvent::Ping,
            OpCode::Pong => return SocketEvent::Pong,
            OpCode::Close => {
                return SocketEvent::Closed(frame.close_code().map_or(1005, u16::from));
            }
            OpCode::Text | OpCode::Binary | OpCode::Continuation => {}
        }
        let (is_last, data) = (frame.is_fin(), frame.payload());
        match self.fragments.add(opcode, is_last, data, self.max_frame) {
            Part::Open => SocketEvent::Fragment,
            Part::Whole(OpCode::Text, message) => match String::from_utf8(message) {
                Ok(text) => SocketEvent::Text(text),
                Err(_) => SocketEvent::Violation(1007),
            },
            Part::Whole(..) => SocketEvent::Binary,
            Part::OutOfOrder => SocketEvent::Violation(1002),
            Part::TooLarge => SocketEvent::Violation(1009),
        }
    }

    /// Maps an error to its close code. For some errors the library queues the closing frame
    /// itself; the next read shows whether it did.
    fn explain(&mut self, error: &WebSocketError, cx: &mut Context<'_>) -> SocketEvent {
        tracing::debug!(%error, "cannot read from a client");
        let code = match error {
            WebSocketError::FrameTooLarge => 1009,
            WebSocketError::InvalidUTF8 => 1007,
            // A message that cannot be inflated: the library takes the code for one of its own
            // failures.
            WebSocketError::IoError(error) if error.kind() == ErrorKind::InvalidInput => 1011,
            WebSocketError::IoError(_) | WebSocketError::ConnectionClosed => {
                self.failed = true;
                return SocketEvent::Closed(ABNORMAL);
            }
            _ => 1002,
        };
        match self.inner.poll_next_frame(cx) {
            Poll::Ready(Err(WebSocketError::ConnectionClosed)) => SocketEvent::Closed(code),
            _ => SocketEvent::Violation(code),
        }
    }
}

/// Close code for "no closing frame came".
const ABNORMAL: u16 = 1006;

/// Time for which a connection that sent too large a frame stays open after the closing frame.
/// A client that is still sending gets to read that frame.
const LINGER: Duration = Duration::from_millis(500);

/// Performs the closing handshake, for at most `within`. Sends the closing frame unless the peer
/// began.
pub(crate) async fn finish(socket: &mut Socket, close: Close, within: Duration) {
    if close.code == ABNORMAL {
        return;
    }
    if !close.peer {
        socket.close(close.code, close.reason);
    }
    let end = async {
        loop {
            match socket.event(true).await {
                SocketEvent::Closed(ABNORMAL) => break,
                // The peer answered our closing frame. The library has queued an answer to that,
                // and browsers take a second closing frame for a failed connection: they would
                // report 1006 instead of the code.
                SocketEvent::Closed(_) if !close.peer => break,
                _ => {}
            }
        }
        if close.code == close::TOO_BIG {
            sleep(LINGER).await;
        }
    };
    // Give up on peers that do not answer in time.
    let _ = timeout(within, end).await;
}
