//! Plans of agents, with their tasks.

use serde::{Deserialize, Serialize};
use tasktree_protocol::event::PlanGenerated;
use tasktree_protocol::{Event, NewTask, ProjectId};

use super::change::EventContext;
use super::dependencies::States;
use super::validate::Checks;
use super::{Change, task};
use crate::error::{Error, Result};

/// Plan to be stored, with the tasks that carry it out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = NewPlan)]
pub struct Plan {
    /// The plan (Markdown).
    pub plan: String,
    /// Tasks to create with it.
    #[serde(default)]
    #[schema(value_type = Option<Vec<NewTask>>)]
    pub tasks: Vec<NewTask>,
}

/// Result of storing a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = PlanStored)]
pub struct PlanReceipt {
    /// The stored plan.
    pub plan: String,
    /// Number of created tasks.
    pub tasks_created: u64,
}

/// Stores a plan: its tasks with their dependencies, all or none.
pub fn store(change: &mut Change<'_>, project: &ProjectId, plan: Plan) -> Result<PlanReceipt> {
    let mut row = change.project(project)?;
    let mut checks = Checks::default();
    checks.bytes("plan", Some(&plan.plan), change.limits.project_text_bytes);
    checks.count("tasks", plan.tasks.len(), change.limits.list_entries);
    let dependencies = || plan.tasks.iter().flat_map(|task| &task.dependencies);
    let (count, most) = (dependencies().count(), change.limits.dependencies_per_plan);
    if count > most {
        let message = format!("must have at most {most} dependencies in total, but have {count}");
        checks.fail("tasks", "too_many_dependencies", message, count);
    }
    checks.finish()?;
    row.plan = Some(plan.plan.clone());
    row.updated_at = change.now;
    change.tx.put_project(&row)?;
    let tasks_created = plan.tasks.len() as u64;
    let mut states = States::read(&*change.tx, project, dependencies())?;
    for (index, new) in plan.tasks.into_iter().enumerate() {
        task::create_after(change, project, new, &mut states)
            .map_err(|error| in_entry(index, error))?;
    }
    let event = PlanGenerated {
        plan: plan.plan.clone(),
        tasks_created,
    };
    change.emit(
        Some(project),
        Event::PlanGenerated(event),
        EventContext::default(),
    )?;
    Ok(PlanReceipt {
        plan: plan.plan,
        tasks_created,
    })
}

/// Adds the index of the plan's task to the fields of an error.
fn in_entry(index: usize, error: Error) -> Error {
    let Error::Invalid(mut fields) = error else {
        return error;
    };
    for field in &mut fields {
        field.field = format!("tasks.{index}.{}", field.field);
    }
    Error::Invalid(fields)
}
