//! Questions of agents and the answers to them, and reports of agents with the pending answers.

use serde::{Deserialize, Serialize};
use tasktree_protocol::question::{Answer, Question};
use tasktree_protocol::{Agent, AgentId, ProjectId, TaskId};

use super::{Receipt, Service, Snapshot, WriteContext};
use crate::auth::Permission;
use crate::domain::{self, AgentPatch, NextTask, question};
use crate::error::Result;
use crate::store::QuestionFilter;

/// Response to an agent's report: the outcome, and answers to its question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reported<T> {
    /// Outcome of the report.
    #[serde(flatten)]
    pub value: T,
    /// Answers that the agent has not confirmed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
}

impl Service {
    /// Applies a report as [`Service::update_agent`] does, and returns the pending answers with it.
    pub async fn report(
        &self,
        context: WriteContext,
        project: &ProjectId,
        agent: &AgentId,
        patch: AgentPatch,
    ) -> Result<Receipt<Reported<Agent>>> {
        let agent = agent.clone();
        let observed = self.observe(project, &agent, &patch).await?;
        self.change(
            context,
            Permission::Speak,
            project,
            move |change, project| {
                let value = domain::agent::update(change, project, &agent, patch, observed)?;
                let answers = question::deliver(change, project, &agent)?;
                Ok(Reported { value, answers })
            },
        )
        .await
    }

    /// Returns an agent's task as [`Service::claim_next`] does, with the pending answers.
    pub async fn report_next(
        &self,
        context: WriteContext,
        project: &ProjectId,
        agent: &AgentId,
        wanted: Option<TaskId>,
    ) -> Result<Receipt<Reported<NextTask>>> {
        let agent = agent.clone();
        let look = self.look_for_next(project, wanted.as_ref()).await?;
        self.change(
            context,
            Permission::Speak,
            project,
            move |change, project| {
                // First, since a claim closes the question that the agent had without it.
                let answers = question::deliver(change, project, &agent)?;
                let value =
                    domain::agent::claim_next(change, project, &agent, wanted.as_ref(), look)?;
                Ok(Reported { value, answers })
            },
        )
        .await
    }

    /// Returns the newest questions that a filter admits, newest first. The text of answers is left
    /// out for readers that it does not concern.
    pub async fn questions(
        &self,
        project: &ProjectId,
        filter: QuestionFilter,
        limit: usize,
    ) -> Result<Snapshot<Vec<Question>>> {
        let limit = limit.min(self.limits().questions_per_page);
        let reader = self.reader_of_answers(project);
        self.view(project, move |rows, project| {
            question::list(rows, project, &filter, limit, reader)?.all(rows)
        })
        .await
    }

    /// Answers a question. The first answer is applied while the question is open; any other is
    /// late.
    pub async fn answer_question(
        &self,
        context: WriteContext,
        project: &ProjectId,
        id: u64,
        text: String,
    ) -> Result<Receipt<Answer>> {
        let needs = Permission::Change;
        self.change(context, needs, project, move |change, project| {
            question::answer(change, project, id, text)
        })
        .await
    }

    /// Sends a late answer to the agent as a message, once.
    pub async fn resend_answer(
        &self,
        context: WriteContext,
        project: &ProjectId,
        id: u64,
        answer: u64,
    ) -> Result<Receipt<Answer>> {
        let needs = Permission::Change;
        self.change(context, needs, project, move |change, project| {
            question::resend(change, project, id, answer)
        })
        .await
    }

    /// Marks an agent's answers as read up to that number; returns the number of unread ones.
    pub async fn mark_answers_read(
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
            move |change, project| question::mark_read(change, project, &agent, up_to),
        )
        .await
    }
}
