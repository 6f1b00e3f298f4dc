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

use serde::Serialize;

use crate::store::Role;

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
            Self::Destroy => "remove or reset data",
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
