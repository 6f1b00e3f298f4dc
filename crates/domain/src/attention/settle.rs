//! Derivation of the items about the rows that a change stored.

use std::collections::{BTreeMap, BTreeSet};

use tasktree_protocol::{AgentId, Status};

use super::rules::{self, Basis, Derived};
use super::settling::Settling;
use crate::error::Result;
use crate::lease;
use crate::limits::ATTENTION_TASKS_ONE_BY_ONE;
use crate::record::{Clashes, TouchedLeases, TouchedRows};
use crate::store::{AttentionRow, OverdueTask, StoredAgent};

/// Prefixes of subjects.
const AGENT: &str = "agent:";
const LEASE: &str = "lease:";
const TASK: &str = "task:";

/// Subject of the ready task that nobody has claimed.
pub const READY: &str = "ready";

impl Settling<'_, '_> {
    /// Derives the items about the rows that a change stored.
    pub(super) fn follow(&mut self, touched: TouchedRows) -> Result<()> {
        if touched.everything {
            return self.everything();
        }
        let names_tasks = touched.tasks.len() <= ATTENTION_TASKS_ONE_BY_ONE;
        let all_tasks = touched.all_tasks || !names_tasks;
        let changes_ready = all_tasks || !touched.tasks.is_empty() || !touched.agents.is_empty();
        let mut agents = touched.agents;
        if all_tasks {
            self.all_tasks()?;
            for agent in self.change.tx.failed_agents(self.project, None)? {
                agents.entry(agent).or_insert(None);
            }
        } else {
            for (number, task) in touched.tasks {
                let may_contradict = task.status == Status::Completed && !task.removed;
                self.task(number, may_contradict)?;
                for agent in self.change.tx.failed_agents(self.project, Some(number))? {
                    agents.entry(agent).or_insert(None);
                }
            }
        }
        for (agent, row) in agents {
            self.agent(&agent, row.as_deref())?;
        }
        match touched.leases {
            TouchedLeases::Unchanged => {}
            TouchedLeases::Changed => self.leases(None)?,
            TouchedLeases::Compared(clashes) => self.leases(Some(&clashes))?,
        }
        match changes_ready {
            true => self.ready(None),
            false => Ok(()),
        }
    }

    /// Derives all items of the project. A project that is gone has none.
    pub(super) fn everything(&mut self) -> Result<()> {
        if !self.change.tx.has_project(self.project)? {
            for found in self.change.tx.attention(self.project, usize::MAX)? {
                self.close(found.item.id)?;
            }
            return Ok(());
        }
        let mut agents: BTreeMap<AgentId, Option<StoredAgent>> = BTreeMap::new();
        for found in self.change.tx.attention_under(self.project, AGENT)? {
            agents.extend(found.item.agent.map(|agent| (agent, None)));
        }
        for stored in self.change.tx.agents(self.project)? {
            agents.insert(stored.agent.id.clone(), Some(stored));
        }
        for (agent, row) in agents {
            self.agent(&agent, row.as_ref())?;
        }
        self.all_tasks()?;
        self.leases(None)?;
        self.ready(None)
    }

    /// Derives the item about an agent. `row` is its row as it was last stored.
    pub(super) fn agent(&mut self, id: &AgentId, row: Option<&StoredAgent>) -> Result<()> {
        let found = self.found(&format!("{AGENT}{id}"))?;
        if found.is_empty()
            && let Some(row) = row
            && self.of_agent(row)?.is_none()
        {
            return Ok(());
        }
        // The row of a change may lack what it stored about runs later.
        let derived = match self.change.tx.agent(self.project, id)? {
            Some(stored) => self.of_agent(&stored)?,
            None => None,
        };
        self.settle(&format!("{AGENT}{id}"), found, derived)
    }

    fn of_agent(&self, stored: &StoredAgent) -> Result<Option<Derived>> {
        let basis = Basis {
            now: self.change.now,
            limits: self.change.limits,
        };
        rules::of_agent(&*self.change.tx, self.project, stored, basis)
    }

    /// Derives the item about the evidence of a task.
    fn task(&mut self, number: u64, may_contradict: bool) -> Result<()> {
        let subject = format!("{TASK}{number}");
        let found = self.found(&subject)?;
        let derived = match may_contradict {
            true => rules::contradicted(&*self.change.tx, self.project, number)?,
            false => None,
        };
        self.settle(&subject, found, derived)
    }

    /// Derives the items about the evidence of all tasks.
    fn all_tasks(&mut self) -> Result<()> {
        let contradicted = self.change.tx.contradicted_tasks(self.project)?;
        let mut numbers: BTreeSet<u64> = contradicted.into_iter().collect();
        for found in self.change.tx.attention_under(self.project, TASK)? {
            let task = found.item.task.as_ref();
            numbers.extend(task.and_then(|task| task.number_in(self.project)));
        }
        for number in numbers {
            self.task(number, true)?;
        }
        Ok(())
    }

    /// Derives the items about overlapping leases; `clashes` are the overlaps, if they are known.
    fn leases(&mut self, clashes: Option<&Clashes>) -> Result<()> {
        let computed;
        let clashes = match clashes {
            Some(clashes) => clashes,
            None => {
                computed = lease::clashes(&*self.change.tx, self.project, self.change.now)?;
                &computed
            }
        };
        let mut found: BTreeMap<String, Vec<AttentionRow>> = BTreeMap::new();
        for row in self.change.tx.attention_under(self.project, LEASE)? {
            found.entry(row.subject.clone()).or_default().push(row);
        }
        for ((one, other), clash) in clashes {
            let subject = format!("{LEASE}{one}\n{other}");
            let derived = rules::lease_conflict(self.project, (one, other), clash);
            let found = found.remove(&subject).unwrap_or_default();
            self.settle(&subject, found, Some(derived))?;
        }
        for (subject, found) in found {
            self.settle(&subject, found, None)?;
        }
        Ok(())
    }

    /// Derives the item about a ready task that nobody has claimed.
    /// `due` is one that a reader found.
    pub(super) fn ready(&mut self, due: Option<OverdueTask>) -> Result<()> {
        let found = self.found(READY)?;
        if found.is_empty() && due.is_none() {
            return Ok(());
        }
        let open = found.first().map(|row| &row.item);
        let derived = rules::ready_unclaimed(&*self.change.tx, self.project, open, due)?;
        self.settle(READY, found, derived)
    }
}
