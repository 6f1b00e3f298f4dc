//! Steps of a draft that the person causes.

use super::{Change, Draft, Fault, Loss, Output, Problem, State, Version, is_another_task};

impl<F: Copy> Draft<F> {
    pub(super) fn on_typed(&mut self, typed: String) {
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
    pub(super) fn typed(&self, text: String, base: Version) -> State<F> {
        let fault = self.fault_of(&text, &base);
        let fault = fault.filter(|fault| matches!(fault, Fault::AnotherTask) || !is_blank(&text));
        State::Typed {
            text,
            base,
            problem: fault.map(Problem::Faulty),
        }
    }

    pub(super) fn fault_of(&self, text: &str, base: &Version) -> Option<Fault<F>> {
        if is_another_task(&self.read, base) {
            Some(Fault::AnotherTask)
        } else {
            (self.rules.fault)(text).map(Fault::Text)
        }
    }

    pub(super) fn commit(&mut self) -> Option<Output<F>> {
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

    pub(super) fn change(
        &mut self,
        text: String,
        base: Version,
        earlier: Option<String>,
    ) -> Change {
        self.last_id += 1;
        Change {
            id: self.last_id,
            text,
            base,
            earlier,
        }
    }

    pub(super) fn keep_mine(&mut self) -> Option<Output<F>> {
        let State::Typed { problem, .. } = &mut self.state else {
            return None;
        };
        problem.take_if(|problem| matches!(problem, Problem::Conflict))?;
        self.commit()
    }

    pub(super) fn discard(&mut self) {
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

    /// Sends the text of a field that is removed, or hands it back.
    pub(super) fn leave(&mut self) -> Option<Output<F>> {
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

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}
