//! People: the owners of tokens and sign-ins.

use serde::{Deserialize, Serialize};

use super::principal::SHARED;

/// A person. Tokens come and go; read marks and comments stay with the person.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Person {
    /// Id, never given twice.
    pub id: String,
    /// Name, unique among people.
    pub name: String,
}

impl Person {
    /// Returns the only person of a server on which nobody has to sign in.
    pub fn you() -> Self {
        Self {
            id: "local".to_owned(),
            name: YOU.to_owned(),
        }
    }

    /// Returns true for the id of a person who has no record: [`Person::you`], and the owner of the
    /// secret that the server was started with.
    pub(crate) fn is_of_nobody(id: &str) -> bool {
        id == Self::you().id || id == SHARED
    }

    /// Returns the person behind the secret that the server was started with.
    pub(super) fn shared(name: &str) -> Self {
        Self {
            id: name.to_owned(),
            name: name.to_owned(),
        }
    }
}

/// Name of [`Person::you`].
pub(crate) const YOU: &str = "you";
