//! Author of a change, as its events and records name it.

use crate::actor::Actor;

/// Author of a change: its actor, and the id of the command that requested it.
#[derive(Clone, Copy, Debug)]
pub struct Author<'a> {
    /// Actor that causes the change.
    pub actor: &'a Actor,
    /// Id of the command; events carry it.
    pub cause: Option<&'a str>,
}
