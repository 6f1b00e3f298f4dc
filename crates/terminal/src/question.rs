//! Questions that prompts ask, and events of a terminal.

use std::fmt;

use crate::choices::is_decoration;
use crate::limits::QUESTION_BYTES;
use crate::screen::Area;
use crate::status::{Need, Report};

/// Thing that has happened in the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Line that is complete.
    Line(String),
    /// Report of the program, of any state but [`State::Blocked`].
    Reported(Report),
    /// The state of the program is unknown: it took its report back, or output was left out.
    Unknown,
    /// Question to people. It takes the place of an earlier one.
    Asked(Question),
}

/// Question that a prompt on the screen asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Number of the question in this terminal, from 1.
    pub serial: u64,
    /// Thing that the program needs, if it says so.
    pub need: Option<Need>,
    /// Message of the program and the text of the prompt.
    pub text: String,
    /// Answers that the prompt offers.
    pub options: Vec<String>,
}

/// Reason for which an answer is not typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The prompt is gone, or another one took its place.
    Gone,
    /// The screen around the prompt has changed.
    Changed,
    /// A person has typed in the terminal since the question was asked.
    Typed,
    /// An answer to this question was typed already.
    Answered,
    /// The prompt offers choices, and the answer is none of them.
    NoChoice,
    /// The prompt asks for a sign-in, which is not typed.
    SignIn,
    /// The program prints all the time, or the terminal has ended.
    Busy,
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Gone => "the prompt was gone",
            Self::Changed | Self::Busy => "the screen had changed",
            Self::Typed => "somebody had typed in the terminal",
            Self::Answered => "the prompt was answered already",
            Self::NoChoice => "it is none of the choices of the prompt",
            Self::SignIn => "a sign-in is done in the terminal",
        })
    }
}

/// Returns the text of a question: the message of the program, and what the prompt shows.
pub(crate) fn text(report: &Report, area: &Area) -> String {
    let begins_frame = |row: &String| row.trim_start().starts_with(['╭', '┌', '┏']);
    let first = area.rows.iter().rposition(begins_frame).unwrap_or_default();
    let rows = area.rows[first..]
        .iter()
        .map(|row| row.trim_matches(is_decoration));
    let rows: Vec<_> = rows.filter(|row| !row.is_empty()).collect();
    let shown = rows.join("\n");
    let message = report.message.as_deref().unwrap_or_default();
    let room = QUESTION_BYTES.saturating_sub(message.len() + 2);
    // The end is next to the cursor.
    let start = shown.ceil_char_boundary(shown.len().saturating_sub(room));
    let parts = [message, &shown[start..]];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("\n\n")
}
