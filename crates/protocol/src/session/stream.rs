//! One stream's position, and its receive rule: the next event is applied, an older one dropped,
//! and one after a gap held for a moment.

use std::collections::{BTreeMap, VecDeque};

use super::constants::{
    HOLD_EVENTS, HOLD_MS, RESYNC_LIMIT, RESYNC_WINDOW_MS, SUBSCRIBE_TIMEOUT_MS,
};
use super::{Details, Output, SnapshotReason};
use crate::frame::{Subscribed, reason};
use crate::http::EventPage;
use crate::{Cursor, Message};

/// State of a stream, by what it waits for. Times are those of the session's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Waits for the application's snapshot.
    Snapshot {
        /// Link on which it was requested.
        generation: u64,
        /// Time to request it again.
        again_at: i64,
    },
    /// Waits for a link.
    Ready,
    /// Waits for the answer to a subscription.
    Subscribing {
        /// Number of the request; `None` if it was part of hello.
        request: Option<u64>,
        /// Time to request it again.
        deadline: i64,
    },
    /// Waits for the end of the replay.
    Replaying {
        /// Time to request it again, unless more arrives.
        deadline: i64,
    },
    /// Waits for nothing: the stream is live.
    Live,
    /// Waits for the end of a pause, since it could not be followed.
    Paused {
        /// End of the pause.
        until: i64,
    },
    /// Waits for nothing on this link: the server refused.
    Refused,
}

/// Next action for a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Follow {
    Nothing,
    /// Subscribe again from the last event that was applied.
    Resubscribe,
    /// Subscribe again, after a pause.
    Resume,
    /// Request a snapshot from the application.
    Snapshot(SnapshotReason),
}

#[derive(Debug)]
pub(super) struct Stream {
    pub(super) phase: Phase,
    /// Last event that was delivered. In [`Phase::Ready`] and [`Phase::Subscribing`], `None` means
    /// from now on.
    pub(super) cursor: Option<Cursor>,
    held: BTreeMap<u64, Box<Message>>,
    /// Time since which events are known to be missing, or of the last arrival of one of them.
    hole_since: Option<i64>,
    /// Last event that is known to exist.
    top: u64,
    last_gap: Option<(Cursor, i64)>,
    resyncs: VecDeque<i64>,
}

impl Stream {
    pub(super) fn new(cursor: Option<Cursor>) -> Self {
        Self {
            phase: Phase::Ready,
            cursor,
            held: BTreeMap::new(),
            hole_since: None,
            top: 0,
            last_gap: None,
            resyncs: VecDeque::new(),
        }
    }

    /// Enters another phase, and drops held events.
    pub(super) fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.held.clear();
        self.hole_since = None;
        if self.cursor.is_none() {
            self.top = 0;
        }
    }

    /// Returns true if every event that is known to exist was delivered.
    pub(super) fn is_complete(&self) -> bool {
        match self.phase {
            Phase::Live => self.hole_since.is_none(),
            Phase::Refused => true,
            _ => false,
        }
    }

    /// Returns the number of events that are known to be missing.
    pub(super) fn remaining(&self) -> u64 {
        self.cursor
            .as_ref()
            .map_or(0, |cursor| self.top.saturating_sub(cursor.seq))
    }

    /// Handles an event of the log.
    pub(super) fn receive(
        &mut self,
        seq: u64,
        message: Box<Message>,
        now: i64,
        out: &mut Vec<Output>,
        details: &mut Details,
    ) -> Follow {
        if !self.is_received() {
            return Follow::Nothing;
        }
        let Some(cursor) = &self.cursor else {
            return Follow::Nothing;
        };
        if message
            .epoch
            .as_ref()
            .is_some_and(|epoch| *epoch != cursor.epoch)
        {
            return Follow::Snapshot(SnapshotReason::Epoch);
        }
        if seq <= cursor.seq {
            details.duplicates += 1;
            return Follow::Nothing;
        }
        self.top = self.top.max(seq);
        if seq - cursor.seq > 1 {
            // The replay will include it once the subscription is answered.
            if matches!(self.phase, Phase::Subscribing { .. }) {
                return Follow::Nothing;
            }
            if self.held.len() >= HOLD_EVENTS {
                return self.gap(now);
            }
            self.held.insert(seq, message);
            self.hole_since.get_or_insert(now);
            return Follow::Nothing;
        }
        self.deliver(seq, message, out, details);
        self.deliver_held(now, out, details);
        if let Phase::Replaying { deadline } = &mut self.phase {
            *deadline = now.saturating_add(SUBSCRIBE_TIMEOUT_MS);
        }
        Follow::Nothing
    }

    /// Records the position that the server reports for the stream.
    pub(super) fn notice_top(&mut self, top: u64, now: i64) -> Follow {
        let (Phase::Live, Some(cursor)) = (self.phase, &self.cursor) else {
            return Follow::Nothing;
        };
        if top < cursor.seq {
            // A stream does not shrink within an epoch: this is another epoch.
            return self.gap(now);
        }
        self.top = self.top.max(top);
        if top > cursor.seq {
            self.hole_since.get_or_insert(now);
        }
        Follow::Nothing
    }

    /// Handles the server's answer to a subscription.
    pub(super) fn subscribed(&mut self, answer: Subscribed, now: i64) -> Follow {
        let deadline = now.saturating_add(SUBSCRIBE_TIMEOUT_MS);
        match &self.cursor {
            None => {
                self.cursor = Some(Cursor::new(answer.epoch, answer.seq));
                self.enter(Phase::Replaying { deadline });
                self.top = answer.seq;
                Follow::Snapshot(SnapshotReason::Unpositioned)
            }
            Some(_) if !answer.recovered => Follow::Snapshot(SnapshotReason::NotRecovered(
                answer.reason.unwrap_or_default(),
            )),
            Some(cursor) if cursor.epoch != answer.epoch => Follow::Snapshot(SnapshotReason::Epoch),
            Some(_) => {
                self.enter(Phase::Replaying { deadline });
                self.top = answer.seq;
                Follow::Nothing
            }
        }
    }

    /// Records that the replay is complete, up to `seq`.
    pub(super) fn live(&mut self, seq: u64, now: i64) {
        if let (Phase::Replaying { .. }, Some(cursor)) = (self.phase, &self.cursor) {
            self.phase = Phase::Live;
            self.top = self.top.max(seq);
            if self.top > cursor.seq {
                self.hole_since.get_or_insert(now);
            }
        }
    }

    /// Returns true if the stream waits for the end of a pause.
    pub(super) fn is_paused(&self) -> bool {
        matches!(self.phase, Phase::Paused { .. })
    }

    /// Returns true if polling keeps the stream complete.
    pub(super) fn is_polled(&self) -> bool {
        self.polled_after().is_some() || self.phase == Phase::Refused
    }

    /// Returns the position after which the stream is polled, or `None` while its snapshot is
    /// awaited.
    pub(super) fn polled_after(&self) -> Option<&Cursor> {
        let cursor = self.cursor.as_ref();
        cursor.filter(|_| matches!(self.phase, Phase::Ready | Phase::Subscribing { .. }))
    }

    /// Applies a page of the log that was polled.
    pub(super) fn take_page(
        &mut self,
        page: EventPage,
        out: &mut Vec<Output>,
        details: &mut Details,
    ) -> Follow {
        let Some(cursor) = self.polled_after().cloned() else {
            return Follow::Nothing;
        };
        if page.epoch != cursor.epoch {
            return Follow::Snapshot(SnapshotReason::Epoch);
        }
        if page.seq < cursor.seq {
            return Follow::Snapshot(SnapshotReason::NotRecovered(reason::FUTURE.into()));
        }
        for message in page.events {
            let last = self.cursor.as_ref().map_or(0, |cursor| cursor.seq);
            match message.seq {
                Some(seq) if seq == last.saturating_add(1) => {
                    self.deliver(seq, Box::new(message), out, details);
                }
                Some(seq) if seq <= last => details.duplicates += 1,
                _ => return Follow::Snapshot(SnapshotReason::Gap),
            }
        }
        self.top = self.top.max(page.seq);
        Follow::Nothing
    }

    /// Continues from an application's snapshot that is ahead of the delivered events. Returns
    /// false if it is not ahead, or if no subscription can be continued.
    pub(super) fn skip_to(
        &mut self,
        to: &Cursor,
        now: i64,
        out: &mut Vec<Output>,
        details: &mut Details,
    ) -> bool {
        match &mut self.cursor {
            Some(cursor)
                if matches!(self.phase, Phase::Live | Phase::Replaying { .. })
                    && cursor.epoch == to.epoch
                    && cursor.seq <= to.seq =>
            {
                cursor.seq = to.seq;
                self.top = self.top.max(to.seq);
                self.deliver_held(now, out, details);
                true
            }
            _ => false,
        }
    }

    /// Returns the time at which [`Stream::due`] must be called, while there is a link.
    pub(super) fn deadline(&self) -> Option<i64> {
        let phase = match self.phase {
            Phase::Snapshot { again_at, .. } => Some(again_at),
            Phase::Subscribing { deadline, .. } | Phase::Replaying { deadline } => Some(deadline),
            Phase::Paused { until } => Some(until),
            Phase::Ready | Phase::Live | Phase::Refused => None,
        };
        let hole = self.hole_since.map(|since| since.saturating_add(HOLD_MS));
        [phase, hole].into_iter().flatten().min()
    }

    /// Returns the action that is due, while there is a link.
    pub(super) fn due(&mut self, now: i64) -> Follow {
        if self.deadline().is_none_or(|deadline| now < deadline) {
            return Follow::Nothing;
        }
        match self.phase {
            Phase::Snapshot { .. } => Follow::Snapshot(SnapshotReason::NoAnswer),
            Phase::Paused { .. } if self.cursor.is_none() => {
                Follow::Snapshot(SnapshotReason::AfterPause)
            }
            Phase::Paused { .. } => Follow::Resume,
            _ => self.gap(now),
        }
    }

    /// Counts a resync. Returns false if there were too many.
    pub(super) fn may_resync(&mut self, now: i64) -> bool {
        while self
            .resyncs
            .front()
            .is_some_and(|at| now.saturating_sub(*at) >= RESYNC_WINDOW_MS)
        {
            self.resyncs.pop_front();
        }
        if self.resyncs.len() >= RESYNC_LIMIT {
            return false;
        }
        self.resyncs.push_back(now);
        true
    }

    /// Reacts to events that are still missing after the wait.
    fn gap(&mut self, now: i64) -> Follow {
        let Some(cursor) = self.cursor.clone() else {
            return Follow::Resubscribe;
        };
        let again = self.last_gap.take_if(|(position, at)| {
            *position == cursor && now.saturating_sub(*at) < RESYNC_WINDOW_MS
        });
        if again.is_some() {
            return Follow::Snapshot(SnapshotReason::Gap);
        }
        self.last_gap = Some((cursor, now));
        Follow::Resubscribe
    }

    /// Returns true if events of this stream are expected on this link.
    fn is_received(&self) -> bool {
        matches!(
            self.phase,
            Phase::Subscribing { .. } | Phase::Replaying { .. } | Phase::Live
        )
    }

    fn deliver(
        &mut self,
        seq: u64,
        message: Box<Message>,
        out: &mut Vec<Output>,
        details: &mut Details,
    ) {
        details.messages += 1;
        if let Some(cursor) = &mut self.cursor {
            cursor.seq = seq;
        }
        out.push(Output::Deliver(message));
    }

    /// Delivers held events that are next now, and checks for remaining gaps.
    fn deliver_held(&mut self, now: i64, out: &mut Vec<Output>, details: &mut Details) {
        let reached = self.cursor.as_ref().map_or(0, |cursor| cursor.seq);
        self.held.retain(|seq, _| *seq > reached);
        while let Some(last) = self.cursor.as_ref().map(|cursor| cursor.seq) {
            let Some(message) = self.held.remove(&last.saturating_add(1)) else {
                break;
            };
            self.deliver(last.saturating_add(1), message, out, details);
        }
        if self.hole_since.is_some() {
            self.hole_since = (self.remaining() > 0).then_some(now);
        }
    }
}

#[cfg(test)]
mod tests;
