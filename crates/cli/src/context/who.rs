//! The agent that speaks: the named one, that of the harness's session, or that of the token.

use serde::Serialize;
use serde_json::json;
use tasktree_protocol::AgentId;
use tasktree_protocol::agent::{Source, harness_name};
use tasktree_protocol::http::{AgentRun, Role, paths};
use ureq::http::Method;

use super::Context;
use crate::client::{Call, Client};
use crate::failure::{Exit, Failure, Result};
use crate::surroundings::Surroundings;

/// Environment variables with the session of a harness.
const SESSIONS: [(&str, Source); 3] = [
    ("CLAUDE_CODE_SESSION_ID", Source::ClaudeCode),
    ("CODEX_THREAD_ID", Source::Codex),
    ("GEMINI_SESSION_ID", Source::Gemini),
];

/// Source of the runs of agents that no harness started.
const OWN_SOURCE: &str = "cli";

/// Agent that speaks.
#[derive(Clone, Debug)]
pub(crate) struct Who {
    /// Name of the agent.
    pub(crate) agent: AgentId,
    /// Place that the name comes from.
    pub(crate) from: NameFrom,
}

/// Place that the name of an agent comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NameFrom {
    /// `--agent`, or `TASKTREE_AGENT`.
    Name,
    /// Session of a harness.
    Session,
    /// Name of an agent's token.
    Token,
}

/// Session of a harness in which the process runs.
#[derive(Clone, Debug)]
pub(crate) struct SessionOf {
    /// Harness.
    pub(crate) source: Source,
    /// Id of its session.
    pub(crate) session: String,
}

impl SessionOf {
    /// Finds the session in the environment.
    pub(crate) fn find(around: &Surroundings) -> Option<Self> {
        SESSIONS.into_iter().find_map(|(name, source)| {
            let session = around.variable(name)?.to_owned();
            Some(Self { source, session })
        })
    }
}

/// Finds the agent that speaks; none if nothing names one.
pub(super) fn find(context: &Context) -> Result<Option<Who>> {
    if let Some(name) = &context.named {
        return Ok(Some(Who {
            agent: name.as_str().into(),
            from: NameFrom::Name,
        }));
    }
    if let Some(session) = SessionOf::find(&context.around) {
        return Ok(Some(Who {
            agent: of_session(context, &session)?,
            from: NameFrom::Session,
        }));
    }
    let caller = context.caller()?;
    let is_agent = caller.role == Role::Agent.as_str();
    Ok(is_agent.then(|| Who {
        agent: caller.name.into(),
        from: NameFrom::Token,
    }))
}

/// Returns the agent that the server knows by a session, or else its usual name.
fn of_session(context: &Context, session: &SessionOf) -> Result<AgentId> {
    let path = context.path(paths::project_runs)?;
    let call = Call::new(Method::GET, &path)
        .query("source", session.source)
        .query("session", &session.session);
    let runs: Vec<AgentRun> = match context.client.send(call) {
        Ok(answer) => answer.read()?,
        // No such project, which the verb will say, or a server that keeps no sessions yet.
        Err(refused) if refused.exit == Exit::NotFound => Vec::new(),
        Err(failure) => return Err(failure),
    };
    // A subagent shares the session of its parent, whose run has no parent.
    let own = runs.iter().find(|found| found.run.parent.is_none());
    Ok(match own.or(runs.first()) {
        Some(found) => found.agent.clone(),
        None => harness_name(session.source, &session.session).into(),
    })
}

/// Refuses to act without a name.
pub(super) fn nameless() -> Failure {
    let message = "name the agent: `--agent NAME`, or `export TASKTREE_AGENT=NAME`";
    Failure::new(Exit::Usage, "no_agent", message)
}

/// Registers the agent with its machine and folder.
pub(super) fn register(context: &Context, client: &Client) -> Result<()> {
    let agent = context.agent()?;
    let found = SessionOf::find(&context.around);
    let (source, session) = match &found {
        Some(found) => (found.source.as_str(), found.session.as_str()),
        // The name is stable, so a later command continues the same run.
        None => (OWN_SOURCE, agent.as_str()),
    };
    let run = json!({
        "source": source,
        "session": session,
        "machine": context.around.machine().unwrap_or_default(),
        "folder": context.around.folder.display().to_string(),
    });
    let path = context.path(paths::agents)?;
    client.post(&path, &json!({"id": agent, "run": run}))?;
    Ok(())
}
