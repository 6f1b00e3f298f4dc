//! The query language of tasks: `label:backend -is:blocked priority:<=2 "exact words"`.
//!
//! The server's `q` parameter and the board's search use this parser and this matcher, so a query
//! selects the same tasks in both. The parser knows no Unicode tables: the caller passes in the
//! function that folds a text to the form in which texts are compared.

mod fault;
mod parse;

use std::fmt;

pub use fault::{Fault, QueryError};

use crate::{Status, TaskCard};

/// Parsed query. All terms must apply to a task; without terms it selects every task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Text as it was written.
    text: String,
    terms: Vec<Term>,
}

/// Condition of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    is_negated: bool,
    test: Test,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    /// A folded text that a task contains.
    Text(String),
    /// A folded label.
    Label(String),
    Status(Status),
    /// A folded name of an agent.
    Agent(String),
    Priority(Comparison, u32),
    Is(State),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    Less,
    AtMost,
    More,
    AtLeast,
}

macro_rules! states {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// State of a task that `is:` names.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum State {
            $($(#[$doc])* $name,)*
        }

        impl State {
            /// All states.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Returns the word of the state in a query.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

states! {
    /// Its agent waits for a person or a program.
    Waiting = "waiting",
    /// Its agent failed.
    Failed = "failed",
    /// Its agent has not been heard from.
    Silent = "silent",
    /// Its agent reports, but nothing changes.
    NoProgress = "no_progress",
    /// Its agent and another have leases on the same files.
    Conflict = "conflict",
    /// It depends on tasks that are not done.
    Blocked = "blocked",
    /// An agent could claim it now.
    Ready = "ready",
    /// Nobody is to work on it for now.
    OnHold = "on_hold",
    /// The caller is responsible for it, or holds it.
    Mine = "mine",
}

/// Function that folds a text to the form in which texts are compared: lower case, in one Unicode
/// form.
pub type Fold = fn(String) -> String;

/// Maximum number of terms of a query.
pub const MAX_TERMS: usize = 50;

/// Names of the conditions.
pub const KEYS: [&str; 5] = ["label", "status", "agent", "priority", "is"];

impl Query {
    /// Parses a query.
    ///
    /// # Errors
    /// Returns the first fault: an unknown name or value, a missing value or quotation mark.
    pub fn parse(text: &str, fold: Fold) -> Result<Self, QueryError> {
        parse::parse(text, fold)
    }

    /// Returns true if the query selects every task.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Returns true if a term asks for that state.
    pub fn asks(&self, state: State) -> bool {
        self.terms.iter().any(|term| term.test == Test::Is(state))
    }

    /// Returns true if all terms apply to the task. `is` returns true if the task is in a state
    /// that its card does not show; it is called only for states that a term asks for.
    pub fn matches(&self, card: &TaskCard, is: impl Fn(State) -> bool, fold: Fold) -> bool {
        // Folded once, for all words.
        let mut text = None;
        self.terms.iter().all(|term| {
            let applies = match &term.test {
                Test::Text(word) => text
                    .get_or_insert_with(|| fold(card.searched_text()))
                    .contains(word.as_str()),
                Test::Label(label) => card.labels.iter().any(|it| fold(it.clone()) == *label),
                Test::Status(status) => card.status == *status,
                Test::Agent(name) => card.session.clone().is_some_and(|it| fold(it) == *name),
                Test::Priority(comparison, number) => comparison.applies(card.priority, *number),
                Test::Is(State::OnHold) => card.on_hold.is_some(),
                Test::Is(state) => is(*state),
            };
            applies != term.is_negated
        })
    }
}

impl Comparison {
    /// Compares priorities. 0 is none: it only equals itself, and is neither more nor less.
    const fn applies(self, priority: u32, number: u32) -> bool {
        match self {
            Self::Equal => priority == number,
            Self::Less => priority != 0 && priority < number,
            Self::AtMost => priority != 0 && priority <= number,
            Self::More => priority != 0 && priority > number,
            Self::AtLeast => priority != 0 && priority >= number,
        }
    }
}

impl fmt::Display for Query {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}
