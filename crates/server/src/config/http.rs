//! Limits and deadlines of HTTP connections.

use std::time::Duration;

/// Limits and deadlines of HTTP connections, each with its default. Tests shorten the deadlines.
#[derive(Clone, Debug)]
pub struct HttpLimits {
    /// Maximum number of connections that have not become WebSockets, which have a limit of their
    /// own. One more is answered with 503, and closed.
    pub max_connections: usize,
    /// Maximum number of those from one address of another machine that is no trusted proxy. An
    /// IPv6 address counts with its /64. One more is refused as above.
    pub max_connections_per_address: usize,
    /// Header and keep-alive timeout, counted from the last answer; then the connection is closed.
    ///
    /// 75 s as nginx (`keepalive_timeout`); not 60 s, so that clients polling every minute do not
    /// race the close.
    pub header_timeout: Duration,
    /// Deadline for all of a request's body; then the request is answered with 408.
    pub body_timeout: Duration,
    /// Time that sent data may wait for the peer to take it; then the system closes the connection
    /// (Linux: `TCP_USER_TIMEOUT`).
    ///
    /// WebSockets have a shorter deadline of their own.
    pub unread_timeout: Duration,
    /// Maximum bytes of all answers that wait to be read: answers to requests, and rows sent to
    /// sockets.
    ///
    /// Small ones are not counted. A large answer without room is refused with 503; a socket's
    /// waits.
    pub buffered_bytes: usize,
    /// The same limit for one token, or for one address of another machine if there is no token.
    pub buffered_bytes_per_caller: usize,
    /// Maximum bytes of all request bodies that were received, until the requests are done.
    ///
    /// Bodies of up to 16 KiB are not counted. A request without room is refused with 503, and
    /// changes nothing.
    pub received_bytes: usize,
    /// The same limit for one token or address.
    pub received_bytes_per_caller: usize,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            max_connections: 5_000,
            max_connections_per_address: 500,
            header_timeout: Duration::from_secs(75),
            body_timeout: Duration::from_secs(120),
            unread_timeout: Duration::from_secs(60),
            buffered_bytes: 64 << 20,
            buffered_bytes_per_caller: 32 << 20,
            received_bytes: 64 << 20,
            received_bytes_per_caller: 32 << 20,
        }
    }
}
