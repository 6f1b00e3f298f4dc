//! The terminal of `tasktree run`: runs a program in a pseudo-terminal, follows what it shows and
//! reports, and types answers of people into its prompts.
//!
//! Everything that decides is pure and knows neither files nor clocks: [`Watcher`] interprets the
//! output, the size and the keys, opens questions, and decides whether an answer may be typed.
//! `pty` moves the bytes between the two terminals and never waits for the rest.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test fails where it goes wrong"
    )
)]

mod answer;
mod choices;
mod input;
mod limits;
mod outbox;
mod query;
mod question;
mod screen;
mod status;
mod watcher;

#[cfg(unix)]
mod pty;

#[cfg(not(unix))]
mod plain;

pub use answer::{Keys, Mode};
pub use outbox::{News, Outbox};
#[cfg(not(unix))]
pub use plain::{Session, Typist};
#[cfg(unix)]
pub use pty::{INSIDE, Session, Typist, inside};
pub use query::QueryFilter;
pub use question::{Event, Question, Refused};
pub use screen::Size;
pub use status::{Need, Report, State};
pub use watcher::Watcher;

/// Result of an attempt to type an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The answer was typed.
    Typed,
    /// Nothing was typed.
    Refused(Refused),
}
