//! Which tasks wait for which. Dependencies never form a circle, also through removed tasks: those may come back.

use std::collections::{HashMap, HashSet};

use tasktree_protocol::{ProjectId, Status, Task, TaskId};

use super::number_of;
use crate::error::{Error, FieldError, Result};
use crate::store::Read;

/// The ids of the tasks that a request names, each once. Those in `present` may stay even if they were removed since.
pub(super) fn resolve(
    rows: &dyn Read,
    project: &ProjectId,
    wanted: &[TaskId],
    present: &[TaskId],
) -> Result<Vec<TaskId>> {
    let mut ids = Vec::with_capacity(wanted.len());
    let mut errors = Vec::new();
    for (index, task) in wanted.iter().enumerate() {
        let number = number_of(project, task);
        let id = number.map(|number| TaskId::new(number, project));
        let known = match (&id, number) {
            (Some(id), _) if present.contains(id) => true,
            (_, Some(number)) => rows
                .task(project, number)?
                .is_some_and(|stored| stored.deleted_at.is_none()),
            (_, None) => false,
        };
        match id.filter(|_| known) {
            Some(id) if !ids.contains(&id) => ids.push(id),
            Some(_) => {}
            None => errors.push(FieldError {
                field: format!("dependencies.{index}"),
                kind: "unknown_task",
                message: format!("there is no task '{task}' in this project"),
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

/// Refuses dependencies of `number` that would form a circle, and names it.
pub(super) fn refuse_circle(
    rows: &dyn Read,
    project: &ProjectId,
    number: u64,
    dependencies: &[TaskId],
) -> Result<()> {
    let first = numbers(project, dependencies);
    let circle = find_circle(number, &first, |other| {
        let stored = rows.task(project, other)?;
        Ok(stored
            .map(|stored| numbers(project, &stored.task.dependencies))
            .unwrap_or_default())
    })?;
    match circle {
        None => Ok(()),
        Some(path) => Err(Error::invalid(
            "dependencies",
            "cycle",
            format!("the tasks would wait for each other: {}", arrows(&path)),
            serde_json::to_value(dependencies)?,
        )),
    }
}

pub(super) fn numbers(project: &ProjectId, tasks: &[TaskId]) -> Vec<u64> {
    tasks
        .iter()
        .filter_map(|task| number_of(project, task))
        .collect()
}

pub(super) fn arrows(path: &[u64]) -> String {
    let steps: Vec<_> = path.iter().map(|number| format!("#{number}")).collect();
    steps.join(" -> ")
}

/// The circle that begins and ends with `number`, if it depends on `first` and every other task on what `of` says.
pub(super) fn find_circle(
    number: u64,
    first: &[u64],
    mut of: impl FnMut(u64) -> Result<Vec<u64>>,
) -> Result<Option<Vec<u64>>> {
    // Which task led to which; a task is looked at once.
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
            return Ok(Some(path));
        }
        for next in of(task)? {
            from.entry(next).or_insert_with(|| {
                open.push(next);
                task
            });
        }
    }
    Ok(None)
}

/// The dependencies that are not done. One that was removed holds nobody up.
pub(super) fn blocked_by(
    rows: &dyn Read,
    project: &ProjectId,
    dependencies: &[TaskId],
) -> Result<Vec<TaskId>> {
    let mut waiting = Vec::new();
    for id in dependencies {
        let Some(number) = number_of(project, id) else {
            continue;
        };
        let open = rows
            .task(project, number)?
            .is_some_and(|stored| stored.deleted_at.is_none() && !stored.task.status.is_done());
        if open {
            waiting.push(id.clone());
        }
    }
    Ok(waiting)
}

/// The same for all tasks of a project at once.
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

/// Refuses a claim of a task that waits for others. `was` is its status until now.
pub(super) fn refuse_blocked(
    rows: &dyn Read,
    project: &ProjectId,
    task: &Task,
    was: Status,
) -> Result<()> {
    if task.status != Status::InProgress || was == Status::InProgress {
        return Ok(());
    }
    let waiting = numbers(project, &blocked_by(rows, project, &task.dependencies)?);
    let names: Vec<_> = waiting.iter().map(|number| format!("#{number}")).collect();
    match names.split_last() {
        None => Ok(()),
        Some((last, [])) => Err(Error::Blocked(format!(
            "Task #{} waits for {last}",
            task.number
        ))),
        Some((last, others)) => {
            let others = others.join(", ");
            Err(Error::Blocked(format!(
                "Task #{} waits for {others} and {last}",
                task.number
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn circle(edges: &BTreeMap<u64, Vec<u64>>, number: u64, first: &[u64]) -> Option<Vec<u64>> {
        find_circle(number, first, |task| {
            Ok(edges.get(&task).cloned().unwrap_or_default())
        })
        .unwrap()
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

    /// Whether tasks can be put in an order in which each comes after what it waits for.
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
