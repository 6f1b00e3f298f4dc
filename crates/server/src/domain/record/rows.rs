//! Rows whose changes are recorded, each stored and noted in one function.

use tasktree_protocol::AgentId;

use super::{Fields, Noted};

/// Notes fields of two states of a row that both have them under that name.
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

/// Returns what is noted of a change.
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
