//! Waiting for something on the server, which is asked about it again and again.

use std::thread;
use std::time::{Duration, Instant};

use crate::limits::POLL_PAUSE;

/// Time in which something is waited for.
pub(crate) struct Poll {
    end: Option<Instant>,
}

impl Poll {
    /// Starts a time that ends after a duration; without one it never ends.
    pub(crate) fn during(time: Option<Duration>) -> Self {
        Self {
            end: time.map(|time| Instant::now() + time),
        }
    }

    /// Pauses until the server is to be asked again. Returns false, at once, if the time is over.
    pub(crate) fn pause(&self) -> bool {
        let left = self
            .end
            .map(|end| end.saturating_duration_since(Instant::now()));
        if left.is_some_and(|left| left.is_zero()) {
            return false;
        }
        thread::sleep(left.map_or(POLL_PAUSE, |left| left.min(POLL_PAUSE)));
        true
    }
}
