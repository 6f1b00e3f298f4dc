//! Output of programs as plain text: escape codes are interpreted once, here, so that nothing raw
//! is stored or shown.

use vte::{Params, Parser, Perform};

const ESCAPE: u8 = 0x1b;

/// A control character without effect.
const SUBSTITUTE: u8 = 0x9a;

/// Width of a tab stop.
const TAB: usize = 8;

/// Returns the lines that a terminal would show for an output.
///
/// Colors, links and movements beyond the line are left out; a carriage return or a backspace
/// overwrites existing text.
pub(crate) fn lines(output: &str) -> Vec<String> {
    if !output.contains(is_raw) {
        return output.lines().map(str::to_owned).collect();
    }
    let mut screen = Screen::default();
    let mut parser = Parser::new();
    let mut buffer = [0; 4];
    for letter in output.chars() {
        match letter {
            // Single-character controls stand for an escape and a letter (ECMA-48 5.3).
            '\u{80}'..='\u{9f}' => {
                let second = u8::try_from(letter).unwrap_or(SUBSTITUTE) - 0x40;
                parser.advance(&mut screen, &[ESCAPE, second]);
            }
            letter => parser.advance(&mut screen, letter.encode_utf8(&mut buffer).as_bytes()),
        }
    }
    screen.finish()
}

/// Returns an output of any number of lines as plain text.
pub(crate) fn plain(output: String) -> String {
    if output.contains(is_raw) {
        lines(&output).join("\n")
    } else {
        output
    }
}

/// Returns true for characters that a terminal does not print.
fn is_raw(letter: char) -> bool {
    letter.is_control() && letter != '\n' && letter != '\t'
}

/// Lines of an output, and the one being written.
#[derive(Default)]
struct Screen {
    done: Vec<String>,
    line: Vec<char>,
    column: usize,
    /// True after a line break that no text followed.
    is_new: bool,
}

impl Screen {
    fn put(&mut self, letter: char) {
        self.is_new = false;
        match self.line.get_mut(self.column) {
            Some(place) => *place = letter,
            None => {
                self.line.resize(self.column, ' ');
                self.line.push(letter);
            }
        }
        self.column += 1;
    }

    fn end_line(&mut self) {
        let line: String = self.line.drain(..).collect();
        self.done.push(line.trim_end().to_owned());
        self.column = 0;
        self.is_new = true;
    }

    fn finish(mut self) -> Vec<String> {
        if !self.is_new && (!self.line.is_empty() || self.done.is_empty()) {
            self.end_line();
        }
        self.done
    }
}

impl Perform for Screen {
    fn print(&mut self, letter: char) {
        if !letter.is_control() {
            self.put(letter);
        }
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            b'\n' => self.end_line(),
            b'\r' => self.column = 0,
            8 => self.column = self.column.saturating_sub(1),
            b'\t' => {
                // Existing text stays, as on a terminal.
                self.column = (self.column / TAB + 1) * TAB;
            }
            _ => {}
        }
    }

    /// Erases in the line (EL, ECMA-48 8.3.41), which programs do before they write it again.
    fn csi_dispatch(&mut self, params: &Params, _: &[u8], _: bool, action: char) {
        if action != 'K' {
            return;
        }
        let mode = params.iter().next().and_then(|param| param.first());
        match mode.copied().unwrap_or_default() {
            0 => self.line.truncate(self.column),
            1 => {
                let end = (self.column + 1).min(self.line.len());
                self.line[..end].fill(' ');
            }
            2 => self.line.clear(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn output_is_what_a_terminal_would_show() {
        for (output, shown) in [
            (
                "\u{1b}[32mPASS\u{1b}[0m src/config.rs",
                "PASS src/config.rs",
            ),
            (
                "\u{1b}[1;31merror\u{1b}[0m: \u{1b}[1mx\u{1b}[0m",
                "error: x",
            ),
            ("10%\r20%\r30%\r100% done", "100% done"),
            ("100%\r20", "200%"),
            (
                "\u{1b}]8;;https://example.org/7\u{1b}\\run 7\u{1b}]8;;\u{1b}\\",
                "run 7",
            ),
            ("\u{1b}]0;title\u{7}text", "text"),
            ("\u{1b}[2K\u{1b}[1A spinner ⠋", " spinner ⠋"),
            ("building...\r\u{1b}[Kdone", "done"),
            (
                "bell\u{7} and nul\0 and backspace ab\u{8}c",
                "bell and nul and backspace ac",
            ),
            ("a\tb\u{7}", "a       b"),
            ("修复\u{1b}[0m", "修复"),
            ("one\r\ntwo\r\n", "one\ntwo"),
            ("\u{9b}31mred", "red"),
        ] {
            assert_eq!(lines(output).join("\n"), shown, "{output:?}");
        }
        assert_eq!(lines("a\n\nb\r\n"), ["a", "", "b"]);
    }

    proptest! {
        #[test]
        fn nothing_raw_is_left(output in "(\\PC|[\u{0}-\u{1f}\u{7f}-\u{9f}]|\u{1b}\\[[0-9;]*[A-Za-z]){0,60}") {
            for line in lines(&output) {
                prop_assert!(!line.contains(is_raw), "{line:?}");
                prop_assert!(!line.contains('\n'));
            }
        }

        #[test]
        fn plain_text_stays(text in "[^\\pC]{0,20}(\n[^\\pC]{0,20}){0,3}") {
            prop_assert_eq!(plain(text.clone()), text);
        }
    }
}
