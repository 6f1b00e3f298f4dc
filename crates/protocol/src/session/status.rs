//! External view of the connection: its state, and the deadline of its next call.

use super::constants::BUFFERED_POLL_MS;
use super::link::Link;
use super::stream::{Phase, Stream};
use super::{ConnectionState, Output, Session};

impl Session {
    pub(super) fn act_on_deadlines(&mut self) {
        let now = self.now();
        self.act_on_link_deadlines();
        self.act_on_poll_deadlines();
        self.act_on_stream_deadlines();
        self.outbox.expire(now, &mut self.out);
    }

    pub(super) fn update_state(&mut self) {
        let state = self.current_state();
        let good = matches!(state, ConnectionState::Live | ConnectionState::Legacy);
        if good {
            self.details.last_live_ms = Some(self.environment.now_ms);
        }
        if good != self.good_since.is_some() {
            self.settle(good.then(|| self.now()));
        }
        if state == self.state {
            return;
        }
        if std::mem::discriminant(&state) != std::mem::discriminant(&self.state) {
            self.details.since_ms = self.environment.now_ms;
        }
        self.state = state.clone();
        self.out.push(Output::StateChanged(state));
    }

    fn current_state(&self) -> ConnectionState {
        if let Some(reason) = &self.stopped {
            return ConnectionState::Stopped(reason.clone());
        }
        let attempt = self.backoff.attempts();
        match self.link {
            Link::Down if self.generation == 0 => ConnectionState::Idle,
            Link::Down if self.offline => ConnectionState::Offline,
            Link::Down | Link::Opening { .. } | Link::Greeting { .. } if self.polls() => {
                self.polling_state()
            }
            Link::Down => {
                let until = self.retry.map_or(self.now(), |retry| retry.at);
                let until_ms = self.clock.to_wall(until);
                ConnectionState::Waiting {
                    until_ms,
                    attempt: attempt.saturating_add(1),
                }
            }
            Link::Opening { .. } | Link::Greeting { .. } => ConnectionState::Connecting { attempt },
            _ if self.offline => ConnectionState::Offline,
            Link::Legacy => ConnectionState::Legacy,
            Link::Up => self.completeness(),
        }
    }

    fn completeness(&self) -> ConnectionState {
        let paused = |stream: &Stream| matches!(stream.phase, Phase::Paused { .. });
        if self.streams.values().any(paused) {
            ConnectionState::Degraded
        } else if self.streams.values().all(Stream::is_complete)
            && self.heartbeat.is_fresh(self.now())
        {
            ConnectionState::Live
        } else {
            let missing = self.streams.values().map(Stream::remaining);
            let remaining = missing.fold(0u64, u64::saturating_add);
            ConnectionState::CatchingUp { remaining }
        }
    }

    /// Sets the caller's timer to the next deadline. An earlier timer is left: it finds nothing to
    /// do and sets the next. So a stream of frames, each of which moves the heartbeat's deadline,
    /// sets no timer.
    ///
    /// With every beat the timer is set again (`anew`). In a page that was hidden for five minutes,
    /// a browser throttles timers to one per minute if they were set by timers five times in a row.
    /// A timer that was set on a message is punctual, and so is the probe of a silent link.
    pub(super) fn arm(&mut self, anew: bool) {
        let wanted = self.next_deadline().map(|at| self.clock.to_wall(at));
        let now = self.environment.now_ms;
        let suffices = match (self.armed, wanted) {
            (Some(armed), Some(wanted)) => armed <= wanted && armed > now,
            _ => false,
        };
        if anew || !suffices {
            if wanted.is_some() || self.armed.is_some() {
                self.out.push(Output::SetDeadline { at_ms: wanted });
            }
            self.armed = wanted;
        }
    }

    fn next_deadline(&self) -> Option<i64> {
        let blocked = self.link == Link::Up && !self.is_writable() && self.outbox.wants_to_send();
        let poll = blocked.then(|| self.now().saturating_add(BUFFERED_POLL_MS));
        [
            self.link_deadline(),
            self.stream_deadline(),
            self.poll_deadline(),
            self.outbox.deadline(),
            poll,
        ]
        .into_iter()
        .flatten()
        .min()
    }
}
