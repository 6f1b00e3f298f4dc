//! The screen that the program's output draws, and the lines that are complete on it.

mod lines;

use std::num::NonZeroU16;

use crate::limits::{ROWS_ABOVE, ROWS_BELOW};
use lines::Lines;

/// Sequences that clear the screen.
const CLEARS: [&[u8; 4]; 2] = [b"\x1b[2J", b"\x1b[3J"];

/// Size of a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Number of rows.
    pub rows: u16,
    /// Number of columns.
    pub columns: u16,
}

impl Size {
    /// Returns the rows and columns as the screen needs them: a terminal without a size has one of
    /// each.
    fn parts(self) -> (NonZeroU16, NonZeroU16) {
        let at_least_one = |count| NonZeroU16::new(count).unwrap_or(NonZeroU16::MIN);
        (at_least_one(self.rows), at_least_one(self.columns))
    }
}

/// Rows around the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Area {
    pub(crate) rows: Vec<String>,
    cursor: (u16, u16),
}

/// Screen of a program.
pub(crate) struct Screen {
    parser: vt100::Parser<Lines>,
    /// Beginning of a character whose other bytes have not come yet.
    held: Vec<u8>,
    /// Last bytes of the output.
    last: [u8; 4],
    /// True if the screen was cleared since the last line feed.
    is_cleared: bool,
}

impl Screen {
    pub(crate) fn new(size: Size) -> Self {
        let (rows, columns) = size.parts();
        Self {
            parser: vt100::Parser::new_with_callbacks(rows, columns, 0, Lines::default()),
            held: Vec::new(),
            last: [0; 4],
            is_cleared: false,
        }
    }

    /// Draws output. Appends the lines that it completes.
    pub(crate) fn draw(&mut self, output: &[u8], lines: &mut Vec<String>) {
        // The parser shows some characters differently if they come in two parts.
        let mut whole = std::mem::take(&mut self.held);
        whole.extend_from_slice(output);
        self.held = whole.split_off(end_of_characters(&whole));
        self.draw_characters(&whole);
        lines.append(&mut self.parser.callbacks_mut().complete);
    }

    fn draw_characters(&mut self, output: &[u8]) {
        for piece in output.split_inclusive(|byte| *byte == b'\n') {
            let (text, feed) = match piece {
                [text @ .., b'\n'] => (text, &piece[text.len()..]),
                text => (text, &[][..]),
            };
            self.parser.process(text);
            self.notice_clear(text);
            if !feed.is_empty() {
                self.leave_row();
            }
            self.parser.process(feed);
        }
    }

    /// Changes the size.
    pub(crate) fn resize(&mut self, size: Size, lines: &mut Vec<String>) {
        let (rows, columns) = size.parts();
        self.parser.set_size(rows, columns);
        let lines_of = self.parser.callbacks_mut();
        lines_of.taken = lines_of.taken.min(usize::from(size.rows));
        lines.append(&mut lines_of.complete);
    }

    /// Appends the lines that are on the screen when the program has ended.
    pub(crate) fn finish(&mut self, lines: &mut Vec<String>) {
        if !self.parser.screen().alternate_screen() {
            let rows = self.parser.screen().size().0.get();
            self.take_until(rows - 1);
        }
        let rest = self.parser.callbacks_mut();
        rest.break_line();
        lines.append(&mut rest.complete);
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
    }

    /// Returns the rows around the cursor.
    pub(crate) fn around_cursor(&self) -> Area {
        let screen = self.parser.screen();
        let (rows, columns) = screen.size();
        let cursor = screen.cursor_position();
        let first = cursor.0.saturating_sub(ROWS_ABOVE);
        let last = cursor.0.saturating_add(ROWS_BELOW).min(rows.get() - 1);
        let shown = screen.rows(0, columns.get());
        let count = usize::from(last.saturating_sub(first)) + 1;
        Area {
            rows: shown.skip(usize::from(first)).take(count).collect(),
            cursor,
        }
    }

    /// Returns true if the program wants pasted text to be marked.
    pub(crate) fn marks_pasted(&self) -> bool {
        self.parser.screen().bracketed_paste()
    }

    fn notice_clear(&mut self, text: &[u8]) {
        for &byte in text {
            self.last.rotate_left(1);
            self.last[3] = byte;
            self.is_cleared |= byte == b'J' && CLEARS.contains(&&self.last);
        }
    }

    /// Takes the row that the cursor is about to leave, and those above it, unless the program
    /// redraws them.
    fn leave_row(&mut self) {
        let is_cleared = std::mem::take(&mut self.is_cleared);
        let screen = self.parser.screen();
        if screen.alternate_screen() {
            return;
        }
        let row = screen.cursor_position().0;
        let lines = self.parser.callbacks_mut();
        if usize::from(row) < lines.taken {
            // The program goes back to rows that it had left.
            lines.redraws |= !is_cleared;
            lines.taken = row.into();
        }
        if !lines.redraws {
            self.take_until(row);
        }
    }

    fn take_until(&mut self, last: u16) {
        let screen = self.parser.screen();
        let columns = screen.size().1.get();
        let first = self.parser.callbacks().taken;
        let Some(first) = u16::try_from(first).ok().filter(|first| *first <= last) else {
            return;
        };
        let text = screen.contents_between(first, 0, last, columns);
        let lines = self.parser.callbacks_mut();
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                lines.break_line();
            }
            lines.begun.push_str(line);
        }
        lines.break_line();
        lines.taken = usize::from(last) + 1;
    }
}

/// Returns the length of output without the incomplete character at its end.
fn end_of_characters(output: &[u8]) -> usize {
    let first = output.len().saturating_sub(3);
    let lead = output[first..].iter().rposition(|byte| *byte >= 0xc0);
    let Some(lead) = lead.map(|lead| first + lead) else {
        return output.len();
    };
    match std::str::from_utf8(&output[lead..]) {
        Err(error) if error.error_len().is_none() => lead,
        _ => output.len(),
    }
}

#[cfg(test)]
mod tests;
