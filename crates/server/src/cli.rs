//! The command line: `tasktree serve`, `token`, `backup`, `restore`, `import`, `demo`.

mod backup;
mod client;
mod demo;
mod door;
mod import;
mod serve;
mod token;

use std::fmt::Display;
use std::io::{self, Write as _};

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

use crate::assets::Assets;
use crate::config::Token;
pub(crate) use client::Client;

/// The live task board for people who run many AI coding agents on one project.
#[derive(Debug, Parser)]
#[command(name = "tasktree", version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server, with the board.
    Serve(serve::Options),
    /// Make, list and revoke the tokens that people and agents come in with.
    Token(token::Options),
    /// Write the database into a new file, while a server may go on using it.
    Backup(backup::Options),
    /// Put a backup in the place of the database, which no server may be using. What was there is kept beside it.
    Restore(backup::Options),
    /// Take over tasks from another system.
    #[command(subcommand)]
    Import(import::Source),
    /// Simulate a few agents at work in a project of their own, to see a moving board.
    Demo(demo::Options),
}

/// A running server to talk to.
#[derive(Debug, Args)]
struct Target {
    /// Address of the running server.
    #[arg(long, env = "TASKTREE_SERVER", default_value = client::DEFAULT_SERVER, value_name = "URL")]
    server: String,
    /// The token that it asks for, if it does.
    #[arg(long, env = "TASKTREE_TOKEN", hide_env_values = true)]
    token: Option<Token>,
}

impl Target {
    fn client(&self) -> Result<Client> {
        Client::new(&self.server, self.token.as_ref())
    }
}

/// Tells the person something beside what was asked for, which may be read by a program.
fn note(text: impl Display) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Tells the person something. Nobody to read it (`| head`) is no reason to stop half-way.
fn say(text: impl Display) {
    let _ = writeln!(io::stdout(), "{text}");
}

impl Cli {
    /// Does what was asked for; a server shows this `board`.
    ///
    /// # Errors
    /// What went wrong, as a person should read it.
    pub async fn run(self, board: Assets) -> Result<()> {
        match self.command {
            Command::Serve(options) => serve::run(options, board).await,
            Command::Token(options) => token::run(options).await,
            Command::Backup(options) => backup::backup(&options),
            Command::Restore(options) => backup::restore(&options),
            Command::Import(source) => import::run(source).await,
            Command::Demo(options) => demo::run(options).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_token_is_shown_in_no_help_text() {
        let help = Cli::command().render_long_help().to_string();
        assert!(!help.contains("[env: TASKTREE_TOKEN="), "{help}");
    }
}
