//! The claim of an agent, remembered between two commands.
//!
//! A report names the generation of the claim that it is about (decided by the command that claimed
//! the task, not read again just before). So the report of an agent that has lost its task is
//! refused, even if it holds another one by now.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tasktree_protocol::http::paths;
use tasktree_protocol::{Agent, AgentId, ProjectId, Task, TaskId};

use crate::context::Context;
use crate::failure::{Exit, Failure, Result};
use crate::files::{self, Readers};

/// Claim of an agent on a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claim {
    server: String,
    project: ProjectId,
    agent: AgentId,
    /// Number of the task.
    pub(crate) task: u64,
    /// Generation of the claim.
    pub(crate) generation: u64,
}

impl Claim {
    /// Returns the claim of the agent on a task that it holds now.
    fn of(context: &Context, task: u64, generation: u64) -> Result<Self> {
        Ok(Self {
            server: context.settings.server.to_string(),
            project: context.project()?.clone(),
            agent: context.agent()?.clone(),
            task,
            generation,
        })
    }

    /// Returns the fields of a report that name the claim.
    pub(crate) fn fields(&self) -> Map<String, Value> {
        let mut fields = Map::new();
        let task = TaskId::new(self.task, &self.project);
        fields.insert("task_id".to_owned(), json!(task));
        fields.insert("generation".to_owned(), json!(self.generation));
        fields
    }
}

/// Remembers the claim on a task that the agent was given.
///
/// # Errors
/// Returns a failure if the file cannot be written.
pub(crate) fn remember(context: &Context, task: &Task) -> Result<()> {
    let claim = Claim::of(context, task.number, task.generation)?;
    let Some(path) = path(context)? else {
        return Ok(());
    };
    files::write(&path, &json!(claim).to_string(), Readers::Owner)
}

/// Forgets the claim of the agent, which has ended.
pub(crate) fn forget(context: &Context) {
    if let Ok(Some(path)) = path(context) {
        // What cannot be removed is replaced by the next claim.
        let _ = files::remove(&path);
    }
}

/// Returns the claim that a report is about: that on the named task, or else on the task that the
/// agent holds.
///
/// # Errors
/// Returns a failure if the agent holds no such task.
pub(crate) fn find(context: &Context, number: Option<u64>) -> Result<Claim> {
    let number = match number {
        Some(number) => Some(number),
        None => number_of_environment(context)?,
    };
    let remembered = remembered(context)?;
    if let Some(claim) = remembered.filter(|claim| number.is_none_or(|own| own == claim.task)) {
        return Ok(claim);
    }
    let held = held(context)?;
    match (held, number) {
        (Some((task, generation)), None) => Claim::of(context, task, generation),
        (Some((task, generation)), Some(number)) if task == number => {
            Claim::of(context, task, generation)
        }
        (_, Some(number)) => Err(not_held(context, number)?),
        (None, None) => Err(Failure::new(
            Exit::Conflict,
            "no_task",
            "you hold no task: claim one with `tasktree next`",
        )),
    }
}

/// Returns the claim of the agent on the task that it holds; none if it holds none.
///
/// # Errors
/// As [`find`].
pub(crate) fn current(context: &Context) -> Result<Option<Claim>> {
    if let Some(claim) = remembered(context)? {
        return Ok(Some(claim));
    }
    let held = held(context)?;
    held.map(|(task, generation)| Claim::of(context, task, generation))
        .transpose()
}

fn number_of_environment(context: &Context) -> Result<Option<u64>> {
    let Some(text) = context.around.variable("TASKTREE_TASK") else {
        return Ok(None);
    };
    let number = text.trim_start_matches('#').parse().ok();
    let number = number.or(context.number(&text.into())?);
    match number {
        Some(number) => Ok(Some(number)),
        None => Err(Failure::usage(format_args!(
            "TASKTREE_TASK is {text:?}: expected the number of a task"
        ))),
    }
}

/// Returns the task that the agent holds, as the server says, with the generation of the claim.
fn held(context: &Context) -> Result<Option<(u64, u64)>> {
    let project = context.project()?;
    let agent = match context.client.get(&paths::agent(project, context.agent()?)) {
        Ok(answer) => answer.read::<Agent>()?,
        Err(missing) if missing.exit == Exit::NotFound => return Ok(None),
        Err(failure) => return Err(failure),
    };
    let task = agent.held_task();
    let number = task.and_then(|task| task.number_in(project));
    Ok(number.zip(agent.generation))
}

/// Returns the reason for which a report about a task is refused, with its holder.
fn not_held(context: &Context, number: u64) -> Result<Failure> {
    let path = paths::task(context.project()?, &context.task(number)?);
    let task: Task = context.client.get(&path)?.read()?;
    let failure = match &task.holder {
        Some(holder) => {
            let message = format!("task #{number} is held by {holder}");
            Failure::new(Exit::Conflict, "taken", message).with("by", holder.as_str())
        }
        None => {
            let message = format!(
                "you do not hold task #{number}: claim it with `tasktree next --task {number}`"
            );
            Failure::new(Exit::Conflict, "not_held", message)
        }
    };
    Ok(failure.with("task", number))
}

fn remembered(context: &Context) -> Result<Option<Claim>> {
    let Some(path) = path(context)? else {
        return Ok(None);
    };
    let claim = files::read(&path)?;
    let claim: Option<Claim> = claim.and_then(|text| serde_json::from_str(&text).ok());
    // Two names may have one digest.
    let own = Claim::of(context, 0, 0)?;
    Ok(claim.filter(|claim| {
        (&claim.server, &claim.project, &claim.agent) == (&own.server, &own.project, &own.agent)
    }))
}

fn path(context: &Context) -> Result<Option<PathBuf>> {
    let Some(folder) = context.around.state_folder() else {
        return Ok(None);
    };
    let parts = [
        context.settings.server.as_str(),
        context.project()?.as_str(),
        context.agent()?.as_str(),
    ];
    let name = format!("{:016x}.json", digest(&parts.join("\n")));
    Ok(Some(folder.join("claims").join(name)))
}

/// Returns the FNV-1a digest of a text, which is the same in each version of the program.
pub(crate) fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |digest, byte| {
        (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
