//! Requests of clients about agents.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tasktree_protocol::agent::WaitKind;
use tasktree_protocol::{Agent, AgentId, AgentStatus, Maybe, TaskId, Timestamp, lenient};

use super::run::NewRun;
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::task::Statement;
use crate::terminal;
use crate::validate::Checks;

/// Agent to be registered, possibly again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = NewAgent)]
pub struct RegisterAgent {
    /// Name of the agent, unique in the project.
    pub id: AgentId,
    /// Task that it claims.
    #[serde(default)]
    pub task_id: Option<TaskId>,
    /// Branch that it works on; the task's if left out.
    #[serde(default)]
    pub branch: Option<String>,
    /// Purpose of the agent.
    #[serde(default)]
    pub description: Option<String>,
    /// Session of the agent's harness.
    #[serde(default)]
    pub run: Option<NewRun>,
}

/// Report of an agent: absent fields stay, null clears.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct AgentPatch {
    /// State of the agent. `completed` completes its task, `failed` releases it.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    #[schema(value_type = Option<AgentStatus>)]
    pub status: Maybe<AgentStatus>,
    /// Progress, in percent.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    #[schema(value_type = Option<u8>)]
    pub progress: Maybe<u8>,
    /// Last activity, in the agent's words; `null` clears.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    #[schema(value_type = Option<String>)]
    pub last_activity: Maybe<String>,
    /// Task that it claims; `null` releases its task. With a generation, the task that the report
    /// is about.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    #[schema(value_type = Option<TaskId>)]
    pub task_id: Maybe<TaskId>,
    /// Generation of the claim that the report is about; refused with 409 once the claim has ended.
    pub generation: Option<u64>,
    /// Reason for a wait; makes the agent wait if no status is given.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    #[schema(value_type = Option<Wait>)]
    pub waiting_for: Maybe<Wait>,
    /// Reason for a failure or a release.
    pub reason: Option<String>,
    /// Evidence for the status `completed`.
    pub evidence: Option<Statement>,
    /// True while a turn or a tool call of its harness is open.
    pub turn_open: Option<bool>,
}

/// Wait as an agent reports it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = NewWait)]
#[serde(deny_unknown_fields)]
pub struct Wait {
    /// Kind of the awaited thing.
    pub kind: WaitKind,
    /// Question or reason, in the agent's words.
    #[serde(default, deserialize_with = "lenient::or_default")]
    #[schema(value_type = Option<String>)]
    pub text: String,
    /// Expected end, RFC 3339.
    #[serde(default)]
    pub until: Option<Timestamp>,
    /// Answers that the agent proposes, at most 20.
    #[serde(default, deserialize_with = "lenient::or_default")]
    #[schema(value_type = Option<Vec<String>>)]
    pub options: Vec<String>,
    /// Id that the agent's harness gave the request.
    #[serde(default)]
    pub request: Option<String>,
    /// True if the agent waits at a prompt in its terminal, where an answer reaches it only through
    /// a run with `answers`. Set by the doors of harnesses.
    #[serde(default, deserialize_with = "lenient::or_default")]
    #[schema(value_type = Option<bool>)]
    pub in_terminal: bool,
}

impl Wait {
    /// Returns the wait of an agent that gives no reason.
    pub(super) fn other(agent: &Agent) -> Self {
        Self {
            kind: WaitKind::Other,
            text: agent.last_activity.clone().unwrap_or_default(),
            until: None,
            options: Vec::new(),
            request: None,
            in_terminal: false,
        }
    }
}

/// Returns a report with its texts as a terminal would show them: they are often program output.
pub(super) fn plain(mut patch: AgentPatch) -> AgentPatch {
    patch.last_activity = patch.last_activity.map(terminal::plain);
    patch.reason = patch.reason.map(terminal::plain);
    patch.waiting_for = patch.waiting_for.map(|mut wait| {
        wait.text = terminal::plain(wait.text);
        wait.options = wait.options.into_iter().map(terminal::plain).collect();
        wait
    });
    if let Some(stated) = &mut patch.evidence {
        for text in [&mut stated.tests, &mut stated.summary] {
            *text = text.take().map(terminal::plain);
        }
    }
    patch
}

pub(super) fn check_registration(new: &RegisterAgent, is_new: bool, limits: &Limits) -> Result<()> {
    let mut checks = Checks::default();
    // A registered agent keeps its name, even one that only an older version accepted.
    if is_new {
        checks.name("id", new.id.as_str(), limits.name_chars);
    }
    if new.id.as_str().contains('/') {
        let message = "must not contain a slash, because it is part of URLs";
        checks.fail("id", "agent_id", message, new.id.as_str());
    }
    // An agent without a branch may send an empty one.
    if let Some(branch) = new.branch.as_deref().filter(|branch| !branch.is_empty()) {
        checks.branch("branch", branch, limits.branch_chars);
    }
    checks.bytes(
        "description",
        new.description.as_deref(),
        limits.message_bytes,
    );
    checks.finish()
}

pub(super) fn check_patch(patch: &AgentPatch, limits: &Limits) -> Result<()> {
    let mut checks = Checks::default();
    checks.not_null("status", patch.status == Maybe::Null);
    checks.not_null("progress", patch.progress == Maybe::Null);
    if let Maybe::Value(progress) = patch.progress {
        checks.at_most("progress", progress.into(), 100);
    }
    if let Maybe::Value(activity) = &patch.last_activity {
        checks.bytes("last_activity", Some(activity), limits.message_bytes);
    }
    if let Maybe::Value(wait) = &patch.waiting_for {
        checks.bytes("waiting_for.text", Some(&wait.text), limits.question_bytes);
        let (options, most) = (&wait.options, limits.question_options);
        checks.count("waiting_for.options", options.len(), most);
        for (index, option) in options.iter().take(most).enumerate() {
            let field = format!("waiting_for.options.{index}");
            checks.line(&field, option, limits.list_entry_chars);
        }
        if let Some(request) = &wait.request {
            checks.chars("waiting_for.request", request, limits.name_chars);
        }
        let waits = matches!(
            patch.status,
            Maybe::Absent | Maybe::Value(AgentStatus::Waiting)
        );
        if !waits {
            let message = "is allowed only with the status 'waiting'";
            checks.fail("waiting_for", "status", message, wait.text.as_str());
        }
    }
    checks.bytes("reason", patch.reason.as_deref(), limits.message_bytes);
    checks.finish()?;
    match &patch.evidence {
        Some(_) if patch.status != Maybe::Value(AgentStatus::Done) => {
            let message = "is allowed only with the status 'completed'";
            Err(Error::invalid("evidence", "status", message, Value::Null))
        }
        Some(stated) => stated.check(limits),
        None => Ok(()),
    }
}
