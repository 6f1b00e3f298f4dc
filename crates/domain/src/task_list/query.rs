//! Selection of tasks by a query.

use std::collections::HashSet;

use tasktree_protocol::query::{Fold, Query, QueryError, State};
use tasktree_protocol::task::AttemptOutcome;
use tasktree_protocol::{AgentId, ProjectId, TaskCard, Timestamp};

use crate::error::{Error, Result};
use crate::store::{Read, TaskPlace};
use crate::{lease, letters, read};

/// Caller of a query, whom `is:mine` means.
#[derive(Clone, Debug, Default)]
pub struct Me {
    /// Identifier of the person.
    pub person: Option<String>,
    /// Name of the agent.
    pub agent: Option<AgentId>,
}

/// Folds the texts of queries and tasks.
const FOLD: Fold = |text| letters::folded(&text);

/// Parses a query.
///
/// # Errors
/// Returns the first fault of the query.
pub fn parse_query(text: &str) -> std::result::Result<Query, QueryError> {
    Query::parse(text, FOLD)
}

/// Facts beyond the card that the terms of a query ask for.
#[derive(Default)]
struct Facts {
    ready: HashSet<u64>,
    waiting: HashSet<AgentId>,
    silent: HashSet<AgentId>,
    in_conflict: HashSet<AgentId>,
}

/// Keeps only the tasks that a query selects.
pub(super) fn select(
    rows: &dyn Read,
    project: &ProjectId,
    query: &Query,
    (me, now): (&Me, Timestamp),
    is_blocked: impl Fn(&TaskCard) -> bool,
    places: &mut Vec<TaskPlace>,
) -> Result<()> {
    if query.is_empty() {
        return Ok(());
    }
    refuse_unknown(query, me)?;
    let facts = Facts::read(rows, project, query, now)?;
    let mut selected = HashSet::new();
    rows.cards_at(project, places, &mut |card| {
        let Some(card) = card else {
            return Ok(true);
        };
        let has_failed = query.asks(State::Failed) && has_failed(rows, project, &card)?;
        let task = Candidate {
            is_blocked: query.asks(State::Blocked) && !card.status.is_done() && is_blocked(&card),
            has_failed,
            card: &card,
            facts: &facts,
            me,
        };
        if query.matches(&card, |state| task.is(state), FOLD) {
            selected.insert(card.number);
        }
        Ok(true)
    })?;
    places.retain(|place| selected.contains(&place.number));
    Ok(())
}

/// Refuses a query about something that is not known here: it would select nothing without a word.
fn refuse_unknown(query: &Query, me: &Me) -> Result<()> {
    let refused = |message: &str| Err(Error::invalid("q", "query", message, query.to_string()));
    if query.asks(State::NoProgress) {
        return refused("is:no_progress is not available yet; is:silent finds silent agents");
    }
    if query.asks(State::Mine) && me.person.is_none() && me.agent.is_none() {
        return refused("is:mine needs a caller with a name: sign in, or use an agent's token");
    }
    Ok(())
}

/// Returns true if the last claim of an open task that nobody holds ended in failure.
fn has_failed(rows: &dyn Read, project: &ProjectId, card: &TaskCard) -> Result<bool> {
    if card.generation == 0 || card.status.is_done() || card.holder.is_some() {
        return Ok(false);
    }
    let attempts = rows.attempts(project, card.number, 1)?;
    let last = attempts.first().and_then(|attempt| attempt.outcome);
    Ok(last == Some(AttemptOutcome::Failed))
}

impl Facts {
    fn read(rows: &dyn Read, project: &ProjectId, query: &Query, now: Timestamp) -> Result<Self> {
        let mut facts = Self::default();
        if query.asks(State::Ready) {
            facts.ready = rows.ready_tasks(project)?.into_iter().collect();
        }
        if query.asks(State::Waiting) || query.asks(State::Silent) {
            for agent in read::agents(rows, project, now)?.all(rows)? {
                if agent.is_silent() {
                    facts.silent.insert(agent.id);
                } else if agent.is_waiting() {
                    facts.waiting.insert(agent.id);
                }
            }
        }
        if query.asks(State::Conflict) {
            let leases = lease::held(rows, project, now)?.into_iter();
            let in_conflict = leases.filter(|lease| !lease.conflicts.is_empty());
            facts.in_conflict = in_conflict.map(|lease| lease.agent).collect();
        }
        Ok(facts)
    }
}

/// Task that a query may select.
struct Candidate<'a> {
    card: &'a TaskCard,
    facts: &'a Facts,
    me: &'a Me,
    is_blocked: bool,
    has_failed: bool,
}

impl Candidate<'_> {
    fn is_held_by_one_of(&self, agents: &HashSet<AgentId>) -> bool {
        let holder = self.card.holder.as_ref();
        holder.is_some_and(|holder| agents.contains(holder))
    }

    /// Returns true if the task is in a state that its card does not show.
    fn is(&self, state: State) -> bool {
        match state {
            State::Waiting => self.is_held_by_one_of(&self.facts.waiting),
            State::Silent => self.is_held_by_one_of(&self.facts.silent),
            State::Conflict => self.is_held_by_one_of(&self.facts.in_conflict),
            State::Failed => self.has_failed,
            State::Blocked => self.is_blocked,
            State::Ready => self.facts.ready.contains(&self.card.number),
            State::Mine => {
                let (card, me) = (self.card, self.me);
                let is_theirs = me.person.is_some() && card.assignee == me.person;
                is_theirs || (me.agent.is_some() && card.holder == me.agent)
            }
            // The card shows the one; the other was refused before.
            State::OnHold | State::NoProgress => false,
        }
    }
}
