//! The server's commands: `tasktree serve`, `token`, `backup`, `restore`, `import`, `demo`. The
//! program adds the verbs of agents.

mod backup;
mod client;
mod demo;
mod import;
mod serve;
mod server_access;
mod token;

use std::fmt::Display;
use std::io::{self, Write as _};

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::assets::Assets;
use crate::config::Token;
pub(crate) use client::Client;

/// Command of the server.
#[derive(Debug, Subcommand)]
#[expect(
    private_interfaces,
    reason = "the options of a command are read in this crate only"
)]
pub enum Command {
    /// Run the server, with the board.
    Serve(serve::Options),
    /// Create, list and revoke the tokens of people and agents.
    Token(token::Options),
    /// Back up the database to a new file. The server can keep running.
    Backup(backup::Options),
    /// Restore the database from a backup. Stop the server first. The old database is kept beside
    /// the restored one.
    Restore(backup::Options),
    /// Import tasks from another system.
    #[command(subcommand)]
    Import(import::Source),
    /// Simulate agents that work in a demo project.
    Demo(demo::Options),
}

/// A running server to connect to.
#[derive(Debug, Args)]
struct Target {
    /// Address of the running server.
    #[arg(long, env = "TASKTREE_SERVER", default_value = client::DEFAULT_SERVER, value_name = "URL")]
    server: String,
    /// Token for the server, if it requires one.
    #[arg(long, env = "TASKTREE_TOKEN", hide_env_values = true)]
    token: Option<Token>,
}

impl Target {
    fn client(&self) -> Result<Client> {
        Client::new(&self.server, self.token.as_ref())
    }
}

/// Prints a message for the person on standard error; standard output may be read by a program.
fn note(text: impl Display) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Prints a line for the person. A closed pipe (`| head`) is no reason to stop half-way.
fn say(text: impl Display) {
    let _ = writeln!(io::stdout(), "{text}");
}

impl Command {
    /// Runs the command; a server serves this `board`.
    ///
    /// # Errors
    /// The reason for the failure, as a person should read it.
    pub async fn run(self, board: Assets) -> Result<()> {
        match self {
            Self::Serve(options) => serve::run(options, board).await,
            Self::Token(options) => token::run(options).await,
            Self::Backup(options) => backup::backup(&options),
            Self::Restore(options) => backup::restore(&options),
            Self::Import(source) => import::run(source).await,
            Self::Demo(options) => demo::run(options).await,
        }
    }
}
