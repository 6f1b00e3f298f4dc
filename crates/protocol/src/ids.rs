//! Typed identifiers. All are short strings, cheap to clone, and written on the wire unchanged.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

macro_rules! string_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Returns the identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.as_ref().into()
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{}({:?})", stringify!($name), &*self.0)
            }
        }
    };
}

string_id!(
    /// Identifier of a project, chosen by its creator.
    ProjectId
);
string_id!(
    /// Identifier of a task: `{number}-{project}`, unchanged from the first reply on.
    TaskId
);
string_id!(
    /// Identifier of an agent: the name under which it registered, unique in its project.
    AgentId
);
string_id!(
    /// Name of one epoch of a stream. It changes when a project is reset or the store is restored
    /// to an older state, so positions of different epochs are not comparable.
    Epoch
);
string_id!(
    /// Identifier of an ordered log of events: a project's, the system's (`*`), or one user's
    /// (`u:..`).
    StreamId
);

impl StreamId {
    /// System stream: creation and removal of projects, and notices to all.
    pub const SYSTEM: &'static str = "*";

    /// Returns the stream of events that belong to no project.
    pub fn system() -> Self {
        Self::from(Self::SYSTEM)
    }

    /// Returns the stream of one user's messages, by the name of the token or, without sign-in, of
    /// the caller.
    pub fn personal(user: &str) -> Self {
        Self::from(format!("u:{user}"))
    }

    /// Returns the stream of a project.
    pub fn project(project: &ProjectId) -> Self {
        Self::from(project.as_str())
    }
}

/// A position in a stream. A `seq` without its epoch means nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Epoch of the stream that the position belongs to.
    pub epoch: Epoch,
    /// Last event that was applied; 0 before the first.
    pub seq: u64,
}

impl Cursor {
    /// Creates a position from its two parts.
    pub fn new(epoch: Epoch, seq: u64) -> Self {
        Self { epoch, seq }
    }
}
