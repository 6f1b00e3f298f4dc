//! Opening, closing and losing the socket. There is never a second one: a socket is requested only
//! once the previous one has closed, or was told to close and is ignored.

use super::constants::{
    BACKOFF_RESET_AFTER_MS, BYE_MAX_MS, CLOSE_NO_ANSWER, CLOSE_NORMAL, CONNECT_TIMEOUT_MS,
    LEGACY_SILENCE_MS, ONLINE_RETRY_WITHIN_MS, WELCOME_TIMEOUT_MS,
};
use super::heartbeat::Due;
use super::negotiation::Negotiation;
use super::stream::Phase;
use super::{Blocked, Output, Session, StopReason, backoff};
use crate::ClientFrame;
use crate::frame::{CAP_BATCH, Hello, close};

/// Current socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// No socket.
    Down,
    /// Socket requested.
    Opening { deadline: i64 },
    /// Hello sent.
    Greeting { deadline: i64 },
    /// Welcome received.
    Up,
    /// Open, in legacy mode.
    Legacy,
}

/// Next attempt to connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Retry {
    pub(super) at: i64,
    /// True if the delay was drawn for a hidden page, and is too long for a visible one.
    for_hidden: bool,
}

impl Session {
    pub(super) fn open(&mut self) {
        if self.generation > 0 && self.stopped.is_none() {
            return;
        }
        self.stopped = None;
        self.negotiation = Negotiation::default();
        self.backoff.reset();
        self.connect();
    }

    pub(super) fn close(&mut self) {
        self.drop_socket(CLOSE_NORMAL, "closed by the application");
        self.stop(StopReason::Closed);
    }

    pub(super) fn retry_now(&mut self) {
        if self.generation == 0 || self.stopped == Some(StopReason::Closed) {
            return;
        }
        if self.link == Link::Down {
            self.stopped = None;
            self.backoff.reset();
            self.connect();
        } else {
            self.end_pauses();
            self.probe_if_silent();
        }
    }

    /// Handles the browser's report that the machine is on a network, or on none.
    pub(super) fn online(&mut self, online: bool) {
        let was_offline = std::mem::replace(&mut self.offline, !online);
        if !online {
            self.doubt_polling();
            if self.link == Link::Up {
                // A server on the same machine is reachable without a network: its answer clears
                // the offline state.
                self.ping(false);
            }
            return;
        }
        if self.link == Link::Down && self.stopped.is_none() && self.generation > 0 {
            self.backoff.reset();
            let delay = backoff::uniform(0, ONLINE_RETRY_WITHIN_MS, self.environment.random);
            self.retry_in(delay, false);
            self.poll_now();
        } else if self.link == Link::Up && was_offline {
            // Few links survive an outage: this one has to prove that it did.
            self.ping(true);
            self.heartbeat.doubt();
        } else {
            self.woke();
        }
    }

    /// Handles a wake, before which time may have passed unnoticed. Deadlines are checked after
    /// every input anyway.
    pub(super) fn woke(&mut self) {
        if self.link == Link::Legacy && self.heartbeat.silence(self.now()) > LEGACY_SILENCE_MS {
            self.drop_socket(CLOSE_NORMAL, "nothing received for too long");
            self.connect();
        } else {
            self.poll_now();
            self.probe_if_silent();
        }
    }

    /// Sends hello on the opened socket. An older backend ignores it.
    pub(super) fn socket_opened(&mut self) {
        let now = self.now();
        self.note_opened(now);
        let subs = self.subscribe_in_hello();
        self.link = Link::Greeting {
            deadline: now.saturating_add(WELCOME_TIMEOUT_MS),
        };
        self.send(&ClientFrame::Hello(Hello {
            client: self.config.client.clone(),
            subs,
            caps: vec![CAP_BATCH.into()],
        }));
        if self.negotiation.knows_older() {
            self.become_legacy();
        }
    }

    /// Treats the server as an older one until it sends a welcome.
    pub(super) fn become_legacy(&mut self) {
        self.negotiation.is_older();
        self.pause_polling();
        self.link = Link::Legacy;
        self.heartbeat.start(self.now(), 0);
        self.outbox.fail_all(
            "This server is an older version, which accepts no changes over the live connection.",
            &mut self.out,
        );
        self.legacy_snapshots();
    }

    /// Handles the end of a socket that closed by itself, or was given up.
    pub(super) fn link_lost(&mut self, code: u16, reason: String) {
        let lived = self.opened_at.map(|at| self.now().saturating_sub(at));
        let blocked = match self.link {
            Link::Down | Link::Opening { .. } => Blocked::Refused,
            Link::Legacy if !self.negotiation.is_guess() => Blocked::Cut,
            Link::Greeting { .. } | Link::Legacy => Blocked::Silent,
            Link::Up => Blocked::Cut,
        };
        self.link_down();
        self.details.last_close = Some((code, reason.clone()));
        if close::is_terminal(code) {
            self.stop(StopReason::Refused { code, reason });
        } else {
            self.ended(code, lived);
            self.socket_failed(blocked, code);
        }
    }

    /// Handles the server's notice that it is about to close the connection.
    pub(super) fn bye(&mut self, window: [u64; 2]) {
        let [low, high] = window.map(|ms| i64::try_from(ms.min(BYE_MAX_MS)).unwrap_or_default());
        let delay = backoff::uniform(low.min(high), low.max(high), self.environment.random);
        self.bye_at = Some(self.now().saturating_add(delay));
    }

    /// Records that a frame arrived: the link is alive, whatever the browser reports about the
    /// network.
    pub(super) fn heard(&mut self) {
        let now = self.now();
        self.heartbeat.frame(now);
        self.offline = false;
        self.details.last_frame_ms = Some(self.environment.now_ms);
    }

    pub(super) fn ping(&mut self, probe: bool) {
        let now = self.now();
        let ping = self.heartbeat.ping(now, probe);
        self.send(&ClientFrame::Ping(ping));
    }

    /// Acts if the link, or the wait for one, has reached its deadline.
    pub(super) fn act_on_link_deadlines(&mut self) {
        let now = self.now();
        if self.link != Link::Down && self.bye_at.is_some_and(|at| at <= now) {
            self.drop_socket(CLOSE_NORMAL, "sys.bye received");
            self.connect();
        }
        match self.link {
            Link::Down => {
                let Some(retry) = &mut self.retry else { return };
                if retry.for_hidden && self.environment.visible {
                    let sooner =
                        now.saturating_add(self.backoff.again(true, self.environment.random));
                    *retry = Retry {
                        at: retry.at.min(sooner),
                        for_hidden: false,
                    };
                }
                if retry.at <= now && !self.offline {
                    self.connect();
                }
            }
            _ if self.proof_due().is_some_and(|at| at <= now) => self.demand_proof(),
            _ => {}
        }
    }

    /// Returns the time at which [`Session::act_on_link_deadlines`] must be called.
    pub(super) fn link_deadline(&self) -> Option<i64> {
        let next = match self.link {
            Link::Down => self.retry.map(|retry| retry.at).filter(|_| !self.offline),
            _ => self.proof_due(),
        };
        next.into_iter()
            .chain(self.bye_at.filter(|_| self.link != Link::Down))
            .min()
    }

    /// Returns the time by which the current link must prove that a server is at its other end.
    /// This rule covers links of every kind. An older server that has proved to be one cannot be
    /// probed.
    fn proof_due(&self) -> Option<i64> {
        match self.link {
            Link::Down => None,
            Link::Opening { deadline } | Link::Greeting { deadline } => Some(deadline),
            Link::Up => {
                let deadline = self.heartbeat.deadline(self.environment.visible);
                (!self.offline).then_some(deadline)
            }
            Link::Legacy => {
                let patience = WELCOME_TIMEOUT_MS + self.negotiation.silence_allowed()?;
                Some(self.opened_at?.saturating_add(patience))
            }
        }
    }

    /// Requests a sign of life from the server at the other end of the link, or gives the link up.
    fn demand_proof(&mut self) {
        match self.link {
            Link::Down => {}
            Link::Greeting { .. } if self.negotiation.takes_silence_for_older() => {
                self.become_legacy();
            }
            Link::Opening { .. } | Link::Greeting { .. } => self.abandon(),
            Link::Legacy => {
                self.abandon();
                self.negotiation.forget();
            }
            Link::Up => match self.heartbeat.due(self.now(), self.environment.visible) {
                Due::Dead => self.abandon(),
                Due::Ping => self.ping(false),
                Due::Nothing => {}
            },
        }
    }

    fn connect(&mut self) {
        self.retry = None;
        self.bye_at = None;
        self.polling.sound = false;
        self.generation += 1;
        self.backoff.attempt();
        let deadline = self.now().saturating_add(CONNECT_TIMEOUT_MS);
        self.link = Link::Opening { deadline };
        self.out.push(Output::Connect {
            generation: self.generation,
        });
    }

    fn note_opened(&mut self, now: i64) {
        self.opened_at = Some(now);
        self.details.connected_at_ms = Some(self.environment.now_ms);
        self.details.connections += 1;
    }

    /// Gives up a socket that does not answer, without waiting for it to close.
    fn abandon(&mut self) {
        const REASON: &str = "no answer";
        self.out.push(Output::CloseSocket {
            generation: self.generation,
            code: CLOSE_NO_ANSWER,
            reason: REASON.into(),
        });
        self.link_lost(CLOSE_NO_ANSWER, REASON.into());
    }

    /// Closes the socket, if there is one.
    pub(super) fn drop_socket(&mut self, code: u16, reason: &str) {
        if self.link != Link::Down {
            let reason = reason.into();
            self.out.push(Output::CloseSocket {
                generation: self.generation,
                code,
                reason,
            });
            self.link_down();
        }
    }

    fn link_down(&mut self) {
        self.settle(None);
        self.link = Link::Down;
        self.opened_at = None;
        self.details.connected_at_ms = None;
        self.details.session = None;
        self.outbox.link_lost();
        for stream in self.streams.values_mut() {
            let waits = matches!(
                stream.phase,
                Phase::Snapshot { .. } | Phase::Paused { .. } | Phase::Refused
            );
            if !waits {
                stream.enter(Phase::Ready);
            }
        }
    }

    /// Records the time since which the connection has been good, or that it is not. After long
    /// enough, attempts are counted from the beginning.
    pub(super) fn settle(&mut self, good: Option<i64>) {
        if let Some(since) = self.good_since
            && self.now().saturating_sub(since) >= BACKOFF_RESET_AFTER_MS
        {
            self.backoff.reset();
            self.polling.settled();
        }
        self.good_since = good;
    }

    /// Schedules the next attempt after a connection ended.
    fn ended(&mut self, code: u16, lived: Option<i64>) {
        if self
            .config
            .max_attempts
            .is_some_and(|most| self.backoff.attempts() >= most)
        {
            return self.stop(StopReason::MaxAttempts);
        }
        self.backoff.ended(code, lived);
        let visible = self.environment.visible;
        let delay = self.backoff.next(visible, self.environment.random);
        match self.bye_at.take() {
            Some(at) => self.retry_in(at.saturating_sub(self.now()).max(0), false),
            None => self.retry_in(delay, !visible),
        }
    }

    /// Brings the next attempt forward, if it is later.
    pub(super) fn retry_within(&mut self, delay: i64) {
        let at = self.now().saturating_add(delay);
        if let Some(retry) = &mut self.retry {
            retry.at = retry.at.min(at);
        }
    }

    fn retry_in(&mut self, delay: i64, for_hidden: bool) {
        self.retry = Some(Retry {
            at: self.now().saturating_add(delay),
            for_hidden,
        });
    }

    pub(super) fn stop(&mut self, reason: StopReason) {
        self.retry = None;
        self.bye_at = None;
        self.end_polling();
        self.stopped = Some(reason);
        self.outbox
            .fail_all("The connection is closed.", &mut self.out);
    }

    fn probe_if_silent(&mut self) {
        if self.link == Link::Up && self.heartbeat.wake(self.now()) {
            self.ping(true);
        }
    }
}
