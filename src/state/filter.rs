//! The filter: a selection of the board's tasks.

use tasktree_protocol::query::{Query, QueryError, State};
use tasktree_protocol::{Status, TaskCard};

use crate::i18n::lower_case;

/// Filter that a person has set. The default shows everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Query that the tasks shown match, as typed. One with a fault shows everything: see
    /// [`Filter::query`].
    pub text: String,
    /// Statuses of the tasks shown; empty means all.
    pub statuses: Vec<Status>,
    /// Set to show only tasks that others block.
    pub blocked: bool,
    /// Session of the tasks shown.
    pub agent: Option<String>,
    /// Identifier of the person, whom `is:mine` means; not part of the selection.
    pub me: Option<String>,
    /// Set if the server derives which tasks need attention; not part of the selection.
    pub is_watched: bool,
}

/// Reason for which a query cannot be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueryFault {
    /// The query is not understood.
    Wrong(QueryError),
    /// The board does not know which tasks are in that state.
    NotKnown(State),
}

impl Filter {
    /// Returns true if the filter shows everything.
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
            && self.statuses.is_empty()
            && !self.blocked
            && self.agent.is_none()
    }

    /// Returns the query.
    ///
    /// # Errors
    /// Returns the reason for which it cannot be applied.
    pub fn query(&self) -> Result<Query, QueryFault> {
        let query = Query::parse(&self.text, lower_case).map_err(QueryFault::Wrong)?;
        let is_known = |state: State| match state {
            State::Failed | State::NoProgress | State::Conflict => self.is_watched,
            State::Mine => self.me.is_some(),
            _ => true,
        };
        let asked = State::ALL.iter().filter(|state| query.asks(**state));
        match asked.copied().find(|state| !is_known(*state)) {
            Some(state) => Err(QueryFault::NotKnown(state)),
            None => Ok(query),
        }
    }

    /// Returns true if the selection depends on more than the card and the tasks that block it.
    pub(super) fn is_wide(&self) -> bool {
        self.text.contains("is:")
    }

    /// Prepares the filter to be matched against many tasks.
    pub(super) fn matcher(&self) -> Matcher<'_> {
        Matcher {
            filter: self,
            query: self.query().unwrap_or_default(),
        }
    }
}

/// A [`Filter`] with its query parsed.
pub(super) struct Matcher<'a> {
    filter: &'a Filter,
    query: Query,
}

impl Matcher<'_> {
    /// Returns true if tasks in a status are shown at all.
    pub(super) fn shows(&self, status: Status) -> bool {
        self.filter.statuses.is_empty() || self.filter.statuses.contains(&status)
    }

    /// Returns true if the query asks for that state.
    pub(super) fn asks(&self, state: State) -> bool {
        self.query.asks(state)
    }

    /// Returns true if a task is shown. `is` is evaluated only for states that matter.
    pub(super) fn matches(&self, card: &TaskCard, is: impl Fn(State) -> bool) -> bool {
        if self.filter.agent.is_some() && self.filter.agent != card.session {
            return false;
        }
        let is_mine = || {
            let me = &self.filter.me;
            me.is_some() && card.assignee == *me
        };
        let in_state = |state| match state {
            State::Mine => is_mine(),
            other => is(other),
        };
        self.query.matches(card, in_state, lower_case)
            && (!self.filter.blocked || is(State::Blocked))
    }
}
