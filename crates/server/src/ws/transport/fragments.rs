//! Messages that come in several frames (RFC 6455, 5.4), joined here.
//!
//! The library could join them, but shows whole messages only: it would read any number of empty
//! fragments without reporting them, and they could not be counted.

use yawc::frame::OpCode;

/// Message that is not complete yet.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    begun: Option<(OpCode, Vec<u8>)>,
}

/// Result of adding one data frame.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// An incomplete message.
    Open,
    /// The complete message and its kind.
    Whole(OpCode, Vec<u8>),
    /// A fragment without a beginning, or a beginning within a message.
    OutOfOrder,
    /// A message that is longer than allowed.
    TooLarge,
}

impl Fragments {
    /// Adds a data frame. `most` is the length of the longest message, in bytes.
    pub(super) fn add(&mut self, opcode: OpCode, last: bool, data: &[u8], most: usize) -> Part {
        let begun = self.begun.take();
        let (kind, mut message) = match (opcode, begun) {
            (OpCode::Continuation, Some(begun)) => begun,
            (OpCode::Text | OpCode::Binary, None) => (opcode, Vec::new()),
            _ => return Part::OutOfOrder,
        };
        if message.len() + data.len() > most {
            return Part::TooLarge;
        }
        message.extend_from_slice(data);
        if last {
            return Part::Whole(kind, message);
        }
        self.begun = Some((kind, message));
        Part::Open
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use OpCode::{Binary, Continuation, Text};

    #[test]
    fn fragments_become_one_message_of_the_first_ones_kind() {
        let mut fragments = Fragments::default();
        assert_eq!(fragments.add(Text, false, b"a", 9), Part::Open);
        assert_eq!(fragments.add(Continuation, false, b"", 9), Part::Open);
        let whole = fragments.add(Continuation, true, b"b", 9);
        assert_eq!(whole, Part::Whole(Text, b"ab".to_vec()));
        let alone = fragments.add(Binary, true, b"c", 9);
        assert_eq!(alone, Part::Whole(Binary, b"c".to_vec()));
    }

    #[test]
    fn what_breaks_the_order_or_the_limit_is_refused() {
        let mut fragments = Fragments::default();
        let lost = fragments.add(Continuation, true, b"a", 9);
        assert_eq!(lost, Part::OutOfOrder);
        assert_eq!(fragments.add(Text, false, b"12345", 9), Part::Open);
        assert_eq!(fragments.add(Text, true, b"a", 9), Part::OutOfOrder);
        assert_eq!(fragments.add(Text, false, b"12345", 9), Part::Open);
        let long = fragments.add(Continuation, false, b"67890", 9);
        assert_eq!(long, Part::TooLarge);
    }
}
