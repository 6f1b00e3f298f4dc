//! The question of a program whether its terminal understands status reports (OSC 7501).
//!
//! It is answered exactly once, by us: the filter takes it out of the output, so the outer terminal
//! never sees it and has nothing to answer. Reports pass unchanged, so that an outer terminal that
//! understands them shows them too. All other bytes pass as they are.

use termstate_core::{Capabilities, Terminator};

const ESC: u8 = 0x1b;
const BEL: u8 = 0x07;
const CAN: u8 = 0x18;
const SUB: u8 = 0x1a;

/// Beginning of the question.
const PREFIX: &[u8] = b"\x1b]7501;?";

/// Progress in the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// So many bytes of the prefix, which are held back.
    Prefix(usize),
    /// After the prefix.
    Body,
    /// After an ESC in the body.
    BodyEscape,
}

/// Filter of the questions in an output.
#[derive(Debug)]
pub struct QueryFilter {
    at: At,
}

impl Default for QueryFilter {
    fn default() -> Self {
        Self { at: At::Prefix(0) }
    }
}

impl QueryFilter {
    /// Appends output to `passed` without the questions in it, and the replies to these to
    /// `replies`.
    ///
    /// At most seven bytes are held back until the next output decides about them.
    pub fn pass(&mut self, output: &[u8], passed: &mut Vec<u8>, replies: &mut Vec<u8>) {
        for &byte in output {
            match self.at {
                At::Prefix(done) if PREFIX.get(done) == Some(&byte) => {
                    let done = done + 1;
                    self.at = match done == PREFIX.len() {
                        true => At::Body,
                        false => At::Prefix(done),
                    };
                }
                At::Prefix(done) => {
                    passed.extend_from_slice(&PREFIX[..done]);
                    self.at = At::Prefix(0);
                    self.restart(byte, passed);
                }
                At::Body => match byte {
                    BEL => self.end(Terminator::Bel, replies),
                    ESC => self.at = At::BodyEscape,
                    // These cancel a sequence.
                    CAN | SUB => self.at = At::Prefix(0),
                    _ => {}
                },
                At::BodyEscape if byte == b'\\' => self.end(Terminator::St, replies),
                At::BodyEscape => {
                    // The ESC canceled the question and began another sequence.
                    self.at = At::Prefix(1);
                    if PREFIX.get(1) == Some(&byte) {
                        self.at = At::Prefix(2);
                    } else {
                        passed.push(ESC);
                        self.at = At::Prefix(0);
                        self.restart(byte, passed);
                    }
                }
            }
        }
    }

    /// Appends the bytes that were held back at the end of the output.
    pub fn finish(&mut self, passed: &mut Vec<u8>) {
        if let At::Prefix(done) = self.at {
            passed.extend_from_slice(&PREFIX[..done]);
        }
        self.at = At::Prefix(0);
    }

    /// Returns true if output without an ESC passes unchanged.
    pub(crate) fn is_idle(&self) -> bool {
        self.at == At::Prefix(0)
    }

    fn restart(&mut self, byte: u8, passed: &mut Vec<u8>) {
        if byte == ESC {
            self.at = At::Prefix(1);
        } else {
            passed.push(byte);
        }
    }

    fn end(&mut self, terminator: Terminator, replies: &mut Vec<u8>) {
        self.at = At::Prefix(0);
        let mut reply = String::new();
        // Writing to a text does not fail.
        if Capabilities::default()
            .write_reply(&mut reply, terminator)
            .is_ok()
        {
            replies.extend_from_slice(reply.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const REPLY: &str =
        "\x1b]7501;?:states=idle,working,done,blocked,error:kinds=permission,question,auth\x1b\\";

    fn filtered(chunks: &[&[u8]]) -> (Vec<u8>, Vec<u8>) {
        let mut filter = QueryFilter::default();
        let (mut passed, mut replies) = (Vec::new(), Vec::new());
        for chunk in chunks {
            filter.pass(chunk, &mut passed, &mut replies);
        }
        filter.finish(&mut passed);
        (passed, replies)
    }

    #[test]
    fn a_question_is_taken_out_and_answered_once() {
        let (passed, replies) = filtered(&[b"a\x1b]7501;?\x1b\\\x1b[cb"]);
        assert_eq!(passed, b"a\x1b[cb");
        assert_eq!(replies, REPLY.as_bytes());
        let (passed, replies) = filtered(&[b"\x1b]75", b"01;", b"?\x1b", b"\\"]);
        assert_eq!(passed, b"");
        assert_eq!(replies, REPLY.as_bytes());
        let (_, replies) = filtered(&[b"\x1b]7501;?\x07"]);
        assert!(replies.ends_with(b"auth\x07"));
    }

    #[test]
    fn reports_and_canceled_questions_stay_as_they_are() {
        let report: &[u8] = b"\x1b]7501;state=working\x1b\\";
        assert_eq!(filtered(&[report]), (report.to_vec(), Vec::new()));
        let (passed, replies) = filtered(&[b"\x1b]7501;?\x1b]7501;state=idle\x07x\x1b"]);
        assert_eq!(passed, b"\x1b]7501;state=idle\x07x\x1b");
        assert_eq!(replies, b"");
        let (passed, replies) = filtered(&[b"\x1b]7501;?:a\x18b\x1b\x1b[m"]);
        assert_eq!((passed, replies), (b"b\x1b\x1b[m".to_vec(), Vec::new()));
    }

    proptest! {
        #[test]
        fn other_output_passes_in_any_chunks(
            output in prop::collection::vec(prop_oneof![
                Just(b"\x1b]7501;".to_vec()), Just(vec![0x1b]), Just(b"]75".to_vec()),
                prop::collection::vec(any::<u8>().prop_filter("no query", |byte| *byte != b'?'), 0..8),
            ], 0..20),
            size in 1_usize..9,
        ) {
            let output = output.concat();
            let chunks: Vec<_> = output.chunks(size).collect();
            prop_assert_eq!(filtered(&chunks), (output.clone(), Vec::new()));
        }

        #[test]
        fn questions_are_answered_in_any_chunks(
            parts in prop::collection::vec(prop_oneof![
                Just(b"\x1b]7501;?\x1b\\".to_vec()), Just(b"text\x1b[1m".to_vec()),
            ], 0..8),
            size in 1_usize..9,
        ) {
            let output = parts.concat();
            let chunks: Vec<_> = output.chunks(size).collect();
            let (passed, replies) = filtered(&chunks);
            let asked = parts.iter().filter(|part| part.ends_with(b"\\")).count();
            prop_assert_eq!(replies, REPLY.repeat(asked).into_bytes());
            prop_assert_eq!(passed, b"text\x1b[1m".repeat(parts.len() - asked));
        }
    }
}
