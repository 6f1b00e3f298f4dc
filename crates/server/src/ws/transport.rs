//! The WebSocket itself: the only module that knows which library frames, masks and compresses.
//!
//! One task owns a [`Socket`]: it queues frames while there is room, and waits for [`Socket::event`], which writes and
//! reads. Compression is permessage-deflate without kept context in both directions: the state comes from a pool for the
//! time of one message, so an idle connection has none of it.

mod fragments;
pub(super) mod offer;

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
use super::limits::Limits;
use fragments::{Fragments, Part};

/// Bytes that are queued before they must be written, and the size that the write buffer shrinks to: what an idle connection
/// keeps. Larger frames pass, but one at a time.
const WRITE_BUFFER: usize = 8 << 10;

/// The size of the read buffer of a connection that reads small frames.
const READ_BUFFER: usize = 1 << 10;

/// Compressors that are kept between messages: about two a processor.
static POOL: LazyLock<DeflatePool> = LazyLock::new(|| {
    DeflatePool::new(2 * std::thread::available_parallelism().map_or(2, std::num::NonZero::get))
});

/// What came from the peer, or became of what was sent.
#[derive(Debug)]
pub(super) enum SocketEvent {
    /// A text message, valid UTF-8.
    Text(String),
    /// A binary message.
    Binary,
    /// A ping of the WebSocket itself; it was answered already.
    Ping,
    /// The answer to [`Socket::ping`].
    Pong,
    /// A part of a message, not its last.
    Fragment,
    /// Everything queued was written; there is room again.
    Written,
    /// The connection has ended, or will once the closing frame is written; with the code that the peer gave, or was
    /// given.
    Closed(u16),
    /// The peer broke a rule that the library does not answer itself: close with this code.
    Violation(u16),
}

/// An upgrade that was answered and will become a [`Socket`] when the answer is sent.
pub(super) struct Accepting {
    upgraded: UpgradeFut,
    max_frame: usize,
}

/// Answers an upgrade.
pub(super) fn accept(
    upgrade: IncomingUpgrade,
    limits: &Limits,
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
    /// Waits until the answer is sent.
    pub(super) async fn socket(self) -> Option<Socket> {
        match self.upgraded.await {
            Ok(inner) => Some(Socket {
                inner: inner.into_streaming(),
                fragments: Fragments::default(),
                max_frame: self.max_frame,
                queued: 0,
                failed: false,
            }),
            Err(error) => {
                tracing::debug!(%error, "an upgrade was not completed");
                None
            }
        }
    }
}

/// See the module.
pub(super) struct Socket {
    inner: Streaming<HttpStream>,
    /// The message that is coming in.
    fragments: Fragments,
    /// The longest message, in bytes.
    max_frame: usize,
    /// Bytes queued since everything was last written.
    queued: usize,
    failed: bool,
}

impl Socket {
    /// Whether another frame may be queued before the queued ones are written.
    pub(super) fn has_room(&self) -> bool {
        self.queued < WRITE_BUFFER
    }

    /// Whether something waits to be written.
    pub(super) fn is_writing(&self) -> bool {
        self.queued > 0
    }

    /// Queues a text frame.
    pub(super) fn send(&mut self, text: Bytes) {
        self.queue(Frame::text(text));
    }

    /// Queues a ping of the WebSocket itself.
    pub(super) fn ping(&mut self) {
        self.queue(Frame::ping(Bytes::new()));
    }

    /// Queues the closing frame.
    pub(super) fn close(&mut self, code: u16, reason: &str) {
        self.queue(Frame::close(CloseCode::from(code), reason));
    }

    fn queue(&mut self, frame: Frame) {
        // At least 1, so that an empty frame is seen as waiting too.
        self.queued += frame.payload().len() + 2;
        if let Err(error) = self.inner.start_send_unpin(frame) {
            tracing::debug!(%error, "a frame could not be queued");
            self.failed = true;
        }
    }

    /// Writes what is queued, and reads the next message if `reading`. Nothing is lost when the wait is given up.
    pub(super) async fn event(&mut self, reading: bool) -> SocketEvent {
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

    /// The library queues the closing frame itself for some errors, and not for others: then the next read goes on.
    fn explain(&mut self, error: &WebSocketError, cx: &mut Context<'_>) -> SocketEvent {
        tracing::debug!(%error, "reading from a client ended");
        let code = match error {
            WebSocketError::FrameTooLarge => 1009,
            WebSocketError::InvalidUTF8 => 1007,
            // A message that cannot be inflated: the library takes the code for a failure of its own.
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

/// The code that stands for "no closing frame came".
const ABNORMAL: u16 = 1006;

/// How long a connection that sent too large a frame is kept after the closing frame, so that a client which is still
/// sending gets to read it.
const LINGER: Duration = Duration::from_millis(500);

/// The closing handshake: sends the closing frame unless the peer began, and waits for the end, but not long.
pub(super) async fn finish(socket: &mut Socket, close: Close, within: Duration) {
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
                // The peer answered our closing frame. The library has an answer to that queued, and browsers take a second closing frame
                // for a failed connection: they would report 1006 instead of the code.
                SocketEvent::Closed(_) if !close.peer => break,
                _ => {}
            }
        }
        if close.code == close::TOO_BIG {
            sleep(LINGER).await;
        }
    };
    // Whoever does not answer in time is left alone.
    let _ = timeout(within, end).await;
}
