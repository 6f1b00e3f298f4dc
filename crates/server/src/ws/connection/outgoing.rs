//! Output of a connection: replies first, then the events its cursors pull, while the socket has
//! room.

use bytes::Bytes;
use tasktree_protocol::frame::{ServerFrame, close};

use super::page::Reading;
use super::reply::RowReply;
use super::{Connection, Mode, Reply};
use crate::buffers::Caller;
use crate::hub::{self, Encoded, PullOutcome};
use crate::ws::{Close, v1};
use tasktree_protocol::StreamId;

/// Bytes of events that are queued at once for a client that does not read batches.
const SINGLES_BYTES: usize = 8 << 10;

impl Connection {
    /// Queues a reply or a notice.
    pub(in crate::ws) fn answer(&mut self, frame: &ServerFrame) {
        match serde_json::to_vec(frame) {
            Ok(frame) => self.post(frame.into()),
            Err(error) => tracing::error!(%error, "cannot encode a frame"),
        }
    }

    pub(in crate::ws) fn post(&mut self, frame: Bytes) {
        self.queue(Reply::Frame(frame));
    }

    /// Queues a reply.
    pub(super) fn queue(&mut self, reply: Reply) {
        self.outbox_bytes += reply.size();
        self.outbox.push_back(reply);
    }

    /// Marks the subscriptions as changed, so that all of them are looked at.
    pub(in crate::ws) fn look_again(&mut self) {
        self.hungry = true;
    }

    /// Queues frames while there is room.
    pub(super) fn fill(&mut self) -> Result<(), Close> {
        if self.guard.take_ring() {
            self.hungry = true;
            if let Some(code) = self.guard.asked_to_close() {
                self.say_goodbye(code)?;
            }
            self.find_new_streams();
        }
        while self.socket.has_room() && self.row.is_none() {
            let next = self.outbox.pop_front();
            self.outbox_bytes -= next.as_ref().map_or(0, Reply::size);
            match next {
                Some(Reply::Frame(frame)) => self.send(frame),
                Some(Reply::Row(reply)) => self.read_row(*reply),
                None if self.hungry && self.pull()? => {}
                None => break,
            }
        }
        Ok(())
    }

    /// Starts reading the row of a reply.
    fn read_row(&mut self, reply: RowReply) {
        let guard = &self.guard;
        let caller = Caller::of(Some(guard.principal()), guard.address());
        let share = self.realtime.answers.clone().share(caller);
        self.row = Some(Box::pin(reply.complete(self.acting.clone(), share)));
    }

    /// Pulls from the subscriptions in turn until one returns something. Returns true if one did.
    fn pull(&mut self) -> Result<bool, Close> {
        let limits = &self.realtime.limits;
        let bytes = match self.mode {
            Mode::V1 { batch: true, .. } => limits.batch_bytes,
            _ => SINGLES_BYTES,
        };
        for _ in 0..self.subscriptions.len() {
            self.turn = (self.turn + 1) % self.subscriptions.len();
            let subscription = &mut self.subscriptions[self.turn];
            let pulled = subscription.pull(limits.batch_events, bytes);
            // Do not send events published after a token was revoked, even if pulled before the
            // bell was noticed.
            if let Some(code) = self
                .guard
                .asked_to_close()
                .filter(|code| *code != close::DRAIN)
            {
                return Err(Close::new(code, "closed by the server"));
            }
            match pulled {
                PullOutcome::Nothing => {}
                PullOutcome::Behind => {
                    if self.page.is_none() {
                        self.page = Some(Reading::begin(&self.realtime, subscription));
                    }
                }
                PullOutcome::Events(events) => {
                    let events = self.visible(self.turn, events);
                    self.send_events(events);
                    return Ok(true);
                }
                PullOutcome::Ephemeral(frame) => {
                    self.send(frame);
                    return Ok(true);
                }
                notice => {
                    self.send_notice(self.turn, notice);
                    return Ok(true);
                }
            }
        }
        self.hungry = false;
        Ok(false)
    }

    /// Hides the system stream's events that the principal may not see. A `board.v1` client counts
    /// positions, so it gets an empty event for each one about a project out of its reach.
    fn visible(&self, index: usize, mut events: Vec<Encoded>) -> Vec<Encoded> {
        let scope = self.guard.principal().scope();
        let all = scope.project().is_none();
        if all || *self.subscriptions[index].id() != StreamId::system() {
            return events;
        }
        match self.mode {
            Mode::V1 { .. } => events
                .iter_mut()
                .for_each(|event| hub::hide_unless(event, |project| scope.has(project))),
            Mode::Legacy(_) => {
                events.retain(|event| hub::is_seen(event, |project| scope.has(project)));
            }
        }
        events
    }

    pub(super) fn send(&mut self, frame: Bytes) {
        self.realtime.metrics().sent.inc_by(frame.len() as u64);
        self.socket.send(frame);
    }

    fn send_events(&mut self, events: Vec<Encoded>) {
        if events.is_empty() {
            return;
        }
        let committed = events.first().and_then(|event| event.committed);
        self.unsent_since = self.unsent_since.or(committed);
        match self.mode {
            Mode::V1 { batch: true, .. } if events.len() > 1 => {
                self.send(v1::batch(&events));
            }
            Mode::V1 { .. } => {
                for event in events {
                    self.send(event.v1);
                }
            }
            Mode::Legacy(_) => {
                for event in events {
                    self.send(event.legacy.unwrap_or(event.v1));
                }
            }
        }
    }

    /// Tells the client about a change of a subscription.
    pub(super) fn send_notice(&mut self, index: usize, notice: PullOutcome) {
        let removed = matches!(notice, PullOutcome::Removed);
        if let PullOutcome::Resync(_, reason) = notice {
            self.realtime.metrics().resynced(reason);
        }
        if let Mode::V1 { .. } = self.mode {
            self.send_notice_v1(index, notice);
        }
        if removed {
            let subscription = self.subscriptions.swap_remove(index);
            self.guard.unsubscribe(subscription.stream());
            self.publish_progress();
        }
    }

    fn say_goodbye(&mut self, code: u16) -> Result<(), Close> {
        if code != close::DRAIN {
            return Err(Close::new(code, "closed by the server"));
        }
        let window = self.realtime.limits.drain_window;
        let close = match self.mode {
            Mode::V1 { .. } => {
                self.bye_v1();
                Close::new(close::DRAIN, "the server is shutting down")
            }
            // 1012, service restart: the older server closed with this code.
            Mode::Legacy(_) => Close::new(1012, "the server is shutting down"),
        };
        self.deadlines.leave_within(window, close);
        Ok(())
    }
}
