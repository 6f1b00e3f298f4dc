//! The steps of a draft.

use super::{Answer, Change, Draft, Fault, Input, Loss, Output, Problem, State, Version};

impl<F: Copy> Draft<F> {
    /// Handles an input. Returns the operation to execute, if any.
    pub fn handle(&mut self, input: Input) -> Option<Output<F>> {
        match input {
            Input::Read(version) => {
                self.read = version;
                self.is_unseen = true;
                self.catch_up();
                None
            }
            Input::Typed(text) => {
                self.on_typed(text);
                None
            }
            Input::Commit => self.commit(),
            Input::KeepMine => self.keep_mine(),
            Input::Discard => {
                self.discard();
                None
            }
            Input::Answered { id, answer } => self.on_answer(id, answer),
            Input::Left => self.leave(),
        }
    }

    fn take(&mut self) -> State<F> {
        std::mem::replace(&mut self.state, State::Clean { is_saved: false })
    }

    /// Takes account of the value that was read last.
    fn catch_up(&mut self) {
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
    fn showing(&self, value: Version, rev: Option<u64>, is_saved: bool) -> State<F> {
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

    fn on_typed(&mut self, typed: String) {
        self.state = match self.take() {
            State::Clean { .. } => self.typed(typed, self.read.clone()),
            State::Ahead { value, .. } => self.typed(typed, value),
            State::Typed {
                base,
                problem: problem @ Some(Problem::Conflict),
                ..
            } => State::Typed {
                text: typed,
                base,
                problem,
            },
            State::Typed { base, .. } => self.typed(typed, base),
            State::Sending { change, .. } => State::Sending {
                change,
                text: typed,
                is_due: false,
            },
            removed @ State::Removed { .. } => removed,
        };
        self.catch_up();
    }

    /// Returns the state of a text that is being typed. Its fault is reported at once, as it may
    /// have been pasted, but not that of an empty one.
    fn typed(&self, text: String, base: Version) -> State<F> {
        let fault = self.fault_of(&text, &base);
        let fault = fault.filter(|fault| matches!(fault, Fault::AnotherTask) || !is_blank(&text));
        State::Typed {
            text,
            base,
            problem: fault.map(Problem::Faulty),
        }
    }

    fn fault_of(&self, text: &str, base: &Version) -> Option<Fault<F>> {
        if is_another_task(&self.read, base) {
            Some(Fault::AnotherTask)
        } else {
            (self.rules.fault)(text).map(Fault::Text)
        }
    }

    fn commit(&mut self) -> Option<Output<F>> {
        self.catch_up();
        match self.take() {
            State::Typed { text, base, .. } if self.rules.is_same(&text, &base.text) => {
                let rev = base.rev;
                self.state = self.showing(base, rev, false);
                None
            }
            State::Typed {
                text,
                base,
                problem,
            } => self.send(text, base, problem),
            State::Sending { change, text, .. } => {
                self.state = State::Sending {
                    change,
                    text,
                    is_due: true,
                };
                None
            }
            other => {
                self.state = other;
                None
            }
        }
    }

    /// Sends a typed text, unless a conflict or a fault prevents it.
    fn send(
        &mut self,
        text: String,
        base: Version,
        problem: Option<Problem<F>>,
    ) -> Option<Output<F>> {
        let problem = match problem {
            Some(Problem::Conflict) => problem,
            _ => self.fault_of(&text, &base).map(Problem::Faulty),
        };
        if problem.is_some() {
            self.state = State::Typed {
                text,
                base,
                problem,
            };
            return None;
        }
        let change = self.change(text.clone(), base, None);
        self.state = State::Sending {
            change: change.clone(),
            text,
            is_due: false,
        };
        Some(Output::Send(change))
    }

    fn change(&mut self, text: String, base: Version, earlier: Option<String>) -> Change {
        self.last_id += 1;
        Change {
            id: self.last_id,
            text,
            base,
            earlier,
        }
    }

    fn keep_mine(&mut self) -> Option<Output<F>> {
        let State::Typed { problem, .. } = &mut self.state else {
            return None;
        };
        problem.take_if(|problem| matches!(problem, Problem::Conflict))?;
        self.commit()
    }

    fn discard(&mut self) {
        self.state = match self.take() {
            State::Clean { .. } => State::Clean { is_saved: false },
            State::Ahead { value, rev, .. } => self.showing(value, rev, false),
            State::Typed { base, .. } => {
                let rev = base.rev;
                self.showing(base, rev, false)
            }
            // It may have taken effect already.
            State::Sending { change, .. } => State::Sending {
                text: change.text.clone(),
                change,
                is_due: false,
            },
            removed @ State::Removed { .. } => removed,
        };
    }

    fn on_answer(&mut self, id: u64, answer: Answer) -> Option<Output<F>> {
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
                let is_newer =
                    matches!((self.read.rev, theirs.rev), (Some(read), Some(rev)) if read > rev);
                let theirs = if is_newer { self.read.clone() } else { theirs };
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

    /// Sends the text of a field that is removed, or hands it back.
    fn leave(&mut self) -> Option<Output<F>> {
        self.catch_up();
        let state = std::mem::replace(&mut self.state, State::Removed { change: None });
        let (text, base, earlier) = match state {
            State::Typed { text, base, .. } if self.rules.is_same(&text, &base.text) => {
                return None;
            }
            State::Typed {
                text,
                problem: Some(Problem::Conflict),
                ..
            } => {
                let reason = Loss::Overtaken;
                return Some(Output::Lost { text, reason });
            }
            State::Typed { text, base, .. } => (text, base, None),
            State::Sending { change, text, .. } if self.rules.is_same(&text, &change.text) => {
                self.state = State::Removed {
                    change: Some(change),
                };
                return None;
            }
            State::Sending { change, text, .. } => (text, change.base, Some(change.text)),
            removed @ State::Removed { .. } => {
                self.state = removed;
                return None;
            }
            State::Clean { .. } | State::Ahead { .. } => return None,
        };
        if let Some(fault) = self.fault_of(&text, &base) {
            let reason = Loss::Faulty(fault);
            return Some(Output::Lost { text, reason });
        }
        let change = self.change(text, base, earlier);
        self.state = State::Removed {
            change: Some(change.clone()),
        };
        Some(Output::Send(change))
    }
}

/// Returns true if two versions are of different tasks with one number.
fn is_another_task(one: &Version, other: &Version) -> bool {
    matches!((one.created_at, other.created_at), (Some(one), Some(other)) if one != other)
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}
