//! `tasktree whoami` and `prime`: who the agent is, and what it needs to know.

use clap::Args;
use serde_json::{Value, json};
use tasktree_protocol::Agent;
use tasktree_protocol::http::paths;

use super::Verb;
use crate::context::{Context, SessionOf, hash};
use crate::failure::{Exit, Result};
use crate::limits::PRIME_BYTES;
use crate::output::{Form, Report};
use crate::text::{columns, line, short};

/// Number of letters of a title in `prime`.
const TITLE_LETTERS: usize = 120;

/// Options of `whoami`.
#[derive(Debug, Args)]
pub(crate) struct WhoAmI {}

impl Verb for WhoAmI {
    fn run(self, context: &Context, _: Form) -> Result<Option<Report>> {
        let caller = context.caller()?;
        let project = context.project()?;
        let who = context.who()?;
        let agent = stored_agent(context)?;
        let task = held_number(context, agent.as_ref())?;
        let session = SessionOf::find(&context.around);
        let data = json!({
            "server": context.settings.server.as_str(),
            "project": project,
            "agent": who.map(|who| &who.agent),
            "agent_from": who.map(|who| who.from),
            "registered": agent.is_some(),
            "task": task,
            "generation": agent.as_ref().and_then(|agent| agent.generation),
            "token": caller.name,
            "role": caller.role,
            "machine": context.around.machine(),
            "folder": context.around.folder.display().to_string(),
            "source": session.as_ref().map(|session| session.source),
            "session": session.as_ref().map(|session| &session.session),
        });
        let rows = [
            "agent", "task", "project", "server", "role", "machine", "folder",
        ];
        let rows = rows.map(|name| [name.to_owned(), shown(&data[name])]);
        let text = columns(&rows);
        Ok(Some(Report::new(data, text)))
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => line(text),
        Value::Number(number) => hash(number),
        other => other.to_string(),
    }
}

/// Options of `prime`.
#[derive(Debug, Args)]
pub(crate) struct Prime {}

impl Verb for Prime {
    fn run(self, context: &Context, _: Form) -> Result<Option<Report>> {
        let name = context.agent()?;
        let agent = stored_agent(context)?;
        let task = held_number(context, agent.as_ref())?;
        let title = agent.as_ref().map_or("", |agent| agent.task_title.as_str());
        let text = primer(name.as_str(), context.project()?.as_str(), task, title);
        let data = json!({"agent": name, "task": task, "text": text});
        Ok(Some(Report::new(data, text)))
    }
}

/// Returns what an agent needs to know, in at most [`PRIME_BYTES`].
fn primer(agent: &str, project: &str, task: Option<u64>, title: &str) -> String {
    let text = |letters: usize| {
        let mut text = format!("You are the agent {agent} on the TaskTree board of {project}.\n");
        text.push_str(&match task {
            Some(number) => format!(
                "You hold task {}: {}\n`tasktree show {number}` has its text.\n",
                hash(number),
                short(title, letters)
            ),
            None => "You hold no task: `tasktree next` claims one and prints it.\n".to_owned(),
        });
        text.push_str(
            "`tasktree done \"SUMMARY\" --commit SHA` completes it, `tasktree ask \"QUESTION\" \
             --wait 10m` asks people, `tasktree block \"REASON\"` says why you cannot go on, \
             `tasktree inbox` has messages and answers.",
        );
        text
    };
    // A letter takes up to four bytes, and names may be long too.
    let fitting = (0..=TITLE_LETTERS)
        .rev()
        .step_by(10)
        .map(text)
        .find(|text| text.len() <= PRIME_BYTES);
    fitting.unwrap_or_default()
}

/// Returns the agent as the server knows it; none if it is not registered.
fn stored_agent(context: &Context) -> Result<Option<Agent>> {
    let Some(who) = context.who()? else {
        return Ok(None);
    };
    let path = paths::agent(context.project()?, &who.agent);
    match context.client.get(&path) {
        Ok(found) => Ok(Some(found.read()?)),
        Err(refused) if refused.exit == Exit::NotFound => Ok(None),
        Err(failure) => Err(failure),
    }
}

fn held_number(context: &Context, agent: Option<&Agent>) -> Result<Option<u64>> {
    match agent.and_then(Agent::held_task) {
        Some(task) => context.number(&task),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_primer_names_the_task_and_fits() {
        let text = primer("ada", "alpha", Some(12), "Parse the config");
        assert!(text.contains("#12: Parse the config") && text.contains("tasktree done"));
        assert!(primer("ada", "alpha", None, "").contains("tasktree next"));
        let long = "修".repeat(100);
        let text = primer(&long, "alpha", Some(u64::MAX), &"修".repeat(500));
        assert!(
            text.len() <= PRIME_BYTES && text.contains(&long),
            "{}",
            text.len()
        );
    }
}
