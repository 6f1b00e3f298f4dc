//! Close codes that the server sends.
//!
//! 3000-3499 and 4000-4499 mean that a client may reconnect, 3500-3999 and 4500-4999 that it must
//! not. That is the rule of <https://centrifugal.dev/docs/server/codes>.

/// The server is shutting down; the client should reconnect.
pub const DRAIN: u16 = 4000;
/// The client read nothing for 30 s.
pub const NO_PROGRESS: u16 = 4001;
/// The client did not answer a ping.
pub const NO_PONG: u16 = 4002;
/// The client sent too many frames.
pub const RATE_LIMITED: u16 = 4005;
/// The server failed.
pub const SERVER_ERROR: u16 = 4006;
/// No hello arrived.
pub const NO_HELLO: u16 = 4008;
/// The credential is not valid.
pub const INVALID_TOKEN: u16 = 4500;
/// A frame could not be parsed.
pub const BAD_REQUEST: u16 = 4501;
/// There are too many connections.
pub const TOO_MANY_CONNECTIONS: u16 = 4503;
/// A frame was too large.
pub const FRAME_TOO_LARGE: u16 = 4504;
/// The server does not speak the client's protocol version.
pub const VERSION: u16 = 4505;
/// Message too big, from RFC 6455.
pub const TOO_BIG: u16 = 1009;

/// Returns true if a client must not reconnect after a close with that code. 1009 is terminal
/// because the same frame would be refused again.
pub const fn is_terminal(code: u16) -> bool {
    matches!(code, 1009 | 3500..=3999 | 4500..=4999)
}
