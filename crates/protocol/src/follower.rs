//! Keeps a copy of the server's data current: fetch a snapshot, then apply the events after it.
//!
//! A follower has no I/O, clock or data of its own. Its owner passes events as [`Input`]s, and
//! executes the [`Output`]s: it fetches, replaces its copy, applies messages and shows the copy.
//! The board, its other lists and the clients of the server's simulation follow in this way.
//!
//! The rules are:
//!
//! - At most one fetch runs. Requests during a fetch cause one more after it, since its answer may
//!   be older than they are. Requests for a fetch soon are collected for a short time.
//! - A message is applied when it comes, and once more after a snapshot that was requested before
//!   it came and does not contain it. A message that the last snapshot contains is dropped, and one
//!   of another epoch than the snapshot's causes a fetch.
//! - A snapshot is shown after these messages were applied to it, so the shown data never goes
//!   back.
//! - A snapshot that the session requested is acknowledged with its position. One without a
//!   position, from an older server, counts only if its fetch began after the request.
//! - A failed fetch is retried after a delay that doubles with every failure, if the failure is
//!   temporary.

use crate::{Cursor, Message, StreamId};

/// Times and limits of a follower.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Delay between the last request for a fetch soon and the fetch, in milliseconds.
    pub quiet_ms: i64,
    /// Longest delay after the first such request, in milliseconds.
    pub longest_wait_ms: i64,
    /// Delay of the retry after the first failure, in milliseconds.
    pub retry_ms: i64,
    /// Longest delay of a retry, in milliseconds.
    pub retry_longest_ms: i64,
    /// Number of messages that are stored during a fetch. After more, another fetch follows.
    pub stored: usize,
    /// True if the messages are all of the stream: then a missing one causes a fetch, and one that
    /// comes twice is dropped. False for a selection of them, and where the session requests a
    /// snapshot if one is missing.
    pub is_whole: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            quiet_ms: 100,
            longest_wait_ms: 300,
            retry_ms: 1_000,
            retry_longest_ms: 30_000,
            stored: 2_000,
            is_whole: false,
        }
    }
}

/// Event that a follower handles.
#[derive(Debug)]
pub enum Input<T> {
    /// The copy may be out of date. Fetch soon, together with other such requests.
    Stale,
    /// A fetch is needed now.
    FetchNow,
    /// The session needs a snapshot to continue from.
    SnapshotWanted {
        /// True for the first request of a new subscription. A fetch that is running answers it.
        first: bool,
    },
    /// The fetch has an answer.
    Answered {
        /// The snapshot.
        snapshot: T,
        /// Position up to which it contains the events. `None` from older servers.
        cursor: Option<Cursor>,
    },
    /// The fetch has failed.
    Failed {
        /// True if a retry may succeed.
        is_temporary: bool,
    },
    /// A message has come.
    Message(Box<Message>),
    /// The timer of the last [`Output::SetTimer`] has fired.
    Tick,
    /// The page or its network is back. A fetch that waits for the timer starts now.
    Woke,
}

/// Operation that the owner of a follower executes.
#[derive(Debug, PartialEq)]
pub enum Output<T> {
    /// Fetch a snapshot, and pass [`Input::Answered`] or [`Input::Failed`].
    Fetch,
    /// Replace the copy by a snapshot.
    Replace {
        /// The snapshot.
        snapshot: T,
        /// Its position.
        cursor: Option<Cursor>,
    },
    /// Apply a message to the copy.
    Apply {
        /// The message.
        message: Box<Message>,
        /// False if it is applied once more, after a snapshot.
        is_new: bool,
    },
    /// Show the copy. It follows a snapshot and the messages that were applied to it once more.
    Show,
    /// Tell the session that the copy is at this position.
    Acknowledge(Option<Cursor>),
    /// Pass [`Input::Tick`] after this delay in milliseconds, and cancel an earlier timer. `None`
    /// only cancels it.
    SetTimer(Option<i64>),
}

/// State of fetching and following.
#[derive(Debug)]
pub struct Follower {
    stream: StreamId,
    config: Config,
    is_fetching: bool,
    /// True if another fetch follows the running one.
    again: bool,
    /// True if the network came back during the running fetch: if it fails, another
    /// follows soon.
    is_woken: bool,
    /// Time of the first request for a fetch soon, since the last fetch began.
    asked_ms: Option<i64>,
    has_timer: bool,
    /// Messages that came during the running fetch.
    stored: Vec<Message>,
    /// True if the session waits for a snapshot. The first one is acknowledged in any case.
    is_wanted: bool,
    /// True if the session requested a snapshot after the running fetch began.
    is_wanted_late: bool,
    /// Number of consecutive failures.
    failures: u32,
    /// Position of the last snapshot.
    floor: Option<Cursor>,
    /// Position of the last message or snapshot, if the messages are all of the stream.
    position: Option<Cursor>,
}

/// Relation of a message to the copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    /// The copy contains it.
    Old,
    /// It can be applied.
    Next,
    /// The copy is of another epoch, or messages before this one are missing.
    Gap,
}

impl Follower {
    /// Creates a follower of a stream, without a copy. It fetches on the first request.
    pub const fn new(stream: StreamId, config: Config) -> Self {
        Self {
            stream,
            config,
            is_fetching: false,
            again: false,
            is_woken: false,
            asked_ms: None,
            has_timer: false,
            stored: Vec::new(),
            is_wanted: true,
            is_wanted_late: false,
            failures: 0,
            floor: None,
            position: None,
        }
    }

    /// Returns true while a fetch is running.
    pub const fn is_fetching(&self) -> bool {
        self.is_fetching
    }

    /// Handles an input at a time, in milliseconds since 1970. Returns the operations to execute,
    /// in order.
    pub fn handle<T>(&mut self, now_ms: i64, input: Input<T>) -> Vec<Output<T>> {
        let mut outputs = Vec::new();
        match input {
            Input::Stale => self.fetch_soon(now_ms, &mut outputs),
            Input::FetchNow => self.fetch_now(&mut outputs),
            Input::SnapshotWanted { first } => {
                self.is_wanted = true;
                if !(first && self.is_fetching) {
                    self.is_wanted_late = self.is_fetching;
                    self.fetch_now(&mut outputs);
                }
            }
            Input::Answered { snapshot, cursor } => {
                self.on_answer(now_ms, snapshot, cursor, &mut outputs);
            }
            Input::Failed { is_temporary } => self.on_failure(now_ms, is_temporary, &mut outputs),
            Input::Message(message) => self.on_message(now_ms, message, &mut outputs),
            Input::Tick | Input::Woke if self.has_timer => self.fetch_now(&mut outputs),
            Input::Woke => self.is_woken = self.is_fetching,
            // It fired before it was cancelled.
            Input::Tick => {}
        }
        outputs
    }

    fn fetch_now<T>(&mut self, outputs: &mut Vec<Output<T>>) {
        if self.is_fetching {
            self.again = true;
            return;
        }
        self.is_fetching = true;
        self.again = false;
        self.is_woken = false;
        self.asked_ms = None;
        self.is_wanted_late = false;
        if std::mem::take(&mut self.has_timer) {
            outputs.push(Output::SetTimer(None));
        }
        outputs.push(Output::Fetch);
    }

    fn fetch_soon<T>(&mut self, now_ms: i64, outputs: &mut Vec<Output<T>>) {
        if self.is_fetching {
            self.again = true;
            return;
        }
        // A clock that was set back must not postpone the fetch for ever.
        let asked = self.asked_ms.filter(|asked| *asked <= now_ms);
        let asked = *self.asked_ms.insert(asked.unwrap_or(now_ms));
        let left = asked + self.config.longest_wait_ms - now_ms;
        self.fetch_in(left.clamp(0, self.config.quiet_ms), outputs);
    }

    fn fetch_in<T>(&mut self, delay_ms: i64, outputs: &mut Vec<Output<T>>) {
        self.has_timer = true;
        outputs.push(Output::SetTimer(Some(delay_ms)));
    }

    fn on_answer<T>(
        &mut self,
        now_ms: i64,
        snapshot: T,
        cursor: Option<Cursor>,
        outputs: &mut Vec<Output<T>>,
    ) {
        self.is_fetching = false;
        self.failures = 0;
        self.floor.clone_from(&cursor);
        self.position.clone_from(&cursor);
        outputs.push(Output::Replace {
            snapshot,
            cursor: cursor.clone(),
        });
        for message in std::mem::take(&mut self.stored) {
            match self.fit(&message) {
                Fit::Old => {}
                Fit::Next => self.apply(Box::new(message), false, outputs),
                Fit::Gap => self.again = true,
            }
        }
        outputs.push(Output::Show);
        // A snapshot with a position is one to continue from, whenever its fetch began.
        if self.is_wanted && !(self.is_wanted_late && cursor.is_none()) {
            self.is_wanted = false;
            outputs.push(Output::Acknowledge(cursor));
        }
        if self.again {
            self.fetch_soon(now_ms, outputs);
        }
    }

    fn on_failure<T>(&mut self, now_ms: i64, is_temporary: bool, outputs: &mut Vec<Output<T>>) {
        self.is_fetching = false;
        self.stored.clear();
        if self.again || self.is_woken {
            self.fetch_soon(now_ms, outputs);
        } else if is_temporary {
            let delay = self.config.retry_ms << self.failures.min(16);
            self.fetch_in(delay.min(self.config.retry_longest_ms), outputs);
        }
        self.failures = self.failures.saturating_add(1);
    }

    fn on_message<T>(&mut self, now_ms: i64, message: Box<Message>, outputs: &mut Vec<Output<T>>) {
        let fit = self.fit(&message);
        if fit == Fit::Old {
            return;
        }
        if self.is_fetching && self.stored.len() < self.config.stored {
            self.stored.push((*message).clone());
        } else if self.is_fetching || fit == Fit::Gap {
            self.fetch_soon(now_ms, outputs);
        }
        if fit == Fit::Next {
            self.apply(message, true, outputs);
        }
    }

    fn apply<T>(&mut self, message: Box<Message>, is_new: bool, outputs: &mut Vec<Output<T>>) {
        if self.config.is_whole && message.stream() == self.stream {
            self.position = message.cursor().or_else(|| self.position.take());
        }
        outputs.push(Output::Apply { message, is_new });
    }

    fn fit(&self, message: &Message) -> Fit {
        // Events about a project are also in the system's stream, with positions of their own.
        let Some(cursor) = message.cursor().filter(|_| message.stream() == self.stream) else {
            return Fit::Next;
        };
        let last = if self.config.is_whole {
            &self.position
        } else {
            &self.floor
        };
        match last {
            Some(last) if last.epoch != cursor.epoch => Fit::Gap,
            Some(last) if cursor.seq <= last.seq => Fit::Old,
            Some(last) if self.config.is_whole && cursor.seq > last.seq + 1 => Fit::Gap,
            _ => Fit::Next,
        }
    }
}
