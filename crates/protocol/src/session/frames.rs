//! Handling of the server's frames.

use std::collections::BTreeMap;

use super::link::Link;
use super::stream::{Follow, Phase};
use super::{Output, Session, SnapshotReason};
use crate::error::code;
use crate::frame::{Incoming, Ping, Pong, ServerFrame, Welcome, reason};
use crate::{ClientFrame, CommandResult, Message, StreamId, WireError};

impl Session {
    /// Handles a text frame of the current socket.
    pub(super) fn frame(&mut self, text: &str) {
        self.heard();
        match Incoming::parse(text) {
            Ok(Incoming::Message(message)) => self.message(message),
            Ok(Incoming::Control(frame))
                if self.link == Link::Legacy && !matches!(frame, ServerFrame::Welcome(_)) =>
            {
                self.diagnose("A control frame came in legacy mode and was ignored.".into());
                self.negotiation.sent_numbered();
            }
            Ok(Incoming::Control(frame)) => self.control(frame),
            Ok(Incoming::UnknownControl { kind, .. }) => {
                self.diagnose(format!("A frame of unknown type {kind:?} was ignored."));
            }
            Err(error) => self.diagnose(error),
        }
    }

    fn message(&mut self, message: Box<Message>) {
        // A server that speaks board.v1 sends its welcome first, and its log has numbers.
        if matches!(self.link, Link::Greeting { .. }) && message.seq.is_none() {
            self.become_legacy();
        }
        match (self.link, message.seq) {
            (Link::Legacy, None) => self.negotiation.sent_plain(),
            (Link::Legacy, Some(_)) => self.negotiation.sent_numbered(),
            _ => {}
        }
        let (Some(seq), true) = (message.seq, self.link != Link::Legacy) else {
            self.details.messages += 1;
            return self.out.push(Output::Deliver(message));
        };
        let now = self.now();
        let id = message.stream();
        let Some(stream) = self.streams.get_mut(&id) else {
            return;
        };
        let follow = stream.receive(seq, message, now, &mut self.out, &mut self.details);
        self.follow(&id, follow);
    }

    fn control(&mut self, frame: ServerFrame) {
        let now = self.now();
        match frame {
            ServerFrame::Welcome(welcome) => {
                if matches!(self.link, Link::Greeting { .. } | Link::Legacy) {
                    self.welcome(welcome);
                }
            }
            ServerFrame::Live { stream: id, seq } => {
                if let Some(stream) = self.streams.get_mut(&id) {
                    stream.live(seq, now);
                }
            }
            ServerFrame::Subscribed { id, subscribed } => {
                let id = self
                    .requested(&id)
                    .filter(|stream| *stream == subscribed.stream);
                if let Some(id) = id
                    && let Some(stream) = self.streams.get_mut(&id)
                {
                    let follow = stream.subscribed(subscribed, now);
                    self.follow(&id, follow);
                }
            }
            ServerFrame::Unsubscribed { .. } => {}
            ServerFrame::Error { id, error } => {
                self.refused(id.as_deref().unwrap_or_default(), error);
            }
            ServerFrame::Batch { events } => {
                for event in events {
                    self.message(Box::new(event));
                }
            }
            ServerFrame::Ping(ping) => self.pinged(&ping),
            ServerFrame::Pong(pong) => {
                if self.link == Link::Up {
                    self.ponged(&pong);
                }
            }
            ServerFrame::Result(result) => self.command_result(result),
            ServerFrame::Resync {
                stream: id, reason, ..
            } => {
                let reason = match reason.as_str() {
                    reason::EPOCH => SnapshotReason::Epoch,
                    _ => SnapshotReason::NotRecovered(reason),
                };
                let follows = self.streams.get(&id).is_some_and(|stream| {
                    !matches!(stream.phase, Phase::Snapshot { .. } | Phase::Paused { .. })
                });
                if follows {
                    self.follow(&id, Follow::Snapshot(reason));
                }
            }
            ServerFrame::Missed { stream } => {
                if self.streams.contains_key(&stream) {
                    self.out.push(Output::Missed { stream });
                }
            }
            ServerFrame::Bye {
                reconnect_in_ms, ..
            } => self.bye(reconnect_in_ms),
        }
    }

    fn welcome(&mut self, welcome: Welcome) {
        let now = self.now();
        let was_taken_for_older = self.link == Link::Legacy;
        self.negotiation.welcomed();
        self.pause_polling();
        self.outbox.link_lost();
        self.link = Link::Up;
        self.heartbeat.start(now, welcome.ping_ms);
        self.max_frame = welcome.max_frame;
        self.details.session = Some(welcome.session);
        for answer in welcome.subs {
            let id = answer.stream.clone();
            if let Some(stream) = self.streams.get_mut(&id)
                && matches!(stream.phase, Phase::Subscribing { request: None, .. })
            {
                let follow = stream.subscribed(answer, now);
                self.follow(&id, follow);
            }
        }
        if was_taken_for_older {
            self.snapshots_of_all();
        }
        self.after_welcome();
        // Measures the round trip from the start.
        self.ping(false);
    }

    fn pinged(&mut self, ping: &Ping) {
        let mut seen = BTreeMap::new();
        for (id, stream) in &self.streams {
            if let Some(cursor) = &stream.cursor {
                seen.insert(id.clone(), cursor.seq);
            }
        }
        self.send(&ClientFrame::Pong(Pong {
            n: ping.n,
            t: ping.t,
            seen,
        }));
        if self.link != Link::Up {
            return;
        }
        let now = self.now();
        self.heartbeat.beat(now);
        self.ping(false);
        self.notice_tops(&ping.tops);
    }

    #[expect(clippy::cast_precision_loss, reason = "round trips are short")]
    fn ponged(&mut self, pong: &Pong) {
        let now = self.now();
        self.heartbeat.beat(now);
        if let Some(millis) = self.heartbeat.pong(pong, now) {
            self.details.round_trip_ms = Some(millis as f64);
        }
        self.notice_tops(&pong.seen);
    }

    /// Compares the server's stream positions with ours, so that an event lost on the way shows
    /// within a heartbeat.
    fn notice_tops(&mut self, tops: &BTreeMap<StreamId, u64>) {
        let now = self.now();
        for (id, top) in tops {
            if let Some(stream) = self.streams.get_mut(id) {
                let follow = stream.notice_top(*top, now);
                self.follow(id, follow);
            }
        }
    }

    pub(super) fn command_result(&mut self, result: CommandResult) {
        let id = result.id.clone();
        let result = if result.ok {
            Ok(result)
        } else {
            Err(result.error.unwrap_or_else(|| {
                WireError::new(
                    code::INTERNAL,
                    "The server refused the change without a reason.",
                )
            }))
        };
        self.outbox.answer(&id, result, &mut self.out);
    }

    /// Handles the refusal of a request, or of a frame that the server could not read.
    fn refused(&mut self, id: &str, error: WireError) {
        if let Some(stream) = self.requested(id).or_else(|| self.named(id)) {
            self.stream_refused(&stream, error);
        } else if !self.outbox.answer(id, Err(error.clone()), &mut self.out) {
            self.diagnose(format!(
                "Error from the server: {} ({})",
                error.message, error.code
            ));
        }
    }
}
