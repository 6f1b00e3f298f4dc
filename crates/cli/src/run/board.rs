//! Requests of `tasktree run`, as the agent that it runs.

use serde_json::{Map, Value, json};
use tasktree_protocol::agent::{Run, WaitKind};
use tasktree_protocol::http::paths;
use tasktree_protocol::question::Question as Asked;
use tasktree_protocol::{Agent, AgentId, ProjectId};
use tasktree_terminal::{Need, Question};
use ureq::http::Method;

use crate::client::{Answer, Call, Client};
use crate::context::Context;
use crate::failure::Result;

/// Run of a program.
#[derive(Clone, Debug)]
pub(super) struct RunOf {
    pub(super) agent: AgentId,
    /// Name of the program.
    pub(super) program: String,
    pub(super) source: String,
    pub(super) session: String,
    pub(super) machine: String,
    pub(super) folder: String,
    pub(super) task: Option<u64>,
}

/// Board that a run is shown on.
#[derive(Debug)]
pub(super) struct Board {
    context: Context,
    run: RunOf,
    /// Run as the server knows it.
    known: Option<Run>,
}

impl Board {
    pub(super) fn new(context: Context, run: RunOf) -> Self {
        Self {
            context,
            run,
            known: None,
        }
    }

    pub(super) fn set_client(&mut self, client: Client) {
        self.context.client = client;
    }

    /// Returns the project, if it is known.
    pub(super) fn project(&self) -> Option<&ProjectId> {
        self.known.as_ref()?;
        self.context.project().ok()
    }

    /// Returns the name of the program.
    pub(super) fn program(&self) -> &str {
        &self.run.program
    }

    /// Registers the agent with its run, unless that has happened.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub(super) fn register(&mut self) -> Result<()> {
        if self.known.is_some() {
            return Ok(());
        }
        let run = &self.run;
        let mut body = json!({"id": run.agent, "run": {
            "source": run.source,
            "session": run.session,
            "machine": run.machine,
            "folder": run.folder,
        }});
        if let Some(task) = run.task {
            body["task_id"] = json!(self.context.task(task)?);
        }
        let path = self.context.path(paths::agents)?;
        let agent: Agent = self
            .send(Call::new(Method::POST, &path).json(&body))?
            .read()?;
        self.known = agent.run;
        Ok(())
    }

    /// Forgets that the agent is registered: the server does not know it anymore.
    pub(super) fn forget(&mut self) {
        self.known = None;
        // Its claim is gone with it.
        self.run.task = None;
    }

    /// Stores lines in the agent's log.
    pub(super) fn log(&self, lines: &[String]) -> Result<()> {
        let path = paths::agent_logs(self.context.project()?, &self.run.agent);
        self.send(Call::new(Method::POST, &path).json(&json!({"lines": lines})))?;
        Ok(())
    }

    /// Reports a state of the agent.
    pub(super) fn report(&self, fields: &Map<String, Value>) -> Result<Agent> {
        let path = paths::agent(self.context.project()?, &self.run.agent);
        self.send(Call::new(Method::PUT, &path).json(fields))?
            .read()
    }

    /// Says that the agent is alive. No answer is handed out with it.
    pub(super) fn beat(&self) -> Result<()> {
        match &self.known {
            Some(known) => self.update(known.id, &json!({})),
            None => Ok(()),
        }
    }

    /// Opens a question. Returns its id.
    pub(super) fn ask(&self, question: &Question) -> Result<Option<u64>> {
        let kind = match question.need {
            Some(Need::Permission) => WaitKind::Permission,
            Some(Need::Question) => WaitKind::Question,
            Some(Need::Auth) => WaitKind::Auth,
            None => WaitKind::Other,
        };
        let mut fields = Map::new();
        let wait = json!({
            "kind": kind,
            "text": question.text,
            "options": question.options,
            // Each question of the terminal is one of its own, whatever its text.
            "request": format!("{}-{}", self.run.session, question.serial),
            "in_terminal": true,
        });
        fields.insert("waiting_for".to_owned(), wait);
        let agent = self.report(&fields)?;
        let wants = question.need != Some(Need::Auth);
        // Hooks of the same agent may have added a newer run.
        if let Some(run) = agent.run.filter(|run| run.answers != wants) {
            self.update(run.id, &json!({"answers": wants}))?;
        }
        let wait = agent.waiting_for.and_then(|wait| wait.request);
        Ok(wait.and_then(|request| request.parse().ok()))
    }

    /// Returns a question with its answers, if it is open.
    pub(super) fn question(&self, id: u64) -> Result<Option<Asked>> {
        let path = self.context.path(paths::questions)?;
        let call = Call::new(Method::GET, &path)
            .query("agent", &self.run.agent)
            .query("open", true);
        let open: Vec<Asked> = self.send(call)?.read()?;
        Ok(open.into_iter().find(|question| question.id == id))
    }

    /// Says that the answer to the agent's question has reached it.
    pub(super) fn delivered(&self) -> Result<()> {
        let path = paths::heartbeat(self.context.project()?, &self.run.agent);
        self.send(Call::new(Method::POST, &path))?;
        Ok(())
    }

    /// Ends the run, and the sessions that the program has reported itself and left open.
    pub(super) fn end(&self) -> Result<()> {
        let Some(own) = &self.known else {
            return Ok(());
        };
        let path = paths::runs(self.context.project()?, &self.run.agent);
        let runs: Vec<Run> = self.send(Call::new(Method::GET, &path))?.read()?;
        let is_inside = |run: &&Run| {
            let is_own = run.id == own.id;
            let is_later = run.parent.is_none()
                && run.machine == own.machine
                && run.folder == own.folder
                && run.started_at.unix_millis(0) >= own.started_at.unix_millis(0);
            run.ended_at.is_none() && (is_own || is_later)
        };
        for run in runs.iter().filter(is_inside) {
            self.update(run.id, &json!({"ended": true}))?;
        }
        Ok(())
    }

    fn update(&self, run: u64, change: &Value) -> Result<()> {
        let path = paths::run(self.context.project()?, &self.run.agent, run);
        self.send(Call::new(Method::PUT, &path).json(change))?;
        Ok(())
    }

    fn send(&self, call: Call) -> Result<Answer> {
        self.context.client.speaking_as(&self.run.agent)?.send(call)
    }
}
