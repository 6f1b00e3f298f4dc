//! Input of the outer terminal: keys of a person, or replies and notices of the terminal itself.

/// Returns true if input has keys of a person in it, or may have.
///
/// Replies to questions of the program, focus changes and movements of the mouse are none. A reply
/// that is cut in two counts as keys: an answer is then rather not typed.
pub(crate) fn has_keys(input: &[u8]) -> bool {
    let mut rest = input;
    while !rest.is_empty() {
        match notice(rest) {
            Some(length) => rest = &rest[length..],
            None => return true,
        }
    }
    false
}

/// Returns the length of the notice at the start of input.
fn notice(input: &[u8]) -> Option<usize> {
    match input.get(..2)? {
        b"\x1b[" => control(input),
        b"\x1b]" | b"\x1bP" | b"\x1b_" => string(input),
        _ => None,
    }
}

/// Returns the length of a control sequence that no key sends.
fn control(input: &[u8]) -> Option<usize> {
    let body = &input[2..];
    let end = body.iter().position(|byte| (0x40..=0x7e).contains(byte))?;
    let (parameters, last) = (&body[..end], body[end]);
    let is_private = parameters.first() == Some(&b'?');
    let is_notice = match last {
        // Focus.
        b'I' | b'O' => parameters.is_empty(),
        // Device attributes, the keyboard protocol, states of modes.
        b'c' => is_private || parameters.first() == Some(&b'>'),
        b'u' | b'y' => is_private,
        // States and sizes.
        b'n' | b't' => true,
        // The position of the cursor. F3 with a modifier is `1;2R`.
        b'R' => is_private || !parameters.starts_with(b"1;"),
        // The mouse, in the form of xterm: motion without a button.
        b'M' | b'm' if parameters.first() == Some(&b'<') => is_motion(&parameters[1..]),
        _ => false,
    };
    is_notice.then_some(end + 3)
}

fn is_motion(parameters: &[u8]) -> bool {
    let button = parameters.split(|byte| *byte == b';').next();
    let button = button.and_then(|digits| std::str::from_utf8(digits).ok());
    let button: Option<u32> = button.and_then(|digits| digits.parse().ok());
    button.is_some_and(|button| button & 32 != 0 && button & 3 == 3)
}

/// Returns the length of a string sequence with its end.
fn string(input: &[u8]) -> Option<usize> {
    let end = input[2..]
        .iter()
        .position(|byte| matches!(byte, 0x07 | 0x1b))?
        + 2;
    match input[end] {
        0x07 => Some(end + 1),
        _ => (input.get(end + 1) == Some(&b'\\')).then_some(end + 2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_and_notices_of_the_terminal_are_no_keys() {
        for notice in [
            "",
            "\x1b[I",
            "\x1b[O",
            "\x1b[?62;22c",
            "\x1b[>1;10;0c",
            "\x1b[24;80R",
            "\x1b[?1u",
            "\x1b[?2026;2$y",
            "\x1b]11;rgb:0000/0000/0000\x1b\\",
            "\x1b]11;rgb:0000/0000/0000\x07\x1b[?62c",
            "\x1bP>|xterm\x1b\\",
            "\x1b[<35;10;4M",
        ] {
            assert!(!has_keys(notice.as_bytes()), "{notice:?}");
        }
    }

    #[test]
    fn everything_else_counts_as_keys() {
        for keys in [
            "y",
            "\r",
            "\x1b",
            "\x03",
            "\x1b[A",
            "\x1b[Iy",
            "\x1bOP",
            "\x1b[1;2R",
            "\x1b[200~hi",
            "\x1b[<0;10;4M",
            "\x1b[99;5u",
            "\x1b]11;rgb",
            "\x1b[?62",
            "é",
        ] {
            assert!(has_keys(keys.as_bytes()), "{keys:?}");
        }
    }
}
