//! Every number of the client's connection. Milliseconds, bytes or counts, as the names say.
//!
//! They are those of the wire protocol's document; where another project proved a number, it is named.

/// A socket that has not opened after this long is abandoned (centrifuge-js: 5 s).
pub const CONNECT_TIMEOUT_MS: i64 = 5_000;
/// A server that has not answered hello after this long is abandoned.
pub const WELCOME_TIMEOUT_MS: i64 = 5_000;

/// How often the server pings, until its welcome says otherwise.
pub const PING_INTERVAL_MS: i64 = 20_000;
/// How much later than the server's interval a frame may come (centrifuge-js: `maxServerPingDelay`).
pub const PING_GRACE_MS: i64 = 10_000;
/// The link of a hidden page is dead after this long without a frame, or after the server's interval and [`PING_GRACE_MS`] if that is
/// longer.
pub const WATCHDOG_MS: i64 = 30_000;
/// A link that was silent for this long is probed, on a wake and while the page is visible: nobody looks longer at a board that does not
/// know that it is stale.
pub const PROBE_AFTER_SILENCE_MS: i64 = 5_000;
/// A probe on a wake, and the last of a hidden page, that is not answered after this long means that the link is dead.
pub const PROBE_TIMEOUT_MS: i64 = 3_000;
/// The same of the probes that a visible page sends all the time, which a server that is slow for a moment must not answer with a storm
/// of reconnects: as long as the server waits for an answer to its own.
pub const ANSWER_TIMEOUT_MS: i64 = 8_000;
/// A probe that is not answered after this long puts the link in doubt: until a frame comes, the board is not called live. Longer
/// than a round trip, so that the badge does not flicker.
pub const PROBE_DOUBT_MS: i64 = 500;
/// A legacy link that was silent for this long is replaced on a wake, since it cannot be probed. For
/// as long, after the time for a welcome, a server is taken for an older one without a proof.
pub const LEGACY_SILENCE_MS: i64 = 60_000;

/// Delays are `uniform(0, min(cap, base * 2^n))`; this is the base (centrifuge-js: 500 ms).
pub const BACKOFF_BASE_MS: i64 = 500;
/// The base after a link that lived longer than [`LONG_LIFE_MS`] (Convex: 100 ms).
pub const BACKOFF_BASE_AFTER_LONG_LIFE_MS: i64 = 100;
/// The base after close codes 4005 and 1013: the server is overloaded (Convex: 3 s).
pub const BACKOFF_BASE_OVERLOADED_MS: i64 = 3_000;
/// See [`BACKOFF_BASE_AFTER_LONG_LIFE_MS`].
pub const LONG_LIFE_MS: i64 = 60_000;
/// The longest delay of a visible page (centrifuge-js: 20 s).
pub const BACKOFF_CAP_VISIBLE_MS: i64 = 20_000;
/// The longest delay of a hidden page, whose timers are throttled to one a minute anyway.
pub const BACKOFF_CAP_HIDDEN_MS: i64 = 60_000;
/// Attempts are counted from 0 again only after the connection was good for this long.
pub const BACKOFF_RESET_AFTER_MS: i64 = 10_000;
/// When the machine is back on a network: retry within this long.
pub const ONLINE_RETRY_WITHIN_MS: i64 = 250;
/// The longest wait that `sys.bye` can ask for.
pub const BYE_MAX_MS: u64 = 60_000;
/// Attempts in a row before giving up: never, unless configured.
pub const MAX_ATTEMPTS: Option<u32> = None;

/// Sockets in a row that fail before streams are polled over HTTP: those that are not welcomed, and
/// those that break off before the connection was good for [`BACKOFF_RESET_AFTER_MS`].
pub const POLL_AFTER_FAILURES: u32 = 2;
/// Interval at which streams are polled.
pub const POLL_MS: i64 = 3_000;
/// Interval at which streams are polled while nobody can see the page.
pub const POLL_HIDDEN_MS: i64 = 30_000;
/// Time after which a poll without an answer has failed.
pub const POLL_TIMEOUT_MS: i64 = 10_000;
/// Age from which the last answer to a poll no longer shows that the board is complete. It is more
/// than a minute, since browsers let the timers of a hidden page come once a minute only.
pub const POLL_STALE_MS: i64 = 90_000;
/// Longest time for which the server can put off polls by `Retry-After`.
pub const POLL_PUT_OFF_MAX_MS: i64 = 60_000;
/// The first poll that is answered brings the next socket forward to within this long: the server
/// may just have started.
pub const HASTEN_SOCKET_MS: i64 = 1_000;

/// Events held behind a gap.
pub const HOLD_EVENTS: usize = 64;
/// How long events are held behind a gap.
pub const HOLD_MS: i64 = 250;
/// A gap at the same position again within this long is filled by a snapshot; [`RESYNC_LIMIT`] resyncs within it pause the stream.
pub const RESYNC_WINDOW_MS: i64 = 60_000;
/// Resyncs of one stream in [`RESYNC_WINDOW_MS`] before it is paused (Electric: 5 in its fast-loop guard).
pub const RESYNC_LIMIT: usize = 5;
/// The shortest pause of a stream.
pub const PAUSE_MIN_MS: i64 = 1_000;
/// The longest pause of a stream.
pub const PAUSE_MAX_MS: i64 = 30_000;
/// A subscription that is not answered, or whose replay stops, is asked for again after this long.
pub const SUBSCRIBE_TIMEOUT_MS: i64 = 5_000;
/// The application is asked for a snapshot again after this long, while there is a connection.
pub const SNAPSHOT_TIMEOUT_MS: i64 = 15_000;

/// Commands that wait to be sent or answered.
pub const OUTBOX_COMMANDS: usize = 256;
/// Their size together, as text.
pub const OUTBOX_BYTES: usize = 256 * 1024;
/// How long a command waits before the caller is told that it was not done.
pub const OUTBOX_TTL_MS: i64 = 30_000;
/// Commands that were sent and not answered yet.
pub const OUTBOX_IN_FLIGHT: usize = 16;
/// The longest frame that the server reads, until its welcome says otherwise.
pub const MAX_FRAME_BYTES: u64 = 64 * 1024;
/// A socket with more than this unsent takes no commands.
pub const BUFFERED_LIMIT_BYTES: u64 = 1024 * 1024;
/// How often such a socket is looked at again.
pub const BUFFERED_POLL_MS: i64 = 250;

/// Close code of a socket that is no longer wanted. A browser may send only this one and 3000-4999.
pub const CLOSE_NORMAL: u16 = 1000;
/// Close code of a socket that is taken for dead.
pub const CLOSE_NO_ANSWER: u16 = crate::frame::close::NO_PONG;
