//! In whose name a request may speak. An agent's token speaks for the agent of its name, and for those that it registered.

use tasktree_protocol::{AgentId, ProjectId};

use crate::actor::Actor;
use crate::auth::Voice;
use crate::domain::Work;
use crate::error::{Error, Result};
use crate::store::StoredAgent;

/// Refuses an agent's token that is not that agent's.
pub(in crate::domain) fn require_voice_of(work: &Work<'_>, agent: &StoredAgent) -> Result<()> {
    check_voice_of(work.voice(), work.actor(), agent)
}

/// The same for who only reads.
pub(in crate::domain) fn check_voice_of(
    voice: &Voice,
    actor: &Actor,
    agent: &StoredAgent,
) -> Result<()> {
    let Voice::Agent(name) = voice else {
        return Ok(());
    };
    let mine = agent.registered_by.as_deref() == Some(actor.as_str());
    if mine || agent.agent.id.as_str() == name {
        return Ok(());
    }
    Err(not_yours(&agent.agent.id))
}

/// Refuses an agent's token to register an agent under the name of another token.
pub(super) fn require_free_name(work: &Work<'_>, id: &AgentId) -> Result<()> {
    match work.voice() {
        Voice::Agent(name) if id.as_str() != name => {
            match work.tx.credential_named(id.as_str())? {
                Some(_) => Err(not_yours(id)),
                None => Ok(()),
            }
        }
        _ => Ok(()),
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
        Voice::Agent(name) if claimed == *name => Ok(claimed),
        Voice::Agent(_) => {
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
