//! People: who has tokens, and who signs in with them.

use serde::{Deserialize, Serialize};

use super::principal::SHARED;

/// A person. Tokens come and go; what is theirs, read marks and comments, stays with the person.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Person {
    /// Identifier, never given twice.
    pub id: String,
    /// Name, unique among people.
    pub name: String,
}

impl Person {
    /// Returns the one person there is where nobody has to sign in.
    pub fn you() -> Self {
        Self {
            id: "local".to_owned(),
            name: YOU.to_owned(),
        }
    }

    /// Returns true for the identifier of a person who has no record: [`Person::you`], and whoever
    /// has the secret that the server was started with.
    pub(crate) fn is_of_nobody(id: &str) -> bool {
        id == Self::you().id || id == SHARED
    }

    /// Returns whoever has the secret that the server was started with.
    pub(super) fn shared(name: &str) -> Self {
        Self {
            id: name.to_owned(),
            name: name.to_owned(),
        }
    }
}

/// Name of [`Person::you`].
pub(crate) const YOU: &str = "you";
