//! Cycles that the dependencies of an import would form, found in one pass over the project's
//! graph.
//!
//! Tasks that wait for each other form a strongly connected component of the graph (Tarjan's
//! algorithm, without recursion, since chains are as long as projects are large). In each component
//! the tasks are put in an order in which every task comes after its dependencies. If no task is
//! free, the one that the import names last loses its remaining dependencies (Kahn's algorithm).

use std::collections::{HashMap, HashSet, VecDeque};

use crate::limits::IMPORT_CIRCLES_NAMED;

/// A dropped dependency, with the cycle that it would have closed for the first few.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LeftOut {
    pub(super) task: u64,
    pub(super) needs: u64,
    pub(super) circle: Option<Vec<u64>>,
}

/// Dependency graph, its tasks numbered from 0.
struct Graph {
    numbers: Vec<u64>,
    needs: Vec<Vec<usize>>,
    /// Rank in the import of each task whose dependencies may be dropped.
    rank: Vec<Option<usize>>,
}

/// Returns the dependencies to drop from `wanted` so that no cycle remains together with `fixed`.
///
/// `wanted` has the dependencies of the imported tasks, in the order of the import, and `fixed`
/// those of all other tasks.
pub(super) fn left_out(fixed: &[(u64, Vec<u64>)], wanted: &[(u64, Vec<u64>)]) -> Vec<LeftOut> {
    let graph = Graph::new(fixed, wanted);
    let mut cut: Vec<(usize, usize)> = Vec::new();
    let components = graph.components();
    for component in &components {
        graph.cut_circles(component, &mut cut);
    }
    // Sorted in the order of the import, as its other warnings are.
    cut.sort_by_key(|(task, _)| graph.rank[*task]);
    let gone: HashSet<(usize, usize)> = cut.iter().copied().collect();
    let name = |(index, (task, needs)): (usize, (usize, usize))| LeftOut {
        task: graph.numbers[task],
        needs: graph.numbers[needs],
        circle: (index < IMPORT_CIRCLES_NAMED)
            .then(|| graph.circle(task, needs, &gone))
            .flatten(),
    };
    cut.into_iter().enumerate().map(name).collect()
}

impl Graph {
    fn new(fixed: &[(u64, Vec<u64>)], wanted: &[(u64, Vec<u64>)]) -> Self {
        let mut graph = Self {
            numbers: Vec::new(),
            needs: Vec::new(),
            rank: Vec::new(),
        };
        let mut indices: HashMap<u64, usize> = HashMap::new();
        for (number, _) in fixed.iter().chain(wanted) {
            graph.add(*number, &mut indices);
        }
        let last = fixed.len();
        for (place, (number, needs)) in fixed.iter().chain(wanted).enumerate() {
            let task = indices[number];
            // A task without dependencies is in no cycle.
            let needs = needs.iter().filter_map(|need| indices.get(need).copied());
            graph.needs[task] = needs.collect();
            graph.rank[task] = place.checked_sub(last);
        }
        graph
    }

    fn add(&mut self, number: u64, indices: &mut HashMap<u64, usize>) {
        indices.entry(number).or_insert_with(|| {
            self.numbers.push(number);
            self.needs.push(Vec::new());
            self.rank.push(None);
            self.numbers.len() - 1
        });
    }

    /// Returns the components that contain a cycle.
    fn components(&self) -> Vec<Vec<usize>> {
        const NEW: usize = usize::MAX;
        let count = self.numbers.len();
        let (mut order, mut low) = (vec![NEW; count], vec![NEW; count]);
        let mut open = vec![false; count];
        let (mut stack, mut path): (Vec<usize>, Vec<(usize, usize)>) = (Vec::new(), Vec::new());
        let mut found = Vec::new();
        let mut next = 0;
        for root in 0..count {
            if order[root] == NEW {
                path.push((root, 0));
            }
            while let Some((task, edge)) = path.pop() {
                if edge == 0 {
                    (order[task], low[task]) = (next, next);
                    next += 1;
                    open[task] = true;
                    stack.push(task);
                }
                if let Some(&need) = self.needs[task].get(edge) {
                    path.push((task, edge + 1));
                    if order[need] == NEW {
                        path.push((need, 0));
                    } else if open[need] {
                        low[task] = low[task].min(order[need]);
                    }
                    continue;
                }
                if let Some((above, _)) = path.last() {
                    low[*above] = low[*above].min(low[task]);
                }
                if low[task] == order[task] {
                    let start = stack.iter().rposition(|other| *other == task);
                    let component = stack.split_off(start.unwrap_or(stack.len()));
                    for task in &component {
                        open[*task] = false;
                    }
                    if component.len() > 1 || self.needs[task].contains(&task) {
                        found.push(component);
                    }
                }
            }
        }
        found
    }

    /// Adds the dependencies to drop so that the component has no cycle.
    fn cut_circles(&self, component: &[usize], cut: &mut Vec<(usize, usize)>) {
        let mut waits: HashMap<usize, usize> = component.iter().map(|task| (*task, 0)).collect();
        let mut dependents: HashMap<usize, Vec<usize>> = HashMap::new();
        for task in component {
            for need in &self.needs[*task] {
                if waits.contains_key(need) {
                    dependents.entry(*need).or_default().push(*task);
                    *waits.entry(*task).or_default() += 1;
                }
            }
        }
        let mut candidates: Vec<usize> = component.to_vec();
        candidates.retain(|task| self.rank[*task].is_some());
        candidates.sort_by_key(|task| self.rank[*task]);
        let mut free: VecDeque<usize> = VecDeque::new();
        while !waits.is_empty() {
            // The fixed dependencies form no cycle by themselves, so a task that may lose some is
            // left.
            let task = free.pop_front().or_else(|| {
                while let Some(task) = candidates.pop() {
                    if waits.contains_key(&task) {
                        return Some(task);
                    }
                }
                None
            });
            let Some(task) = task else { return };
            waits.remove(&task);
            let needs = self.needs[task].iter();
            let still = needs.filter(|need| **need == task || waits.contains_key(need));
            cut.extend(still.map(|need| (task, *need)));
            for dependent in dependents.remove(&task).unwrap_or_default() {
                if let Some(left) = waits.get_mut(&dependent) {
                    *left -= 1;
                    if *left == 0 {
                        free.push_back(dependent);
                    }
                }
            }
        }
    }

    /// Returns the cycle that a dependency would close with the remaining ones.
    fn circle(
        &self,
        task: usize,
        needs: usize,
        gone: &HashSet<(usize, usize)>,
    ) -> Option<Vec<u64>> {
        let mut from = HashMap::from([(needs, task)]);
        let mut open = VecDeque::from([needs]);
        while let Some(step) = open.pop_front() {
            if step == task {
                let mut path = vec![task];
                let mut back = task;
                while path.len() == 1 || back != task {
                    back = *from.get(&back)?;
                    path.push(back);
                }
                path.reverse();
                return Some(path.into_iter().map(|task| self.numbers[task]).collect());
            }
            for next in &self.needs[step] {
                if !gone.contains(&(step, *next)) && !from.contains_key(next) {
                    from.insert(*next, step);
                    open.push_back(*next);
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pairs(left_out: &[LeftOut]) -> Vec<(u64, u64)> {
        left_out.iter().map(|one| (one.task, one.needs)).collect()
    }

    #[test]
    fn the_dependency_that_closes_a_circle_last_is_left_out_and_the_circle_is_named() {
        let wanted = [(1, vec![2]), (2, vec![3]), (3, vec![1])];
        let found = left_out(&[], &wanted);
        assert_eq!(pairs(&found), [(3, 1)]);
        assert_eq!(found[0].circle, Some(vec![3, 1, 2, 3]));
        assert_eq!(pairs(&left_out(&[], &[(4, vec![4])])), [(4, 4)]);
    }

    #[test]
    fn what_is_here_already_stays() {
        let found = left_out(&[(1, vec![2])], &[(2, vec![1, 3]), (3, vec![])]);
        assert_eq!(pairs(&found), [(2, 1)]);
    }

    #[test]
    fn long_chains_and_dense_graphs_take_one_pass() {
        let chain: Vec<_> = (1..100_000).map(|task| (task, vec![task + 1])).collect();
        assert!(left_out(&chain, &[]).is_empty());
        assert!(left_out(&[], &chain).is_empty());
        let mut ring = chain;
        ring.push((100_000, vec![1]));
        assert_eq!(pairs(&left_out(&[], &ring)), [(100_000, 1)]);
        let all: Vec<_> = (1..=400).map(|task| (task, (1..=400).collect())).collect();
        assert_eq!(left_out(&[], &all).len(), 400 * 401 / 2);
    }

    proptest! {
        #[test]
        fn nothing_remains_that_waits_for_itself_and_only_parts_of_circles_go(
            fixed in prop::collection::vec((1_u64..6, prop::collection::vec(1_u64..6, 0..3)), 0..6),
            wanted in prop::collection::vec((6_u64..12, prop::collection::vec(1_u64..12, 0..5)), 0..8),
        ) {
            // Fixed tasks depend on later ones only, so that they form no cycle.
            let fixed: HashMap<u64, Vec<u64>> = fixed.into_iter()
                .map(|(task, needs)| (task, needs.into_iter().filter(|need| *need > task).collect()))
                .collect();
            let mut fixed: Vec<_> = fixed.into_iter().collect();
            for (task, needs) in &mut fixed {
                if *task % 2 == 0 {
                    needs.extend([6, 9]);
                }
            }
            let wanted: HashMap<u64, Vec<u64>> = wanted.into_iter().collect();
            let wanted: Vec<_> = wanted.into_iter().collect();
            let all: Vec<(u64, Vec<u64>)> = fixed.iter().chain(&wanted).cloned().collect();
            let found = left_out(&fixed, &wanted);
            let gone: HashSet<(u64, u64)> = pairs(&found).into_iter().collect();
            for (task, _) in &gone {
                prop_assert!(wanted.iter().any(|(other, _)| other == task));
            }
            let mut rest: HashMap<u64, Vec<u64>> = HashMap::new();
            for (task, needs) in &all {
                let stay = needs.iter().filter(|need| !gone.contains(&(*task, **need)));
                rest.insert(*task, stay.copied().collect());
            }
            let of = |edges: &HashMap<u64, Vec<u64>>, task: u64, first: &[u64]| {
                crate::dependencies::find_circle(task, first, |other| {
                    edges.get(&other).map_or(&[][..], Vec::as_slice)
                }).is_some()
            };
            for (task, needs) in &rest {
                prop_assert!(!of(&rest, *task, needs), "{task} still waits for itself");
            }
            let before: HashMap<u64, Vec<u64>> = all.iter().cloned().collect();
            for (task, needs) in &gone {
                prop_assert!(of(&before, *task, &[*needs]), "{task} -> {needs} was in no circle");
            }
        }
    }
}
