//! The filter: a selection of the board's tasks.

use tasktree_protocol::{Status, TaskCard};

use crate::i18n::lower_case;

/// Filter that a person has set. The default shows everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Words that must all occur in title, number (`#12`), branch or session, in any case.
    pub text: String,
    /// Statuses of the tasks shown; empty means all.
    pub statuses: Vec<Status>,
    /// Set to show only tasks that others block.
    pub blocked: bool,
    /// Session of the tasks shown.
    pub agent: Option<String>,
}

impl Filter {
    /// Returns true if the filter shows everything.
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
            && self.statuses.is_empty()
            && !self.blocked
            && self.agent.is_none()
    }

    /// Prepares the filter to be matched against many tasks.
    pub(super) fn matcher(&self) -> Matcher<'_> {
        Matcher {
            filter: self,
            words: lower_case(self.text.clone())
                .split_whitespace()
                .map(Into::into)
                .collect(),
        }
    }
}

/// A [`Filter`] with its words split and in lower case.
pub(super) struct Matcher<'a> {
    filter: &'a Filter,
    words: Vec<String>,
}

impl Matcher<'_> {
    /// Returns true if tasks in a status are shown at all.
    pub(super) fn shows(&self, status: Status) -> bool {
        self.filter.statuses.is_empty() || self.filter.statuses.contains(&status)
    }

    /// Returns true if a task is shown. `is_blocked` is evaluated only if it matters.
    pub(super) fn matches(&self, card: &TaskCard, is_blocked: impl FnOnce() -> bool) -> bool {
        if self.filter.agent.is_some() && self.filter.agent != card.session {
            return false;
        }
        if !self.words.is_empty() {
            let session = card.session.as_deref().unwrap_or_default();
            let text = lower_case(format!(
                "#{} {}\n{}\n{session}",
                card.number, card.title, card.branch
            ));
            if !self.words.iter().all(|word| text.contains(word.as_str())) {
                return false;
            }
        }
        !self.filter.blocked || is_blocked()
    }
}
