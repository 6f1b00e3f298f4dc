//! The queue of the observer: what is shown and typed, and answers.

use std::collections::VecDeque;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::Outcome;
use crate::limits::WAITING_BYTES;
use crate::screen::Size;

/// Thing to be interpreted.
#[derive(Debug)]
pub(super) enum Seen {
    /// Output of the program.
    Output(Vec<u8>),
    /// Output that was left out.
    Skipped(u64),
    /// New size of the terminal.
    Resized(Size),
    /// Number of times that the person has typed.
    Typed(u64),
    /// Answer to be typed.
    Answer(Request),
    /// End of the program.
    Ended,
}

/// Answer to be typed.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) serial: u64,
    pub(super) text: String,
    pub(super) reply: SyncSender<Outcome>,
}

/// Queue of the observer. Cloning returns another handle.
#[derive(Clone, Debug, Default)]
pub(super) struct Inbox {
    shared: Arc<(Mutex<Queue>, Condvar)>,
}

#[derive(Debug, Default)]
struct Queue {
    seen: VecDeque<Seen>,
    bytes: usize,
    is_closed: bool,
}

impl Inbox {
    /// Adds something. Never waits: output that is too much is left out.
    pub(super) fn push(&self, seen: Seen) {
        let (queue, changed) = &*self.shared;
        let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.is_closed {
            // Drops the reply of an answer, whose sender then knows.
            return;
        }
        if let Seen::Output(output) = &seen {
            queue.bytes += output.len();
        }
        queue.seen.push_back(seen);
        if queue.bytes > WAITING_BYTES {
            queue.leave_out();
        }
        changed.notify_one();
    }

    /// Refuses everything from now on.
    pub(super) fn close(&self) {
        let (queue, changed) = &*self.shared;
        let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.is_closed = true;
        queue.seen.clear();
        changed.notify_all();
    }

    /// Takes the next thing; waits for it at most for a time, or without end.
    pub(super) fn take(&self, time: Option<Duration>) -> Option<Seen> {
        let (queue, changed) = &*self.shared;
        let queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
        let is_empty = |queue: &mut Queue| queue.seen.is_empty() && !queue.is_closed;
        let mut queue = match time {
            Some(time) => {
                let waited = changed.wait_timeout_while(queue, time, is_empty);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
            None => {
                let waited = changed.wait_while(queue, is_empty);
                waited.unwrap_or_else(PoisonError::into_inner)
            }
        };
        if queue.is_closed {
            return Some(Seen::Ended);
        }
        let seen = queue.seen.pop_front();
        if let Some(Seen::Output(output)) = &seen {
            queue.bytes -= output.len();
        }
        seen
    }
}

impl Queue {
    /// Replaces all output that waits by its length.
    fn leave_out(&mut self) {
        let mut bytes = 0;
        self.seen.retain(|seen| match seen {
            Seen::Output(output) => {
                bytes += u64::try_from(output.len()).unwrap_or_default();
                false
            }
            Seen::Skipped(skipped) => {
                bytes += skipped;
                false
            }
            _ => true,
        });
        self.bytes = 0;
        self.seen.push_back(Seen::Skipped(bytes));
    }
}
