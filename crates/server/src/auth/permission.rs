//! The table of the permissions that each role has.
//!
//! | | admin | editor | viewer | agent |
//! |---|---|---|---|---|
//! | [`Permission::Read`] | yes | yes | yes | yes |
//! | [`Permission::Change`] | yes | yes | | yes |
//! | [`Permission::Speak`] | yes | yes | | for itself |
//! | [`Permission::Manage`] | yes | yes | | |
//! | [`Permission::Destroy`] | yes | yes | | |
//! | [`Permission::Administer`] | yes | | | |
//!
//! The projects that a caller reaches are a separate question: [`super::Scope`].

use std::fmt;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// Role of a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// May do everything, also manage credentials.
    Admin,
    /// Changes projects and tasks.
    Editor,
    /// Reads, and changes nothing.
    Viewer,
    /// A program that works on the tasks of one project.
    Agent,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 4] = [Self::Admin, Self::Editor, Self::Viewer, Self::Agent];

    /// Returns the name used on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Editor => "editor",
            Self::Viewer => "viewer",
            Self::Agent => "agent",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `pad`, so that a table can align it.
        formatter.pad(self.as_str())
    }
}

/// Permission that an operation needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Permission {
    /// Right to read the contents of a project, and to subscribe to it.
    Read,
    /// Right to create and change tasks, to store a plan, to notify.
    Change,
    /// Right to register an agent and speak for it: status, heartbeats, log lines, leases,
    /// messages.
    Speak,
    /// Right to create and change projects, to import, to run a git merge or create a repository.
    Manage,
    /// Right to remove and restore tasks and projects, to reset.
    Destroy,
    /// Right to create and revoke credentials, to see who is connected.
    Administer,
}

impl Permission {
    /// All permissions.
    pub const ALL: [Self; 6] = [
        Self::Read,
        Self::Change,
        Self::Speak,
        Self::Manage,
        Self::Destroy,
        Self::Administer,
    ];

    /// Returns the permitted action as the end of a sentence: "a viewer may not ..".
    pub const fn deed(self) -> &'static str {
        match self {
            Self::Read => "read this",
            Self::Change => "change tasks",
            Self::Speak => "speak for agents",
            Self::Manage => "change projects",
            Self::Destroy => "remove or reset anything",
            Self::Administer => "administer the server",
        }
    }
}

/// Returns true if the role has the permission, by the table at the top.
pub const fn allows(role: Role, permission: Permission) -> bool {
    use Permission::{Change, Destroy, Manage, Read, Speak};
    match role {
        Role::Admin => true,
        Role::Editor => matches!(permission, Read | Change | Speak | Manage | Destroy),
        Role::Viewer => matches!(permission, Read),
        Role::Agent => matches!(permission, Read | Change | Speak),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_as_it_is_written() {
        let expected = [
            (Permission::Read, [true, true, true, true]),
            (Permission::Change, [true, true, false, true]),
            (Permission::Speak, [true, true, false, true]),
            (Permission::Manage, [true, true, false, false]),
            (Permission::Destroy, [true, true, false, false]),
            (Permission::Administer, [true, false, false, false]),
        ];
        for (permission, row) in expected {
            assert_eq!(
                Role::ALL.map(|role| allows(role, permission)),
                row,
                "{permission:?}"
            );
        }
        assert_eq!(expected.len(), Permission::ALL.len());
    }
}
