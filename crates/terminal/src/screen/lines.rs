//! The lines that are complete on a screen.

use vt100::capture::{BasicFormattedCaptureState, RowContents, basic_formatted_to_plain};

use crate::limits::LINE_BYTES;

/// Lines that are complete: those that the program has left behind.
///
/// A program that prints leaves a line with its line feed. A program that redraws its last rows
/// does not: its lines are complete once they leave the screen at the top.
#[derive(Default)]
pub(super) struct Lines {
    pub(super) complete: Vec<String>,
    /// Number of rows at the top of the screen that are in `complete` already.
    pub(super) taken: usize,
    /// True once the program has gone back to rows that it had left.
    pub(super) redraws: bool,
    /// Beginning of a line of which the rest is still on the screen.
    pub(super) begun: String,
    capture: BasicFormattedCaptureState,
}

impl Lines {
    /// Ends the line that has begun.
    pub(super) fn break_line(&mut self) {
        let line = std::mem::take(&mut self.begun);
        self.capture = BasicFormattedCaptureState::new();
        self.push(&line);
    }

    fn push(&mut self, line: &str) {
        let mut line = line.trim_end();
        if line.len() > LINE_BYTES {
            line = &line[..line.floor_char_boundary(LINE_BYTES)];
        }
        self.complete.push(line.to_owned());
    }
}

impl vt100::Callbacks for Lines {
    fn on_scroll(&mut self, row: RowContents<'_>, alternate_screen: bool) {
        if alternate_screen {
            return;
        }
        if self.taken > 0 {
            self.taken -= 1;
            return;
        }
        let mut text = String::new();
        // Writing to a text does not fail.
        if row
            .write_formatted_basic(&mut text, &mut self.capture)
            .is_err()
        {
            return;
        }
        let plain: String = basic_formatted_to_plain(&text).collect();
        let row = match plain.strip_prefix('\n') {
            // The row before it was the end of its line.
            Some(row) => {
                let line = std::mem::take(&mut self.begun);
                self.push(&line);
                row
            }
            None => &plain,
        };
        self.begun.push_str(row);
        if self.begun.len() > LINE_BYTES {
            self.break_line();
        }
    }
}
