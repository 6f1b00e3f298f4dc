//! List of a project's tasks that a selection and a query select.

mod query;

use std::collections::HashSet;

use tasktree_protocol::query::Query;
use tasktree_protocol::task::sort_key;
use tasktree_protocol::{AgentId, ProjectId, Status, TaskCard, TaskId, Timestamp};

use crate::error::Result;
use crate::exists;
use crate::listing::{Array, Entries, PlaceKey};
use crate::store::{Read, TaskPlace};
pub use query::{Me, parse_query};

/// Level of detail in which each task is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, utoipa::ToSchema)]
#[schema(as = TaskView, rename_all = "snake_case")]
pub enum Form {
    /// The whole task.
    Full,
    /// The task without long texts.
    Card,
}

/// Filter for tasks. The default selects all of them.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Statuses of the selected tasks; any if empty.
    pub statuses: Vec<Status>,
    /// True for only the tasks that an agent could be given now, false for only the others.
    pub ready: Option<bool>,
    /// Agent that holds the tasks or has completed them.
    pub agent: Option<AgentId>,
    /// Query that selects the tasks.
    pub query: Query,
    /// Position after which the tasks are listed.
    pub after: Option<PlaceKey>,
    /// Maximum number of tasks.
    pub limit: Option<usize>,
}

/// Tasks of a project, in order.
#[derive(Debug)]
pub struct Tasks {
    project: ProjectId,
    form: Form,
    places: Vec<TaskPlace>,
    /// By number, true for a task that blocks its dependents.
    open: Vec<bool>,
    /// Position of the last task, if the limit cut the list.
    last: Option<PlaceKey>,
}

/// Reads the order of the selected tasks, and the tasks that block others.
pub fn tasks(
    rows: &dyn Read,
    project: &ProjectId,
    form: Form,
    selection: &Selection,
    (me, now): (&Me, Timestamp),
) -> Result<Tasks> {
    exists::require(rows, project)?;
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
    select(rows, project, selection, &mut places)?;
    let is_blocked = |card: &TaskCard| {
        card.dependencies
            .iter()
            .any(|id| is_open(project, &open, id))
    };
    let caller = (me, now);
    query::select(
        rows,
        project,
        &selection.query,
        caller,
        is_blocked,
        &mut places,
    )?;
    places.sort_by_key(key);
    if let Some(after) = selection.after {
        places.retain(|place| key(place) > after);
    }
    let mut last = None;
    if let Some(limit) = selection.limit.filter(|limit| *limit < places.len()) {
        places.truncate(limit);
        last = places.last().map(key);
    }
    Ok(Tasks {
        project: project.clone(),
        form,
        places,
        open,
        last,
    })
}

fn key(place: &TaskPlace) -> PlaceKey {
    sort_key(place.priority, place.number)
}

/// Keeps only the selected tasks.
fn select(
    rows: &dyn Read,
    project: &ProjectId,
    selection: &Selection,
    places: &mut Vec<TaskPlace>,
) -> Result<()> {
    let Selection {
        statuses,
        ready,
        agent,
        query: _,
        after: _,
        limit: _,
    } = selection;
    if !statuses.is_empty() {
        places.retain(|place| statuses.contains(&place.status));
    }
    if let Some(agent) = agent {
        let its: HashSet<_> = rows.tasks_of_session(project, agent)?.into_iter().collect();
        places.retain(|place| its.contains(&place.number));
    }
    if let Some(wanted) = ready {
        let ready: HashSet<_> = rows.ready_tasks(project)?.into_iter().collect();
        places.retain(|place| ready.contains(&place.number) == *wanted);
    }
    Ok(())
}

/// Returns true if a task blocks its dependents.
fn is_open(project: &ProjectId, open: &[bool], task: &TaskId) -> bool {
    let number = task.number_in(project);
    let at = number.and_then(|number| usize::try_from(number).ok());
    at.and_then(|at| open.get(at)).copied().unwrap_or(false)
}

impl Entries for Tasks {
    fn count(&self) -> usize {
        self.places.len()
    }

    fn last(&self) -> Option<PlaceKey> {
        self.last
    }

    fn add(&self, rows: &dyn Read, part: &mut Array) -> Result<()> {
        let places = self.places.get(part.index()..).unwrap_or_default();
        match self.form {
            Form::Full => rows.tasks_at(&self.project, places, &mut |task| {
                let task = task.map(|mut task| {
                    let open = |id: &&TaskId| is_open(&self.project, &self.open, id);
                    task.blocked_by = task.dependencies.iter().filter(open).cloned().collect();
                    task
                });
                part.push(task)
            }),
            Form::Card => rows.cards_at(&self.project, places, &mut |card| part.push(card)),
        }
    }
}
