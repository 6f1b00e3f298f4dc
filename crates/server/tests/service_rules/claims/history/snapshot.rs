//! State of a project, as every reader may see it.

use std::collections::BTreeMap;

use tasktree_protocol::agent::{Lease, Run};
use tasktree_protocol::question::{Answer, Question};
use tasktree_protocol::task::Attempt;
use tasktree_protocol::{Agent, AgentId, Task, TaskId};
use tasktree_server::error::Error;
use tasktree_server::store::QuestionFilter;

use crate::core_support::Core;

/// State of the project; nothing while it is removed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct State(Option<Rows>);

#[derive(Clone, Debug, Default, PartialEq)]
struct Rows {
    tasks: Vec<Task>,
    agents: Vec<Agent>,
    attempts: BTreeMap<TaskId, Vec<Attempt>>,
    questions: Vec<Question>,
    runs: BTreeMap<AgentId, Vec<Run>>,
    leases: Vec<Lease>,
}

impl State {
    pub(super) async fn read(core: &Core) -> Self {
        let (service, project) = (&core.service, &core.project);
        let tasks = match service.list_tasks(project).await {
            Err(Error::NotFound(_)) => return Self(None),
            tasks => tasks.unwrap().value,
        };
        let mut rows = Rows {
            tasks,
            agents: service.list_agents(project).await.unwrap().value,
            questions: service
                .questions(project, QuestionFilter::default(), 100)
                .await
                .unwrap()
                .value,
            leases: service.list_leases(project).await.unwrap().value,
            ..Rows::default()
        };
        for task in &rows.tasks {
            let attempts = service.attempts(project, &task.id, 1000).await.unwrap();
            rows.attempts.insert(task.id.clone(), attempts.value);
        }
        for agent in &mut rows.agents {
            // For an agent that has finished it depends on the clock alone.
            agent.is_alive &= agent.status.is_open();
            let runs = service.runs(project, &agent.id).await.unwrap().value;
            rows.runs.insert(agent.id.clone(), runs);
        }
        Self(Some(rows))
    }

    pub(super) fn is_there(&self) -> bool {
        self.0.is_some()
    }

    /// Returns the state as it goes to the trash when the project is removed or reset.
    pub(super) fn kept(&self) -> Self {
        let mut kept = self.clone();
        if let Some(rows) = &mut kept.0 {
            rows.leases.clear();
        }
        kept
    }

    pub(super) fn tasks(&self) -> &[Task] {
        self.0.as_ref().map_or(&[], |rows| &rows.tasks)
    }

    pub(super) fn agents(&self) -> &[Agent] {
        self.0.as_ref().map_or(&[], |rows| &rows.agents)
    }

    /// Returns the questions, newest first.
    pub(super) fn questions(&self) -> &[Question] {
        self.0.as_ref().map_or(&[], |rows| &rows.questions)
    }

    pub(super) fn answers(&self) -> impl Iterator<Item = &Answer> {
        self.questions().iter().flat_map(|one| &one.answers)
    }

    pub(super) fn leases(&self) -> &[Lease] {
        self.0.as_ref().map_or(&[], |rows| &rows.leases)
    }

    pub(super) fn task(&self, number: u8) -> Option<&Task> {
        let number = u64::from(number);
        self.tasks().iter().find(|task| task.number == number)
    }

    pub(super) fn agent(&self, id: &AgentId) -> Option<&Agent> {
        self.agents().iter().find(|agent| agent.id == *id)
    }

    /// Returns the claims of a task, newest first.
    pub(super) fn attempts(&self, task: &TaskId) -> &[Attempt] {
        let attempts = self.0.as_ref().and_then(|rows| rows.attempts.get(task));
        attempts.map_or(&[], Vec::as_slice)
    }

    /// Returns the runs of an agent, newest first.
    pub(super) fn runs(&self, agent: &AgentId) -> &[Run] {
        let runs = self.0.as_ref().and_then(|rows| rows.runs.get(agent));
        runs.map_or(&[], Vec::as_slice)
    }

    /// Returns the number of the run of that session; 0 if there is none.
    pub(super) fn run(&self, agent: &AgentId, session: &str) -> u64 {
        let mut runs = self.runs(agent).iter();
        let found = runs.find(|run| run.session == session);
        found.map_or(0, |run| run.id)
    }
}
