//! Caller and project of a request: each request names both anew.
//!
//! | | first of |
//! |---|---|
//! | project | `TaskTree-Project`, `?project=`, the token's, the session's, the only one |
//! | agent | `TaskTree-Agent`, `?agent=`, the session in `_meta`, the token's name |
//!
//! The token decides about permissions; a session is only a hint about the name.

mod names;

use std::time::Duration;

use http::request::Parts;
use rmcp::RoleServer;
use rmcp::service::RequestContext;
use tasktree_protocol::agent::{Source, harness_name};
use tasktree_protocol::error::code;
use tasktree_protocol::{Agent, AgentId, ProjectId};

use super::CredentialOwner;
use super::arguments::Outcome;
use super::meta::{self, Named};
use super::refusal::Refusal;
use crate::actor::Actor;
use crate::auth::{Principal, SpeaksAs, Target};
use crate::domain::{AgentPatch, NewRun, RegisterAgent};
use crate::error::Error;
use crate::service::{Receipt, Reported, Service, WriteContext};
use crate::state::AppState;
use names::Names;

/// Time to wait for the hook that tells who makes a call.
const PATIENCE: Duration = Duration::from_millis(500);

/// Source of the runs of agents that no harness names.
const OWN_SOURCE: &str = "mcp";

/// Number of projects that a refusal names.
const CHOICES: usize = 20;

/// Caller of one request.
#[derive(Debug)]
pub(super) struct Caller {
    /// Service that acts for the agent, or for the credential's owner if nothing names an agent.
    pub(super) service: Service,
    /// Service that acts for the owner of the credential.
    owner: Service,
    project: Option<ProjectId>,
    agent: Option<AgentId>,
    session: Option<(Source, String)>,
}

impl Caller {
    /// Finds out who calls.
    ///
    /// # Errors
    /// Refuses names that cannot be read.
    pub(super) async fn of(
        state: &AppState,
        context: &RequestContext<RoleServer>,
    ) -> Outcome<Self> {
        let parts = context.extensions.get::<Parts>();
        let principal = parts.and_then(|parts| parts.extensions.get::<Principal>());
        let (Some(parts), Some(principal)) = (parts, principal) else {
            return Err(Refusal::from(Error::signed_out()));
        };
        let owner = parts.extensions.get::<CredentialOwner>();
        let owner = owner.map_or(principal, |CredentialOwner(owner)| owner);
        let names = Names::read(parts)?;
        let mut caller = Self {
            service: state.service.acting_for(principal.clone()),
            owner: state.service.acting_for(owner.clone()),
            project: names.project.or_else(|| owner.scope().project().cloned()),
            agent: principal.agent(),
            session: None,
        };
        if names.has_header {
            return Ok(caller);
        }
        match names.agent {
            Some(agent) => caller.speak_as(&agent),
            None => caller.find_session(state, context).await?,
        }
        Ok(caller)
    }

    /// Speaks as an agent from now on.
    fn speak_as(&mut self, agent: &AgentId) {
        let principal = self.owner.principal().as_agent(agent);
        self.service = self.owner.acting_for(principal);
        self.agent = Some(agent.clone());
    }

    /// Speaks as the agent of the session that the request names, if it names one.
    async fn find_session(
        &mut self,
        state: &AppState,
        context: &RequestContext<RoleServer>,
    ) -> Outcome<()> {
        match meta::session(&context.meta) {
            Some(Named::Call(call)) => {
                let owner = self.owner.principal();
                // Without hooks of this harness there is nothing to wait for.
                let seen = state.hooks.seen(owner, self.project.as_ref());
                let has_hooks = seen.iter().any(|seen| seen.source == Source::ClaudeCode);
                let patience = if has_hooks { PATIENCE } else { Duration::ZERO };
                let found = state.hooks.agent_of_call(owner, &call, patience).await;
                if let Some(found) = found
                    && self
                        .project
                        .as_ref()
                        .is_none_or(|named| *named == found.project)
                {
                    self.project = Some(found.project);
                    self.speak_as(&found.agent);
                }
            }
            Some(Named::Session(source, session)) => {
                let agent = match self.project().await {
                    Ok(project) => self.agent_of(&project, source, &session).await?,
                    // The tool says which project is missing, if it needs one.
                    Err(_) => return Ok(()),
                };
                self.speak_as(&agent);
                self.session = Some((source, session));
            }
            None => {}
        }
        Ok(())
    }

    /// Returns the agent of a session: the one with a run of it, otherwise the usual name.
    async fn agent_of(
        &self,
        project: &ProjectId,
        source: Source,
        session: &str,
    ) -> Outcome<AgentId> {
        let name = source.as_str().to_owned();
        let runs = self
            .owner
            .runs_of_session(project, name, session.to_owned())
            .await?
            .value;
        // A subagent shares the session of its parent, whose run has no parent.
        let own = runs.iter().find(|found| found.run.parent.is_none());
        Ok(match own.or(runs.first()) {
            Some(found) => found.agent.clone(),
            None => harness_name(source, session).into(),
        })
    }

    /// Returns the project of the request.
    ///
    /// # Errors
    /// Refuses a project out of reach. Names the choices if there are several.
    pub(super) async fn project(&self) -> Outcome<ProjectId> {
        if let Some(project) = &self.project {
            let principal = self.service.principal();
            principal.check(crate::auth::Permission::Read, Target::Project(project))?;
            return Ok(project.clone());
        }
        let projects = self.service.list_projects().await?.value;
        match projects.as_slice() {
            [only] => Ok(only.id.clone()),
            [] => Err(Refusal::new(
                code::NOT_FOUND,
                "There is no project. A person creates one first.",
            )),
            several => {
                let names = several.iter().take(CHOICES).map(|one| one.id.as_str());
                let names: Vec<&str> = names.collect();
                Err(Refusal::invalid(format!(
                    "There are {} projects: {}. Name one: set the header TaskTree-Project, or add \
                     ?project=ID to the address of the server.",
                    several.len(),
                    names.join(", ")
                )))
            }
        }
    }

    /// Returns the name of the agent, which may not be registered.
    pub(super) fn name(&self) -> Option<&AgentId> {
        self.agent.as_ref()
    }

    /// Returns the agent that acts. It is registered if the server does not know it.
    ///
    /// # Errors
    /// Refuses a request that names no agent, or one that the token may not speak for.
    pub(super) async fn agent(&self, project: &ProjectId) -> Outcome<AgentId> {
        let agent = self.agent.clone().ok_or_else(Refusal::nameless)?;
        match self.service.agent(project, &agent).await {
            Ok(_) => return Ok(agent),
            Err(Error::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
        let (source, session) = match &self.session {
            Some((source, session)) => (source.as_str(), session.as_str()),
            // The name is stable, so a later request continues the same run.
            None => (OWN_SOURCE, agent.as_str()),
        };
        let registration = RegisterAgent {
            id: agent.clone(),
            task_id: None,
            branch: None,
            description: None,
            run: Some(NewRun {
                source: source.to_owned(),
                session: session.to_owned(),
                machine: String::new(),
                folder: None,
                parent: None,
            }),
        };
        // The token of an agent owns the agents that it registers.
        let is_token_of_agent = matches!(self.owner.principal().speaks_as(),
            SpeaksAs::Agent { credential, .. } if !credential.starts_with("name:"));
        let service = match is_token_of_agent {
            true => &self.owner,
            false => &self.service,
        };
        let context = Self::context(&agent);
        service
            .register_agent(context, project, registration)
            .await?;
        Ok(agent)
    }

    /// Reports for an agent. The receipt has the answers that it has not received.
    ///
    /// # Errors
    /// Returns a refusal if the report is refused.
    pub(super) async fn report(
        &self,
        project: &ProjectId,
        agent: &AgentId,
        report: AgentPatch,
    ) -> Outcome<Receipt<Reported<Agent>>> {
        let context = Self::context(agent);
        let told = self.service.report(context, project, agent, report).await?;
        Ok(told)
    }

    /// Returns the context of a write of an agent.
    pub(super) fn context(agent: &AgentId) -> WriteContext {
        WriteContext::new(Actor::agent(agent))
    }
}
