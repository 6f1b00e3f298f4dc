//! The wait that a program has reported, and the question that stands for it.

use std::time::Duration;

use crate::choices::{self, Choice};
use crate::limits::{ASK_AGAIN, ASK_WITHIN, ASKS_PER_REPORT};
use crate::question::{self, Question, Refused};
use crate::screen::Area;
use crate::status::{Need, Report};

/// Wait that the program has reported. Times are those since the start of the terminal.
pub(super) struct Wait {
    pub(super) report: Report,
    since: Duration,
    pub(super) open: Option<Open>,
    asks: u32,
}

/// Question that stands.
pub(super) struct Open {
    pub(super) serial: u64,
    asked_at: Duration,
    /// Time at which the screen was last compared with `area`.
    pub(super) compared_at: Duration,
    pub(super) area: Area,
    pub(super) choices: Vec<Choice>,
    /// Number of times that a person had typed when it was asked.
    pub(super) typed: u64,
    pub(super) is_answered: bool,
}

impl Wait {
    pub(super) fn new(report: Report, since: Duration) -> Self {
        Self {
            report,
            since,
            open: None,
            asks: 0,
        }
    }

    /// Returns the time at which the screen is to be looked at, if the program draws nothing more
    /// before `settled`.
    pub(super) fn due(&self, settled: Duration) -> Option<Duration> {
        match &self.open {
            None => Some(settled.min(self.since + ASK_WITHIN)),
            Some(_) if self.asks >= ASKS_PER_REPORT => None,
            Some(open) if open.compared_at >= settled => None,
            Some(open) => Some(settled.max(open.asked_at + ASK_AGAIN)),
        }
    }

    /// Opens a question about what is shown around the cursor, in the place of an earlier one.
    pub(super) fn ask(&mut self, serial: u64, area: Area, typed: u64, at: Duration) -> Question {
        self.asks += 1;
        let choices = choices::find(&area.rows);
        let question = Question {
            serial,
            need: self.report.need,
            text: question::text(&self.report, &area),
            options: choices.iter().map(|choice| choice.label.clone()).collect(),
        };
        self.open = Some(Open {
            serial,
            asked_at: at,
            compared_at: at,
            area,
            choices,
            typed,
            is_answered: false,
        });
        question
    }

    /// Returns the question with that number, if an answer to it may be typed at all.
    pub(super) fn open_for(&self, serial: u64) -> Result<&Open, Refused> {
        let open = self.open.as_ref().filter(|open| open.serial == serial);
        let open = open.ok_or(Refused::Gone)?;
        if open.is_answered {
            return Err(Refused::Answered);
        }
        if self.report.need == Some(Need::Auth) {
            return Err(Refused::SignIn);
        }
        Ok(open)
    }
}
