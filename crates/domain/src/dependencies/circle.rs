//! Cycles of dependencies.

use std::collections::{HashMap, HashSet};

use tasktree_protocol::{ProjectId, TaskId};

use super::{States, numbers};
use crate::error::{Error, Result};
use crate::store::Read;

/// Refuses dependencies of `number` that would form a cycle, and names the cycle.
pub(crate) fn refuse_circle(
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
pub(crate) fn in_reach(
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

pub(crate) fn arrows(path: &[u64]) -> String {
    let steps: Vec<_> = path.iter().map(|number| format!("#{number}")).collect();
    steps.join(" -> ")
}

/// Returns the cycle through `number`, if it depended on `first` and every other task on what `of`
/// returns.
///
/// Visits each dependency once.
pub(crate) fn find_circle<'a>(
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
