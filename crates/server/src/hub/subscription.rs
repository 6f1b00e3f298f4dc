//! A connection's cursor in one stream. It pulls: from the newest events in memory, else from pages of the log.

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

/// What a look at the stream gave.
#[derive(Debug)]
pub enum Pulled {
    /// Nothing that was not sent already.
    Nothing,
    /// The next events, in order.
    Events(Vec<Encoded>),
    /// A message without a position.
    Ephemeral(Bytes),
    /// Messages without a position were dropped before they could be pulled.
    Missed,
    /// The next events must be read from the log: [`Subscription::page_needed`].
    Behind,
    /// The cursor could not go on from where it was, and stands now where the stream stands.
    Resync(Cursor, &'static str),
    /// The replay is complete; the cursor is here.
    Live(u64),
    /// There is no such stream any more.
    Removed,
}

/// See the module.
#[derive(Debug)]
pub struct Subscription {
    stream: Arc<Stream>,
    /// Unknown until the first event, where the store was not asked.
    cursor: Option<Cursor>,
    life: u64,
    heard: Heard,
    /// The position at which the replay is complete; cleared when that was said.
    live_at: Option<u64>,
    page: Option<Page>,
    progress: Arc<Progress>,
}

impl Subscription {
    /// A cursor that stands nowhere yet. The stream's subscribers must have the connection's handle already.
    pub fn new(stream: Arc<Stream>) -> Self {
        let (life, heard) = (stream.life(), Heard::up_to(stream.ephemeral_top()));
        Self {
            progress: Arc::new(Progress::new(Arc::clone(&stream))),
            stream,
            cursor: None,
            life,
            heard,
            live_at: None,
            page: None,
        }
    }

    /// Stands after `cursor`, and says [`Pulled::Live`] once everything up to `live_at` was pulled.
    pub fn start(&mut self, cursor: Cursor, live_at: Option<u64>) {
        self.stand(cursor);
        self.live_at = live_at;
        self.page = None;
    }

    fn stand(&mut self, cursor: Cursor) {
        self.progress.moved(cursor.seq);
        self.cursor = Some(cursor);
    }

    /// How far it is, for others to see.
    pub fn progress(&self) -> &Arc<Progress> {
        &self.progress
    }

    /// The stream's name.
    pub fn id(&self) -> &StreamId {
        self.stream.id()
    }

    /// The stream.
    pub fn stream(&self) -> &Arc<Stream> {
        &self.stream
    }

    /// The last event that was pulled.
    pub fn seq(&self) -> u64 {
        self.cursor.as_ref().map_or(0, |cursor| cursor.seq)
    }

    /// Whether it has a position: a stream of personal messages has none.
    pub fn is_placed(&self) -> bool {
        self.cursor.is_some()
    }

    /// Makes sure that the events up to `until` can be had.
    ///
    /// # Errors
    /// `Trimmed` where they are no longer kept, and whatever else the store says.
    pub async fn prepare(&mut self, service: &Service, until: u64) -> Result<(), Error> {
        if self.seq() < until && self.stream.after(self.seq(), 1, 0).is_none() {
            let page = self
                .stream
                .read_page(service, self.life, self.seq())
                .await?;
            self.page = Some(page);
        }
        Ok(())
    }

    /// The next thing to send: at most `limit` events, and about `bytes` of them.
    pub fn pull(&mut self, limit: usize, bytes: usize) -> Pulled {
        if self.stream.life() != self.life {
            return self.begin_next_life(limit, bytes);
        }
        let Some(cursor) = &self.cursor else {
            return self.stand_at_first_event();
        };
        let seq = cursor.seq;
        if self.live_at.is_some_and(|live_at| seq >= live_at) {
            self.live_at = None;
            return Pulled::Live(seq);
        }
        if seq < self.stream.top() {
            return match self
                .stream
                .after(seq, limit, bytes)
                .or_else(|| self.in_page(limit, bytes))
            {
                Some(events) => self.advance(events),
                None => Pulled::Behind,
            };
        }
        self.page = None;
        self.pull_ephemeral()
    }

    fn pull_ephemeral(&mut self) -> Pulled {
        match self.stream.ephemeral_after(&mut self.heard) {
            Some(Next::Frame(frame)) => Pulled::Ephemeral(frame),
            Some(Next::Dropped) => Pulled::Missed,
            None => Pulled::Nothing,
        }
    }

    /// Takes a page that was read for this cursor. Where the stream has another life meanwhile, says what to tell the
    /// client.
    pub fn turn_to(&mut self, page: Page) -> Option<Pulled> {
        let (Some(cursor), Some(log)) = (&self.cursor, page.get()) else {
            return None;
        };
        if log.epoch != cursor.epoch {
            return Some(self.resync(Cursor::new(log.epoch.clone(), log.top), reason::EPOCH));
        }
        self.page = Some(page);
        None
    }

    /// The log no longer goes back to this cursor: it goes on at `position`.
    pub fn skip_to(&mut self, position: Cursor) -> Pulled {
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

    fn advance(&mut self, events: Vec<Encoded>) -> Pulled {
        match (events.last(), &mut self.cursor) {
            (Some(last), Some(cursor)) => {
                cursor.seq = last.seq;
                self.progress.sent(last.seq);
                Pulled::Events(events)
            }
            _ => Pulled::Nothing,
        }
    }

    /// A connection that takes whatever comes begins before the first event that comes.
    fn stand_at_first_event(&mut self) -> Pulled {
        match self.stream.origin() {
            Some(origin) => {
                self.stand(origin);
                self.pull(1, usize::MAX)
            }
            None => self.pull_ephemeral(),
        }
    }

    fn begin_next_life(&mut self, limit: usize, bytes: usize) -> Pulled {
        if self.stream.is_removed() {
            return Pulled::Removed;
        }
        self.life = self.stream.life();
        match (self.stream.position(), &self.cursor) {
            // Subscribed between the reset and its publication: the cursor is in the new life already.
            (Some(position), Some(cursor)) if position.epoch == cursor.epoch => {
                self.pull(limit, bytes)
            }
            (Some(position), Some(_)) => self.resync(Cursor::new(position.epoch, 0), reason::EPOCH),
            _ => self.pull(limit, bytes),
        }
    }

    fn resync(&mut self, position: Cursor, why: &'static str) -> Pulled {
        self.stand(position.clone());
        self.live_at = None;
        self.page = None;
        Pulled::Resync(position, why)
    }

    /// Which page to read when [`Pulled::Behind`] was said: of which stream, in which of its lives, after which event.
    pub fn page_needed(&self) -> (Arc<Stream>, u64, u64) {
        (Arc::clone(&self.stream), self.life, self.seq())
    }
}

#[cfg(test)]
mod tests;
