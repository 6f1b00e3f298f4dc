//! The core: what the program shows and reports, the questions that follow, and their answers.

mod wait;

use std::collections::VecDeque;
use std::time::Duration;

use crate::answer::{self, Keys, Mode};
use crate::limits::SETTLED;
use crate::question::{Event, Refused};
use crate::screen::{Area, Screen, Size};
use crate::status::{Report, Reports, Said, State};
use wait::{Open, Wait};

/// Observer of a terminal, without files and clocks: times are those since its start.
pub struct Watcher {
    screen: Screen,
    reports: Reports,
    events: VecDeque<Event>,
    /// Newest report, if it was not of a wait.
    reported: Option<Report>,
    wait: Option<Wait>,
    /// Time of the last output.
    drawn_at: Duration,
    /// Number of times that a person has typed.
    typed: u64,
    serial: u64,
}

impl std::fmt::Debug for Watcher {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let question = self.open().map(|open| open.serial);
        write!(formatter, "Watcher(question {question:?})")
    }
}

impl Watcher {
    /// Creates the observer of a terminal that is empty.
    pub fn new(size: Size) -> Self {
        Self {
            screen: Screen::new(size),
            reports: Reports::default(),
            events: VecDeque::new(),
            reported: None,
            wait: None,
            drawn_at: Duration::ZERO,
            typed: 0,
            serial: 0,
        }
    }

    /// Interprets output of the program.
    pub fn output(&mut self, output: &[u8], at: Duration) {
        self.drawn_at = at;
        let mut lines = Vec::new();
        self.screen.draw(output, &mut lines);
        self.events.extend(lines.into_iter().map(Event::Line));
        for said in self.reports.read(output) {
            match said {
                Said::Nothing => self.forget(),
                Said::Report(report) if report.state == State::Blocked => self.block(report, at),
                Said::Report(report) => self.report(report),
            }
        }
        self.tick(at);
    }

    /// Notes that output was left out: nothing is known about the screen and the program anymore.
    pub fn skipped(&mut self, bytes: u64, size: Size, at: Duration) {
        self.drawn_at = at;
        let mut lines = Vec::new();
        self.screen.finish(&mut lines);
        self.events.extend(lines.into_iter().map(Event::Line));
        self.events
            .push_back(Event::Line(format!("[{bytes} bytes of output left out]")));
        self.screen = Screen::new(size);
        self.reports = Reports::default();
        self.forget();
    }

    /// Changes the size of the screen.
    pub fn resized(&mut self, size: Size, at: Duration) {
        self.drawn_at = at;
        let mut lines = Vec::new();
        self.screen.resize(size, &mut lines);
        self.events.extend(lines.into_iter().map(Event::Line));
    }

    /// Notes that a person has typed; `count` is the number of times since the start.
    pub fn typed(&mut self, count: u64) {
        self.typed = count;
    }

    /// Notes that the program has ended.
    pub fn ended(&mut self) {
        let mut lines = Vec::new();
        self.screen.finish(&mut lines);
        self.events.extend(lines.into_iter().map(Event::Line));
        self.wait = None;
    }

    /// Asks what is due.
    pub fn tick(&mut self, at: Duration) {
        if self.due().is_none_or(|due| due > at) {
            return;
        }
        let area = self.screen.around_cursor();
        let open = self.wait.as_mut().and_then(|wait| wait.open.as_mut());
        match open {
            Some(open) if open.area == area => open.compared_at = at,
            _ => self.ask(area, at),
        }
    }

    /// Returns the time of the next call of [`Watcher::tick`]; none if only output can change
    /// something.
    pub fn due(&self) -> Option<Duration> {
        self.wait.as_ref()?.due(self.drawn_at + SETTLED)
    }

    /// Returns the next event.
    pub fn event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Returns the number of times that a person has typed, as far as is known here.
    pub fn typed_count(&self) -> u64 {
        self.typed
    }

    /// Returns the keys that answer a question.
    ///
    /// # Errors
    /// Returns a refusal unless the question is the one that stands, nothing was typed since it was
    /// asked, and the program shows the same prompt as then. docs/cli.md lists these conditions.
    pub fn may_type(&self, serial: u64, answer: &str, by_line: bool) -> Result<Keys, Refused> {
        let wait = self.wait.as_ref().ok_or(Refused::Gone)?;
        let open = wait.open_for(serial)?;
        if open.typed != self.typed {
            return Err(Refused::Typed);
        }
        if open.area != self.screen.around_cursor() {
            return Err(Refused::Changed);
        }
        let mode = Mode {
            by_line,
            marks_pasted: self.screen.marks_pasted(),
        };
        answer::keys(answer, &open.choices, wait.report.need, mode).ok_or(Refused::NoChoice)
    }

    /// Notes that the answer to a question was typed. There is no second one.
    pub fn answered(&mut self, serial: u64) {
        let open = self.wait.as_mut().and_then(|wait| wait.open.as_mut());
        if let Some(open) = open.filter(|open| open.serial == serial) {
            open.is_answered = true;
        }
    }

    /// Notes that an answer to a question was not typed, for a reason. If that question stands,
    /// another one takes its place, which shows the prompt as it is now.
    pub fn refused(&mut self, serial: u64, reason: Refused, at: Duration) {
        let note = format!("[an answer was not typed: {reason}]");
        self.events.push_back(Event::Line(note));
        if self.open().is_some_and(|open| open.serial == serial) {
            self.ask(self.screen.around_cursor(), at);
        }
    }

    fn open(&self) -> Option<&Open> {
        self.wait.as_ref()?.open.as_ref()
    }

    fn report(&mut self, report: Report) {
        let has_waited = self.wait.take().is_some();
        if has_waited || self.reported.as_ref() != Some(&report) {
            self.reported = Some(report.clone());
            self.events.push_back(Event::Reported(report));
        }
    }

    fn block(&mut self, report: Report, at: Duration) {
        let is_same = |wait: &Wait| wait.report == report;
        if !self.wait.as_ref().is_some_and(is_same) {
            self.wait = Some(Wait::new(report, at));
        }
        self.reported = None;
    }

    fn forget(&mut self) {
        self.wait = None;
        self.reported = None;
        self.events.push_back(Event::Unknown);
    }

    fn ask(&mut self, area: Area, at: Duration) {
        let Some(wait) = &mut self.wait else {
            return;
        };
        self.serial += 1;
        let question = wait.ask(self.serial, area, self.typed, at);
        self.events.push_back(Event::Asked(question));
    }
}

#[cfg(test)]
mod tests;
