//! Operations on agents, their messages and their log lines.

use tasktree_protocol::agent::{AgentMessage, Run};
use tasktree_protocol::{Agent, AgentId, ProjectId, TaskId};

use super::{Receipt, Service, Snapshot, WriteContext};
use crate::auth::{Permission, Target};
use crate::domain::agent::Look;
use crate::domain::{
    self, AgentPatch, LinesStored, NewLogLines, NewMessage, NewRun, NextTask, RegisterAgent,
    RunPatch, read,
};
use crate::error::Result;
use crate::store::{LogEntry, NotReady};

impl Service {
    /// Returns all agents of a project, by id.
    pub async fn list_agents(&self, project: &ProjectId) -> Result<Snapshot<Vec<Agent>>> {
        let now = self.now();
        self.view(project, move |rows, project| {
            read::agents(rows, project, now)?.all(rows)
        })
        .await
    }

    /// Returns one agent.
    pub async fn agent(&self, project: &ProjectId, agent: &AgentId) -> Result<Snapshot<Agent>> {
        let (agent, now) = (agent.clone(), self.now());
        self.view(project, move |rows, project| {
            read::agent(rows, project, &agent, now)
        })
        .await
    }

    /// Registers an agent, or the same one again, and claims its task.
    pub async fn register_agent(
        &self,
        context: WriteContext,
        project: &ProjectId,
        registration: RegisterAgent,
    ) -> Result<Receipt<Agent>> {
        self.change(
            context,
            Permission::Speak,
            project,
            move |change, project| domain::agent::register(change, project, registration),
        )
        .await
    }

    /// Applies an agent's report about itself; it counts as a heartbeat.
    pub async fn update_agent(
        &self,
        context: WriteContext,
        project: &ProjectId,
        agent: &AgentId,
        patch: AgentPatch,
    ) -> Result<Receipt<Agent>> {
        let agent = agent.clone();
        let observed = self.observe(project, &agent, &patch).await?;
        self.change(
            context,
            Permission::Speak,
            project,
            move |change, project| domain::agent::update(change, project, &agent, patch, observed),
        )
        .await
    }

    /// Returns the task that an agent holds, or claims one for it: `wanted`, or the next that is
    /// ready.
    ///
    /// All in one transaction.
    pub async fn claim_next(
        &self,
        context: WriteContext,
        project: &ProjectId,
        agent: &AgentId,
        wanted: Option<TaskId>,
    ) -> Result<Receipt<NextTask>> {
        let agent = agent.clone();
        let look = self.look_for_next(project, wanted.as_ref()).await?;
        self.change(
            context,
            Permission::Speak,
            project,
            move |change, project| {
                domain::agent::claim_next(change, project, &agent, wanted.as_ref(), look)
            },
        )
        .await
    }

    /// Finds the next task that is ready, unless one is named, without holding up a writer.
    pub(super) async fn look_for_next(
        &self,
        project: &ProjectId,
        wanted: Option<&TaskId>,
    ) -> Result<Look> {
        if wanted.is_some() {
            return Ok(Look::Nothing(NotReady::default()));
        }
        let id = project.clone();
        self.read(Target::Project(project), move |rows| {
            domain::agent::look(rows, &id)
        })
        .await
    }

    /// Returns the runs of an agent, newest first.
    pub async fn runs(&self, project: &ProjectId, agent: &AgentId) -> Result<Snapshot<Vec<Run>>> {
        let (agent, most) = (agent.clone(), self.limits().runs_per_agent);
        self.view(project, move |rows, project| {
            read::runs(rows, project, &agent, most)
        })
        .await
    }

    /// Starts a run of an agent, or continues it.
    pub async fn start_run(
        &self,
        context: WriteContext,
        project: &ProjectId,
        agent: &AgentId,
        new: NewRun,
    ) -> Result<Receipt<Run>> {
        let agent = agent.clone();
        self.change(
            context,
            Permission::Speak,
            project,
            move |change, project| domain::agent::start_run(change, project, &agent, new),
        )
        .await
    }

    /// Changes a run of an agent.
    pub async fn update_run(
        &self,
        context: WriteContext,
        project: &ProjectId,
        agent: &AgentId,
        run: u64,
        patch: RunPatch,
    ) -> Result<Receipt<Run>> {
        let agent = agent.clone();
        self.change(
            context,
            Permission::Speak,
            project,
            move |change, project| domain::agent::update_run(change, project, &agent, run, patch),
        )
        .await
    }

    /// Records that an agent is alive. Writes an event only if it was silent, or does something
    /// new.
    pub async fn heartbeat(
        &self,
        context: WriteContext,
        project: &ProjectId,
        agent: &AgentId,
        last_activity: Option<String>,
    ) -> Result<Receipt<Agent>> {
        let patch = AgentPatch {
            last_activity: last_activity.map_or_else(Default::default, |text| Some(text).into()),
            ..AgentPatch::default()
        };
        self.update_agent(context, project, agent, patch).await
    }

    /// Removes an agent: its leases end, and its unfinished task is unclaimed again.
    pub async fn remove_agent(
        &self,
        context: WriteContext,
        project: &ProjectId,
        agent: &AgentId,
    ) -> Result<Receipt<()>> {
        let agent = agent.clone();
        self.change(
            context,
            Permission::Speak,
            project,
            move |change, project| domain::agent::remove(change, project, &agent),
        )
        .await
    }

    /// Assigns an agent to the agents' token of that name, or to nobody.
    pub async fn assign_agent(
        &self,
        context: WriteContext,
        project: &ProjectId,
        agent: &AgentId,
        token: Option<String>,
    ) -> Result<Receipt<Agent>> {
        let agent = agent.clone();
        self.change(
            context,
            Permission::Manage,
            project,
            move |change, project| domain::agent::assign(change, project, &agent, token.as_deref()),
        )
        .await
    }

    /// Sends a message to an agent.
    pub async fn send_message(
        &self,
        context: WriteContext,
        project: &ProjectId,
        to: &AgentId,
        message: NewMessage,
    ) -> Result<Receipt<AgentMessage>> {
        let to = to.clone();
        self.change(
            context,
            Permission::Speak,
            project,
            move |change, project| domain::message::send(change, project, &to, message),
        )
        .await
    }

    /// Returns messages to an agent, oldest first; with `unread` only those that it has not marked
    /// as read.
    pub async fn messages(
        &self,
        project: &ProjectId,
        agent: &AgentId,
        unread: bool,
    ) -> Result<Snapshot<Vec<AgentMessage>>> {
        let principal = self.principal().clone();
        principal.check(Permission::Speak, Target::Project(project))?;
        let agent = agent.clone();
        self.view(project, move |rows, project| {
            read::messages(rows, project, &agent, unread, &principal)
        })
        .await
    }

    /// Marks an agent's messages as read up to that number; returns the number of unread ones.
    pub async fn mark_read(
        &self,
        context: WriteContext,
        project: &ProjectId,
        agent: &AgentId,
        up_to: u64,
    ) -> Result<Receipt<u64>> {
        let agent = agent.clone();
        self.change(
            context,
            Permission::Speak,
            project,
            move |change, project| domain::message::mark_read(change, project, &agent, up_to),
        )
        .await
    }

    /// Stores log lines of an agent, or of the project itself, and sends them to subscribers.
    pub async fn add_log_lines(
        &self,
        context: WriteContext,
        project: &ProjectId,
        lines: NewLogLines,
    ) -> Result<Receipt<LinesStored>> {
        self.change(
            context,
            Permission::Speak,
            project,
            move |change, project| domain::log::add(change, project, &lines),
        )
        .await
    }

    /// Returns the newest `limit` log lines of a project, or of one agent in it, oldest first.
    pub async fn log_lines(
        &self,
        project: &ProjectId,
        agent: Option<&AgentId>,
        limit: usize,
    ) -> Result<Snapshot<Vec<LogEntry>>> {
        let agent = agent.cloned();
        self.view(project, move |rows, project| {
            read::log_lines(rows, project, agent.as_ref(), limit)
        })
        .await
    }
}
