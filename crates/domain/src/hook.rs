//! Events of harnesses, in the terms of the board.
//!
//! Harnesses report what their agents do by hooks, each in its own JSON. This module finds the
//! harness by the shape of a body ([`detect`]) and reads the body into a [`Hook`]. It keeps only
//! what is stored: names, times, and one-line summaries without secrets ([`scrub`]). It changes
//! nothing: `agent::hooked` does.

mod body;
mod event;
mod limit;
mod memory;
mod patch;
mod read;
mod scrub;
mod source;
mod summary;

pub use event::{Asked, Deed, Hook, Work};
pub use memory::{Memory, WaitOf};
pub use read::read;
pub use scrub::scrub;
pub use source::detect;
pub use summary::SUMMARY_CHARS;

#[cfg(test)]
mod tests;
