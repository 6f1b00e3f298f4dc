//! States of tasks that others depend on, read in one statement.

use std::collections::{HashMap, HashSet};

use tasktree_protocol::{ProjectId, Status, Task, TaskId};

use super::{is_claim, numbers};
use crate::error::{Error, FieldError, Result};
use crate::store::{Read, TaskState};

/// States of tasks that others depend on.
#[derive(Debug, Default)]
pub(crate) struct States(pub(super) HashMap<u64, TaskState>);

impl States {
    /// Reads the states of the named tasks.
    pub(crate) fn read<'a>(
        rows: &dyn Read,
        project: &ProjectId,
        tasks: impl IntoIterator<Item = &'a TaskId>,
    ) -> Result<Self> {
        let numbers = tasks.into_iter().filter_map(|id| id.number_in(project));
        let mut numbers: Vec<u64> = numbers.collect();
        numbers.sort_unstable();
        numbers.dedup();
        let states = rows.task_states(project, &numbers)?;
        let states = states.into_iter().map(|state| (state.number, state));
        Ok(Self(states.collect()))
    }

    /// Adds a task that was just created.
    pub(crate) fn add(&mut self, task: &Task) {
        let state = TaskState {
            number: task.number,
            status: task.status,
            removed: false,
            depends: !task.dependencies.is_empty(),
        };
        self.0.insert(task.number, state);
    }

    fn of(&self, project: &ProjectId, task: &TaskId) -> Option<&TaskState> {
        self.0.get(&task.number_in(project)?)
    }

    /// Returns the ids of the tasks that a request names, without duplicates.
    ///
    /// Tasks in `present` may stay even if they were removed meanwhile.
    pub(crate) fn resolve(
        &self,
        project: &ProjectId,
        wanted: &[TaskId],
        present: &[TaskId],
    ) -> Result<Vec<TaskId>> {
        let mut ids = Vec::with_capacity(wanted.len());
        let mut seen = HashSet::with_capacity(wanted.len());
        let present: HashSet<u64> = numbers(project, present).into_iter().collect();
        let mut errors = Vec::new();
        for (index, task) in wanted.iter().enumerate() {
            let known = task.number_in(project).filter(|number| {
                let found = self.0.get(number);
                present.contains(number) || found.is_some_and(|state| !state.removed)
            });
            match known {
                Some(number) if seen.insert(number) => ids.push(TaskId::new(number, project)),
                Some(_) => {}
                None => errors.push(FieldError {
                    field: format!("dependencies.{index}"),
                    kind: "unknown_task",
                    message: format!("task '{task}' does not exist in this project"),
                    input: task.as_str().into(),
                }),
            }
        }
        if errors.is_empty() {
            Ok(ids)
        } else {
            Err(Error::Invalid(errors))
        }
    }

    /// Returns the dependencies that are not done. A removed one blocks nothing.
    pub(crate) fn blocked_by(&self, project: &ProjectId, dependencies: &[TaskId]) -> Vec<TaskId> {
        let open = |id: &&TaskId| {
            let state = self.of(project, id);
            state.is_some_and(|state| !state.removed && !state.status.is_done())
        };
        dependencies.iter().filter(open).cloned().collect()
    }

    /// Refuses a claim of a blocked task. `was` is its status until now.
    pub(crate) fn refuse_blocked(
        &self,
        project: &ProjectId,
        task: &Task,
        was: Status,
    ) -> Result<()> {
        if !is_claim(task, was) {
            return Ok(());
        }
        let waiting = numbers(project, &self.blocked_by(project, &task.dependencies));
        let names: Vec<_> = waiting.iter().map(|number| format!("#{number}")).collect();
        match names.split_last() {
            None => Ok(()),
            Some((last, [])) => Err(Error::Blocked(format!(
                "Task #{} is blocked by {last}",
                task.number
            ))),
            Some((last, others)) => {
                let others = others.join(", ");
                Err(Error::Blocked(format!(
                    "Task #{} is blocked by {others} and {last}",
                    task.number
                )))
            }
        }
    }
}
