//! Limits of the command line. docs/cli.md lists those that a person notices.

use std::time::Duration;

/// Time in which a server has to accept a connection.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Time in which a request has to be answered, from the resolution of the name to the last byte.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Maximum size of a response. A page of tasks with their texts is far smaller.
pub(crate) const RESPONSE_BYTES: u64 = 64 << 20;

/// Maximum size of a text that is read from standard input or a file.
pub(crate) const TEXT_BYTES: u64 = 1 << 20;

/// Pause between two looks at the server while a verb waits: for a task, an answer or events.
pub(crate) const POLL_PAUSE: Duration = Duration::from_secs(1);

/// Longest time between two claims or heartbeats of a waiting agent. Agents that are not heard from
/// for two minutes count as silent.
pub(crate) const SIGN_OF_LIFE: Duration = Duration::from_secs(30);

/// Time in which a server has to accept the connection of a hook.
pub(crate) const HOOK_CONNECT_TIMEOUT: Duration = Duration::from_millis(300);

/// Time after which a hook ends, whatever it is doing.
pub(crate) const HOOK_TIMEOUT: Duration = Duration::from_secs(1);

/// Maximum size of an event as the harness writes it. Results of tools may be large.
pub(crate) const HOOK_INPUT_BYTES: u64 = 32 << 20;

/// Maximum size of the body of a hook; the server has the same limit. Of a larger event, the result
/// of the tool is left out, and its input if need be.
pub(crate) const HOOK_BODY_BYTES: usize = 1 << 20;

/// Maximum size of the log of hooks. The older half is dropped when it is full.
pub(crate) const HOOK_LOG_BYTES: u64 = 64 << 10;

/// Default time for which a permission request waits for an answer on the board, in seconds.
pub(crate) const DECISION_SECONDS: u64 = 300;

/// Longest such time; the server has the same limit. The timeouts of hooks in `integrations/` are
/// longer.
pub(crate) const MAX_DECISION_SECONDS: u64 = 600;

/// Maximum size of the text that `prime` prints.
pub(crate) const PRIME_BYTES: usize = 1024;

/// Time in which a server has to accept a connection before `run` starts its program without it.
pub(crate) const RUN_CONNECT_TIMEOUT: Duration = Duration::from_millis(300);

/// Time for each request before the program of `run` starts.
pub(crate) const RUN_START_TIMEOUT: Duration = Duration::from_secs(1);

/// Time for the last reports after the program of `run` has ended.
pub(crate) const RUN_END_TIMEOUT: Duration = Duration::from_secs(3);

/// Longest pause between two attempts to reach a server that is away.
pub(crate) const RETRY_PAUSE: Duration = Duration::from_secs(15);

/// Number of log lines that are sent in one request at most; the server accepts 1,000.
pub(crate) const LOG_BATCH_LINES: usize = 200;

/// Time for which a log line waits for others before it is sent.
pub(crate) const LOG_BATCH_DELAY: Duration = Duration::from_millis(500);

/// Default number of tasks of `list`.
pub(crate) const LISTED_TASKS: u32 = 50;

/// Number of the newest comments that `show` prints.
pub(crate) const SHOWN_COMMENTS: usize = 10;

/// Number of events that `watch` requests at once.
pub(crate) const EVENTS_PER_REQUEST: u32 = 500;

/// Default time of a lease.
pub(crate) const LEASE_TIME: Duration = Duration::from_secs(30 * 60);

/// Time for which a request of `tasktree mcp` waits for a server that is not there.
pub(crate) const MCP_PATIENCE: Duration = Duration::from_secs(10);

/// Number of requests of `tasktree mcp` that wait for their answers at once.
pub(crate) const MCP_REQUESTS: usize = 32;

/// Maximum size of a request of `tasktree mcp`; that of the server is smaller.
pub(crate) const MCP_LINE_BYTES: u64 = 4 << 20;
