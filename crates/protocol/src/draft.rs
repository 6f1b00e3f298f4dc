//! The draft of a task's field: the text that a person types, until the server has it.
//!
//! A draft has no I/O and no view. Its owner passes events as [`Input`]s, executes the [`Output`]s,
//! and shows the text and the note of the draft.
//!
//! The rules are:
//!
//! - Typed text stays until the server has it or the person has discarded it. If the field is
//!   removed before that, the text is sent, or handed back with the reason.
//! - One text of a field is on its way at a time, and none is sent twice. A text that the person
//!   has finished meanwhile follows after the answer.
//! - A text is based on the value that the person saw. If the server has a newer value, the person
//!   chooses between the two, and nothing is sent before.
//! - A stored text is shown until the task with it has been read, so its field never shows an older
//!   value again.

use crate::{TaskPatch, Timestamp};

mod person;
mod server;
mod view;

/// Properties of a field's values. `F` is a fault of a text.
#[derive(Clone, Copy, Debug)]
pub struct Rules<F> {
    /// Returns the change that stores a text. Texts with equal changes are the same value.
    pub patch: fn(&str) -> TaskPatch,
    /// Returns the fault of a text that cannot be stored; `None` if it can.
    pub fault: fn(&str) -> Option<F>,
}

/// Value of a field in a version of its task.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Version {
    /// Value, as text.
    pub text: String,
    /// Version of the task. `None` from older servers.
    pub rev: Option<u64>,
    /// Time at which the task was created. It distinguishes the task from another one that has its
    /// number since.
    pub created_at: Option<Timestamp>,
}

/// Event that a draft handles.
#[derive(Clone, Debug)]
pub enum Input {
    /// The task was read. Older versions than before must not follow.
    Read(Version),
    /// The person has typed; the field has this text.
    Typed(String),
    /// The person has finished: pressed Enter, or left the field.
    Commit,
    /// In a conflict, the person prefers the typed text to the server's value.
    KeepMine,
    /// The person discards the typed text, or takes the server's value in a conflict.
    Discard,
    /// A change was answered.
    Answered {
        /// Id of the change.
        id: u64,
        /// The answer.
        answer: Answer,
    },
    /// The field is removed.
    Left,
}

/// Answer to a change.
#[derive(Clone, Debug)]
pub enum Answer {
    /// It is stored, in that version of the task. `None` if the server has not named it.
    Stored {
        /// The version.
        rev: Option<u64>,
    },
    /// The server has a newer value.
    Conflict(Version),
    /// It was refused, for this reason.
    Refused(String),
    /// The person was asked about its effect, and withdrew it.
    Declined,
}

/// Operation that the owner of a draft executes.
#[derive(Clone, Debug, PartialEq)]
pub enum Output<F> {
    /// Send a change, and pass [`Input::Answered`].
    Send(Change),
    /// Show a text that was lost with its field, and the reason.
    Lost {
        /// The text.
        text: String,
        /// The reason.
        reason: Loss<F>,
    },
}

/// Change of a field that is sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Id of the change among those of its draft.
    pub id: u64,
    /// New value, as text.
    pub text: String,
    /// Value that the person saw.
    pub base: Version,
    /// Text that was sent before and is not answered yet.
    pub earlier: Option<String>,
}

/// Reason why a text is lost with its field.
#[derive(Clone, Debug, PartialEq)]
pub enum Loss<F> {
    /// Somebody else has changed the value.
    Overtaken,
    /// The text cannot be sent.
    Faulty(Fault<F>),
    /// The server has refused it.
    Refused(String),
}

/// Reason why a text is not sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault<F> {
    /// The text has a fault.
    Text(F),
    /// It was written for a task that no longer exists; another one has its number.
    AnotherTask,
}

/// Note below a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Note<F> {
    /// Nothing to report.
    Nothing,
    /// A text is on its way to the server.
    Saving,
    /// The text is stored.
    Saved,
    /// The server has this newer value. Nothing is sent until the person has chosen.
    Conflict(String),
    /// The text cannot be sent.
    Faulty(Fault<F>),
    /// The server has refused the text, for this reason.
    Refused(String),
}

/// Draft of a field.
#[derive(Debug)]
pub struct Draft<F> {
    rules: Rules<F>,
    /// Value in the version that was read last.
    read: Version,
    /// True if the state does not take account of that value yet.
    is_unseen: bool,
    state: State<F>,
    last_id: u64,
}

#[derive(Debug)]
enum State<F> {
    /// The value that was read last is shown.
    Clean { is_saved: bool },
    /// A value is shown that the server has, and that was not read yet.
    Ahead {
        value: Version,
        /// Version of the task with the value, if the server has named it.
        rev: Option<u64>,
        is_saved: bool,
    },
    /// A text is typed over the value `base`, which the person has seen.
    Typed {
        text: String,
        base: Version,
        problem: Option<Problem<F>>,
    },
    /// A change is on its way.
    Sending {
        change: Change,
        /// Text in the field: that of the change, or what was typed since.
        text: String,
        /// True if the person has finished the text since.
        is_due: bool,
    },
    /// The field is gone; its last change may still be on its way.
    Removed { change: Option<Change> },
}

#[derive(Debug)]
enum Problem<F> {
    /// The base is a newer value than the person began with.
    Conflict,
    Faulty(Fault<F>),
    Refused(String),
}

impl<F> Rules<F> {
    /// Returns true if two texts are the same value.
    pub fn is_same(&self, one: &str, other: &str) -> bool {
        (self.patch)(one) == (self.patch)(other)
    }

    /// Returns true if a change may replace a value of a newer version than its base: one that the
    /// person saw or sent.
    pub fn may_replace(&self, change: &Change, current: &str) -> bool {
        [
            Some(&change.base.text),
            Some(&change.text),
            change.earlier.as_ref(),
        ]
        .into_iter()
        .flatten()
        .any(|text| self.is_same(text, current))
    }
}

impl<F: Copy> Draft<F> {
    /// Creates the draft of a field with that value, in which nothing is typed.
    pub const fn new(rules: Rules<F>, read: Version) -> Self {
        Self {
            rules,
            read,
            is_unseen: false,
            state: State::Clean { is_saved: false },
            last_id: 0,
        }
    }

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
}

/// Returns true if two versions are of different tasks with one number.
fn is_another_task(one: &Version, other: &Version) -> bool {
    matches!((one.created_at, other.created_at), (Some(one), Some(other)) if one != other)
}
