//! `cargo xtask run`: gets from a checkout to a server that shows the board.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};
use clap::Args;

use crate::workspace::Workspace;
use crate::{process, server};

/// Address and database of the server.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Address to listen on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8000")]
    listen: String,
    /// Database file [default: in your data folder]
    #[arg(long, value_name = "PATH")]
    db: Option<PathBuf>,
    /// Do not open a browser
    #[arg(long)]
    no_open: bool,
}

/// Sets up the tools, builds, and replaces this process with the server.
///
/// # Errors
/// A tool cannot be installed, a build fails, or the server does not start.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    server::build_with_board(workspace)?;
    become_server(Command::new(workspace.server_binary()).args(arguments(options)))
}

fn arguments(options: &Options) -> Vec<OsString> {
    let open = if options.no_open { "never" } else { "always" };
    let mut arguments: Vec<OsString> = ["serve", "--open", open, "--listen", &options.listen]
        .map(Into::into)
        .into();
    if let Some(db) = &options.db {
        arguments.extend(["--db".into(), db.into()]);
    }
    arguments
}

/// Replaces this process with the server, which then gets the terminal's signals and sets the exit
/// code.
#[cfg(unix)]
fn become_server(command: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt as _;
    Err(command.exec()).with_context(|| format!("cannot start `{}`", process::shown(command)))
}

#[cfg(not(unix))]
fn become_server(command: &mut Command) -> Result<()> {
    process::run(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_options_become_the_servers_own() {
        let mut options = Options {
            listen: "127.0.0.1:8000".to_owned(),
            db: None,
            no_open: true,
        };
        let words = ["serve", "--open", "never", "--listen", "127.0.0.1:8000"];
        assert_eq!(arguments(&options), words);
        options.no_open = false;
        options.db = Some("a b.db".into());
        assert_eq!(
            arguments(&options),
            [
                "serve",
                "--open",
                "always",
                "--listen",
                "127.0.0.1:8000",
                "--db",
                "a b.db"
            ]
        );
    }
}
