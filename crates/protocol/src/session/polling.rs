//! Streams and commands over HTTP, for a server that answers while a proxy or an extension blocks
//! sockets.
//!
//! Sockets are still attempted, with their backoff. After [`POLL_AFTER_FAILURES`] failures in a
//! row, the logs of the streams are polled. As long as the polls are answered, the state is
//! [`ConnectionState::Polling`]. A server that does not answer over HTTP either is away, and is
//! polled again after the next socket has failed.

use std::collections::BTreeMap;

use super::constants::{
    CLOSE_NO_ANSWER, CLOSE_NORMAL, HASTEN_SOCKET_MS, POLL_AFTER_FAILURES, POLL_HIDDEN_MS, POLL_MS,
    POLL_PUT_OFF_MAX_MS, POLL_STALE_MS, POLL_TIMEOUT_MS,
};
use super::link::Link;
use super::stream::Follow;
use super::{
    Blocked, ConnectionState, HttpFailure, Output, Session, SnapshotReason, StopReason, backoff,
    outbox,
};
use crate::frame::{close, reason};
use crate::http::EventPage;
use crate::{CommandResult, Cursor, StreamId};

/// Close code that a browser reports for a socket that broke off without a close frame.
const BROKE_OFF: u16 = 1006;

/// State of polling. Times are those of the session's clock.
#[derive(Debug, Default)]
pub(super) struct Polling {
    /// Number of sockets in a row that failed.
    failures: u32,
    /// Point at which the last of them got stuck.
    blocked: Blocked,
    /// True if the current socket was good for long: its end does not indicate a block.
    pub(super) sound: bool,
    /// Time of the last answered round, while HTTP works.
    answered_at: Option<i64>,
    /// True if a socket was requested early since HTTP works.
    hastened: bool,
    /// Start of the next round.
    next_at: Option<i64>,
    /// Earliest start of the next round, as requested by the server.
    not_before: i64,
    /// Number of the last request.
    requests: u64,
    /// Streams with an outstanding request.
    awaited: BTreeMap<StreamId, Awaited>,
}

/// A request whose answer is outstanding.
#[derive(Debug)]
struct Awaited {
    request: u64,
    /// Position that was polled from.
    after: Cursor,
    until: i64,
}

impl Polling {
    /// Records that the connection was good for long: sockets get through.
    pub(super) fn settled(&mut self) {
        self.failures = 0;
        self.sound = true;
    }

    /// Returns the next time at which polling has to act.
    fn deadline(&self) -> Option<i64> {
        let awaited = self.awaited.values().map(|awaited| awaited.until);
        awaited.chain(self.next_at).min()
    }
}

impl Session {
    /// Counts a failed socket, unless the server closed it or it was good for long.
    pub(super) fn socket_failed(&mut self, blocked: Blocked, code: u16) {
        let was_closed = blocked == Blocked::Cut && !matches!(code, BROKE_OFF | CLOSE_NO_ANSWER);
        if self.polling.sound || was_closed {
            return;
        }
        self.polling.failures = self.polling.failures.saturating_add(1);
        self.polling.blocked = blocked;
        if self.polling.answered_at.is_none() {
            self.poll_now();
        }
    }

    /// Returns streams and commands to the socket. Failures still count until a socket was good for
    /// long.
    pub(super) fn pause_polling(&mut self) {
        self.polling = Polling {
            failures: self.polling.failures,
            blocked: self.polling.blocked,
            not_before: self.polling.not_before,
            requests: self.polling.requests,
            ..Polling::default()
        };
    }

    /// Ends polling, because no connection is wanted.
    pub(super) fn end_polling(&mut self) {
        self.polling = Polling {
            requests: self.polling.requests,
            ..Polling::default()
        };
    }

    /// Records that HTTP may no longer work, until it does.
    pub(super) fn doubt_polling(&mut self) {
        self.polling.answered_at = None;
        self.polling.awaited.clear();
        self.polling.next_at = None;
        if self.link != Link::Up {
            self.outbox.link_lost();
        }
    }

    /// Polls immediately if streams are polled: time may have passed, or a stream may be ready.
    pub(super) fn poll_now(&mut self) {
        if self.may_poll() && self.polling.awaited.is_empty() {
            self.polling.next_at = Some(self.now().max(self.polling.not_before));
        }
    }

    /// Returns true if commands and events go over HTTP.
    pub(super) fn polls(&self) -> bool {
        self.polling.answered_at.is_some() && self.may_poll()
    }

    /// Returns true if sockets fail, so that HTTP is tried.
    pub(super) fn may_poll(&self) -> bool {
        self.polling.failures >= POLL_AFTER_FAILURES
            && self.stopped.is_none()
            && !self.offline
            && !matches!(self.link, Link::Up | Link::Legacy)
    }

    /// Returns the state while streams are polled.
    pub(super) fn polling_state(&self) -> ConnectionState {
        if self.streams.values().any(|stream| stream.is_paused()) {
            return ConnectionState::Degraded;
        }
        let is_stale = self
            .polling
            .answered_at
            .is_none_or(|at| self.now().saturating_sub(at) > POLL_STALE_MS);
        if is_stale || !self.streams.values().all(|stream| stream.is_polled()) {
            return ConnectionState::CatchingUp { remaining: 0 };
        }
        ConnectionState::Polling(self.polling.blocked)
    }

    /// Starts the round that is due, or records that the last one was not answered.
    pub(super) fn act_on_poll_deadlines(&mut self) {
        if !self.may_poll() {
            return;
        }
        let now = self.now();
        let mut awaited = self.polling.awaited.values();
        if awaited.any(|awaited| awaited.until <= now) {
            self.poll_failed();
        }
        if self.polling.next_at.is_some_and(|at| at <= now) {
            self.begin_round();
        }
    }

    /// Returns the time at which [`Session::act_on_poll_deadlines`] must be called.
    pub(super) fn poll_deadline(&self) -> Option<i64> {
        self.polling.deadline().filter(|_| self.may_poll())
    }

    fn begin_round(&mut self) {
        let pause = if self.environment.visible {
            POLL_MS
        } else {
            POLL_HIDDEN_MS
        };
        self.polling.next_at = Some(self.now().saturating_add(pause));
        self.polling.awaited.clear();
        for id in self.stream_ids() {
            self.poll(&id);
        }
    }

    /// Requests the new events of a stream.
    fn poll(&mut self, id: &StreamId) {
        let stream = self.streams.get(id);
        let Some(after) = stream.and_then(|stream| stream.polled_after()).cloned() else {
            return;
        };
        self.polling.requests += 1;
        let request = self.polling.requests;
        self.out.push(Output::Poll {
            request,
            stream: id.clone(),
            after: after.seq,
        });
        let until = self.now().saturating_add(POLL_TIMEOUT_MS);
        let awaited = Awaited {
            request,
            after,
            until,
        };
        self.polling.awaited.insert(id.clone(), awaited);
    }

    /// Handles the answer to [`Output::Poll`].
    pub(super) fn polled(
        &mut self,
        id: &StreamId,
        request: u64,
        answer: Result<EventPage, HttpFailure>,
    ) {
        let is_awaited = |awaited: &Awaited| awaited.request == request;
        if !self.polling.awaited.get(id).is_some_and(is_awaited) || !self.may_poll() {
            return;
        }
        let Some(Awaited { after, .. }) = self.polling.awaited.remove(id) else {
            return;
        };
        match answer {
            Ok(page) => self.take_page(id, &after, page),
            Err(HttpFailure::Trimmed) => {
                let why = SnapshotReason::NotRecovered(reason::TRIMMED.into());
                self.follow(id, Follow::Snapshot(why));
            }
            Err(HttpFailure::Refused(error)) => self.stream_refused(id, *error),
            Err(failure) => return self.http_failed(&failure),
        }
        if self.polling.awaited.is_empty() {
            self.round_done();
        }
    }

    /// Applies a page of a stream's log, unless the stream has moved on.
    fn take_page(&mut self, id: &StreamId, after: &Cursor, page: EventPage) {
        self.details.last_frame_ms = Some(self.environment.now_ms);
        // Its log has positions: it is not an older server, however silent its sockets are.
        self.negotiation.snapshot(true);
        let Some(stream) = self.streams.get_mut(id) else {
            return;
        };
        if stream.polled_after() != Some(after) {
            return;
        }
        // An empty page that promises more would be requested endlessly.
        let has_more = page.more && !page.events.is_empty();
        let follow = stream.take_page(page, &mut self.out, &mut self.details);
        let goes_on = follow == Follow::Nothing && has_more;
        self.follow(id, follow);
        if goes_on {
            self.poll(id);
        }
    }

    fn round_done(&mut self) {
        self.polling.answered_at = Some(self.now());
        self.details.last_live_ms = Some(self.environment.now_ms);
        // Log lines are in no event log: they must be read from where they are stored.
        for id in self.stream_ids() {
            self.out.push(Output::Missed { stream: id });
        }
        // The server may have been away, and its sockets may work again.
        if !self.polling.hastened && self.polling.blocked != Blocked::Cut {
            self.polling.hastened = true;
            let delay = backoff::uniform(0, HASTEN_SOCKET_MS, self.environment.random);
            self.retry_within(delay);
        }
    }

    /// Handles a failed HTTP request.
    fn http_failed(&mut self, failure: &HttpFailure) {
        match failure {
            HttpFailure::SignedOut => {
                let (code, reason) = (close::INVALID_TOKEN, "signed out");
                self.drop_socket(CLOSE_NORMAL, reason);
                let reason = reason.into();
                self.stop(StopReason::Refused { code, reason });
            }
            HttpFailure::Busy { retry_ms } => {
                let asked = retry_ms.and_then(|ms| i64::try_from(ms).ok());
                let delay = asked.unwrap_or(0).clamp(2 * POLL_MS, POLL_PUT_OFF_MAX_MS);
                self.poll_failed();
                self.polling.not_before = self.now().saturating_add(delay);
                self.polling.next_at = Some(self.polling.not_before);
            }
            _ => self.poll_failed(),
        }
    }

    /// Waits until the next socket has failed, or for a moment if the server answered before.
    fn poll_failed(&mut self) {
        let was_answered = self.polling.answered_at.is_some();
        self.doubt_polling();
        let soon = self.now().saturating_add(2 * POLL_MS);
        self.polling.next_at = was_answered.then_some(soon);
    }

    /// Sends waiting commands one at a time, so that they reach the store in order.
    pub(super) fn post_commands(&mut self) {
        if !self.polls() {
            return;
        }
        if let Some((id, project, body)) = self.outbox.next_post() {
            self.out.push(Output::Post { id, project, body });
        }
    }

    /// Handles the answer to [`Output::Post`].
    pub(super) fn posted(&mut self, id: &str, answer: Result<CommandResult, HttpFailure>) {
        match answer {
            Ok(result) => self.command_result(result),
            Err(HttpFailure::Refused(error)) => {
                self.outbox.answer(id, Err(*error), &mut self.out);
            }
            Err(HttpFailure::Trimmed) => {
                let error = outbox::unsent("The server's response is invalid.");
                self.outbox.answer(id, Err(error), &mut self.out);
            }
            // It is in flight again on a socket.
            Err(_) if !self.may_poll() => {}
            Err(failure) => self.http_failed(&failure),
        }
    }
}
