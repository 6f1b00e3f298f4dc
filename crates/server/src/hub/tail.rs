//! Newest events of a stream, kept in memory so that a live connection never asks the store.

use std::collections::VecDeque;
use std::time::Instant;

use bytes::Bytes;
use tasktree_protocol::{Cursor, Epoch};

use crate::store::LoggedEvent;

/// Events that a tail keeps.
pub(super) const MAX_EVENTS: usize = 512;

/// Bytes of encoded events that a tail keeps.
pub(super) const MAX_BYTES: usize = 1 << 20;

/// Event in its wire format, encoded once for all connections.
#[derive(Clone, Debug)]
pub struct Encoded {
    /// Position of the event in the stream.
    pub seq: u64,
    /// Frame for `board.v1`.
    pub v1: Bytes,
    /// Frame for legacy mode, if it differs.
    pub legacy: Option<Bytes>,
    /// Time of the commit, if this process saw it.
    pub committed: Option<Instant>,
}

impl Encoded {
    fn len(&self) -> usize {
        self.v1.len() + self.legacy.as_ref().map_or(0, Bytes::len)
    }
}

impl From<&LoggedEvent> for Encoded {
    fn from(event: &LoggedEvent) -> Self {
        Self {
            seq: event.seq,
            v1: event.v1.clone(),
            legacy: event.legacy.clone(),
            committed: None,
        }
    }
}

/// Known end of one epoch of a stream: the events after `base`, without a gap, up to `top`.
#[derive(Debug)]
struct Known {
    epoch: Epoch,
    /// First position that was known in this epoch.
    origin: u64,
    base: u64,
    top: u64,
}

/// Newest events of a stream. Empty until its position is read or an event of it is published.
#[derive(Debug, Default)]
pub(super) struct Tail {
    known: Option<Known>,
    events: VecDeque<Encoded>,
    bytes: usize,
}

impl Tail {
    /// Records the stream's position, unless one is known: that came with an event and is newer.
    pub(super) fn learn(&mut self, position: &Cursor) {
        if self.known.is_none() {
            self.restart(position);
        }
    }

    /// Drops the events: the stream begins a new epoch at `position`, or there is a gap before it.
    pub(super) fn restart(&mut self, position: &Cursor) {
        self.events.clear();
        self.bytes = 0;
        let origin = match &self.known {
            Some(known) if known.epoch == position.epoch => known.origin,
            _ => position.seq,
        };
        self.known = Some(Known {
            epoch: position.epoch.clone(),
            origin,
            base: position.seq,
            top: position.seq,
        });
    }

    /// Appends an event. Returns true if it was new.
    pub(super) fn push(&mut self, epoch: &Epoch, event: Encoded) -> bool {
        let continues = match &self.known {
            Some(known) if known.epoch == *epoch => {
                if event.seq <= known.top {
                    return false;
                }
                event.seq == known.top + 1
            }
            _ => false,
        };
        if !continues {
            // Connections that are behind read the missing events from the log.
            self.restart(&Cursor::new(epoch.clone(), event.seq.saturating_sub(1)));
        }
        self.bytes += event.len();
        if let Some(known) = &mut self.known {
            known.top = event.seq;
        }
        self.events.push_back(event);
        self.trim();
        true
    }

    fn trim(&mut self) {
        while self.events.len() > MAX_EVENTS || self.bytes > MAX_BYTES {
            let Some(oldest) = self.events.pop_front() else {
                break;
            };
            self.bytes -= oldest.len();
            if let Some(known) = &mut self.known {
                known.base = oldest.seq;
            }
        }
    }

    /// Returns the position of the stream, if known.
    pub(super) fn position(&self) -> Option<Cursor> {
        self.known
            .as_ref()
            .map(|known| Cursor::new(known.epoch.clone(), known.top))
    }

    /// Returns the position at which the stream, or its current epoch, was first seen.
    pub(super) fn origin(&self) -> Option<Cursor> {
        self.known
            .as_ref()
            .map(|known| Cursor::new(known.epoch.clone(), known.origin))
    }

    /// Returns the commit time of an event while the event is kept here.
    pub(super) fn committed_at(&self, seq: u64) -> Option<Instant> {
        let index = seq.checked_sub(self.known.as_ref()?.base + 1)?;
        self.events.get(usize::try_from(index).ok()?)?.committed
    }

    /// Returns up to `limit` events of about `bytes` in all after `seq`. `None` if they are no
    /// longer here.
    pub(super) fn after(&self, seq: u64, limit: usize, bytes: usize) -> Option<Vec<Encoded>> {
        let known = self.known.as_ref()?;
        if seq < known.base {
            return None;
        }
        let skip = usize::try_from(seq - known.base).unwrap_or(usize::MAX);
        let mut left = bytes;
        let mut found = Vec::with_capacity(limit.min(self.events.len().saturating_sub(skip)));
        for event in self.events.iter().skip(skip).take(limit) {
            if event.v1.len() > left && !found.is_empty() {
                break;
            }
            left = left.saturating_sub(event.v1.len());
            found.push(event.clone());
        }
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event(seq: u64, size: usize) -> Encoded {
        Encoded {
            seq,
            v1: Bytes::from(vec![b'x'; size]),
            legacy: None,
            committed: None,
        }
    }

    fn seqs(events: &[Encoded]) -> Vec<u64> {
        events.iter().map(|event| event.seq).collect()
    }

    proptest! {
        #[test]
        fn a_reader_gets_every_event_in_order_or_is_told_to_read_the_log(
            start in 0_u64..1000,
            sizes in prop::collection::vec(1_usize..40_000, 1..700),
            behind in 0_usize..700,
            limit in 1_usize..20,
        ) {
            let epoch = Epoch::from("e");
            let mut tail = Tail::default();
            tail.learn(&Cursor::new(epoch.clone(), start));
            for (seq, size) in (start + 1..).zip(&sizes) {
                prop_assert!(tail.push(&epoch, event(seq, *size)));
            }
            let top = start + sizes.len() as u64;
            prop_assert!(tail.events.len() <= MAX_EVENTS && tail.bytes <= MAX_BYTES);
            prop_assert_eq!(tail.bytes, tail.events.iter().map(Encoded::len).sum::<usize>());
            let mut seq = top.saturating_sub(behind as u64).max(start);
            while let Some(found) = tail.after(seq, limit, 32 << 10) {
                if found.is_empty() {
                    break;
                }
                prop_assert!(found.len() <= limit);
                prop_assert_eq!(seqs(&found), (seq + 1..=seq + found.len() as u64).collect::<Vec<_>>());
                seq += found.len() as u64;
            }
            // Either it reached the end, or the first pull was answered with "read the log".
            prop_assert!(seq == top || tail.after(seq, limit, 32 << 10).is_none());
        }
    }

    #[test]
    fn an_event_that_is_known_already_is_not_kept_twice() {
        let epoch = Epoch::from("e");
        let mut tail = Tail::default();
        tail.learn(&Cursor::new(epoch.clone(), 5));
        assert!(!tail.push(&epoch, event(5, 1)));
        assert!(tail.push(&epoch, event(6, 1)));
        assert!(!tail.push(&epoch, event(6, 1)));
        assert_eq!(seqs(&tail.after(5, 10, 100).unwrap()), [6]);
    }

    #[test]
    fn after_a_gap_or_a_new_epoch_older_positions_read_the_log() {
        let mut tail = Tail::default();
        let (old, new) = (Epoch::from("old"), Epoch::from("new"));
        tail.push(&old, event(1, 1));
        tail.push(&old, event(4, 1));
        assert!(tail.after(1, 10, 100).is_none());
        assert_eq!(seqs(&tail.after(3, 10, 100).unwrap()), [4]);
        tail.push(&new, event(1, 1));
        assert_eq!(tail.position(), Some(Cursor::new(new, 1)));
        assert_eq!(seqs(&tail.after(0, 10, 100).unwrap()), [1]);
    }

    #[test]
    fn one_event_larger_than_the_budget_still_comes() {
        let epoch = Epoch::from("e");
        let mut tail = Tail::default();
        tail.push(&epoch, event(1, 50_000));
        tail.push(&epoch, event(2, 10));
        assert_eq!(seqs(&tail.after(0, 16, 32 << 10).unwrap()), [1]);
    }
}
