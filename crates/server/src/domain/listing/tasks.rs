//! The list of a project's tasks.

use tasktree_protocol::task::sort_key;
use tasktree_protocol::{ProjectId, TaskId};

use super::{Array, Entries};
use crate::domain::read;
use crate::error::Result;
use crate::store::{Read, TaskPlace};

/// Extent to which each task is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The whole task.
    Full,
    /// Without long texts.
    Card,
}

/// The tasks of a project, in their order.
#[derive(Debug)]
pub(crate) struct Tasks {
    project: ProjectId,
    form: Form,
    places: Vec<TaskPlace>,
    /// By number: whether others wait for it.
    open: Vec<bool>,
}

/// Reads which tasks there are, and which hold others up.
pub(crate) fn tasks(rows: &dyn Read, project: &ProjectId, form: Form) -> Result<Tasks> {
    read::require(rows, project)?;
    let mut places = rows.task_order(project)?;
    let last = places.iter().map(|place| place.number).max().unwrap_or(0);
    let mut open = vec![false; usize::try_from(last).unwrap_or(0) + 1];
    for place in &places {
        if let Some(open) = usize::try_from(place.number)
            .ok()
            .and_then(|at| open.get_mut(at))
        {
            *open = !place.status.is_done();
        }
    }
    places.sort_by_key(|place| sort_key(place.priority, place.number));
    Ok(Tasks {
        project: project.clone(),
        form,
        places,
        open,
    })
}

impl Tasks {
    fn is_open(&self, task: &TaskId) -> bool {
        let number = task
            .number_in(&self.project)
            .and_then(|number| usize::try_from(number).ok());
        let open = number.and_then(|number| self.open.get(number));
        open.copied().unwrap_or(false)
    }
}

impl Entries for Tasks {
    fn count(&self) -> usize {
        self.places.len()
    }

    fn add(&self, rows: &dyn Read, part: &mut Array) -> Result<()> {
        let places = self.places.get(part.index()..).unwrap_or_default();
        match self.form {
            Form::Full => rows.tasks_at(&self.project, places, &mut |task| {
                let task = task.map(|mut task| {
                    let open = |id: &&TaskId| self.is_open(id);
                    task.blocked_by = task.dependencies.iter().filter(open).cloned().collect();
                    task
                });
                part.push(task)
            }),
            Form::Card => rows.cards_at(&self.project, places, &mut |card| part.push(card)),
        }
    }
}
