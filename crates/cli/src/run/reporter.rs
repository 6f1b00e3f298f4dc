//! Thread that tells the board what happens in the terminal, and fetches answers.

use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use serde_json::{Map, json};
use tasktree_terminal::{Event, News, Outbox, Outcome, Question, Report, State, Typist};

use super::board::Board;
use crate::failure::{Exit, Failure, Result};
use crate::limits::{LOG_BATCH_LINES, POLL_PAUSE, RETRY_PAUSE, SIGN_OF_LIFE};

/// Time for which a line waits for others. A question waits for it too.
const GATHER: Duration = Duration::from_millis(200);

/// Teller of what happens in the terminal.
pub(super) struct Reporter {
    board: Board,
    outbox: Outbox,
    typist: Typist,
    /// News that the board has not been told.
    untold: News,
    /// Question that is open on the board, and its number in the terminal.
    open: Option<Open>,
    /// True if an answer was typed, and the board has not been told.
    is_typed: bool,
    /// Time of the last request.
    told_at: Instant,
}

/// Question that is open on the board.
struct Open {
    id: u64,
    serial: u64,
    is_answered: bool,
}

impl Reporter {
    pub(super) fn new(board: Board, outbox: Outbox, typist: Typist) -> Self {
        Self {
            board,
            outbox,
            typist,
            untold: News::default(),
            open: None,
            is_typed: false,
            told_at: Instant::now(),
        }
    }

    /// Tells everything until the program has ended, and then its exit code.
    ///
    /// While the server is away, what happens waits in bounded memory.
    pub(super) fn run(mut self, exit_code: &Receiver<u8>) {
        let mut pause = POLL_PAUSE;
        loop {
            match self.step() {
                Ok(()) if self.untold.is_over => break,
                Ok(()) => pause = POLL_PAUSE,
                Err(failure) => {
                    self.put_right(&failure);
                    if self.outbox.wait_closed(pause) {
                        // One more attempt, since the server may be back.
                        let _ = self.step();
                        break;
                    }
                    pause = (pause * 2).min(RETRY_PAUSE);
                }
            }
        }
        let code = exit_code.recv().unwrap_or_default();
        // The server finds out by itself that nothing comes anymore.
        let _ = self.end(code);
    }

    /// Tells the next news, or asks for answers if there are none.
    fn step(&mut self) -> Result<()> {
        self.board.register()?;
        if self.is_typed {
            self.board.delivered()?;
            self.is_typed = false;
        }
        self.take_news();
        if let Some(state) = &self.untold.state {
            let open = match state {
                Event::Asked(question) => self.ask(question)?,
                Event::Reported(report) => {
                    self.board.report(&fields(report))?;
                    None
                }
                Event::Unknown | Event::Line(_) => {
                    if self.open.is_some() {
                        let working = Map::from_iter([("status".to_owned(), json!("running"))]);
                        self.board.report(&working)?;
                    }
                    None
                }
            };
            self.open = open;
            self.untold.state = None;
            self.told_at = Instant::now();
        }
        if !self.untold.lines.is_empty() {
            self.board.log(&self.untold.lines)?;
            self.untold.lines.clear();
            self.told_at = Instant::now();
        }
        if self.told_at.elapsed() >= SIGN_OF_LIFE {
            self.board.beat()?;
            self.told_at = Instant::now();
        }
        self.answer()
    }

    /// Takes news, and waits for them a moment if all earlier ones were told.
    fn take_news(&mut self) {
        if self.untold.state.is_some() || !self.untold.lines.is_empty() {
            return;
        }
        let until_beat = SIGN_OF_LIFE.saturating_sub(self.told_at.elapsed());
        let pause = match &self.open {
            Some(open) if !open.is_answered => POLL_PAUSE.min(until_beat),
            _ => until_beat,
        };
        self.untold = self.outbox.take(pause, LOG_BATCH_LINES);
        let is_first = !self.untold.lines.is_empty() && self.untold.state.is_none();
        if is_first && !self.untold.is_over {
            // Lines come in quick succession.
            self.outbox.wait_closed(GATHER);
            self.gather();
        }
    }

    fn gather(&mut self) {
        let room = LOG_BATCH_LINES.saturating_sub(self.untold.lines.len());
        let more = self.outbox.take(Duration::ZERO, room);
        self.untold.lines.extend(more.lines);
        self.untold.state = more.state;
        self.untold.is_over = more.is_over;
    }

    fn ask(&self, question: &Question) -> Result<Option<Open>> {
        let id = self.board.ask(question)?;
        Ok(id.map(|id| Open {
            id,
            serial: question.serial,
            is_answered: false,
        }))
    }

    /// Types the answer to the open question, if there is one.
    fn answer(&mut self) -> Result<()> {
        let Some(open) = self.open.as_mut().filter(|open| !open.is_answered) else {
            return Ok(());
        };
        let Some(question) = self.board.question(open.id)? else {
            // Another door has closed it.
            self.open = None;
            return Ok(());
        };
        let mut answers = question.answers.into_iter();
        let Some(answer) = answers.find(|answer| !answer.late && answer.delivered_at.is_none())
        else {
            return Ok(());
        };
        open.is_answered = true;
        let text = answer.text.unwrap_or_default();
        // A refusal leads to another question, whose report marks this answer as late.
        if self.typist.answer(open.serial, &text) == Outcome::Typed {
            self.is_typed = true;
            self.board.delivered()?;
            self.is_typed = false;
        }
        Ok(())
    }

    /// Drops what the server will never accept, and registers again if it has forgotten the agent.
    fn put_right(&mut self, failure: &Failure) {
        match failure.exit {
            Exit::NotFound => self.board.forget(),
            Exit::Unreachable | Exit::NotAllowed => {}
            _ if failure.code == "busy" || failure.code == "rate_limited" => {}
            _ => {
                self.untold = News {
                    is_over: self.untold.is_over,
                    ..News::default()
                }
            }
        }
    }

    fn end(&mut self, code: u8) -> Result<()> {
        self.board.register()?;
        if code != 0 {
            let program = self.board.program();
            let note = format!("{program} exited with code {code}");
            self.board.log(&[format!("[{note}]")])?;
            let activity = Map::from_iter([("last_activity".to_owned(), json!(note))]);
            self.board.report(&activity)?;
        }
        self.board.end()
    }
}

/// Returns the fields of the agent for a report of the program.
///
/// A program that is done has ended its turn, which completes no task.
fn fields(report: &Report) -> Map<String, serde_json::Value> {
    let status = match report.state {
        State::Working | State::Blocked => "running",
        State::Idle | State::Done => "idle",
        State::Error => "failed",
    };
    let mut fields = Map::from_iter([("status".to_owned(), json!(status))]);
    if let Some(progress) = report.progress {
        fields.insert("progress".to_owned(), json!(progress));
    }
    let message = report
        .message
        .as_deref()
        .filter(|message| !message.is_empty());
    match (report.state, message) {
        (State::Error, message) => {
            let reason = message.unwrap_or("the program reported an error");
            fields.insert("reason".to_owned(), json!(reason));
        }
        (_, Some(message)) => {
            fields.insert("last_activity".to_owned(), json!(message));
        }
        (_, None) => {}
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_of_the_program_becomes_one_of_the_agent() {
        let told = |state, message: Option<&str>| {
            json!(fields(&Report {
                state,
                need: None,
                progress: Some(40),
                message: message.map(str::to_owned),
            }))
        };
        assert_eq!(
            told(State::Working, Some("Compiling")),
            json!({"status": "running", "progress": 40, "last_activity": "Compiling"})
        );
        assert_eq!(
            told(State::Done, None),
            json!({"status": "idle", "progress": 40})
        );
        assert_eq!(
            told(State::Error, None),
            json!({"status": "failed", "progress": 40, "reason": "the program reported an error"})
        );
    }
}
