//! The limits and deadlines of sockets, each with its default. Tests shorten the deadlines.

use std::time::Duration;

/// See the module.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections of the server in all. One more is accepted and closed with 4503, since a browser cannot see why an
    /// upgrade was refused.
    pub max_connections: usize,
    /// Connections from one address of another machine, an IPv6 address with its /64. One more is closed with 4503.
    pub max_connections_per_address: usize,
    /// Connections with one token, by itself or by the browsers that it signed in; the secret of `--token` is none. One more is closed
    /// with 4503.
    pub max_connections_per_user: usize,
    /// Upgrades a second of the server over time; one more is answered with 503 and `Retry-After`, which costs little.
    pub upgrades_per_second: u32,
    /// How many of them may come at once: all come back at the same moment after a restart.
    pub upgrades_burst: u32,
    /// The longest message that a client may send, in bytes, also after decompression. A longer one closes with 1009.
    pub max_frame: usize,
    /// Streams that one connection may be subscribed to.
    pub max_subscriptions: usize,
    /// Commands of one connection that are executed at the same moment. The next ones wait in the socket.
    pub max_commands: usize,
    /// Commands a second that one connection may send over time; one more is refused, and changes nothing.
    pub commands_per_second: u32,
    /// How many of them may come at once: a board that was away sends what waited, at most 256.
    pub commands_burst: u32,
    /// Messages a second, commands and all others, that one connection may send over time; more closes with 4005.
    pub frames_per_second: u32,
    /// How many of them may come at once.
    pub frames_burst: u32,
    /// Answers waiting to be written, in bytes, at which nothing more is read from the client until it reads.
    pub max_waiting_answers: usize,
    /// Events that are replayed to a client that comes back; a client further behind must fetch a snapshot.
    pub max_replay: u64,
    /// Events in one frame, for clients that read batches. Sixteen compress as well as a kept context would.
    pub batch_events: usize,
    /// Bytes of events in one frame, for clients that read batches.
    pub batch_bytes: usize,
    /// Within what time the first frame must come (4008).
    pub hello_timeout: Duration,
    /// How often the server pings; the first ping comes after a random half to whole of it.
    pub ping_interval: Duration,
    /// Within what time the answer must come (4002).
    pub pong_timeout: Duration,
    /// How long a client may leave unread what was written to it (4001).
    pub stall_timeout: Duration,
    /// How long the closing handshake may take.
    pub close_timeout: Duration,
    /// In a drain: over what time the connections are closed, each at a random moment of it.
    pub drain_window: Duration,
    /// In a drain: within what time clients are asked to come back, each at a random moment of it.
    pub reconnect_window: Duration,
    /// How often the coordination monitor is told everything, whether or not something changed.
    pub coordination_interval: Duration,
    /// Messages of at least this many bytes are compressed, where the client can read that.
    pub compress_from: usize,
}

impl Default for Limits {
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
