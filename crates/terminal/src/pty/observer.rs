//! The thread that interprets what is shown and typed, and decides about answers.

use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::termios::{LocalModes, tcgetattr};

use super::inbox::{Inbox, Request, Seen};
use super::keyboard::Orders;
use crate::Outcome;
use crate::answer::Keys;
use crate::limits::{ECHO_WITHIN, TYPE_WITHIN};
use crate::outbox::Outbox;
use crate::question::Refused;
use crate::watcher::Watcher;

/// Pause between two attempts to type an answer while the program prints.
const ATTEMPT: Duration = Duration::from_millis(50);

/// Interpreter of what is seen.
pub(super) struct Observer {
    watcher: Watcher,
    inbox: Inbox,
    outbox: Outbox,
    orders: Orders,
    terminal: OwnedFd,
    started: Instant,
    /// Number of bytes of output that were interpreted or left out.
    shown: u64,
    has_ended: bool,
}

impl Observer {
    pub(super) fn new(
        watcher: Watcher,
        (inbox, outbox): (Inbox, Outbox),
        orders: Orders,
        terminal: OwnedFd,
    ) -> Self {
        Self {
            watcher,
            inbox,
            outbox,
            orders,
            terminal,
            started: Instant::now(),
            shown: 0,
            has_ended: false,
        }
    }

    /// Interprets what is seen until the program has ended.
    pub(super) fn run(mut self) {
        while !self.has_ended {
            let now = self.now();
            let wait = self.watcher.due().map(|due| due.saturating_sub(now));
            match self.inbox.take(wait) {
                Some(seen) => self.see(seen),
                None => self.watcher.tick(self.now()),
            }
            self.publish();
        }
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    fn publish(&mut self) {
        while let Some(event) = self.watcher.event() {
            self.outbox.put(event);
        }
    }

    fn see(&mut self, seen: Seen) {
        let now = self.now();
        match seen {
            Seen::Output(output) => {
                self.shown += u64::try_from(output.len()).unwrap_or_default();
                self.watcher.output(&output, now);
            }
            Seen::Skipped(bytes) => {
                self.shown += bytes;
                let size = super::pair::size_of(&self.terminal);
                self.watcher.skipped(bytes, size, now);
            }
            Seen::Resized(size) => self.watcher.resized(size, now),
            Seen::Typed(count) => self.watcher.typed(count),
            Seen::Answer(request) => {
                let outcome = self.answer(&request);
                if let Outcome::Refused(reason) = outcome {
                    self.watcher.refused(request.serial, reason, self.now());
                    // The question that takes its place is out before anybody acts on the refusal.
                    self.publish();
                }
                // The one who asked may be gone.
                let _ = request.reply.send(outcome);
            }
            Seen::Ended => {
                self.has_ended = true;
                self.watcher.ended();
            }
        }
    }

    /// Types an answer, if everything that was shown and typed before allows it.
    fn answer(&mut self, request: &Request) -> Outcome {
        let end = Instant::now() + TYPE_WITHIN;
        loop {
            while let Some(seen) = self.inbox.take(Some(Duration::ZERO)) {
                self.see(seen);
                if self.has_ended {
                    return Outcome::Refused(Refused::Gone);
                }
            }
            let by_line = tcgetattr(&self.terminal)
                .is_ok_and(|modes| modes.local_modes.contains(LocalModes::ICANON));
            let may = self
                .watcher
                .may_type(request.serial, &request.text, by_line);
            match may {
                Err(reason) => return Outcome::Refused(reason),
                Ok(keys) => {
                    if self.enter(&keys) {
                        self.watcher.answered(request.serial);
                        return Outcome::Typed;
                    }
                }
            }
            if Instant::now() >= end {
                return Outcome::Refused(Refused::Busy);
            }
            // Something was shown or typed that is not interpreted yet.
            if let Some(seen) = self.inbox.take(Some(ATTEMPT)) {
                self.see(seen);
            }
        }
    }

    /// Types keys, and Enter once the program has shown them. Returns false if nothing was typed.
    fn enter(&mut self, keys: &Keys) -> bool {
        let typed = self.watcher.typed_count();
        let shown = self.shown;
        if !self.orders.type_answer(&keys.text, typed, Some(shown)) {
            return false;
        }
        if let Some(enter) = &keys.enter {
            let end = Instant::now() + ECHO_WITHIN;
            while self.shown == shown && !self.has_ended {
                let left = end.saturating_duration_since(Instant::now());
                match self.inbox.take(Some(left)) {
                    Some(seen) => self.see(seen),
                    None => break,
                }
            }
            // Without Enter if the person has typed in between: the line is theirs now.
            self.orders.type_answer(enter, typed, None);
        }
        true
    }
}
