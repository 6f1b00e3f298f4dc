//! `board_done`, `board_block` and `board_heartbeat`: reports of the agent.

use serde::Deserialize;
use serde_json::{Value, json};
use tasktree_protocol::agent::WaitKind;
use tasktree_protocol::{Agent, AgentId, AgentStatus, Maybe, ProjectId, Status, Task};

use super::rows;
use crate::domain::{AgentPatch, Statement, Wait};
use crate::mcp::arguments::{Arguments, Outcome, TaskName};
use crate::mcp::caller::Caller;
use crate::mcp::claim::{self, Named};

/// Number of unlocked tasks that an answer names.
const UNLOCKED: usize = 50;

/// Completes a task.
pub(super) async fn done(caller: &Caller, mut arguments: Arguments) -> Outcome<Value> {
    let named = Named::read(&mut arguments)?;
    let evidence = Statement {
        summary: Some(arguments.required("summary")?),
        commit: arguments.optional("commit")?,
        branch: arguments.optional("branch")?,
        tests: arguments.optional("tests")?,
    };
    arguments.finish()?;
    let project = caller.project().await?;
    let agent = caller.agent(&project).await?;
    let mut answers = Vec::new();
    let completed = match completed_before(caller, &project, &agent, &named).await? {
        Some(task) => task,
        None => {
            let claim = claim::find(caller, &project, &agent, &named).await?;
            let report = AgentPatch {
                status: Maybe::Value(AgentStatus::Done),
                evidence: Some(evidence),
                ..claim.report()
            };
            let told = caller.report(&project, &agent, report).await?.value;
            answers = rows::answers(&told.answers);
            caller.service.task(&project, &claim.task).await?.value
        }
    };
    let unlocked = caller
        .service
        .unlocked_by(&project, completed.number, UNLOCKED)
        .await?;
    let mut answer = rows::members([
        ("task", rows::changed(&completed)),
        ("answers", json!(answers)),
    ]);
    answer["unlocked"] = json!(unlocked);
    Ok(answer)
}

/// Returns the named task if this agent has completed it: a call that is repeated changes nothing.
async fn completed_before(
    caller: &Caller,
    project: &ProjectId,
    agent: &AgentId,
    named: &Named,
) -> Outcome<Option<Task>> {
    let row = caller.service.agent(project, agent).await?.value;
    let id = match (&named.task, row.held_task()) {
        (Some(task), _) => task.in_project(project)?,
        (None, Some(_)) => return Ok(None),
        // Without a task in the call, the last one of the agent.
        (None, None) => match row.task() {
            Some(task) => task,
            None => return Ok(None),
        },
    };
    let task = match caller.service.task(project, &id).await {
        Ok(found) => found.value,
        Err(_) if named.task.is_none() => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let is_done = matches!(task.status, Status::Completed | Status::Merged);
    let is_its = task.session.as_deref() == Some(agent.as_str());
    Ok((is_done && is_its).then_some(task))
}

/// Reason for which an agent cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    #[serde(alias = "question")]
    NeedsInput,
    Permission,
    Auth,
    Dependency,
    RateLimit,
    Other,
    Failed,
}

impl Kind {
    /// Returns the kind of the wait; none if the agent gives up.
    const fn wait(self) -> Option<WaitKind> {
        match self {
            Self::NeedsInput => Some(WaitKind::Question),
            Self::Permission => Some(WaitKind::Permission),
            Self::Auth => Some(WaitKind::Auth),
            Self::Dependency => Some(WaitKind::Dependency),
            Self::RateLimit => Some(WaitKind::RateLimit),
            Self::Other => Some(WaitKind::Other),
            Self::Failed => None,
        }
    }
}

/// Says that the agent cannot go on.
pub(super) async fn block(caller: &Caller, mut arguments: Arguments) -> Outcome<Value> {
    let named = Named::read(&mut arguments)?;
    let kind: Option<Kind> = arguments.optional("kind")?;
    let mut reason: String = arguments.required("reason")?;
    let options: Option<Vec<String>> = arguments.optional("options")?;
    let on: Vec<TaskName> = arguments.optional("on")?.unwrap_or_default();
    arguments.finish()?;
    let project = caller.project().await?;
    let kind = kind.unwrap_or(match on.is_empty() {
        true => Kind::NeedsInput,
        false => Kind::Dependency,
    });
    if !on.is_empty() {
        let others: Outcome<Vec<_>> = on
            .iter()
            .map(|task| Ok(format!("#{}", task.number(&project)?)))
            .collect();
        reason.push_str(&format!(" (waits for {})", others?.join(", ")));
    }
    let agent = caller.agent(&project).await?;
    let claim = claim::find(caller, &project, &agent, &named).await?;
    let report = match kind.wait() {
        None => AgentPatch {
            status: Maybe::Value(AgentStatus::Failed),
            reason: Some(reason),
            ..claim.report()
        },
        Some(kind) => AgentPatch {
            waiting_for: Maybe::Value(Wait {
                kind,
                text: reason,
                until: None,
                options: options.unwrap_or_default(),
                request: None,
                in_terminal: false,
            }),
            ..claim.report()
        },
    };
    let told = caller.report(&project, &agent, report).await?.value;
    let task = caller.service.task(&project, &claim.task).await?.value;
    Ok(rows::members([
        ("task", rows::changed(&task)),
        ("agent", state(&told.value)),
        ("answers", json!(rows::answers(&told.answers))),
    ]))
}

/// Says that the agent is alive.
pub(super) async fn heartbeat(caller: &Caller, mut arguments: Arguments) -> Outcome<Value> {
    let note: Option<String> = arguments.optional("note")?;
    let progress: Option<u8> = arguments.optional("progress")?;
    arguments.finish()?;
    let project = caller.project().await?;
    let agent = caller.agent(&project).await?;
    let claim = match progress {
        Some(_) => {
            let any = Named {
                task: None,
                claim: None,
            };
            Some(claim::find(caller, &project, &agent, &any).await?)
        }
        None => claim::held(caller, &project, &agent).await?,
    };
    let report = AgentPatch {
        progress: progress.map_or(Maybe::Absent, Maybe::Value),
        last_activity: note.map_or(Maybe::Absent, Maybe::Value),
        ..claim
            .as_ref()
            .map_or_else(AgentPatch::default, claim::Claim::report)
    };
    let receipt = caller.report(&project, &agent, report).await?;
    let unread = caller.service.messages(&project, &agent, true).await?.value;
    let told = receipt.value;
    let mut answer = rows::members([
        ("agent", state(&told.value)),
        ("task", json!(claim.map(|claim| claim.number))),
        ("answers", json!(rows::answers(&told.answers))),
    ]);
    answer["seq"] = json!(receipt.cursor.seq);
    answer["unread"] = json!(unread.len());
    Ok(answer)
}

/// Returns the state of an agent.
fn state(agent: &Agent) -> Value {
    rows::members([
        ("name", json!(agent.id)),
        ("status", json!(agent.status)),
        ("progress", json!(agent.progress)),
        (
            "waiting_for",
            json!(agent.waiting_for.as_ref().map(|wait| wait.kind)),
        ),
    ])
}
