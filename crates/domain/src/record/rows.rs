//! Rows whose changes are recorded: one function stores and records each.

use tasktree_protocol::AgentId;

use super::{Fields, Noted};

/// Compares fields that both states of a row have under the same name, and adds those that differ.
macro_rules! compare {
    ($fields:ident, $before:expr, $after:expr; $($field:ident),*) => {
        $($fields.note(
            stringify!($field),
            $before.map(|row| &row.$field),
            $after.map(|row| &row.$field),
        )?;)*
    };
}

mod accounts;
mod agents;
mod leases;
mod projects;
mod talk;

/// Returns the record of a change.
fn noted(subject: impl Into<String>, kind: &str, fields: Fields) -> Noted {
    Noted {
        subject: subject.into(),
        kind: kind.to_owned(),
        fields: fields.into_inner(),
        ..Noted::default()
    }
}

/// Returns the subject of an agent's changes.
fn agent_subject(id: &AgentId) -> String {
    format!("agent:{id}")
}
