//! A connection's cursor in one stream. It pulls from the newest events in memory, otherwise from
//! pages of the log.

use std::sync::Arc;

use bytes::Bytes;
use tasktree_protocol::frame::reason;
use tasktree_protocol::{Cursor, StreamId};

use super::ephemeral::{Heard, Next};
use super::pages::Page;
use super::progress::Progress;
use super::stream::Stream;
use super::tail::Encoded;
use crate::error::Error;
use crate::service::Service;

/// Result of one pull from a stream.
#[derive(Debug)]
pub enum PullOutcome {
    /// Nothing new to send.
    Nothing,
    /// The next events, in order.
    Events(Vec<Encoded>),
    /// A message without a position.
    Ephemeral(Bytes),
    /// Messages without a position were dropped before they could be pulled.
    Missed,
    /// Notice that the next events have to be read from the log: [`Subscription::page_needed`].
    Behind,
    /// Jump of the cursor, with the reason: it could not continue, and is now at the stream's
    /// position.
    Resync(Cursor, &'static str),
    /// End of the replay, with the position of the cursor.
    Live(u64),
    /// Removal of the stream.
    Removed,
}

/// Cursor of one connection in one stream.
#[derive(Debug)]
pub struct Subscription {
    stream: Arc<Stream>,
    /// Position of the cursor. Unknown before the first event if the store was not asked.
    cursor: Option<Cursor>,
    generation: u64,
    heard: Heard,
    /// Position at which the replay is complete. Cleared once that is reported.
    live_at: Option<u64>,
    page: Option<Page>,
    progress: Arc<Progress>,
}

impl Subscription {
    /// Creates a cursor without a position. The connection's handle must already be a subscriber of
    /// the stream.
    pub fn new(stream: Arc<Stream>) -> Self {
        let (generation, heard) = (stream.generation(), Heard::up_to(stream.ephemeral_top()));
        Self {
            progress: Arc::new(Progress::new(Arc::clone(&stream))),
            stream,
            cursor: None,
            generation,
            heard,
            live_at: None,
            page: None,
        }
    }

    /// Moves to `cursor`, and reports [`PullOutcome::Live`] once everything up to `live_at` is
    /// pulled.
    pub fn start(&mut self, cursor: Cursor, live_at: Option<u64>) {
        self.stand(cursor);
        self.live_at = live_at;
        self.page = None;
    }

    fn stand(&mut self, cursor: Cursor) {
        self.progress.moved(cursor.seq);
        self.cursor = Some(cursor);
    }

    /// Returns the progress of the cursor, for others to read.
    pub fn progress(&self) -> &Arc<Progress> {
        &self.progress
    }

    /// Returns the id of the stream.
    pub fn id(&self) -> &StreamId {
        self.stream.id()
    }

    /// Returns the stream.
    pub fn stream(&self) -> &Arc<Stream> {
        &self.stream
    }

    /// Returns the position of the last event pulled.
    pub fn seq(&self) -> u64 {
        self.cursor.as_ref().map_or(0, |cursor| cursor.seq)
    }

    /// Returns true if the cursor has a position. A stream of personal messages has none.
    pub fn is_placed(&self) -> bool {
        self.cursor.is_some()
    }

    /// Makes sure that the events up to `until` are available.
    ///
    /// # Errors
    /// Returns `Trimmed` if they are no longer kept, or any error of the store.
    pub async fn prepare(&mut self, service: &Service, until: u64) -> Result<(), Error> {
        if self.seq() < until && self.stream.after(self.seq(), 1, 0).is_none() {
            let page = self
                .stream
                .read_page(service, self.generation, self.seq())
                .await?;
            self.page = Some(page);
        }
        Ok(())
    }

    /// Returns the next thing to send: at most `limit` events of about `bytes` in all.
    pub fn pull(&mut self, limit: usize, bytes: usize) -> PullOutcome {
        if self.stream.generation() != self.generation {
            return self.begin_next_generation(limit, bytes);
        }
        let Some(cursor) = &self.cursor else {
            return self.stand_at_first_event();
        };
        let seq = cursor.seq;
        if self.live_at.is_some_and(|live_at| seq >= live_at) {
            self.live_at = None;
            return PullOutcome::Live(seq);
        }
        if seq < self.stream.top() {
            return match self
                .stream
                .after(seq, limit, bytes)
                .or_else(|| self.in_page(limit, bytes))
            {
                Some(events) => self.advance(events),
                None => PullOutcome::Behind,
            };
        }
        self.page = None;
        self.pull_ephemeral()
    }

    fn pull_ephemeral(&mut self) -> PullOutcome {
        match self.stream.ephemeral_after(&mut self.heard) {
            Some(Next::Frame(frame)) => PullOutcome::Ephemeral(frame),
            Some(Next::Dropped) => PullOutcome::Missed,
            None => PullOutcome::Nothing,
        }
    }

    /// Takes a page that was read for this cursor. Returns the resync for the client if the stream
    /// was reset meanwhile.
    pub fn turn_to(&mut self, page: Page) -> Option<PullOutcome> {
        let (Some(cursor), Some(log)) = (&self.cursor, page.get()) else {
            return None;
        };
        if log.epoch != cursor.epoch {
            return Some(self.resync(Cursor::new(log.epoch.clone(), log.top), reason::EPOCH));
        }
        self.page = Some(page);
        None
    }

    /// Moves to `position` because the log no longer goes back to this cursor.
    pub fn skip_to(&mut self, position: Cursor) -> PullOutcome {
        self.resync(position, reason::TRIMMED)
    }

    fn in_page(&self, limit: usize, bytes: usize) -> Option<Vec<Encoded>> {
        let next = self.seq() + 1;
        let log = self.page.as_ref()?.get()?;
        let from = log.events.partition_point(|event| event.seq < next);
        if log.events.get(from)?.seq != next {
            return None;
        }
        let mut left = bytes;
        let mut found = Vec::new();
        for event in log.events.iter().skip(from).take(limit) {
            if event.v1.len() > left && !found.is_empty() {
                break;
            }
            left = left.saturating_sub(event.v1.len());
            found.push(Encoded::from(event));
        }
        Some(found)
    }

    fn advance(&mut self, events: Vec<Encoded>) -> PullOutcome {
        match (events.last(), &mut self.cursor) {
            (Some(last), Some(cursor)) => {
                cursor.seq = last.seq;
                self.progress.sent(last.seq);
                PullOutcome::Events(events)
            }
            _ => PullOutcome::Nothing,
        }
    }

    /// Starts a cursor without a position before the first event that the hub saw.
    fn stand_at_first_event(&mut self) -> PullOutcome {
        match self.stream.origin() {
            Some(origin) => {
                self.stand(origin);
                self.pull(1, usize::MAX)
            }
            None => self.pull_ephemeral(),
        }
    }

    fn begin_next_generation(&mut self, limit: usize, bytes: usize) -> PullOutcome {
        if self.stream.is_removed() {
            return PullOutcome::Removed;
        }
        self.generation = self.stream.generation();
        match (self.stream.position(), &self.cursor) {
            // Subscribed between the reset and its publication: the cursor already has the new
            // epoch.
            (Some(position), Some(cursor)) if position.epoch == cursor.epoch => {
                self.pull(limit, bytes)
            }
            (Some(position), Some(_)) => self.resync(Cursor::new(position.epoch, 0), reason::EPOCH),
            _ => self.pull(limit, bytes),
        }
    }

    fn resync(&mut self, position: Cursor, why: &'static str) -> PullOutcome {
        self.stand(position.clone());
        self.live_at = None;
        self.page = None;
        PullOutcome::Resync(position, why)
    }

    /// Returns the page to read after [`PullOutcome::Behind`]: its stream, the generation and the
    /// event before it.
    pub fn page_needed(&self) -> (Arc<Stream>, u64, u64) {
        (Arc::clone(&self.stream), self.generation, self.seq())
    }
}

#[cfg(test)]
mod tests;
