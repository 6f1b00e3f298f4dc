//! Typed identifiers. All are short strings, cheap to clone, and written on the wire as they are.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

macro_rules! string_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// The identifier as text.
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
    /// A project, as chosen by its creator.
    ProjectId
);
string_id!(
    /// A task: `{number}-{project}`, the same from the first reply on.
    TaskId
);
string_id!(
    /// An agent: the name under which it registered, unique in its project.
    AgentId
);
string_id!(
    /// The name of one life of a stream. It changes when a project is reset or the store went back to an older state,
    /// so a position under one epoch says nothing about another.
    Epoch
);
string_id!(
    /// An ordered log of events: a project's, the system's (`*`), or one user's (`u:..`).
    StreamId
);

impl StreamId {
    /// The system's stream: projects that come and go, notices to all.
    pub const SYSTEM: &'static str = "*";

    /// The stream of events that belong to no project.
    pub fn system() -> Self {
        Self::from(Self::SYSTEM)
    }

    /// The stream of one project.
    pub fn project(project: &ProjectId) -> Self {
        Self::from(project.as_str())
    }
}

/// A position in a stream. The two belong together: a `seq` without its epoch means nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Which life of the stream the position is in.
    pub epoch: Epoch,
    /// The last event that was applied; 0 before the first.
    pub seq: u64,
}

impl Cursor {
    /// A position in a stream.
    pub fn new(epoch: Epoch, seq: u64) -> Self {
        Self { epoch, seq }
    }
}
