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
mod tests {
    use super::*;

    fn viewer_of(project: &str) -> Principal {
        let access = Access::new("c1");
        let scope = Scope::Project(project.into());
        Principal::holder("ann", Role::Viewer, scope, None, access)
    }

    #[test]
    fn a_project_out_of_reach_is_one_that_does_not_exist_also_for_what_the_role_forbids_anyway() {
        let viewer = viewer_of("alpha");
        for permission in Permission::ALL {
            assert!(matches!(
                viewer.check(permission, Target::Project(&"beta".into())),
                Err(Error::NotFound(_))
            ));
        }
        assert!(
            viewer
                .check(Permission::Read, Target::Project(&"alpha".into()))
                .is_ok()
        );
        assert!(matches!(
            viewer.check(Permission::Change, Target::Project(&"alpha".into())),
            Err(Error::Forbidden(_))
        ));
        assert!(matches!(
            viewer.check(Permission::Read, Target::Everything),
            Err(Error::Forbidden(_))
        ));
    }

    #[test]
    fn who_has_a_credential_signs_with_its_name_and_nobody_elses() {
        let claimed = || Actor::agent(&"ada".into());
        assert_eq!(viewer_of("alpha").sign(claimed()).as_str(), "human:ann");
        assert_eq!(Principal::local().sign(claimed()), claimed());
    }

    #[test]
    fn changes_are_by_the_person_whichever_of_their_tokens_they_are_made_with() {
        let of = |token: &str| {
            let person = Person {
                id: "p1".to_owned(),
                name: "ann".to_owned(),
            };
            let scope = Scope::Everything;
            Principal::holder(token, Role::Editor, scope, Some(person), Access::new(token))
        };
        for token in ["ann", "laptop"] {
            assert_eq!(of(token).actor().as_str(), "human:ann");
            assert_eq!(of(token).speaks_as(), &SpeaksAs::Person("ann".to_owned()));
            assert_eq!(of(token).name(), token);
        }
    }

    #[test]
    fn a_caller_that_names_an_agent_may_do_what_agents_may_and_never_more() {
        let ada = AgentId::from("ada");
        let local = Principal::local().as_agent(&ada);
        assert_eq!(
            (local.role(), local.actor().as_str()),
            (Role::Agent, "agent:ada")
        );
        assert!(local.person().is_none());
        assert_eq!(viewer_of("alpha").as_agent(&ada).role(), Role::Viewer);
        let access = Access::new("c2");
        let token = Principal::holder("bob", Role::Agent, Scope::Everything, None, access);
        let claims_another = token.as_agent(&ada);
        assert_eq!(claims_another.actor().as_str(), "agent:bob");
        let SpeaksAs::Agent {
            name, speaks_for, ..
        } = claims_another.speaks_as()
        else {
            panic!("an agent's token speaks as an agent")
        };
        assert_eq!((name.as_str(), speaks_for), ("bob", &Some(ada)));
    }

    #[test]
    fn what_has_ended_allows_nothing() {
        let viewer = viewer_of("alpha");
        if let Some(access) = viewer.access() {
            access.end();
        }
        assert!(matches!(
            viewer.check(Permission::Read, Target::Visible),
            Err(Error::Unauthorized(_))
        ));
    }

    #[test]
    fn only_the_own_project_the_system_and_the_own_messages_may_be_followed() {
        let viewer = viewer_of("alpha");
        for (stream, expected) in [
            ("alpha", true),
            ("*", true),
            ("u:ann", true),
            ("u:bob", false),
            ("beta", false),
            ("alphabet", false),
        ] {
            assert_eq!(viewer.may_follow(&stream.into()), expected, "{stream}");
        }
    }
}
