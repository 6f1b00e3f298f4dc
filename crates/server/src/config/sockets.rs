//! Limits and deadlines of sockets, each with its default. Tests shorten the deadlines.

use std::time::Duration;

/// Limits and deadlines of all sockets of a server.
#[derive(Clone, Debug)]
pub struct SocketLimits {
    /// Connections of the whole server. One more is accepted and closed with 4503, since a browser
    /// cannot see the reason for a refused upgrade.
    pub max_connections: usize,
    /// Connections from one address of another machine; an IPv6 address counts with its /64. One
    /// more is closed with 4503.
    pub max_connections_per_address: usize,
    /// Connections with one token, used directly or by the browsers that signed in with it. The
    /// secret of `--token` is not counted. One more is closed with 4503.
    pub max_connections_per_user: usize,
    /// Upgrades per second of the whole server over time. One more gets 503 and `Retry-After`,
    /// which costs little.
    pub upgrades_per_second: u32,
    /// Upgrades that may come at once: after a restart all clients reconnect at the same moment.
    pub upgrades_burst: u32,
    /// Longest message that a client may send, in bytes, also after decompression. A longer one
    /// closes with 1009.
    pub max_frame: usize,
    /// Streams that one connection may subscribe to.
    pub max_subscriptions: usize,
    /// Commands of one connection that are executed concurrently. The next ones wait in the socket.
    pub max_commands: usize,
    /// Commands per second that one connection may send over time. One more is refused and changes
    /// nothing.
    pub commands_per_second: u32,
    /// Commands that may come at once: a board that was offline sends its queue, at most 256.
    pub commands_burst: u32,
    /// Messages per second, including commands, that one connection may send over time. More closes
    /// with 4005.
    pub frames_per_second: u32,
    /// Messages that may come at once.
    pub frames_burst: u32,
    /// Replies waiting to be written, in bytes, at which the server stops reading from the client
    /// until it reads.
    pub max_waiting_answers: usize,
    /// Events that are replayed to a client that reconnects. A client further behind has to fetch a
    /// snapshot.
    pub max_replay: u64,
    /// Events in one frame, for clients that read batches. Sixteen compress as well as with a kept
    /// context.
    pub batch_events: usize,
    /// Bytes of events in one frame, for clients that read batches.
    pub batch_bytes: usize,
    /// Time within which the first frame has to arrive (4008).
    pub hello_timeout: Duration,
    /// Interval of the server's pings. The first ping comes after a random half to whole of it.
    pub ping_interval: Duration,
    /// Time within which a ping has to be answered (4002).
    pub pong_timeout: Duration,
    /// Time for which a client may leave written data unread (4001).
    pub stall_timeout: Duration,
    /// Time that the closing handshake may take.
    pub close_timeout: Duration,
    /// Time over which a drain closes the connections, each at a random moment of it.
    pub drain_window: Duration,
    /// Time within which clients are asked to reconnect after a drain, each at a random moment of
    /// it.
    pub reconnect_window: Duration,
    /// Interval at which the coordination monitor gets the whole state, even if nothing changed.
    pub coordination_interval: Duration,
    /// Size in bytes from which messages are compressed, if the client supports it.
    pub compress_from: usize,
}

impl Default for SocketLimits {
    fn default() -> Self {
        Self {
            max_connections: 10_000,
            max_connections_per_address: 500,
            max_connections_per_user: 500,
            upgrades_per_second: 1_000,
            upgrades_burst: 5_000,
            max_frame: 64 << 10,
            max_subscriptions: 128,
            max_commands: 16,
            commands_per_second: 25,
            commands_burst: 300,
            frames_per_second: 50,
            frames_burst: 400,
            max_waiting_answers: 256 << 10,
            max_replay: 2_000,
            batch_events: 16,
            batch_bytes: 32 << 10,
            hello_timeout: Duration::from_secs(10),
            ping_interval: Duration::from_secs(20),
            pong_timeout: Duration::from_secs(8),
            stall_timeout: Duration::from_secs(30),
            close_timeout: Duration::from_secs(2),
            drain_window: Duration::from_secs(1),
            reconnect_window: Duration::from_secs(5),
            coordination_interval: Duration::from_secs(2),
            compress_from: 512,
        }
    }
}
