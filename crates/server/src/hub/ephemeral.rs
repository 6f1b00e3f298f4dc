//! Messages without a position: log tails, presence, messages to one person. They may be lost; nobody waits for them.

use std::collections::VecDeque;

use bytes::Bytes;

/// How many bytes of ephemeral messages a stream keeps for connections that are not writable at the moment. The oldest go
/// first.
pub(super) const MAX_BYTES: usize = 256 << 10;

/// A ring that every connection reads at its own pace, by the number of the last message that it has seen.
#[derive(Debug, Default)]
pub(super) struct Ring {
    frames: VecDeque<Bytes>,
    bytes: usize,
    top: u64,
}

impl Ring {
    /// Appends a message and gives its number.
    pub(super) fn push(&mut self, frame: Bytes) -> u64 {
        self.top += 1;
        self.bytes += frame.len();
        self.frames.push_back(frame);
        while self.bytes > MAX_BYTES {
            let Some(oldest) = self.frames.pop_front() else {
                break;
            };
            self.bytes -= oldest.len();
        }
        self.top
    }

    /// The next message after `seen`, with its number. Messages that were dropped meanwhile are passed over.
    pub(super) fn after(&self, seen: u64) -> Option<(u64, Bytes)> {
        let first = self.top + 1 - self.frames.len() as u64;
        let next = (seen + 1).max(first);
        let index = usize::try_from(next - first).ok()?;
        Some((next, self.frames.get(index)?.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_reader_loses_the_oldest_and_gets_the_rest_in_order() {
        let mut ring = Ring::default();
        for number in 0_u32..400 {
            ring.push(Bytes::from(format!("{number:01024}")));
        }
        assert!(ring.bytes <= MAX_BYTES);
        let mut seen = 0;
        let mut read = Vec::new();
        while let Some((number, frame)) = ring.after(seen) {
            seen = number;
            read.push(std::str::from_utf8(&frame).unwrap().parse::<u32>().unwrap());
        }
        assert_eq!(read, (400 - 256..400).collect::<Vec<_>>());
    }

    #[test]
    fn a_message_larger_than_the_ring_is_dropped_and_the_next_one_comes() {
        let mut ring = Ring::default();
        ring.push(Bytes::from(vec![0; MAX_BYTES + 1]));
        assert!(ring.after(0).is_none());
        ring.push(Bytes::from_static(b"next"));
        assert_eq!(ring.after(0), Some((2, Bytes::from_static(b"next"))));
        assert!(ring.after(2).is_none());
    }
}
