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

pub use tasktree_protocol::http::Permission;

use crate::store::Role;

/// Returns the permitted action as the end of a sentence: "a viewer may not ..".
pub const fn deed(permission: Permission) -> &'static str {
    match permission {
        Permission::Read => "read this",
        Permission::Change => "change tasks",
        Permission::Speak => "speak for agents",
        Permission::Manage => "change projects",
        Permission::Destroy => "remove or reset data",
        Permission::Administer => "administer the server",
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
