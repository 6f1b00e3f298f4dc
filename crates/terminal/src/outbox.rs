//! Events on their way to the server. They wait while it is slow or away, in bounded memory.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::limits::WAITING_LINES;
use crate::question::Event;

/// Events that are to be reported together.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct News {
    /// Complete lines, with a note in the place of those that were dropped.
    pub lines: Vec<String>,
    /// Newest state: a report, a question or nothing known.
    pub state: Option<Event>,
    /// True if no more will follow.
    pub is_over: bool,
}

/// Queue of events. Cloning returns another handle.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    shared: Arc<(Mutex<Waiting>, Condvar)>,
}

#[derive(Debug, Default)]
struct Waiting {
    lines: VecDeque<String>,
    dropped: usize,
    /// Only the newest state is of interest: it takes the place of an earlier one.
    state: Option<Event>,
    is_over: bool,
}

impl Outbox {
    /// Adds an event. Never waits; drops the oldest of too many lines.
    pub fn put(&self, event: Event) {
        self.change(|waiting| match event {
            Event::Line(line) => {
                if waiting.lines.len() >= WAITING_LINES {
                    waiting.lines.pop_front();
                    waiting.dropped += 1;
                }
                waiting.lines.push_back(line);
            }
            state => waiting.state = Some(state),
        });
    }

    /// Says that no more events will follow.
    pub fn close(&self) {
        self.change(|waiting| waiting.is_over = true);
    }

    /// Waits for events, at most for a time, and takes them: at most so many lines.
    pub fn take(&self, time: Duration, most_lines: usize) -> News {
        let (waiting, changed) = &*self.shared;
        let waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let is_quiet = |waiting: &mut Waiting| {
            waiting.lines.is_empty() && waiting.state.is_none() && !waiting.is_over
        };
        let waited = changed.wait_timeout_while(waiting, time, is_quiet);
        let (mut waiting, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let mut lines = Vec::new();
        if waiting.dropped > 0 {
            lines.push(format!("[{} lines left out]", waiting.dropped));
            waiting.dropped = 0;
        }
        let count = waiting
            .lines
            .len()
            .min(most_lines.saturating_sub(lines.len()));
        lines.extend(waiting.lines.drain(..count));
        News {
            lines,
            state: waiting.state.take(),
            is_over: waiting.is_over && waiting.lines.is_empty(),
        }
    }

    /// Waits until no more events will follow, at most for a time. Returns false if it has passed.
    pub fn wait_closed(&self, time: Duration) -> bool {
        let (waiting, changed) = &*self.shared;
        let waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = changed.wait_timeout_while(waiting, time, |waiting| !waiting.is_over);
        waited.unwrap_or_else(PoisonError::into_inner).0.is_over
    }

    fn change(&self, change: impl FnOnce(&mut Waiting)) {
        let (waiting, changed) = &*self.shared;
        change(&mut waiting.lock().unwrap_or_else(PoisonError::into_inner));
        changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_lines_are_dropped_with_a_note() {
        let outbox = Outbox::default();
        for number in 0..WAITING_LINES + 5 {
            outbox.put(Event::Line(number.to_string()));
        }
        let news = outbox.take(Duration::ZERO, 3);
        assert_eq!(news.lines, ["[5 lines left out]", "5", "6"]);
        assert_eq!(outbox.take(Duration::ZERO, 1).lines, ["7"]);
        outbox.close();
        let rest = outbox.take(Duration::ZERO, usize::MAX);
        assert_eq!(rest.lines.len(), WAITING_LINES - 3);
        assert!(rest.is_over);
    }

    #[test]
    fn only_the_newest_state_is_taken() {
        let outbox = Outbox::default();
        outbox.put(Event::Unknown);
        let report = crate::Report {
            state: crate::State::Working,
            need: None,
            progress: None,
            message: None,
        };
        outbox.put(Event::Reported(report.clone()));
        let news = outbox.take(Duration::ZERO, 10);
        assert_eq!(news.state, Some(Event::Reported(report)));
        assert_eq!(outbox.take(Duration::ZERO, 10), News::default());
    }
}
