//! The table: which role may do what.
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
//! Which projects somebody reaches is another question: [`super::Scope`].

use std::fmt;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// What a credential is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything, credentials too.
    Admin,
    /// Projects and tasks.
    Editor,
    /// Looks.
    Viewer,
    /// A program that works on the tasks of one project.
    Agent,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Admin, Self::Editor, Self::Viewer, Self::Agent];

    /// As it goes over the wire.
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

/// What an operation needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Permission {
    /// To read what is in a project, and to follow it.
    Read,
    /// To make and change tasks, to store a plan, to notify.
    Change,
    /// To register an agent and speak for it: status, heartbeats, log lines, leases, messages.
    Speak,
    /// To make and change projects, to import, to have git merge or make a repository.
    Manage,
    /// To remove and bring back tasks and projects, to reset.
    Destroy,
    /// To make and revoke credentials, to see who is connected.
    Administer,
}

impl Permission {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Read,
        Self::Change,
        Self::Speak,
        Self::Manage,
        Self::Destroy,
        Self::Administer,
    ];

    /// What it allows, as the end of a sentence: "a viewer may not ..".
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

/// Whether that role may do that: the table at the top.
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
