//! Steps of a draft that the server causes: newer values, and answers.

use super::{Answer, Change, Draft, Fault, Loss, Output, Problem, State, Version, is_another_task};

impl<F: Copy> Draft<F> {
    /// Takes account of the value that was read last.
    pub(super) fn catch_up(&mut self) {
        if !self.is_unseen || matches!(self.state, State::Sending { .. }) {
            return;
        }
        self.is_unseen = false;
        self.state = match self.take() {
            State::Ahead {
                value,
                rev,
                is_saved,
            } => self.showing(value, rev, is_saved),
            State::Typed {
                text,
                base,
                problem,
            } => self.rebase(text, base, problem),
            other => other,
        };
    }

    /// Returns the state that shows a value of the server.
    pub(super) fn showing(&self, value: Version, rev: Option<u64>, is_saved: bool) -> State<F> {
        let is_older = matches!((self.read.rev, rev), (Some(read), Some(rev)) if read < rev);
        if is_older && !is_another_task(&self.read, &value) {
            State::Ahead {
                value,
                rev,
                is_saved,
            }
        } else {
            State::Clean { is_saved }
        }
    }

    /// Returns the state of a typed text after the value that was read last.
    fn rebase(&self, text: String, base: Version, problem: Option<Problem<F>>) -> State<F> {
        let read = self.read.clone();
        let is_other = is_another_task(&read, &base);
        let is_old = matches!((read.rev, base.rev), (Some(read), Some(base)) if read <= base);
        if is_old && !is_other {
            State::Typed {
                text,
                base,
                problem,
            }
        } else if !is_other && self.rules.is_same(&read.text, &base.text) {
            State::Typed {
                text,
                base: read,
                problem,
            }
        } else if self.rules.is_same(&text, &base.text) {
            State::Clean { is_saved: false }
        } else {
            self.contest(text, base, read)
        }
    }

    /// Returns the state of a text, typed over `base`, when the server has a newer value.
    fn contest(&self, text: String, base: Version, theirs: Version) -> State<F> {
        if is_another_task(&theirs, &base) {
            let problem = Some(Problem::Faulty(Fault::AnotherTask));
            State::Typed {
                text,
                base,
                problem,
            }
        } else if self.rules.is_same(&text, &theirs.text) {
            let rev = theirs.rev;
            self.showing(theirs, rev, false)
        } else {
            State::Typed {
                text,
                base: theirs,
                problem: Some(Problem::Conflict),
            }
        }
    }

    pub(super) fn on_answer(&mut self, id: u64, answer: Answer) -> Option<Output<F>> {
        match self.take() {
            State::Sending {
                change,
                text,
                is_due,
            } if change.id == id => self.settle(change, text, is_due, answer),
            State::Removed {
                change: Some(change),
            } if change.id == id => {
                self.state = State::Removed { change: None };
                let reason = match answer {
                    Answer::Stored { .. } | Answer::Declined => return None,
                    Answer::Conflict(_) => Loss::Overtaken,
                    Answer::Refused(reason) => Loss::Refused(reason),
                };
                let text = change.text;
                Some(Output::Lost { text, reason })
            }
            other => {
                self.state = other;
                None
            }
        }
    }

    /// Handles the answer to a change. Text that was typed meanwhile is a draft of its own.
    fn settle(
        &mut self,
        change: Change,
        text: String,
        is_due: bool,
        answer: Answer,
    ) -> Option<Output<F>> {
        let is_whole = text == change.text;
        match answer {
            Answer::Stored { rev } => {
                self.state = self.stored(change, text, rev);
                self.catch_up();
                if is_due { self.commit() } else { None }
            }
            Answer::Conflict(theirs) => {
                // The answer may be older than what was read since.
                let is_old = is_another_task(&self.read, &change.base)
                    || matches!((theirs.rev, self.read.rev), (Some(rev), Some(read)) if rev < read);
                let theirs = if is_old { self.read.clone() } else { theirs };
                self.state = self.contest(text, change.base, theirs);
                self.catch_up();
                None
            }
            Answer::Refused(reason) => {
                self.state = State::Typed {
                    text,
                    base: change.base,
                    problem: Some(Problem::Refused(reason)),
                };
                None
            }
            Answer::Declined => {
                let rev = change.base.rev;
                self.state = if is_whole {
                    self.showing(change.base, rev, false)
                } else {
                    self.typed(text, change.base)
                };
                self.catch_up();
                None
            }
        }
    }

    /// Returns the state after a change was stored, in that version of the task.
    fn stored(&mut self, change: Change, text: String, rev: Option<u64>) -> State<F> {
        let (is_whole, base) = (text == change.text, change.base);
        if rev.is_none() && self.rules.is_same(&self.read.text, &base.text) {
            // No version tells: what was read since, if anything, is from before the change.
            self.is_unseen = false;
        }
        let value = Version {
            text: change.text,
            rev: rev.or(base.rev),
            created_at: base.created_at,
        };
        if !is_whole {
            self.typed(text, value)
        } else if self.is_unseen && rev.is_none() {
            State::Clean { is_saved: true }
        } else {
            State::Ahead {
                value,
                rev,
                is_saved: true,
            }
        }
    }
}
