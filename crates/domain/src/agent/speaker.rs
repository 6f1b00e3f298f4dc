//! Checks of the agents for which a request may speak.
//!
//! An agent token speaks for the agent with its name, and for those that it registered. An agent
//! belongs to a credential by its identifier, which is never reused: a new token with the name of a
//! revoked one owns none of its agents, except the one with that name.

use tasktree_protocol::{Agent, AgentId, ProjectId, StreamId};

use super::claim;
use super::machine::AgentEvent;
use super::presence::emit_status;
use crate::auth::{Role, SpeaksAs};
use crate::error::{Error, Result};
use crate::store::{CredentialRow, StoredAgent};
use crate::{Change, asking, mailbox};

/// Refuses an agent token that does not own the agent.
pub(crate) fn require_voice_of(change: &Change<'_>, agent: &StoredAgent) -> Result<()> {
    check_speaks_as(change.speaks_as(), agent)
}

/// Refuses a read by an agent token that does not own the agent.
pub(crate) fn check_speaks_as(speaks_as: &SpeaksAs, agent: &StoredAgent) -> Result<()> {
    let SpeaksAs::Agent {
        name, credential, ..
    } = speaks_as
    else {
        return Ok(());
    };
    let is_mine = agent.registered_by.as_deref() == Some(&*owner(credential));
    if is_mine || agent.agent.id.as_str() == name {
        return Ok(());
    }
    Err(not_yours(&agent.agent.id))
}

/// Refuses an agent token that names another agent in the header, unless it registered that agent
/// in the project.
pub fn check_speaker(change: &Change<'_>, stream: &StreamId) -> Result<()> {
    let SpeaksAs::Agent {
        speaks_for: Some(agent),
        ..
    } = change.speaks_as()
    else {
        return Ok(());
    };
    let project = ProjectId::from(stream.as_str());
    match change.tx.agent(&project, agent)? {
        Some(stored) => require_voice_of(change, &stored),
        None => Err(not_yours(agent)),
    }
}

/// Returns the owner of an agent being registered: an agent token by its identifier, any other
/// caller by name.
pub(super) fn registrant(change: &Change<'_>) -> String {
    match change.speaks_as() {
        SpeaksAs::Agent { credential, .. } => owner(credential),
        SpeaksAs::Anyone | SpeaksAs::Person(_) => change.actor().to_string(),
    }
}

/// Prefix of an owner that is a credential.
const CREDENTIAL: &str = "credential:";

/// Returns a credential as the owner of agents.
fn owner(credential: &str) -> String {
    format!("{CREDENTIAL}{credential}")
}

/// Assigns the agents named like a token of the project to that token, whoever registered them
/// first.
///
/// Every entry point that creates such a token or agent ends with this.
pub(crate) fn give_to_tokens(change: &mut Change<'_>, project: &ProjectId) -> Result<()> {
    for (id, token) in change.tx.agents_of_tokens(project)? {
        let owner = owner(&token);
        if let Some(stored) = change.tx.agent(project, &id)? {
            let former = stored.registered_by.as_deref().filter(|of| *of != owner);
            if former.is_some_and(|of| of.starts_with(CREDENTIAL)) {
                leave(change, project, stored)?;
            }
        }
        set_owner(change, project, &id, Some(owner))?;
    }
    Ok(())
}

/// Closes the messages and questions of an agent token, since its name may be reused.
pub(crate) fn end_token(change: &mut Change<'_>, token: &CredentialRow) -> Result<()> {
    let (Role::Agent, Some(project)) = (token.role, &token.project) else {
        return Ok(());
    };
    // Other agents that it registered have names of their own. If another token has that name, they
    // belong to that token: see `give_to_tokens`.
    let stored = change
        .tx
        .agent(project, &AgentId::from(token.name.as_str()))?;
    match stored.filter(|stored| stored.registered_by.as_deref() == Some(&*owner(&token.id))) {
        Some(stored) => leave(change, project, stored),
        None => Ok(()),
    }
}

/// Stops an agent that no longer has an owner.
///
/// It keeps its task until somebody takes it; from now on its messages and answers are for people.
fn leave(change: &mut Change<'_>, project: &ProjectId, mut stored: StoredAgent) -> Result<()> {
    let id = stored.agent.id.clone();
    asking::close_for_former(change, project, &id)?;
    mailbox::close_for_former(change, project, &id)?;
    if stored.agent.status.is_open() {
        claim::apply(change, project, &mut stored, AgentEvent::Stop)?;
        stored.agent.waiting_for = None;
        super::save(change, project, &mut stored)?;
        emit_status(change, project, &id)?;
    }
    Ok(())
}

/// Assigns an agent to the agent token with its name, or to nobody.
pub fn assign(
    change: &mut Change<'_>,
    project: &ProjectId,
    id: &AgentId,
    token: Option<&str>,
) -> Result<Agent> {
    change.require(project)?;
    change.agent(project, id)?;
    let named = |name: &str| -> Result<Option<String>> {
        let found = change.tx.credential_named(name)?;
        let found = found
            .filter(|token| token.role == Role::Agent && token.project.as_ref() == Some(project));
        Ok(found.map(|token| token.id))
    };
    if token != Some(id.as_str()) && named(id.as_str())?.is_some() {
        return Err(Error::Refused(format!(
            "The agent '{id}' belongs to the token with the same name; revoke that token first."
        )));
    }
    let credential = match token {
        Some(name) => Some(named(name)?.ok_or_else(|| {
            let message = "is not the name of an agent token of this project";
            Error::invalid("token", "unknown_token", message, name)
        })?),
        None => None,
    };
    let owner = credential.as_deref().map(owner);
    set_owner(change, project, id, owner)?;
    emit_status(change, project, id)
}

fn set_owner(
    change: &mut Change<'_>,
    project: &ProjectId,
    id: &AgentId,
    owner: Option<String>,
) -> Result<()> {
    let Some(mut stored) = change.tx.agent(project, id)? else {
        return Ok(());
    };
    if stored.registered_by == owner {
        return Ok(());
    }
    stored.registered_by = owner;
    super::save(change, project, &mut stored)
}

/// Refuses that an agent token registers an agent under the name of another token.
pub(super) fn require_free_name(change: &Change<'_>, id: &AgentId) -> Result<()> {
    match change.speaks_as() {
        SpeaksAs::Agent { name, .. } if id.as_str() != name => {
            match change.tx.credential_named(id.as_str())? {
                Some(_) => Err(not_yours(id)),
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// Refuses an agent that is not registered, unless its name is the caller's own.
pub(crate) fn require_own_name(change: &Change<'_>, id: &AgentId) -> Result<()> {
    match change.speaks_as() {
        SpeaksAs::Agent { name, .. } if id.as_str() != name => Err(not_yours(id)),
        SpeaksAs::Agent { .. } | SpeaksAs::Anyone | SpeaksAs::Person(_) => Ok(()),
    }
}

/// Returns the sender of a message that claims to be from `claimed`.
///
/// A person is whoever their token names; an agent may name one of its own agents.
pub(crate) fn sender(change: &Change<'_>, project: &ProjectId, claimed: String) -> Result<String> {
    match change.speaks_as() {
        SpeaksAs::Anyone => Ok(claimed),
        SpeaksAs::Person(name) => Ok(name.clone()),
        SpeaksAs::Agent { name, .. } if claimed == *name => Ok(claimed),
        SpeaksAs::Agent { .. } => {
            let id = AgentId::from(claimed);
            match change.tx.agent(project, &id)? {
                Some(agent) => require_voice_of(change, &agent)?,
                None => return Err(not_yours(&id)),
            }
            Ok(id.into())
        }
    }
}

fn not_yours(agent: &AgentId) -> Error {
    Error::Forbidden(format!(
        "This token may not speak for the agent '{agent}': the agent was registered with another \
         token."
    ))
}
