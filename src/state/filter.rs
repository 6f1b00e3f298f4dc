//! Which tasks the board shows.

use tasktree_protocol::{Status, TaskCard};

use crate::i18n::lower_case;

/// What a person looks for. The default shows everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Words, all of which must occur in title, number (`#12`), branch or session, whatever their case.
    pub text: String,
    /// Only tasks in these statuses; empty means all.
    pub statuses: Vec<Status>,
    /// Only tasks that wait for others.
    pub blocked: bool,
    /// Only tasks of this session.
    pub agent: Option<String>,
}

impl Filter {
    /// Whether it shows everything.
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
            && self.statuses.is_empty()
            && !self.blocked
            && self.agent.is_none()
    }

    /// The filter made ready to be asked about many tasks.
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
    /// Whether tasks in a status are shown at all.
    pub(super) fn shows(&self, status: Status) -> bool {
        self.filter.statuses.is_empty() || self.filter.statuses.contains(&status)
    }

    /// Whether a task is shown; `is_blocked` is asked only where it matters.
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
