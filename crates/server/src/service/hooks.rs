//! Operations for hooks of harnesses: events, the context of an agent, decisions, and the project
//! of a folder.

use serde::{Deserialize, Serialize};
use tasktree_protocol::http::hooks::{ALLOW, DENY};
use tasktree_protocol::http::{AgentRun, Decision, HookDecision, HookSeen};
use tasktree_protocol::question::Answer;
use tasktree_protocol::{AgentId, ProjectId};

use super::{Service, Snapshot, WriteContext};
use crate::actor::Actor;
use crate::auth::{Permission, SpeaksAs, Target};
use crate::domain::agent::{self, Heard, HookApplied};
use crate::domain::hook::Deed;
use crate::domain::log::{self, NewLogLines};
use crate::domain::{context, project, question, read};
use crate::error::{Error, Result};
use crate::store::SeenIn;

/// Result of an event that is answered with the context of its agent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Briefed {
    /// Result of the event.
    pub applied: HookApplied,
    /// Context of the agent; empty without an agent.
    pub context: String,
}

/// State of the question that a request for permission opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asking {
    /// Nobody has answered.
    Open,
    /// A person has answered, and the answer counts as delivered.
    Answered(HookDecision),
    /// The question no longer stands.
    Closed,
}

impl Service {
    /// Applies an event of a harness; with `briefs` also returns the context of its agent.
    ///
    /// The token of an agent acts for itself: it owns the agents that it registers. Any other
    /// caller acts as the agent that the event is about. Answers in the context count as delivered.
    /// They are taken before the event is applied: a prompt at the terminal closes the question
    /// that they answer.
    pub async fn apply_hook(
        &self,
        project: &ProjectId,
        mut heard: Heard,
        briefs: bool,
    ) -> Result<Briefed> {
        if matches!(self.principal().speaks_as(), SpeaksAs::Agent { credential, .. }
            if !credential.starts_with("name:"))
        {
            return self.apply_hook_as(project, heard, briefs).await;
        }
        let (named, id) = (heard.clone(), project.clone());
        let speaker = match &heard.speaker {
            Some(speaker) => speaker.clone(),
            None => {
                self.read(Target::Project(project), move |rows| {
                    agent::agent_of(rows, &id, &named)
                })
                .await?
            }
        };
        heard.speaker = Some(speaker.clone());
        let speaking = self.acting_for(self.principal().as_agent(&speaker));
        speaking.apply_hook_as(project, heard, briefs).await
    }

    /// Applies an event by the rules for the principal as it is.
    async fn apply_hook_as(
        &self,
        project: &ProjectId,
        heard: Heard,
        briefs: bool,
    ) -> Result<Briefed> {
        let speaker = heard.speaker.clone().or_else(|| self.principal().agent());
        let actor = speaker.map_or_else(Actor::server, |speaker| Actor::agent(&speaker));
        self.change(
            WriteContext::new(actor),
            Permission::Speak,
            project,
            move |change, project| {
                let mut answers: Vec<Answer> = Vec::new();
                if briefs {
                    let agent = agent::agent_of(&*change.tx, project, &heard)?;
                    answers = question::deliver(change, project, &agent)?;
                }
                let applied = agent::hooked(change, project, &heard)?;
                let Some(agent) = &applied.agent else {
                    return Ok(Briefed {
                        applied,
                        context: String::new(),
                    });
                };
                if let Deed::Todos(line) = &heard.hook.deed
                    && !heard.late
                {
                    let lines = NewLogLines {
                        agent: Some(agent.clone()),
                        lines: vec![line.clone()],
                        ..NewLogLines::default()
                    };
                    log::add(change, project, &lines)?;
                }
                let context = match briefs {
                    true => context::context(&*change.tx, project, agent, &answers)?,
                    false => String::new(),
                };
                Ok(Briefed { applied, context })
            },
        )
        .await
        .map(|receipt| receipt.value)
    }

    /// Returns the state of a question, and delivers its answer to the agent.
    pub async fn decision(
        &self,
        project: &ProjectId,
        agent: &AgentId,
        question: u64,
    ) -> Result<Asking> {
        let (id, number) = (project.clone(), question);
        let state = self
            .read(Target::Project(project), move |rows| {
                let found = rows.question(&id, number)?;
                let Some(found) = found.filter(|found| found.closed_at.is_none()) else {
                    return Ok(None);
                };
                let answers = rows.question_answers(&id, found.id)?;
                Ok(Some(answers.iter().any(|answer| !answer.late)))
            })
            .await?;
        match state {
            None => return Ok(Asking::Closed),
            Some(false) => return Ok(Asking::Open),
            Some(true) => {}
        }
        let agent = agent.clone();
        let context = WriteContext::new(Actor::agent(&agent));
        let delivered = self
            .change(
                context,
                Permission::Speak,
                project,
                move |change, project| question::deliver(change, project, &agent),
            )
            .await?
            .value;
        let answer = delivered
            .into_iter()
            .find(|answer| answer.question == question);
        Ok(match answer.and_then(|answer| answer.text) {
            Some(text) => Asking::Answered(decided(text)),
            None => Asking::Closed,
        })
    }

    /// Returns the project of a folder: the innermost that contains it, or else the caller's only
    /// project.
    ///
    /// # Errors
    /// `NotFound` with the choices, if there are several projects or none.
    pub async fn project_of_folder(
        &self,
        path: Option<String>,
        git_dir: Option<String>,
    ) -> Result<ProjectId> {
        let scope = self.principal().scope().clone();
        let mut folders = self
            .read(Target::Visible, |rows| rows.project_folders())
            .await?;
        folders.retain(|(project, _)| scope.has(project));
        let found = project::of_folder(&folders, path.as_deref(), git_dir.as_deref());
        if let Some(found) = found.or_else(|| scope.project().cloned()) {
            return Ok(found);
        }
        match folders.as_slice() {
            [(only, _)] => Ok(only.clone()),
            [] => Err(Error::NotFound(
                "There is no project. Create one first.".to_owned(),
            )),
            several => Err(Error::NotFound(no_folder(path.as_deref(), several))),
        }
    }

    /// Returns the runs of a harness's session, newest first.
    pub async fn runs_of_session(
        &self,
        project: &ProjectId,
        source: String,
        session: String,
    ) -> Result<Snapshot<Vec<AgentRun>>> {
        self.view(project, move |rows, project| {
            read::runs_of_session(rows, project, &source, &session)
        })
        .await
    }

    /// Returns the stored last events of harnesses, without those of removed projects.
    pub(crate) async fn stored_hooks_seen(&self) -> Result<Vec<SeenIn>> {
        self.read(Target::Everything, |rows| {
            let mut seen = rows.hooks_seen()?;
            let projects = rows.project_ids()?;
            seen.retain(|one| one.project.as_ref().is_none_or(|of| projects.contains(of)));
            Ok(seen)
        })
        .await
    }

    /// Stores last events of harnesses.
    pub(crate) async fn store_hooks_seen(
        &self,
        seen: Vec<(Option<ProjectId>, HookSeen)>,
    ) -> Result<()> {
        self.keep(move |change| {
            for (project, seen) in &seen {
                change.tx.put_hook_seen(project.as_ref(), seen)?;
            }
            change.tx.forget_hooks_seen()
        })
        .await
    }
}

/// Returns the decision that an answer expresses. Words other than those of the two options refuse
/// the call, and are the reason.
fn decided(text: String) -> HookDecision {
    let word = text.trim();
    if word.eq_ignore_ascii_case(ALLOW) {
        return HookDecision {
            decision: Some(Decision::Allow),
            message: None,
        };
    }
    let is_plain = word.eq_ignore_ascii_case(DENY);
    HookDecision {
        decision: Some(Decision::Deny),
        message: (!is_plain).then_some(text),
    }
}

/// Number of projects that a refusal names.
const NAMED: usize = 20;

/// Returns the sentence for a folder in no project.
fn no_folder(path: Option<&str>, several: &[(ProjectId, String)]) -> String {
    let named: Vec<String> = several
        .iter()
        .take(NAMED)
        .map(|(id, folder)| match folder.is_empty() {
            true => format!("'{id}'"),
            false => format!("'{id}' ({folder})"),
        })
        .collect();
    let more = match several.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let place = path.unwrap_or_default();
    format!(
        "No project contains the folder {place:?}. Name a project, or set the folder of one: {}{more}.",
        named.join(", ")
    )
}
