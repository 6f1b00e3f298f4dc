//! The dependencies of imported tasks.

use std::collections::HashMap;

use tasktree_protocol::{ProjectId, TaskId};

use super::ImportedTask;
use crate::domain::dependencies;
use crate::error::Result;
use crate::store::Read;

/// The dependencies as they will be.
pub(super) struct Graph<'a> {
    pub(super) rows: &'a dyn Read,
    pub(super) project: &'a ProjectId,
    /// Of the tasks that were gone through.
    pub(super) changed: HashMap<u64, Vec<TaskId>>,
}

impl Graph<'_> {
    /// The dependencies of an imported task, without those that are unknown or would form a circle.
    pub(super) fn dependencies(
        &self,
        task: &ImportedTask,
        number: u64,
        numbers: &HashMap<String, u64>,
        warnings: &mut Vec<String>,
    ) -> Result<Vec<TaskId>> {
        let mut ids = Vec::new();
        for source in &task.dependencies {
            let known = match numbers.get(source) {
                Some(number) => Some(*number),
                None => {
                    let stored = self.rows.task_by_source(self.project, source)?;
                    stored
                        .filter(|stored| stored.deleted_at.is_none())
                        .map(|stored| stored.task.number)
                }
            };
            let Some(known) = known else {
                warnings.push(format!(
                    "{}: it depends on {source}, which is not known.",
                    task.source
                ));
                continue;
            };
            let circle = dependencies::find_circle(number, &[known], |task| self.of(task))?;
            if let Some(path) = circle {
                let path = dependencies::arrows(&path);
                warnings.push(format!(
                    "{}: its dependency on {source} would form a circle: {path}.",
                    task.source
                ));
                continue;
            }
            let id = TaskId::new(known, self.project);
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        Ok(ids)
    }

    fn of(&self, number: u64) -> Result<Vec<u64>> {
        if let Some(ids) = self.changed.get(&number) {
            return Ok(dependencies::numbers(self.project, ids));
        }
        let stored = self.rows.task(self.project, number)?;
        let ids = stored
            .map(|stored| stored.task.dependencies)
            .unwrap_or_default();
        Ok(dependencies::numbers(self.project, &ids))
    }
}
