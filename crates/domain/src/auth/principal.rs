//! The caller of an operation: name, role, projects in reach, and the names they may speak as.

use std::fmt;
use std::sync::Arc;

use tasktree_protocol::{AgentId, StreamId};

use super::access::Access;
use super::permission::{Permission, allows, deed};
use super::scope::{Scope, SpeaksAs, Target};
use crate::actor::Actor;
use crate::error::{Error, Result};
use crate::store::{Person, Role, SHARED};

/// An authenticated caller. Cheap to clone.
#[derive(Clone)]
pub struct Principal(Arc<Who>);

struct Who {
    actor: Actor,
    name: String,
    role: Role,
    scope: Scope,
    speaks_as: SpeaksAs,
    person: Option<Person>,
    access: Option<Arc<Access>>,
}

impl Principal {
    /// Returns the server itself, for code that runs in it: its statements are trusted.
    pub fn server() -> Self {
        Self::trusted(Actor::server(), "server", None, None)
    }

    /// Returns the person at this machine, for a server on which nobody has to sign in.
    pub fn local() -> Self {
        Self::trusted(Actor::local(), "local", Some(Person::you()), None)
    }

    /// Returns the owner of the secret that the server was started with.
    pub fn shared(access: Arc<Access>) -> Self {
        let person = Person::shared(SHARED);
        Self::trusted(Actor::human(SHARED), SHARED, Some(person), Some(access))
    }

    fn trusted(
        actor: Actor,
        name: &str,
        person: Option<Person>,
        access: Option<Arc<Access>>,
    ) -> Self {
        Self(Arc::new(Who {
            actor,
            name: name.to_owned(),
            role: Role::Admin,
            scope: Scope::Everything,
            speaks_as: SpeaksAs::Anyone,
            person,
            access,
        }))
    }

    /// Returns the owner of a credential. A person's changes carry the person's name, whichever of
    /// their tokens was used.
    pub fn holder(
        name: &str,
        role: Role,
        scope: Scope,
        person: Option<Person>,
        access: Arc<Access>,
    ) -> Self {
        let who = person.as_ref().map_or(name, |person| person.name.as_str());
        let (actor, speaks_as) = match role {
            Role::Agent => {
                let speaks_as = SpeaksAs::Agent {
                    name: name.to_owned(),
                    credential: access.credential().to_owned(),
                    speaks_for: None,
                };
                (Actor::agent(&name.into()), speaks_as)
            }
            _ => (Actor::human(who), SpeaksAs::Person(who.to_owned())),
        };
        Self(Arc::new(Who {
            actor,
            name: name.to_owned(),
            role,
            scope,
            speaks_as,
            person,
            access: Some(access),
        }))
    }

    /// Returns the same caller as the agent that a request names.
    ///
    /// It may do what agents may, and no more than before. The token of an agent stays that
    /// agent's.
    #[must_use]
    pub fn as_agent(&self, agent: &AgentId) -> Self {
        let who = &self.0;
        let (actor, speaks_as) = match &who.speaks_as {
            SpeaksAs::Agent { name, .. } if name == agent.as_str() => return self.clone(),
            SpeaksAs::Agent {
                name, credential, ..
            } => {
                let speaks_as = SpeaksAs::Agent {
                    name: name.clone(),
                    credential: credential.clone(),
                    speaks_for: Some(agent.clone()),
                };
                (who.actor.clone(), speaks_as)
            }
            SpeaksAs::Anyone | SpeaksAs::Person(_) => {
                let speaks_as = SpeaksAs::Agent {
                    name: agent.to_string(),
                    // It has no credential of its own; agents that it registers belong to its name.
                    credential: format!("name:{agent}"),
                    speaks_for: None,
                };
                (Actor::agent(agent), speaks_as)
            }
        };
        Self(Arc::new(Who {
            actor,
            name: who.name.clone(),
            role: match who.role {
                Role::Admin | Role::Editor | Role::Agent => Role::Agent,
                Role::Viewer => Role::Viewer,
            },
            scope: who.scope.clone(),
            speaks_as,
            person: None,
            access: who.access.clone(),
        }))
    }

    /// Returns true if they authenticated with the secret that the server was started with.
    pub fn is_shared(&self) -> bool {
        self.credential() == Some(SHARED)
    }

    /// Returns the id of the credential behind this caller, used directly or by a sign-in.
    ///
    /// `None` if nobody was authenticated.
    pub fn credential(&self) -> Option<&str> {
        self.access().map(|access| access.credential())
    }

    /// Returns the actor of their changes.
    pub fn actor(&self) -> &Actor {
        &self.0.actor
    }

    /// Returns the actor of a change whose request names `claimed`: the credential's owner, unless
    /// no credential identifies one.
    pub fn sign(&self, claimed: Actor) -> Actor {
        match self.0.speaks_as {
            SpeaksAs::Anyone => claimed,
            SpeaksAs::Person(_) | SpeaksAs::Agent { .. } => self.0.actor.clone(),
        }
    }

    /// Returns their name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Returns the person that they are; `None` for agents and the server itself.
    pub fn person(&self) -> Option<&Person> {
        self.0.person.as_ref()
    }

    /// Returns the agent that they speak as; `None` for people and the server itself.
    pub fn agent(&self) -> Option<AgentId> {
        match self.speaks_as() {
            SpeaksAs::Agent {
                name, speaks_for, ..
            } => {
                let agent = speaks_for.clone();
                Some(agent.unwrap_or_else(|| name.as_str().into()))
            }
            SpeaksAs::Anyone | SpeaksAs::Person(_) => None,
        }
    }

    /// Returns their role.
    pub fn role(&self) -> Role {
        self.0.role
    }

    /// Returns the projects in their reach.
    pub fn scope(&self) -> &Scope {
        &self.0.scope
    }

    /// Returns the names they may speak as.
    pub fn speaks_as(&self) -> &SpeaksAs {
        &self.0.speaks_as
    }

    /// Returns the access that authenticated them; `None` if nobody was authenticated.
    pub fn access(&self) -> Option<&Arc<Access>> {
        self.0.access.as_ref()
    }

    /// Returns true if their access has ended.
    pub fn is_ended(&self) -> bool {
        self.0
            .access
            .as_ref()
            .is_some_and(|access| access.is_ended())
    }

    /// Refuses an operation that they have no permission for. A project out of reach does not exist
    /// for them.
    ///
    /// # Errors
    /// `Unauthorized` if their credential has ended, `NotFound` for a project out of reach,
    /// `Forbidden` for the rest.
    pub fn check(&self, permission: Permission, target: Target<'_>) -> Result<()> {
        if self.is_ended() {
            return Err(Error::signed_out());
        }
        match (target, &self.0.scope) {
            (Target::Project(project), scope) if !scope.has(project) => {
                return Err(Error::no_project(project));
            }
            (Target::Everything, Scope::Project(mine)) => {
                return Err(Error::Forbidden(format!(
                    "This token is valid only for the project '{mine}'."
                )));
            }
            _ => {}
        }
        if allows(self.0.role, permission) {
            return Ok(());
        }
        Err(Error::Forbidden(format!(
            "The role '{}' may not {}.",
            self.0.role,
            deed(permission)
        )))
    }

    /// Returns true if a stream's messages may reach them. Messages of the system's stream about
    /// projects out of reach must still be left out.
    pub fn may_follow(&self, stream: &StreamId) -> bool {
        let name = stream.as_str();
        if name == StreamId::SYSTEM {
            return true;
        }
        match name.strip_prefix("u:") {
            Some(user) => user == self.0.name,
            None => self.0.scope.has(&name.into()),
        }
    }

    /// Returns their permissions, for a page that hides the rest.
    pub fn permissions(&self) -> impl Iterator<Item = Permission> {
        Permission::ALL
            .into_iter()
            .filter(|permission| allows(self.0.role, *permission))
    }
}

impl fmt::Debug for Principal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "Principal({}, {}, {:?})",
            self.0.actor, self.0.role, self.0.scope
        )
    }
}

#[cfg(test)]
mod tests;
