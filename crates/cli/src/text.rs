//! Text for terminals: without escape codes, in aligned columns, and durations as people write
//! them.

use std::time::Duration;

/// Returns a text without escape codes and other control characters, except line breaks and tabs.
///
/// Texts of the server come from other agents and people: printed as they are, they could move the
/// cursor, change the title of the window or hide what follows.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            '\u{1b}' => skip_escape(&mut rest),
            '\u{9b}' => skip_until(&mut rest, |end| ('@'..='~').contains(&end)),
            '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => skip_string(&mut rest),
            '\n' | '\t' => plain.push(letter),
            letter if letter.is_control() || is_override(letter) => {}
            letter => plain.push(letter),
        }
    }
    plain
}

/// Letters of a text, of which the next can be seen.
type Letters<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// Skips the rest of an escape sequence (ECMA-48, 5.3 and 5.4).
fn skip_escape(rest: &mut Letters<'_>) {
    match rest.next() {
        Some('[') => skip_until(rest, |end| ('@'..='~').contains(&end)),
        Some(']' | 'P' | 'X' | '^' | '_') => skip_string(rest),
        Some(' '..='/') => skip_until(rest, |end| ('0'..='~').contains(&end)),
        _ => {}
    }
}

fn skip_until(rest: &mut Letters<'_>, is_end: impl Fn(char) -> bool) {
    // A line break ends a sequence that is not complete, so that it swallows one line at most.
    while let Some(letter) = rest.next_if(|letter| *letter != '\n') {
        if is_end(letter) {
            return;
        }
    }
}

/// Skips a control string, up to BEL or ST.
fn skip_string(rest: &mut Letters<'_>) {
    while let Some(letter) = rest.next_if(|letter| *letter != '\n') {
        match letter {
            '\u{7}' | '\u{9c}' => return,
            '\u{1b}' => {
                let _ = rest.next_if_eq(&'\\');
                return;
            }
            _ => {}
        }
    }
}

/// Returns true for characters that change the direction of the text after them.
fn is_override(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns a text in one line.
pub(crate) fn line(text: &str) -> String {
    plain(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the beginning of a text in one line, with an ellipsis if something was cut.
pub(crate) fn short(text: &str, letters: usize) -> String {
    let text = line(text);
    match text.char_indices().nth(letters) {
        Some(_) => {
            let kept = letters.saturating_sub(1);
            text.chars().take(kept).chain(['…']).collect()
        }
        None => text,
    }
}

/// Returns a text as one word of a shell.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Returns rows with their cells aligned in columns, two spaces apart.
pub(crate) fn columns<const N: usize>(rows: &[[String; N]]) -> String {
    let widths: [usize; N] = std::array::from_fn(|column| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or_default()
    });
    let lines = rows.iter().map(|row| {
        let cells = row.iter().zip(widths);
        let line: Vec<_> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        line.join("  ").trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Reads a duration such as `90s`, `10m`, `2h`, or a number of seconds.
///
/// # Errors
/// Returns a sentence if it is something else.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let split = text.find(|letter: char| !letter.is_ascii_digit());
    let (digits, unit) = text.split_at(split.unwrap_or(text.len()));
    let seconds = match unit {
        "" | "s" => Some(1),
        "m" => Some(60),
        "h" => Some(3600),
        _ => None,
    };
    let number: Option<u64> = digits.parse().ok();
    let total = seconds.and_then(|seconds| number?.checked_mul(seconds));
    total
        .map(Duration::from_secs)
        .ok_or_else(|| "expected a duration such as 90s, 10m or 2h".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_codes_and_controls_are_removed_and_the_rest_stays() {
        let cases = [
            ("plain 修 text\n\tline", "plain 修 text\n\tline"),
            ("\u{1b}[31mred\u{1b}[0m", "red"),
            ("\u{1b}]0;title\u{7}after", "after"),
            ("\u{1b}]8;;https://x\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
            ("\u{9b}2Jgone\u{85}", "gone"),
            ("a\rb\u{8}\u{0}c", "abc"),
            ("\u{1b}(Bset \u{1b}cend", "set end"),
            ("\u{1b}[31\nnext line", "\nnext line"),
            ("evil\u{202e}txt", "eviltxt"),
            ("\u{1b}", ""),
        ];
        for (given, expected) in cases {
            assert_eq!(plain(given), expected, "{given:?}");
        }
    }

    #[test]
    fn a_long_text_is_cut_to_its_length() {
        assert_eq!(short("a  b\nc", 5), "a b c");
        assert_eq!(short("abcdef", 5), "abcd…");
        assert_eq!(short("修修修", 2), "修…");
    }

    #[test]
    fn cells_are_aligned() {
        let rows = [["#1", "修", "x"], ["#10", "ab", ""]].map(|row| row.map(str::to_owned));
        assert_eq!(columns(&rows), "#1   修   x\n#10  ab");
    }

    #[test]
    fn durations_are_numbers_with_units() {
        for (text, seconds) in [("90", 90), ("60s", 60), ("10m", 600), ("2h", 7200)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "s", "1d", "-1s", "1.5m", "99999999999999999999s"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
