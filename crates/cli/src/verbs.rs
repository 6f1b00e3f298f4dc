//! The verbs of agents and people, one file for each kind.

mod add;
mod ask;
mod beat;
mod block;
mod done;
mod identity;
mod lease;
mod log;
mod message;
mod next;
mod show;
mod trust;
mod update;
mod watch;

pub(crate) use add::Add;
pub(crate) use ask::Ask;
pub(crate) use beat::Beat;
pub(crate) use block::{Block, Release, Unblock};
pub(crate) use done::Done;
pub(crate) use identity::{Prime, WhoAmI};
pub(crate) use lease::{Reserve, Unreserve};
pub(crate) use log::Log;
pub(crate) use message::{Inbox, Send};
pub(crate) use next::Next;
pub(crate) use show::{List, Show};
pub(crate) use trust::Trust;
pub(crate) use update::Update;
pub(crate) use watch::Watch;

use crate::context::Context;
use crate::failure::Result;
use crate::output::{Form, Report};

/// A verb with its options.
pub(crate) trait Verb {
    /// Does the work. Returns none if it has printed everything itself, in that form.
    ///
    /// # Errors
    /// Returns the reason for which it failed.
    fn run(self, context: &Context, form: Form) -> Result<Option<Report>>;
}
