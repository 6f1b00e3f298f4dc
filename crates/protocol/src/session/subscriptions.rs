//! Streams that the application wants, and the recovery of those that cannot be followed.

use super::constants::{PAUSE_MAX_MS, PAUSE_MIN_MS, SNAPSHOT_TIMEOUT_MS, SUBSCRIBE_TIMEOUT_MS};
use super::link::Link;
use super::stream::{Follow, Phase, Stream};
use super::{Output, Session, SnapshotReason, backoff};
use crate::error::code;
use crate::frame::Subscribe;
use crate::{ClientFrame, Cursor, StreamId, WireError};

impl Session {
    pub(super) fn subscribe(&mut self, id: &StreamId, cursor: Option<Cursor>) {
        let positioned = cursor.is_some();
        self.streams.insert(id.clone(), Stream::new(cursor));
        if self.link == Link::Legacy {
            self.ask_snapshot(id, SnapshotReason::Legacy);
        } else if positioned {
            self.request(id);
        } else {
            self.ask_snapshot(id, SnapshotReason::New);
        }
    }

    pub(super) fn unsubscribe(&mut self, id: &StreamId) {
        if self.streams.remove(id).is_some() && self.link == Link::Up {
            self.requests += 1;
            let request = request_id(self.requests);
            self.send(&ClientFrame::Unsubscribe {
                id: request,
                stream: id.clone(),
            });
        }
    }

    pub(super) fn snapshot_applied(&mut self, id: &StreamId, cursor: Option<Cursor>) {
        let now = self.now();
        self.negotiation.snapshot(cursor.is_some());
        let Some(stream) = self.streams.get_mut(id) else {
            return;
        };
        if self.link == Link::Legacy {
            // It is not an older server after all: the next link, or polling, continues from there.
            if self.negotiation.is_guess() && cursor.is_some() {
                stream.cursor = cursor;
                stream.enter(Phase::Ready);
            }
            return;
        }
        let continues = match &cursor {
            Some(cursor) => stream.skip_to(cursor, now, &mut self.out, &mut self.details),
            // The events that already flow are at least as new as the snapshot. A stream that waits
            // for its snapshot has no cursor.
            None => stream.cursor.is_some(),
        };
        if !continues {
            stream.cursor = cursor;
            self.request(id);
        }
    }

    /// Requests every stream's snapshot, because there is no replay in legacy mode.
    pub(super) fn legacy_snapshots(&mut self) {
        for id in self.stream_ids() {
            self.ask_snapshot(&id, SnapshotReason::Legacy);
        }
    }

    /// Requests every stream's snapshot: the server was slow and not an older one, so streams have
    /// positions again.
    pub(super) fn snapshots_of_all(&mut self) {
        for id in self.stream_ids() {
            self.ask_snapshot(&id, SnapshotReason::NoAnswer);
        }
    }

    /// Returns the streams that wait for a link, and those that the last one was refused.
    pub(super) fn subscribe_in_hello(&mut self) -> Vec<Subscribe> {
        let deadline = self.now().saturating_add(SUBSCRIBE_TIMEOUT_MS);
        let ready = self
            .streams
            .iter_mut()
            .filter(|(_, stream)| matches!(stream.phase, Phase::Ready | Phase::Refused));
        ready
            .map(|(id, stream)| {
                stream.enter(Phase::Subscribing {
                    request: None,
                    deadline,
                });
                Subscribe {
                    stream: id.clone(),
                    cursor: stream.cursor.clone(),
                }
            })
            .collect()
    }

    /// Requests what the hello could not include. These are streams whose snapshot arrived while
    /// the server was being greeted. They are also streams whose snapshot was requested on a lost
    /// link, so that its fetch may have failed too.
    pub(super) fn after_welcome(&mut self) {
        let present = self.generation;
        for id in self.stream_ids() {
            match self.streams.get(&id).map(|stream| stream.phase) {
                Some(Phase::Ready) => self.request(&id),
                Some(Phase::Snapshot { generation, .. }) if generation < present => {
                    self.ask_snapshot(&id, SnapshotReason::NoAnswer);
                }
                _ => {}
            }
        }
    }

    /// Ends all pauses, because a person does not want to wait for them.
    pub(super) fn end_pauses(&mut self) {
        let until = self.now();
        for stream in self.streams.values_mut() {
            if matches!(stream.phase, Phase::Paused { .. }) {
                stream.phase = Phase::Paused { until };
            }
        }
    }

    /// Performs a stream's action, unless it occurs too often.
    pub(super) fn follow(&mut self, id: &StreamId, follow: Follow) {
        let now = self.now();
        let counts = match &follow {
            Follow::Nothing => return,
            Follow::Resubscribe => true,
            Follow::Resume => false,
            Follow::Snapshot(reason) => !matches!(
                reason,
                SnapshotReason::NoAnswer
                    | SnapshotReason::AfterPause
                    | SnapshotReason::Unpositioned
            ),
        };
        let Some(stream) = self.streams.get_mut(id) else {
            return;
        };
        if counts {
            self.details.resyncs += 1;
            if !stream.may_resync(now) {
                if matches!(follow, Follow::Snapshot(_)) {
                    stream.cursor = None;
                }
                let delay = backoff::uniform(PAUSE_MIN_MS, PAUSE_MAX_MS, self.environment.random);
                return stream.enter(Phase::Paused {
                    until: now.saturating_add(delay),
                });
            }
        }
        match follow {
            Follow::Nothing => {}
            Follow::Resubscribe | Follow::Resume => self.request(id),
            Follow::Snapshot(reason) => self.ask_snapshot(id, reason),
        }
    }

    /// Returns the stream whose unanswered subscription has the given id.
    pub(super) fn requested(&self, id: &str) -> Option<StreamId> {
        self.streams
            .iter()
            .find_map(|(name, stream)| match stream.phase {
                Phase::Subscribing {
                    request: Some(number),
                    ..
                } if id == request_id(number) => Some(name.clone()),
                _ => None,
            })
    }

    /// Returns the stream of the given name: a refusal that answers no request names the stream
    /// itself.
    pub(super) fn named(&self, id: &str) -> Option<StreamId> {
        self.streams.get_key_value(id).map(|(name, _)| name.clone())
    }

    pub(super) fn stream_refused(&mut self, id: &StreamId, error: WireError) {
        let now = self.now();
        let Some(stream) = self.streams.get_mut(id) else {
            return;
        };
        // A failed server has not refused: a board that took it for a refusal would be live and
        // follow nothing.
        let has_failed = matches!(error.code.as_str(), code::INTERNAL | code::RATE_LIMITED);
        if error.temporary || has_failed {
            let asked = error.retry_ms.and_then(|ms| i64::try_from(ms).ok());
            let delay = asked
                .unwrap_or(PAUSE_MAX_MS)
                .clamp(PAUSE_MIN_MS, PAUSE_MAX_MS);
            stream.enter(Phase::Paused {
                until: now.saturating_add(delay),
            });
        } else {
            stream.enter(Phase::Refused);
            self.out.push(Output::StreamRefused {
                stream: id.clone(),
                error,
            });
        }
    }

    pub(super) fn act_on_stream_deadlines(&mut self) {
        if !self.follows() {
            return;
        }
        let now = self.now();
        for id in self.stream_ids() {
            let follow = self
                .streams
                .get_mut(&id)
                .map_or(Follow::Nothing, |stream| stream.due(now));
            self.follow(&id, follow);
        }
    }

    pub(super) fn stream_deadline(&self) -> Option<i64> {
        if !self.follows() {
            return None;
        }
        self.streams.values().filter_map(Stream::deadline).min()
    }

    /// Returns true if streams are followed, over a socket or HTTP. While a socket is being
    /// greeted, its answer is awaited.
    fn follows(&self) -> bool {
        self.link == Link::Up || (self.may_poll() && !matches!(self.link, Link::Greeting { .. }))
    }

    /// Subscribes, now or once there is a link.
    fn request(&mut self, id: &StreamId) {
        let deadline = self.now().saturating_add(SUBSCRIBE_TIMEOUT_MS);
        let Some(stream) = self.streams.get_mut(id) else {
            return;
        };
        if self.link != Link::Up {
            stream.enter(Phase::Ready);
            return self.poll_now();
        }
        self.requests += 1;
        stream.enter(Phase::Subscribing {
            request: Some(self.requests),
            deadline,
        });
        let subscribe = Subscribe {
            stream: id.clone(),
            cursor: stream.cursor.clone(),
        };
        self.send(&ClientFrame::Subscribe {
            id: request_id(self.requests),
            subscribe,
        });
    }

    fn ask_snapshot(&mut self, id: &StreamId, reason: SnapshotReason) {
        let generation = if self.link == Link::Down {
            self.generation + 1
        } else {
            self.generation
        };
        let again_at = self.now().saturating_add(SNAPSHOT_TIMEOUT_MS);
        let Some(stream) = self.streams.get_mut(id) else {
            return;
        };
        // A stream without a position of its own is already being received.
        if reason != SnapshotReason::Unpositioned {
            stream.cursor = None;
            stream.enter(Phase::Snapshot {
                generation,
                again_at,
            });
        }
        self.out.push(Output::NeedSnapshot {
            stream: id.clone(),
            reason,
        });
    }

    pub(super) fn stream_ids(&self) -> Vec<StreamId> {
        self.streams.keys().cloned().collect()
    }
}

/// Returns the id of a subscription. Names of streams and ids of commands never look like it.
fn request_id(number: u64) -> String {
    format!("sub:{number}")
}
