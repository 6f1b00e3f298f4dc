//! The claim that a call is about.

use serde_json::json;
use tasktree_protocol::{AgentId, Maybe, ProjectId, TaskId};

use super::arguments::{Arguments, Outcome, TaskName};
use super::caller::Caller;
use super::refusal::Refusal;
use crate::domain::AgentPatch;

/// Code of a call about a task that the agent does not hold.
const NOT_HELD: &str = "not_held";

/// Code of a call about a task that another agent holds.
const TAKEN: &str = "taken";

/// Claim as the arguments name it.
#[derive(Clone, Debug)]
pub(super) struct Named {
    /// Task; the one that the agent holds if left out.
    pub(super) task: Option<TaskName>,
    /// Number of the claim, from the tool that claimed the task.
    pub(super) claim: Option<u64>,
}

impl Named {
    pub(super) fn read(arguments: &mut Arguments) -> Outcome<Self> {
        Ok(Self {
            task: arguments.optional("task")?,
            claim: arguments.optional("claim")?,
        })
    }
}

/// Claim of an agent on a task.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    /// Number of the task.
    pub(super) number: u64,
    /// The task.
    pub(super) task: TaskId,
    generation: u64,
}

impl Claim {
    /// Returns a report about the claim. The server refuses it once the claim has ended.
    pub(super) fn report(&self) -> AgentPatch {
        AgentPatch {
            task_id: Maybe::Value(self.task.clone()),
            generation: Some(self.generation),
            ..AgentPatch::default()
        }
    }
}

/// Returns the claim of the agent on the task that it holds; none if it holds none.
pub(super) async fn held(
    caller: &Caller,
    project: &ProjectId,
    agent: &AgentId,
) -> Outcome<Option<Claim>> {
    let row = caller.service.agent(project, agent).await?.value;
    let held = row.held_task().zip(row.generation);
    Ok(held.and_then(|(task, generation)| {
        Some(Claim {
            number: task.number_in(project)?,
            task,
            generation,
        })
    }))
}

/// Returns the claim that a call is about.
///
/// # Errors
/// Refuses a task that the agent does not hold, and names its holder.
pub(super) async fn find(
    caller: &Caller,
    project: &ProjectId,
    agent: &AgentId,
    named: &Named,
) -> Outcome<Claim> {
    let held = held(caller, project, agent).await?;
    let wanted = named.task.as_ref();
    let wanted = wanted.map(|task| task.number(project)).transpose()?;
    match (held, wanted) {
        (Some(held), wanted) if wanted.is_none_or(|number| number == held.number) => Ok(Claim {
            // An older one is refused with a sentence about it.
            generation: named.claim.unwrap_or(held.generation),
            ..held
        }),
        (_, Some(number)) => Err(not_held(caller, project, number).await?),
        (_, None) => Err(Refusal::new(
            NOT_HELD,
            "You hold no task: claim one with board_next.",
        )),
    }
}

async fn not_held(caller: &Caller, project: &ProjectId, number: u64) -> Outcome<Refusal> {
    let id = TaskId::new(number, project);
    let task = caller.service.task(project, &id).await?.value;
    Ok(match task.holder {
        Some(holder) => Refusal::new(TAKEN, format!("Task #{number} is held by {holder}."))
            .with("holder", json!(holder)),
        None => Refusal::new(
            NOT_HELD,
            format!("You do not hold task #{number}: claim it with board_next task={number}."),
        ),
    })
}
