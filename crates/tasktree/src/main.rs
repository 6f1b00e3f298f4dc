//! `tasktree`: the server of the live task board with the board inside, its tools, and the command
//! line of agents.
//!
//! It is a package of its own, so that a change of the board rebuilds only this file.

mod command_line;

use std::env;
use std::io::Write as _;
use std::process::ExitCode;

use rust_embed::RustEmbed;
use tasktree_server::assets::Assets;

use command_line::Command;

/// Files of the board as trunk and `cargo xtask` build them; none if it was not built.
#[derive(RustEmbed)]
#[folder = "../../dist"]
#[allow_missing = true]
struct Board;

/// Allocator of static programs: that of musl serves many threads slowly.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // A hook runs at each step of an agent: it starts nothing that it does not need.
    if env::args_os().nth(1).is_some_and(|verb| verb == "hook") {
        return tasktree_cli::hook(env::args_os());
    }
    if let Some(code) = tasktree_cli::inside(env::args_os()) {
        return code;
    }
    match command_line::parse(env::args_os()) {
        Ok(Command::Agent(command)) => command.run(),
        Ok(Command::Server(command)) => serve(command),
        Ok(Command::Completions { shell }) => print(&command_line::completions(shell)),
        Err(error) => {
            let arguments: Vec<_> = env::args_os()
                .map(|word| word.to_string_lossy().into_owned())
                .collect();
            match tasktree_cli::usage_as_json(&error, &arguments) {
                Some(code) => code,
                None => error.exit(),
            }
        }
    }
}

/// Writes a script to standard output.
fn print(script: &[u8]) -> ExitCode {
    match std::io::stdout().write_all(script) {
        // A closed pipe (`| head`) is no failure.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            eprintln!("tasktree: cannot write the completions: {error}");
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

/// Runs a command of the server.
#[tokio::main]
async fn serve(command: tasktree_server::cli::Command) -> ExitCode {
    match command.run(Assets::embedded::<Board>()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tasktree: {error:#}");
            ExitCode::FAILURE
        }
    }
}
