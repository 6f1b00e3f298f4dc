//! Order in which the changes of existing tasks are written.

use std::collections::{HashMap, HashSet};

use tasktree_protocol::ProjectId;

use super::merge::{Fresh, Row};
use crate::dependencies;
use crate::error::Result;
use crate::store::Read;

/// Sorts changes so that each task comes after all tasks that it depends on after the import.
///
/// Each task then takes its new dependencies at once, and no intermediate state has a cycle.
pub(super) fn dependencies_first(
    rows: &dyn Read,
    project: &ProjectId,
    new: &[Fresh],
    mut changed: Vec<Row>,
) -> Result<Vec<Row>> {
    if !changed.iter().any(|row| row.changes("dependencies")) {
        return Ok(changed);
    }
    let graph = rows.dependency_graph(project)?;
    let mut needs: HashMap<u64, Vec<u64>> = HashMap::with_capacity(new.len() + changed.len());
    for row in &changed {
        let task = &row.draft.task;
        let after = dependencies::numbers(project, &task.dependencies);
        needs.insert(task.number, after);
    }
    needs.extend(new.iter().map(|fresh| (fresh.number, fresh.needs.clone())));
    let roots: Vec<u64> = changed.iter().map(|row| row.draft.task.number).collect();
    let order = sorted(&roots, |task| {
        let after = needs.get(&task).map(Vec::as_slice);
        after.unwrap_or_else(|| graph.of(task))
    });
    let places: HashMap<u64, usize> = order.into_iter().zip(0..).collect();
    changed.sort_by_key(|row| places.get(&row.draft.task.number));
    Ok(changed)
}

/// Returns the tasks with everything that they need, each after its needs.
fn sorted<'a>(roots: &[u64], of: impl Fn(u64) -> &'a [u64]) -> Vec<u64> {
    let mut seen = HashSet::new();
    let mut order = Vec::new();
    let mut path: Vec<(u64, usize)> = Vec::new();
    for root in roots {
        if seen.insert(*root) {
            path.push((*root, 0));
        }
        while let Some((task, next)) = path.last_mut() {
            if let Some(need) = of(*task).get(*next) {
                *next += 1;
                if seen.insert(*need) {
                    path.push((*need, 0));
                }
            } else {
                order.push(*task);
                path.pop();
            }
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_long_chain_is_sorted_from_its_end() {
        let all: Vec<Vec<u64>> = (0..100_000).map(|task| vec![task + 1]).collect();
        let of = |task: u64| all.get(task as usize).map_or(&[][..], Vec::as_slice);
        let order = sorted(&[0], of);
        assert!(order.iter().rev().copied().eq(0..=100_000));
    }

    proptest! {
        #[test]
        fn tasks_that_change_one_after_the_other_never_form_a_circle(
            before in prop::collection::btree_map(0_u64..12, prop::collection::vec(0_u64..12, 0..4), 0..12),
            after in prop::collection::btree_map(0_u64..12, prop::collection::vec(0_u64..12, 0..4), 0..12),
            ranks in Just((0_u64..12).collect::<Vec<_>>()).prop_shuffle(),
        ) {
            // Both graphs have no cycle, by two different orders of the tasks.
            let downwards = |edges: BTreeMap<u64, Vec<u64>>, rank: &dyn Fn(u64) -> u64| {
                let edges = edges.into_iter();
                edges.map(|(task, needs)| {
                    let lower = needs.into_iter().filter(|need| rank(*need) < rank(task));
                    (task, lower.collect())
                }).collect::<BTreeMap<u64, Vec<u64>>>()
            };
            let after = downwards(after, &|task| ranks[task as usize]);
            // Tasks that the import leaves alone have the same dependencies before and after.
            let before = downwards(before, &|task| task);
            let mut now: BTreeMap<u64, Vec<u64>> = before
                .into_iter()
                .map(|(task, needs)| {
                    let known = |need: &u64| after.contains_key(need);
                    let is_known = after.contains_key(&task);
                    (task, needs.into_iter().filter(|need| is_known && known(need)).collect())
                })
                .collect();
            let roots: Vec<u64> = after.keys().copied().collect();
            let of = |task: u64| after.get(&task).map_or(&[][..], Vec::as_slice);
            for task in sorted(&roots, of) {
                let Some(needs) = after.get(&task) else { continue };
                let circle = dependencies::find_circle(task, needs, |other| {
                    now.get(&other).map_or(&[][..], Vec::as_slice)
                });
                prop_assert_eq!(circle, None);
                now.insert(task, needs.clone());
            }
        }
    }
}
