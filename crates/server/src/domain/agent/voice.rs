//! In whose name a request may speak. An agent's token speaks for the agent of its name, and for those that it registered.
//!
//! An agent belongs to a credential by its identifier, which is never given again: a token that is made under the name of a revoked one has
//! none of its agents, but the one of its name.

use tasktree_protocol::{Agent, AgentId, ProjectId, StreamId};

use super::claim;
use super::machine::AgentEvent;
use super::presence::tell;
use crate::auth::{Role, Voice};
use crate::domain::{Work, message, question};
use crate::error::{Error, Result};
use crate::store::{CredentialRow, StoredAgent};

/// Refuses an agent's token that is not that agent's.
pub(in crate::domain) fn require_voice_of(work: &Work<'_>, agent: &StoredAgent) -> Result<()> {
    check_voice_of(work.voice(), agent)
}

/// The same for who only reads.
pub(in crate::domain) fn check_voice_of(voice: &Voice, agent: &StoredAgent) -> Result<()> {
    let Voice::Agent {
        name, credential, ..
    } = voice
    else {
        return Ok(());
    };
    let is_mine = agent.registered_by.as_deref() == Some(&*owner(credential));
    if is_mine || agent.agent.id.as_str() == name {
        return Ok(());
    }
    Err(not_yours(&agent.agent.id))
}

/// Refuses an agent's token that names another agent in the header, unless it registered that one
/// in the project.
pub(crate) fn check_speaker(work: &Work<'_>, stream: &StreamId) -> Result<()> {
    let Voice::Agent {
        speaks_for: Some(agent),
        ..
    } = work.voice()
    else {
        return Ok(());
    };
    let project = ProjectId::from(stream.as_str());
    match work.tx.agent(&project, agent)? {
        Some(stored) => require_voice_of(work, &stored),
        None => Err(not_yours(agent)),
    }
}

/// Names the one who registers an agent: an agent's token by its identifier, anybody else by name.
pub(super) fn registrant(work: &Work<'_>) -> String {
    match work.voice() {
        Voice::Agent { credential, .. } => owner(credential),
        Voice::Anyone | Voice::Person(_) => work.actor().to_string(),
    }
}

/// Begins the name of an owner that is a credential.
const CREDENTIAL: &str = "credential:";

/// Returns a credential as the owner of agents.
fn owner(credential: &str) -> String {
    format!("{CREDENTIAL}{credential}")
}

/// Gives the agents that are named as tokens of the project to those tokens, whoever registered
/// them first. Every door by which such a token or such an agent comes in ends with it.
pub(in crate::domain) fn give_to_tokens(work: &mut Work<'_>, project: &ProjectId) -> Result<()> {
    for (id, token) in work.tx.agents_of_tokens(project)? {
        let owner = owner(&token);
        if let Some(stored) = work.tx.agent(project, &id)? {
            let former = stored.registered_by.as_deref().filter(|of| *of != owner);
            if former.is_some_and(|of| of.starts_with(CREDENTIAL)) {
                leave(work, project, stored)?;
            }
        }
        set_owner(work, project, &id, Some(owner))?;
    }
    Ok(())
}

/// Ends what an agents' token was told and has asked, since its name may be given again.
pub(in crate::domain) fn end_token(work: &mut Work<'_>, token: &CredentialRow) -> Result<()> {
    let (Role::Agent, Some(project)) = (token.role, &token.project) else {
        return Ok(());
    };
    // Those that it registered besides have names of their own, which are another token's with that
    // token: see `give_to_tokens`.
    let stored = work
        .tx
        .agent(project, &AgentId::from(token.name.as_str()))?;
    match stored.filter(|stored| stored.registered_by.as_deref() == Some(&*owner(&token.id))) {
        Some(stored) => leave(work, project, stored),
        None => Ok(()),
    }
}

/// Has an agent stop for whom nobody speaks any more. Its task stays its own until somebody takes
/// it, and its messages and answers are for people from now on.
fn leave(work: &mut Work<'_>, project: &ProjectId, mut stored: StoredAgent) -> Result<()> {
    let id = stored.agent.id.clone();
    question::close_for_former(work, project, &id)?;
    message::close_for_former(work, project, &id)?;
    if stored.agent.status.is_open() {
        claim::apply(work, project, &mut stored, AgentEvent::Stop)?;
        stored.agent.waiting_for = None;
        super::save(work, project, &mut stored)?;
        tell(work, project, &id)?;
    }
    Ok(())
}

/// Gives an agent to the agents' token of that name, or to nobody.
pub(crate) fn assign(
    work: &mut Work<'_>,
    project: &ProjectId,
    id: &AgentId,
    token: Option<&str>,
) -> Result<Agent> {
    work.require(project)?;
    work.agent(project, id)?;
    let named = |name: &str| -> Result<Option<String>> {
        let found = work.tx.credential_named(name)?;
        let found = found
            .filter(|token| token.role == Role::Agent && token.project.as_ref() == Some(project));
        Ok(found.map(|token| token.id))
    };
    if token != Some(id.as_str()) && named(id.as_str())?.is_some() {
        return Err(Error::Refused(format!(
            "The agent '{id}' belongs to the token of its name; revoke that token first."
        )));
    }
    let credential = match token {
        Some(name) => Some(named(name)?.ok_or_else(|| {
            let message = "is no agents' token of this project";
            Error::invalid("token", "unknown_token", message, name)
        })?),
        None => None,
    };
    let owner = credential.as_deref().map(owner);
    set_owner(work, project, id, owner)?;
    tell(work, project, id)
}

fn set_owner(
    work: &mut Work<'_>,
    project: &ProjectId,
    id: &AgentId,
    owner: Option<String>,
) -> Result<()> {
    let Some(mut stored) = work.tx.agent(project, id)? else {
        return Ok(());
    };
    if stored.registered_by == owner {
        return Ok(());
    }
    stored.registered_by = owner;
    super::save(work, project, &mut stored)
}

/// Refuses an agent's token to register an agent under the name of another token.
pub(super) fn require_free_name(work: &Work<'_>, id: &AgentId) -> Result<()> {
    match work.voice() {
        Voice::Agent { name, .. } if id.as_str() != name => {
            match work.tx.credential_named(id.as_str())? {
                Some(_) => Err(not_yours(id)),
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// Refuses an agent that is not registered, unless its name is the caller's own.
pub(in crate::domain) fn require_own_name(work: &Work<'_>, id: &AgentId) -> Result<()> {
    match work.voice() {
        Voice::Agent { name, .. } if id.as_str() != name => Err(not_yours(id)),
        Voice::Agent { .. } | Voice::Anyone | Voice::Person(_) => Ok(()),
    }
}

/// Who a message is from that says it is from `claimed`: a person is who their token says, an agent one of its own.
pub(in crate::domain) fn sender(
    work: &Work<'_>,
    project: &ProjectId,
    claimed: String,
) -> Result<String> {
    match work.voice() {
        Voice::Anyone => Ok(claimed),
        Voice::Person(name) => Ok(name.clone()),
        Voice::Agent { name, .. } if claimed == *name => Ok(claimed),
        Voice::Agent { .. } => {
            let id = AgentId::from(claimed);
            match work.tx.agent(project, &id)? {
                Some(agent) => require_voice_of(work, &agent)?,
                None => return Err(not_yours(&id)),
            }
            Ok(id.into())
        }
    }
}

fn not_yours(agent: &AgentId) -> Error {
    Error::Forbidden(format!(
        "This token does not speak for the agent '{agent}': it was registered by somebody else."
    ))
}
