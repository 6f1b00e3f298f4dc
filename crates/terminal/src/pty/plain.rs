//! A program without a terminal: it inherits what we have.

use std::ffi::OsString;
use std::io;
use std::process::Command;

use rustix::process::{Pid, WaitOptions, waitpid};
use signal_hook::consts::{SIGCHLD, SIGINT, SIGQUIT};
use signal_hook::iterator::Signals;

use super::inside::code_of;
use super::{PASSED, exit_code, pass_on};

/// Runs a program until it ends. Returns the exit code that a shell would show.
pub(super) fn run(words: &[OsString], variables: &[(String, OsString)]) -> io::Result<u8> {
    let (name, arguments) = words.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let mut signals = Signals::new([SIGCHLD].into_iter().chain(PASSED))?;
    let started = Command::new(name)
        .args(arguments)
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .spawn();
    let child = match started {
        Ok(child) => Pid::from_child(&child),
        Err(error) => {
            eprintln!("tasktree: cannot run {}: {error}", name.to_string_lossy());
            return Ok(code_of(&error));
        }
    };
    loop {
        if let Some((_, status)) = waitpid(Some(child), WaitOptions::NOHANG)?
            && let Some(code) = exit_code(status)
        {
            return Ok(code);
        }
        for signal in signals.wait() {
            match signal {
                // A key sends these two to the whole job, the program included.
                SIGCHLD | SIGINT | SIGQUIT => {}
                signal => pass_on(signal, child),
            }
        }
    }
}
