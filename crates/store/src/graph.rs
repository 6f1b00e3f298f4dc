//! Dependencies of a project's tasks, in two flat lists.
//!
//! One list per task would make checks of a large project spend their time on allocations.

/// Dependencies between tasks, by task number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    /// Start index of each task's dependencies in the other list.
    starts: Vec<usize>,
    needs: Vec<u64>,
}

impl Graph {
    /// Starts the dependencies of a task, whose number must be higher than the previous one.
    pub fn begin(&mut self, task: u64) {
        let index = usize::try_from(task).unwrap_or(usize::MAX);
        if self.starts.len() <= index {
            self.starts
                .resize(index.saturating_add(1), self.needs.len());
        }
    }

    /// Adds a dependency of the current task.
    pub fn push(&mut self, needs: u64) {
        self.needs.push(needs);
    }

    /// Returns the dependencies of a task.
    pub fn of(&self, task: u64) -> &[u64] {
        let Ok(index) = usize::try_from(task) else {
            return &[];
        };
        let Some(&start) = self.starts.get(index) else {
            return &[];
        };
        let next = self.starts.get(index.saturating_add(1));
        let end = next.copied().unwrap_or(self.needs.len());
        self.needs.get(start..end).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn each_task_has_the_dependencies_that_it_was_given(
            edges in prop::collection::btree_map(0_u64..40, prop::collection::vec(0_u64..40, 0..5), 0..20),
        ) {
            let edges: BTreeMap<u64, Vec<u64>> = edges;
            let mut graph = Graph::default();
            for (task, needs) in &edges {
                graph.begin(*task);
                needs.iter().for_each(|need| graph.push(*need));
            }
            for task in 0..50 {
                let expected = edges.get(&task).map_or(&[][..], Vec::as_slice);
                prop_assert_eq!(graph.of(task), expected);
            }
        }
    }
}
