//! Limits of `tasktree run`. docs/cli.md lists those that a person notices.

use std::time::Duration;

/// Silence after which the screen counts as complete.
pub(crate) const SETTLED: Duration = Duration::from_millis(200);

/// Longest time between the report of a wait and its question, if the screen keeps changing.
pub(crate) const ASK_WITHIN: Duration = Duration::from_millis(600);

/// Shortest time between a question and the one that replaces it because the screen has changed.
pub(crate) const ASK_AGAIN: Duration = Duration::from_secs(2);

/// Number of such replacements for one report. A program that redraws its prompt all the time would
/// ask without end.
pub(crate) const ASKS_PER_REPORT: u32 = 8;

/// Number of rows above the cursor that belong to a prompt.
pub(crate) const ROWS_ABOVE: u16 = 14;

/// Number of rows below the cursor that belong to a prompt.
pub(crate) const ROWS_BELOW: u16 = 4;

/// Maximum number of bytes of a question's text.
pub(crate) const QUESTION_BYTES: usize = 2048;

/// Maximum number of answers that a question proposes: each has a key of one digit.
pub(crate) const CHOICES: usize = 9;

/// Maximum number of characters of a proposed answer.
pub(crate) const CHOICE_CHARS: usize = 200;

/// Maximum number of log lines that wait while the server is slow or away. The oldest are dropped.
pub(crate) const WAITING_LINES: usize = 2000;

/// Maximum number of bytes of a log line; the server cuts at the same length.
pub(crate) const LINE_BYTES: usize = 8 * 1024;

/// Maximum number of bytes of output that wait to be interpreted. What is beyond is not, and a line
/// of the log says so: the terminal itself never waits.
#[cfg(unix)]
pub(crate) const WAITING_BYTES: usize = 4 << 20;

/// Time in which an answer is typed once it has been sent to the terminal.
#[cfg(unix)]
pub(crate) const TYPE_WITHIN: Duration = Duration::from_secs(2);

/// Longest wait for the program to show a typed text before the Enter key follows.
#[cfg(unix)]
pub(crate) const ECHO_WITHIN: Duration = Duration::from_millis(500);

/// Time for the last output of a program that has ended, if programs that it started keep its
/// terminal open.
#[cfg(unix)]
pub(crate) const DRAIN_WITHIN: Duration = Duration::from_millis(500);
