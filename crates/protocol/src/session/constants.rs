//! All numbers of the client's connection: milliseconds, bytes or counts, as their names say.
//!
//! They are those of the wire protocol's document. If another project has proved a number, it is
//! named.

/// Time after which a socket that has not opened is abandoned (centrifuge-js: 5 s).
pub const CONNECT_TIMEOUT_MS: i64 = 5_000;
/// Time after which a server that has not answered hello is abandoned.
pub const WELCOME_TIMEOUT_MS: i64 = 5_000;

/// Interval of the server's pings, until its welcome sets another.
pub const PING_INTERVAL_MS: i64 = 20_000;
/// Delay allowed for a frame beyond the server's interval (centrifuge-js: `maxServerPingDelay`).
pub const PING_GRACE_MS: i64 = 10_000;
/// Time without a frame after which the link of a hidden page is dead. If the server's interval
/// plus [`PING_GRACE_MS`] is longer, that applies.
pub const WATCHDOG_MS: i64 = 30_000;
/// Silence after which a link is probed, on a wake and while the page is visible. It limits the
/// time that a person looks at a board that does not know that it is stale.
pub const PROBE_AFTER_SILENCE_MS: i64 = 5_000;
/// Time after which the link is dead if a probe is unanswered: a probe on a wake, or the last one
/// of a hidden page.
pub const PROBE_TIMEOUT_MS: i64 = 3_000;
/// Same timeout for the regular probes of a visible page. A server that is slow for a moment must
/// not get a storm of reconnects, so it is as long as the server's own wait for a pong.
pub const ANSWER_TIMEOUT_MS: i64 = 8_000;
/// Time after which an unanswered probe puts the link in doubt: until a frame arrives, the board is
/// not called live. It is longer than a round trip, so that the badge does not flicker.
pub const PROBE_DOUBT_MS: i64 = 500;
/// Silence after which a legacy link is replaced on a wake, since it cannot be probed. Also the
/// time, after the timeout of a welcome, for which a server is taken for an older one without
/// proof.
pub const LEGACY_SILENCE_MS: i64 = 60_000;

/// Base of delays, which are `uniform(0, min(cap, base * 2^n))` (centrifuge-js: 500 ms).
pub const BACKOFF_BASE_MS: i64 = 500;
/// Base after a link that lived longer than [`LONG_LIFE_MS`] (Convex: 100 ms).
pub const BACKOFF_BASE_AFTER_LONG_LIFE_MS: i64 = 100;
/// Base after close codes 4005 and 1013, with which the server reports an overload (Convex: 3 s).
pub const BACKOFF_BASE_OVERLOADED_MS: i64 = 3_000;
/// Lifetime of a link from which on [`BACKOFF_BASE_AFTER_LONG_LIFE_MS`] applies.
pub const LONG_LIFE_MS: i64 = 60_000;
/// Longest delay of a visible page (centrifuge-js: 20 s).
pub const BACKOFF_CAP_VISIBLE_MS: i64 = 20_000;
/// Longest delay of a hidden page, whose timers are throttled to one per minute anyway.
pub const BACKOFF_CAP_HIDDEN_MS: i64 = 60_000;
/// Time for which the connection must be good before attempts are counted from 0 again.
pub const BACKOFF_RESET_AFTER_MS: i64 = 10_000;
/// Time within which a retry follows when the machine is back on a network.
pub const ONLINE_RETRY_WITHIN_MS: i64 = 250;
/// Longest wait that `sys.bye` can request.
pub const BYE_MAX_MS: u64 = 60_000;
/// Number of failed attempts in a row before giving up: unlimited, unless configured.
pub const MAX_ATTEMPTS: Option<u32> = None;

/// Number of sockets in a row that must fail before streams are polled over HTTP. A socket fails if
/// it gets no welcome, or breaks off before the connection was good for [`BACKOFF_RESET_AFTER_MS`].
pub const POLL_AFTER_FAILURES: u32 = 2;
/// Interval at which streams are polled.
pub const POLL_MS: i64 = 3_000;
/// Interval at which streams are polled while the page is hidden.
pub const POLL_HIDDEN_MS: i64 = 30_000;
/// Time after which a poll without an answer has failed.
pub const POLL_TIMEOUT_MS: i64 = 10_000;
/// Age at which the last answer to a poll no longer proves that the board is complete. It is more
/// than a minute, since browsers throttle the timers of a hidden page to one per minute.
pub const POLL_STALE_MS: i64 = 90_000;
/// Longest time by which the server can delay polls with `Retry-After`.
pub const POLL_PUT_OFF_MAX_MS: i64 = 60_000;
/// Time within which the first answered poll brings the next socket forward: the server may just
/// have started.
pub const HASTEN_SOCKET_MS: i64 = 1_000;

/// Number of events held behind a gap.
pub const HOLD_EVENTS: usize = 64;
/// Time for which events are held behind a gap.
pub const HOLD_MS: i64 = 250;
/// Time within which a second gap at the same position is filled by a snapshot. [`RESYNC_LIMIT`]
/// resyncs within it pause the stream.
pub const RESYNC_WINDOW_MS: i64 = 60_000;
/// Number of resyncs of one stream in [`RESYNC_WINDOW_MS`] before it is paused (Electric: 5 in its
/// fast-loop guard).
pub const RESYNC_LIMIT: usize = 5;
/// Shortest pause of a stream.
pub const PAUSE_MIN_MS: i64 = 1_000;
/// Longest pause of a stream.
pub const PAUSE_MAX_MS: i64 = 30_000;
/// Time after which a subscription is requested again if it is unanswered or its replay stops.
pub const SUBSCRIBE_TIMEOUT_MS: i64 = 5_000;
/// Time after which the application is asked for a snapshot again, while there is a connection.
pub const SNAPSHOT_TIMEOUT_MS: i64 = 15_000;

/// Number of commands that may wait to be sent or answered.
pub const OUTBOX_COMMANDS: usize = 256;
/// Total size of these commands as text.
pub const OUTBOX_BYTES: usize = 256 * 1024;
/// Time after which the caller is told that a waiting command was not executed.
pub const OUTBOX_TTL_MS: i64 = 30_000;
/// Number of commands that may be sent without an answer.
pub const OUTBOX_IN_FLIGHT: usize = 16;
/// Longest frame that the server reads, until its welcome sets another limit.
pub const MAX_FRAME_BYTES: u64 = 64 * 1024;
/// Number of unsent bytes above which a socket takes no commands.
pub const BUFFERED_LIMIT_BYTES: u64 = 1024 * 1024;
/// Interval at which a socket with too many unsent bytes is checked again.
pub const BUFFERED_POLL_MS: i64 = 250;

/// Close code of a socket that is no longer wanted. A browser may send only this one and 3000-4999.
pub const CLOSE_NORMAL: u16 = 1000;
/// Close code of a socket that is taken for dead.
pub const CLOSE_NO_ANSWER: u16 = crate::frame::close::NO_PONG;
