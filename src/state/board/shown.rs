//! The tasks of a column that a filter shows, with those that need attention first.

use std::collections::HashSet;

use tasktree_protocol::attention::{AttentionItem, AttentionKind};
use tasktree_protocol::query::State;
use tasktree_protocol::{Agent, Status, TaskCard, TaskId};

use crate::state::core::Core;
use crate::state::filter::Filter;

impl Core {
    /// Returns the tasks that items are about, each with the kind of one. A lease conflict is about
    /// two agents: it concerns the tasks that they hold.
    fn tasks_of(&self, items: &[AttentionItem]) -> Vec<(TaskId, AttentionKind)> {
        let agents = self.agents.borrow();
        let mut tasks = Vec::new();
        for item in items {
            match &item.task {
                Some(task) => tasks.push((task.clone(), item.kind)),
                None => {
                    for id in [&item.agent, &item.other].into_iter().flatten() {
                        let held = agents.one(id).and_then(Agent::held_task);
                        tasks.extend(held.map(|task| (task, item.kind)));
                    }
                }
            }
        }
        tasks
    }

    /// Returns the tasks of a column that match a filter, in order: those that need attention come
    /// first.
    pub(super) fn shown(
        &self,
        status: Status,
        filter: &Filter,
        items: &[AttentionItem],
    ) -> Vec<TaskId> {
        let urgent = self.tasks_of(items);
        let shown = self.matching(status, filter, &urgent);
        let lifted: HashSet<&TaskId> = urgent
            .iter()
            .filter(|(_, kind)| kind.is_urgent())
            .map(|(task, _)| task)
            .collect();
        if lifted.is_empty() {
            return shown;
        }
        let (mut first, rest): (Vec<_>, Vec<_>) =
            shown.into_iter().partition(|task| lifted.contains(task));
        first.extend(rest);
        first
    }

    fn matching(
        &self,
        status: Status,
        filter: &Filter,
        urgent: &[(TaskId, AttentionKind)],
    ) -> Vec<TaskId> {
        let rows = self.rows.borrow();
        if filter.is_empty() {
            return rows.column(status).map(|card| card.id.clone()).collect();
        }
        let matcher = filter.matcher();
        if !matcher.shows(status) {
            return Vec::new();
        }
        let agents = self.agents.borrow();
        let holder = |card: &TaskCard| card.holder.as_ref().and_then(|id| agents.one(id));
        let is_blocked = |card: &TaskCard| {
            // A task that is done depends on nothing any more, whatever its record says.
            !card.status.is_done() && !rows.blocked_by(&card.id).is_empty()
        };
        let parents = match matcher.asks(State::Ready) {
            true => rows.open_parents(),
            false => HashSet::new(),
        };
        let needs = |card: &TaskCard, kind| {
            urgent
                .iter()
                .any(|(task, one)| *one == kind && *task == card.id)
        };
        let is = |card: &TaskCard, state| match state {
            State::Failed => needs(card, AttentionKind::Failed),
            State::NoProgress => needs(card, AttentionKind::NoProgress),
            State::Conflict => needs(card, AttentionKind::LeaseConflict),
            State::Blocked => is_blocked(card),
            // A question stays open when its agent falls silent.
            State::Waiting => {
                needs(card, AttentionKind::Waiting) || holder(card).is_some_and(Agent::is_waiting)
            }
            State::Silent => holder(card).is_some_and(Agent::is_silent),
            State::Ready => {
                matches!(card.status, Status::Unclaimed | Status::UpNext)
                    && card.on_hold.is_none()
                    && !parents.contains(&card.id)
                    && !is_blocked(card)
            }
            _ => false,
        };
        let shown = rows
            .column(status)
            .filter(|card| matcher.matches(card, |state| is(card, state)));
        shown.map(|card| card.id.clone()).collect()
    }
}
