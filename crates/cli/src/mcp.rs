//! `tasktree mcp`: the Model Context Protocol over standard input and output.
//!
//! It is a pipe to the endpoint of the server, which keeps nothing between two requests. So a
//! restart of the server is not noticed: a request waits until it is back.

mod door;
mod message;
mod pipe;
mod stream;

use std::io;

use clap::Args;

use crate::context::Context;
use pipe::Pipe;

/// Options of the verb.
#[derive(Debug, Args)]
pub(crate) struct Mcp;

impl Mcp {
    /// Forwards requests until standard input ends.
    pub(crate) fn run(context: Context) {
        Pipe::new(context).run(&mut io::stdin().lock());
    }
}
