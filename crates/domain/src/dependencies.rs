//! Dependencies between tasks. They never form a cycle, even through removed tasks, which may be
//! restored.
//!
//! A check reads its data in one statement, however many tasks are involved: the states of the
//! named tasks ([`States`]), or all dependencies of the project, whose number is limited.

use std::collections::{HashMap, HashSet};

use tasktree_protocol::{ProjectId, Status, Task, TaskId};

use crate::error::{Error, FieldError, Result};
use crate::limits::Limits;
use crate::store::{Read, TaskState};

/// States of tasks that others depend on.
#[derive(Debug, Default)]
pub(super) struct States(HashMap<u64, TaskState>);

impl States {
    /// Reads the states of the named tasks.
    pub(super) fn read<'a>(
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
    pub(super) fn add(&mut self, task: &Task) {
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
    pub(super) fn resolve(
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
    pub(super) fn blocked_by(&self, project: &ProjectId, dependencies: &[TaskId]) -> Vec<TaskId> {
        let open = |id: &&TaskId| {
            let state = self.of(project, id);
            state.is_some_and(|state| !state.removed && !state.status.is_done())
        };
        dependencies.iter().filter(open).cloned().collect()
    }

    /// Refuses a claim of a blocked task. `was` is its status until now.
    pub(super) fn refuse_blocked(
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

fn is_claim(task: &Task, was: Status) -> bool {
    task.status == Status::InProgress && was != Status::InProgress
}

/// Returns the ids of the tasks that a request names: see [`States::resolve`].
pub(super) fn resolve(
    rows: &dyn Read,
    project: &ProjectId,
    wanted: &[TaskId],
    present: &[TaskId],
) -> Result<Vec<TaskId>> {
    States::read(rows, project, wanted)?.resolve(project, wanted, present)
}

/// Refuses dependencies of `number` that would form a cycle, and names the cycle.
pub(super) fn refuse_circle(
    rows: &dyn Read,
    project: &ProjectId,
    number: u64,
    dependencies: &[TaskId],
) -> Result<()> {
    let first = numbers(project, dependencies);
    let states = States::read(rows, project, dependencies)?;
    let depends = |next: &u64| states.0.get(next).is_some_and(|state| state.depends);
    if !first.contains(&number) && !first.iter().any(depends) {
        return Ok(());
    }
    let graph = rows.dependency_graph(project)?;
    match find_circle(number, &first, |task| graph.of(task)) {
        None => Ok(()),
        Some(path) => Err(Error::invalid(
            "dependencies",
            "cycle",
            format!("this would create a dependency cycle: {}", arrows(&path)),
            serde_json::to_value(dependencies)?,
        )),
    }
}

/// Returns the dependencies of other tasks that could form a cycle with `wanted`, the new
/// dependencies.
///
/// Empty if no task in `wanted` depends on one in `changing`, whose dependencies are replaced. That
/// is the usual case, and spares the search for cycles in a large project.
pub(super) fn in_reach(
    rows: &dyn Read,
    project: &ProjectId,
    wanted: &[(u64, Vec<u64>)],
    changing: &HashSet<u64>,
) -> Result<Vec<(u64, Vec<u64>)>> {
    let graph = rows.dependency_graph(project)?;
    let mut seen: HashSet<u64> = HashSet::new();
    let mut open: Vec<u64> = wanted
        .iter()
        .flat_map(|(_, needs)| needs)
        .copied()
        .collect();
    let (mut reached, mut closes) = (Vec::new(), false);
    while let Some(task) = open.pop() {
        if changing.contains(&task) {
            closes = true;
        } else if seen.insert(task) {
            reached.push((task, graph.of(task).to_vec()));
            open.extend(graph.of(task));
        }
    }
    if !closes {
        return Ok(Vec::new());
    }
    reached.sort_unstable();
    Ok(reached)
}

/// Refuses `more` dependencies if the project would then have too many.
pub(super) fn refuse_too_many(
    rows: &dyn Read,
    project: &ProjectId,
    more: usize,
    limits: &Limits,
) -> Result<()> {
    let most = limits.dependencies_per_project;
    if more > 0 && rows.dependency_count(project)?.count + more as u64 > most {
        return Err(Error::Refused(format!(
            "The project has reached the maximum number of dependencies ({most})."
        )));
    }
    Ok(())
}

pub(super) fn numbers(project: &ProjectId, tasks: &[TaskId]) -> Vec<u64> {
    tasks
        .iter()
        .filter_map(|task| task.number_in(project))
        .collect()
}

pub(super) fn arrows(path: &[u64]) -> String {
    let steps: Vec<_> = path.iter().map(|number| format!("#{number}")).collect();
    steps.join(" -> ")
}

/// Returns the cycle through `number`, if it depended on `first` and every other task on what `of`
/// returns.
///
/// Visits each dependency once.
pub(super) fn find_circle<'a>(
    number: u64,
    first: &[u64],
    of: impl Fn(u64) -> &'a [u64],
) -> Option<Vec<u64>> {
    // Predecessor of each visited task; a task is visited once.
    let mut from: HashMap<u64, u64> = first.iter().map(|next| (*next, number)).collect();
    let mut open: Vec<u64> = first.to_vec();
    while let Some(task) = open.pop() {
        if task == number {
            let mut path = vec![number];
            let mut step = number;
            while let Some(previous) = from.get(&step) {
                path.push(*previous);
                if *previous == number {
                    break;
                }
                step = *previous;
            }
            path.reverse();
            return Some(path);
        }
        for next in of(task) {
            from.entry(*next).or_insert_with(|| {
                open.push(*next);
                task
            });
        }
    }
    None
}

/// Returns the dependencies that are not done: see [`States::blocked_by`].
pub(super) fn blocked_by(
    rows: &dyn Read,
    project: &ProjectId,
    dependencies: &[TaskId],
) -> Result<Vec<TaskId>> {
    if dependencies.is_empty() {
        return Ok(Vec::new());
    }
    Ok(States::read(rows, project, dependencies)?.blocked_by(project, dependencies))
}

/// Fills in `blocked_by` for all tasks of a project at once.
pub(super) fn fill_blocked_by(tasks: &mut [Task]) {
    let open: HashSet<TaskId> = tasks
        .iter()
        .filter(|task| !task.status.is_done())
        .map(|task| task.id.clone())
        .collect();
    for task in tasks {
        task.blocked_by = task
            .dependencies
            .iter()
            .filter(|id| open.contains(*id))
            .cloned()
            .collect();
    }
}

/// Refuses a claim of a blocked task: see [`States::refuse_blocked`].
pub(super) fn refuse_blocked(
    rows: &dyn Read,
    project: &ProjectId,
    task: &Task,
    was: Status,
) -> Result<()> {
    if task.dependencies.is_empty() || !is_claim(task, was) {
        return Ok(());
    }
    States::read(rows, project, &task.dependencies)?.refuse_blocked(project, task, was)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn circle(edges: &BTreeMap<u64, Vec<u64>>, number: u64, first: &[u64]) -> Option<Vec<u64>> {
        find_circle(number, first, |task| {
            edges.get(&task).map_or(&[][..], Vec::as_slice)
        })
    }

    #[test]
    fn a_task_that_waits_for_itself_is_a_circle_of_one() {
        assert_eq!(circle(&BTreeMap::new(), 3, &[3]), Some(vec![3, 3]));
    }

    #[test]
    fn the_circle_is_named_from_the_task_along_its_dependencies() {
        let edges = BTreeMap::from([(5, vec![3]), (6, vec![7])]);
        assert_eq!(circle(&edges, 3, &[6, 5]), Some(vec![3, 5, 3]));
        assert_eq!(arrows(&[3, 5, 3]), "#3 -> #5 -> #3");
    }

    /// Returns true if the tasks can be ordered so that each comes after its dependencies.
    fn can_be_ordered(edges: &BTreeMap<u64, Vec<u64>>) -> bool {
        let mut left = edges.clone();
        loop {
            let free: Vec<u64> = left
                .iter()
                .filter(|(_, needs)| needs.iter().all(|need| !left.contains_key(need)))
                .map(|(task, _)| *task)
                .collect();
            if free.is_empty() {
                return left.is_empty();
            }
            for task in free {
                left.remove(&task);
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_admitted_never_forms_a_circle_and_what_is_refused_would(
            changes in prop::collection::vec((1_u64..9, prop::collection::vec(1_u64..9, 0..4)), 0..40),
        ) {
            let mut edges: BTreeMap<u64, Vec<u64>> = (1..9).map(|task| (task, Vec::new())).collect();
            for (task, needs) in changes {
                let mut changed = edges.clone();
                changed.insert(task, needs.clone());
                match circle(&edges, task, &needs) {
                    None => {
                        prop_assert!(can_be_ordered(&changed));
                        edges = changed;
                    }
                    Some(path) => {
                        prop_assert!(!can_be_ordered(&changed));
                        prop_assert_eq!(path.first(), Some(&task));
                        prop_assert_eq!(path.last(), Some(&task));
                        for step in path.windows(2) {
                            prop_assert!(changed[&step[0]].contains(&step[1]));
                        }
                    }
                }
            }
        }
    }
}
