//! Decoding of uploaded files: UTF-8 or UTF-16 in either byte order, with or without a byte order
//! mark.

use std::char::{REPLACEMENT_CHARACTER, decode_utf16};

/// Replacement for bytes that are no valid text.
///
/// In a JSON string it is an escape for half of a surrogate pair, which [`super::json`] counts as a
/// fault of that string alone.
const NO_TEXT: &str = "\\ud800";

/// Returns the file's text.
///
/// JSON begins with an ASCII character, so that without a byte order mark the zeros in the first
/// bytes reveal the encoding.
pub(super) fn text(bytes: &[u8]) -> String {
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0, second, ..] if *second != 0 => utf16(bytes, u16::from_be_bytes),
        [first, 0, ..] if *first != 0 => utf16(bytes, u16::from_le_bytes),
        _ => utf8(bytes),
    }
}

fn utf8(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push_str(NO_TEXT);
        }
    }
    text
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len() / 2);
    for character in decode_utf16(pairs.iter().copied().map(unit)) {
        match character {
            Ok(character) => text.push(character),
            Err(_) => text.push_str(NO_TEXT),
        }
    }
    if !rest.is_empty() {
        text.push(REPLACEMENT_CHARACTER);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unicode_encoding_is_read_with_and_without_its_mark() {
        let json = "{\r\n\"title\": \"检查 café 🦀\"}";
        let units: Vec<u16> = json.encode_utf16().collect();
        let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        for (mark, bytes) in [
            (&[0xef, 0xbb, 0xbf][..], json.as_bytes()),
            (&[0xff, 0xfe][..], &little),
            (&[0xfe, 0xff][..], &big),
        ] {
            assert_eq!(text(bytes), json);
            assert_eq!(text(&[mark, bytes].concat()), json);
        }
        assert_eq!(text(b""), "");
    }

    #[test]
    fn what_is_no_text_becomes_a_fault_of_its_place() {
        assert_eq!(text(b"{\"a\": \"b\xffc\"}"), "{\"a\": \"b\\ud800c\"}");
        assert_eq!(text(&[b'"', 0, 0x00, 0xd8, b'"', 0]), "\"\\ud800\"");
    }
}
