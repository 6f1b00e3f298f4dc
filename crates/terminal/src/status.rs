//! Status reports of programs: OSC 7501, the Program Status Protocol, revision 0.4.
//!
//! Only the report about the program itself counts, not those about its parts, which have an id.

use termstate_core::scan::{Event, Scanner};
use termstate_core::{Kind, Message};

/// State of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// At rest until its next instruction.
    Idle,
    /// Working.
    Working,
    /// Finished, and nobody has seen the result yet.
    Done,
    /// Unable to go on until a person acts.
    Blocked,
    /// Failed and stopped.
    Error,
}

/// Thing that a blocked program needs from a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Permission to do something.
    Permission,
    /// An answer.
    Question,
    /// A sign-in.
    Auth,
}

/// Report of a program about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// State of the program.
    pub state: State,
    /// Thing that it needs, if it is blocked and says so.
    pub need: Option<Need>,
    /// Progress in percent.
    pub progress: Option<u8>,
    /// Message for people.
    pub message: Option<String>,
}

/// Thing that a program has said about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// New report, which takes the place of the one before.
    Report(Report),
    /// There is no report anymore.
    Nothing,
}

/// Reader of the reports in an output.
#[derive(Debug, Default)]
pub(crate) struct Reports {
    scanner: Scanner,
}

impl Reports {
    /// Reads output. Returns what the program says in it about itself.
    pub(crate) fn read(&mut self, output: &[u8]) -> Vec<Said> {
        let mut said = Vec::new();
        self.scanner.feed(output, |event| {
            if let Event::Sequence {
                message: Ok(message),
                ..
            } = event
            {
                match message {
                    Message::Report(report) if report.id.is_none() => {
                        said.push(Said::Report(Report::of(&report)));
                    }
                    Message::Clear { id: None } => said.push(Said::Nothing),
                    // Parts of the program, and questions to the terminal.
                    _ => {}
                }
            }
        });
        said
    }
}

impl Report {
    fn of(report: &termstate_core::Report<'_>) -> Self {
        Self {
            state: match report.state {
                termstate_core::State::Idle => State::Idle,
                termstate_core::State::Working => State::Working,
                termstate_core::State::Done => State::Done,
                termstate_core::State::Blocked => State::Blocked,
                termstate_core::State::Error => State::Error,
            },
            need: report.kind.map(|kind| match kind {
                Kind::Permission => Need::Permission,
                Kind::Question => Need::Question,
                Kind::Auth => Need::Auth,
            }),
            progress: report.progress,
            message: report.msg.map(|text| text.to_string()),
        }
    }
}
