//! Causes of attention items.

use std::collections::{BTreeMap, BTreeSet};

use tasktree_protocol::AgentStatus;
use tasktree_protocol::agent::WaitKind;
use tasktree_protocol::attention::{AttentionItem, AttentionKind};

use super::{Actor, Model, NO_PROGRESS, Task};
use crate::world::PROJECT;

/// Cause of an item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cause {
    pub(crate) kind: AttentionKind,
    pub(crate) agent: Option<String>,
    pub(crate) other: Option<String>,
    pub(crate) task: Option<u64>,
    pub(crate) answered: bool,
}

impl Cause {
    /// Returns the cause that an item names.
    pub(crate) fn of(item: &AttentionItem) -> Self {
        let name = |id: &Option<tasktree_protocol::AgentId>| id.as_ref().map(ToString::to_string);
        let task = item.task.as_ref();
        Self {
            kind: item.kind,
            agent: name(&item.agent),
            other: name(&item.other),
            task: task.and_then(|task| task.number_in(&PROJECT.into())),
            answered: item.answered,
        }
    }

    fn about(kind: AttentionKind, agent: Option<&str>, task: Option<u64>) -> Self {
        Self {
            kind,
            agent: agent.map(str::to_owned),
            other: None,
            task,
            answered: false,
        }
    }
}

impl Model {
    /// Returns the causes of all items.
    pub(crate) fn causes(&self, now: i64) -> BTreeSet<Cause> {
        let mut causes: BTreeSet<Cause> = BTreeSet::new();
        for (name, agent) in &self.agents {
            causes.extend(self.cause_of(name, agent, now));
        }
        causes.extend(self.conflicts());
        let ready = |number| Cause::about(AttentionKind::ReadyUnclaimed, None, Some(number));
        causes.extend(self.ready.map(ready));
        causes
    }

    /// Returns the most urgent cause about an agent.
    fn cause_of(&self, name: &str, agent: &Actor, now: i64) -> Option<Cause> {
        let about = |kind, task| Some(Cause::about(kind, Some(name), task));
        if let Some(wait) = agent.wait.as_ref().filter(|wait| wait.kind.needs_person()) {
            let cause = Cause::about(AttentionKind::Waiting, Some(name), agent.holds);
            let answered = wait.answered;
            return Some(Cause { answered, ..cause });
        }
        if agent.status == AgentStatus::Failed {
            let failed = Some(name.to_owned());
            return match agent.failed_at {
                None => about(AttentionKind::Failed, None),
                Some(task) => match &self.tasks[&task] {
                    Task::Free { failed: by, .. } if *by == failed => {
                        about(AttentionKind::Failed, Some(task))
                    }
                    _ => None,
                },
            };
        }
        if agent.silent && agent.status.is_open() && agent.holds.is_some() {
            return about(AttentionKind::Silent, agent.holds);
        }
        let limit = agent.wait.as_ref();
        let limit = limit.filter(|wait| wait.kind == WaitKind::RateLimit);
        if limit
            .and_then(|wait| wait.until)
            .is_some_and(|at| at <= now)
        {
            return about(AttentionKind::Waiting, agent.holds);
        }
        let is_stuck = agent
            .stuck_since()
            .is_some_and(|at| now - at >= NO_PROGRESS);
        match is_stuck {
            true => about(AttentionKind::NoProgress, agent.holds),
            false => None,
        }
    }

    /// Returns the pairs of agents with leases on the same file.
    fn conflicts(&self) -> BTreeSet<Cause> {
        let mut holders: BTreeMap<&String, Vec<&String>> = BTreeMap::new();
        for (name, agent) in &self.agents {
            for path in agent.leases.keys() {
                holders.entry(path).or_default().push(name);
            }
        }
        let mut pairs = BTreeSet::new();
        for names in holders.values() {
            for (at, one) in names.iter().enumerate() {
                for other in &names[at + 1..] {
                    let cause = Cause::about(AttentionKind::LeaseConflict, Some(one), None);
                    let other = Some((*other).clone());
                    pairs.insert(Cause { other, ..cause });
                }
            }
        }
        pairs
    }
}
