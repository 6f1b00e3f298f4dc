//! `tasktree run -- CMD`: runs a coding agent in this terminal, and tells the board about it.
//!
//! The terminal is the same as without it, whatever the server does: the program is started before
//! anything is waited for but one short request, and the rest is told by a thread of its own.

mod board;
mod reporter;

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;

use clap::Args;
use tasktree_protocol::AgentId;
use tasktree_terminal::{Outbox, Session};

use crate::client::{Client, Timeouts};
use crate::context::Context;
use crate::failure::{Exit, Failure, Result};
use crate::harness::Harness;
use crate::limits::{RUN_CONNECT_TIMEOUT, RUN_END_TIMEOUT, RUN_START_TIMEOUT};
use crate::surroundings::Surroundings;
use crate::text::plain;
use board::{Board, RunOf};
use reporter::Reporter;

/// Number of characters of the run's id in the name of an agent that nothing names.
const NAME_CHARS: usize = 8;

/// Number of characters of a program's name that become part of the agent's.
const PROGRAM_CHARS: usize = 40;

/// Options of the verb.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Claim this task for the agent.
    #[arg(long, value_name = "N")]
    task: Option<u64>,
    /// Program and its arguments.
    #[arg(last = true, required = true, value_name = "CMD")]
    command: Vec<OsString>,
}

impl Run {
    /// Runs the program. Returns its exit code.
    ///
    /// # Errors
    /// Returns a failure if the program cannot be run, or if the named task cannot be claimed.
    pub(crate) fn run(self, around: &Surroundings, context: Result<Context>) -> Result<u8> {
        let outbox = Outbox::default();
        let (session, typist) = Session::new(outbox.clone());
        let run = self.describe(around, context.as_ref().ok());
        let mut variables = vec![
            ("TASKTREE_AGENT".to_owned(), run.agent.as_str().into()),
            ("TASKTREE_RUN".to_owned(), run.session.as_str().into()),
        ];
        let (ended, exit_code) = mpsc::channel();
        let (reported, is_reported) = mpsc::channel();
        match context.and_then(|context| Self::start(context, run)) {
            Ok(board) => {
                let project = board.project().map(|project| project.as_str().into());
                variables.extend(project.map(|project| ("TASKTREE_PROJECT".to_owned(), project)));
                if let Some(task) = self.task {
                    variables.push(("TASKTREE_TASK".to_owned(), task.to_string().into()));
                }
                let reporter = Reporter::new(board, outbox, typist);
                let thread = thread::Builder::new().name("tasktree-reporter".to_owned());
                let started = thread.spawn(move || {
                    reporter.run(&exit_code);
                    // Nobody waits anymore if it took too long.
                    let _ = reported.send(());
                });
                started.map_err(|error| {
                    Failure::local(format_args!("cannot start a thread: {error}"))
                })?;
            }
            // A person who names a task wants no agent without it.
            Err(refused) if self.task.is_some() && refused.exit != Exit::Unreachable => {
                return Err(refused);
            }
            Err(failure) => {
                let message = plain(&failure.message);
                eprintln!("tasktree: {message}; running without the board");
                drop(reported);
            }
        }
        let code = session.run(&self.command, &variables).map_err(|error| {
            Failure::local(format_args!(
                "cannot run the program in a terminal: {error}"
            ))
        });
        // The reporter has ended if this fails.
        let _ = ended.send(code.as_ref().copied().unwrap_or(1));
        let _ = is_reported.recv_timeout(RUN_END_TIMEOUT);
        code
    }

    /// Returns the board, which knows the run unless it cannot be reached now.
    fn start(mut context: Context, run: RunOf) -> Result<Board> {
        let patient = context.client.clone();
        context.client = Client::new(
            &context.settings,
            Timeouts {
                connect: RUN_CONNECT_TIMEOUT,
                total: Some(RUN_START_TIMEOUT),
            },
        )?;
        let mut board = Board::new(context, run);
        match board.register() {
            Ok(()) => {}
            Err(failure) if failure.exit == Exit::Unreachable => {
                eprintln!(
                    "tasktree: {}; the board is told once it responds",
                    plain(&failure.message)
                );
            }
            Err(failure) => return Err(failure),
        }
        board.set_client(patient);
        Ok(board)
    }

    fn describe(&self, around: &Surroundings, context: Option<&Context>) -> RunOf {
        let program = self.command.first().map(OsString::as_os_str);
        let program = program_name(program.unwrap_or_default());
        let harness = Harness::ALL
            .into_iter()
            .find(|harness| harness.programs().contains(&program.as_str()));
        let session = uuid::Uuid::new_v4().to_string();
        let short = match harness {
            Some(harness) => harness.as_str(),
            None => &program,
        };
        let id: String = session.chars().take(NAME_CHARS).collect();
        let named = context.and_then(Context::named).map(str::to_owned);
        let agent = AgentId::from(named.unwrap_or_else(|| format!("{short}-{id}")));
        RunOf {
            agent,
            source: harness
                .map_or_else(|| program.clone(), |harness| harness.0.as_str().to_owned()),
            program,
            session,
            machine: around.machine().unwrap_or_default(),
            folder: around.folder.display().to_string(),
            task: self.task,
        }
    }
}

/// Returns the name of a program without its folder and its ending, in characters of a name.
fn program_name(program: &OsStr) -> String {
    let name = Path::new(program).file_stem().unwrap_or_default();
    let name = name.to_string_lossy();
    let letters = name.chars().map(|letter| match letter {
        letter if letter.is_ascii_alphanumeric() || "-_.".contains(letter) => letter,
        _ => '-',
    });
    let name: String = letters.take(PROGRAM_CHARS).collect();
    if name.is_empty() {
        "program".to_owned()
    } else {
        name
    }
}

/// Runs the process between `tasktree run` and its program, if the arguments are its own.
#[cfg(unix)]
pub fn inside(arguments: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    let mut arguments = arguments.skip(1);
    arguments
        .next()
        .filter(|word| word == tasktree_terminal::INSIDE)?;
    let words: Vec<_> = arguments.collect();
    Some(ExitCode::from(tasktree_terminal::inside(&words)))
}

/// Returns none: there is no such process on this system.
#[cfg(not(unix))]
pub fn inside(_arguments: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_named_by_its_program() {
        let name = |program: &str| program_name(OsStr::new(program));
        assert_eq!(name("claude"), "claude");
        assert_eq!(name("/usr/local/bin/codex"), "codex");
        assert_eq!(name("./my agent.sh"), "my-agent");
        assert_eq!(name(""), "program");
        let run = Run {
            task: None,
            command: vec!["/opt/claude".into()],
        };
        let around = Surroundings::default();
        let described = run.describe(&around, None);
        assert_eq!(described.source, "claude-code");
        assert_eq!(
            described.agent.as_str(),
            format!("claude-{}", &described.session[..8])
        );
    }
}
