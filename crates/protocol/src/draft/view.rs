//! The shown state of a draft.

use super::{Draft, Note, Problem, State};

impl<F: Copy> Draft<F> {
    /// Returns the text in the field.
    pub fn text(&self) -> &str {
        match &self.state {
            State::Clean { .. } | State::Removed { .. } => &self.read.text,
            State::Ahead { value, .. } => &value.text,
            State::Typed { text, .. } | State::Sending { text, .. } => text,
        }
    }

    /// Returns the note below the field.
    pub fn note(&self) -> Note<F> {
        match &self.state {
            State::Clean { is_saved: true } | State::Ahead { is_saved: true, .. } => Note::Saved,
            State::Clean { .. } | State::Ahead { .. } | State::Removed { .. } => Note::Nothing,
            State::Sending { .. } => Note::Saving,
            State::Typed { base, problem, .. } => match problem {
                None => Note::Nothing,
                Some(Problem::Conflict) => Note::Conflict(base.text.clone()),
                Some(Problem::Faulty(fault)) => Note::Faulty(*fault),
                Some(Problem::Refused(reason)) => Note::Refused(reason.clone()),
            },
        }
    }

    /// Returns true if leaving the page may lose typed text.
    pub fn is_unsent(&self) -> bool {
        match &self.state {
            State::Typed { text, base, .. } => *text != base.text,
            State::Sending { text, change, .. } => *text != change.base.text,
            State::Clean { .. } | State::Ahead { .. } | State::Removed { .. } => false,
        }
    }

    /// Returns true if there is something to discard.
    pub fn can_discard(&self) -> bool {
        match &self.state {
            State::Typed { .. } => true,
            State::Sending { text, change, .. } => *text != change.text,
            State::Clean { .. } | State::Ahead { .. } | State::Removed { .. } => false,
        }
    }

    /// Returns true if discarding would lose a typed value. A text on its way cannot be taken back.
    pub fn is_written(&self) -> bool {
        match &self.state {
            State::Typed { text, base, .. } => !self.rules.is_same(text, &base.text),
            State::Sending { text, change, .. } => !self.rules.is_same(text, &change.text),
            State::Clean { .. } | State::Ahead { .. } | State::Removed { .. } => false,
        }
    }
}
