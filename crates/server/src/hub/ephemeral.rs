//! Messages without a position, kept for connections that cannot be written to at the moment. They
//! are bounded, and conflated by subject.
//!
//! A message that replaces an earlier one about the same subject removes it immediately: a reader
//! that was away gets only the last one. Messages that add to earlier ones, such as log lines, stay
//! while they fit. When the buffer is full, the oldest message that was followed by another about
//! its subject is dropped, so that a talkative agent does not drive out the last message of a quiet
//! one. Readers that had not read a dropped message are told that something is missing.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;

use crate::service::{Ephemeral, Subject};

/// Bytes of ephemeral messages that a stream keeps.
pub(super) const MAX_BYTES: usize = 256 << 10;

/// Buffer that every connection reads at its own pace, by the number of the last message it has
/// seen.
#[derive(Debug, Default)]
pub(super) struct Ring {
    /// Messages by number. Numbers rise but have gaps.
    ring: VecDeque<(u64, Ephemeral)>,
    /// Number of the last kept message about each subject.
    last: HashMap<Subject, u64>,
    bytes: usize,
    top: u64,
    /// Greatest number of a message that was dropped because the buffer was full.
    dropped: u64,
}

/// Read position of one reader.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Heard {
    /// Number of the last message that the reader got.
    number: u64,
    /// True if unread messages were dropped and the reader was not told yet.
    misses: bool,
}

impl Heard {
    /// Creates a reader that starts after message `number`.
    pub(super) fn up_to(number: u64) -> Self {
        Self {
            number,
            misses: false,
        }
    }

    /// Returns true if the reader has nothing to read when the last message is `top`.
    pub(super) fn is_done(&self, top: u64) -> bool {
        top <= self.number && !self.misses
    }
}

/// Next item for a reader.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A message.
    Frame(Bytes),
    /// Notice that unread messages were dropped. It follows the messages that are left: a reader
    /// that is behind reads on, and need not look for the others before it has caught up.
    Dropped,
}

impl Ring {
    /// Appends a message and returns its number.
    pub(super) fn push(&mut self, message: Ephemeral) -> u64 {
        self.top += 1;
        if message.frame.len() > MAX_BYTES {
            self.dropped = self.top;
            return self.top;
        }
        let before = self.last.insert(message.subject.clone(), self.top);
        if let Some(before) = before.filter(|_| !message.adds) {
            self.remove(self.after_index(before - 1));
        }
        self.bytes += message.frame.len();
        self.ring.push_back((self.top, message));
        while self.bytes > MAX_BYTES {
            let followed = |(number, message): &(u64, Ephemeral)| {
                self.last
                    .get(&message.subject)
                    .is_some_and(|last| last > number)
            };
            let index = self.ring.iter().position(followed).unwrap_or(0);
            if let Some((number, _)) = self.ring.get(index) {
                self.dropped = self.dropped.max(*number);
            }
            self.remove(index);
        }
        self.top
    }

    /// Returns the next item for a reader and advances it.
    pub(super) fn next(&self, heard: &mut Heard) -> Option<Next> {
        heard.misses |= self.dropped > heard.number;
        if let Some((number, message)) = self.ring.get(self.after_index(heard.number)) {
            heard.number = *number;
            return Some(Next::Frame(message.frame.clone()));
        }
        heard.number = self.top;
        std::mem::take(&mut heard.misses).then_some(Next::Dropped)
    }

    fn after_index(&self, seen: u64) -> usize {
        self.ring.partition_point(|(number, _)| *number <= seen)
    }

    fn remove(&mut self, index: usize) {
        let Some((number, message)) = self.ring.remove(index) else {
            return;
        };
        self.bytes -= message.frame.len();
        if self.last.get(&message.subject) == Some(&number) {
            self.last.remove(&message.subject);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    /// Creates a message about an entity whose frame begins with `number`.
    fn message(number: u64, entity: u8, adds: bool, bytes: usize) -> Ephemeral {
        let kind = if adds { "log" } else { "presence" };
        Ephemeral {
            frame: format!("{number} {}", "x".repeat(bytes)).into(),
            subject: Subject::new(kind, &entity.to_string()),
            adds,
        }
    }

    fn number_in(frame: &Bytes) -> u64 {
        let text = std::str::from_utf8(frame).unwrap();
        text.split_once(' ').unwrap().0.parse().unwrap()
    }

    /// Reads everything left for a reader. The flag is true if it was told that messages are
    /// missing.
    fn drain(ring: &Ring, heard: &mut Heard) -> (Vec<u64>, bool) {
        let (mut numbers, mut dropped) = (Vec::new(), false);
        let mut before = heard.number;
        while let Some(next) = ring.next(heard) {
            match next {
                Next::Frame(frame) => {
                    assert!(!dropped, "said after all others");
                    assert!(heard.number > before, "in order, and each once");
                    before = heard.number;
                    numbers.push(number_in(&frame));
                }
                Next::Dropped => {
                    assert!(!dropped, "said once");
                    dropped = true;
                }
            }
        }
        (numbers, dropped)
    }

    proptest! {
        #[test]
        fn a_quick_reader_gets_all_a_slow_one_the_last_word_about_everything_and_memory_is_bounded(
            // Entity, adds, bytes, and whether the slow reader reads then. 16 subjects of at most
            // 15 KB fit the buffer.
            steps in prop::collection::vec((0_u8..8, any::<bool>(), 0_usize..15_000, prop::bool::weighted(0.1)), 1..300),
        ) {
            let mut ring = Ring::default();
            let (mut quick, mut slow) = (Heard::default(), Heard::default());
            let mut unread: Vec<(u64, u8, bool)> = Vec::new();
            let last = steps.len() - 1;
            for (step, (entity, adds, bytes, reads)) in steps.into_iter().enumerate() {
                let number = ring.push(message(step as u64 + 1, entity, adds, bytes));
                unread.push((number, entity, adds));
                prop_assert!(ring.bytes <= MAX_BYTES);
                prop_assert_eq!(ring.bytes, ring.ring.iter().map(|(_, one)| one.frame.len()).sum::<usize>());
                prop_assert!(ring.last.len() <= 16);
                prop_assert_eq!(drain(&ring, &mut quick), (vec![number], false));
                if !reads && step != last {
                    continue;
                }
                let (read, dropped) = drain(&ring, &mut slow);
                let read: HashSet<u64> = read.into_iter().collect();
                let mut followed = HashSet::new();
                let mut missing = false;
                for (number, entity, adds) in unread.drain(..).rev() {
                    let is_last = followed.insert((entity, adds));
                    missing |= adds && !read.contains(&number);
                    if is_last {
                        prop_assert!(read.contains(&number), "the last word about {entity}");
                    } else if !adds {
                        prop_assert!(!read.contains(&number), "what was replaced about {entity}");
                    }
                }
                prop_assert_eq!(missing, dropped, "what is missing is said, and nothing else");
            }
        }
    }

    #[test]
    fn a_slow_reader_of_log_lines_loses_the_oldest_and_gets_the_rest_in_order() {
        let mut ring = Ring::default();
        let bytes = 1024 - "100 ".len();
        for number in 100..500 {
            ring.push(message(number, 1, true, bytes));
        }
        let rest = (500 - 256..500).collect();
        assert_eq!(drain(&ring, &mut Heard::default()), (rest, true));
    }

    #[test]
    fn a_talkative_agent_does_not_drive_out_what_a_quiet_one_said_last() {
        let mut ring = Ring::default();
        ring.push(message(1, 1, true, 10));
        ring.push(message(2, 2, false, 10));
        for number in 3..600 {
            ring.push(message(number, 3, true, 1024));
        }
        let (read, _) = drain(&ring, &mut Heard::default());
        assert_eq!(read[..2], [1, 2]);
        assert_eq!(read.last(), Some(&599));
    }

    #[test]
    fn a_message_larger_than_the_room_is_dropped_and_no_other_with_it() {
        let mut ring = Ring::default();
        ring.push(message(1, 1, true, 1));
        ring.push(message(2, 1, true, MAX_BYTES + 1));
        ring.push(message(3, 1, true, 1));
        let mut heard = Heard::default();
        assert_eq!(drain(&ring, &mut heard), (vec![1, 3], true));
        assert_eq!(drain(&ring, &mut heard), (vec![], false));
    }
}
