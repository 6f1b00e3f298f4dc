//! The process between `tasktree run` and the program: the leader of the program's session.
//!
//! A program whose parent is in another session cannot be stopped by Ctrl-Z: its process group
//! counts as orphaned, and the system ignores the signal. So the program's parent is this process,
//! in the same session. It starts the program in a process group of its own in the foreground,
//! stops when the program stops, and exits with its exit code.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use rustix::process::{
    Pid, Signal, WaitOptions, getpid, ioctl_tiocsctty, kill_process, kill_process_group, setsid,
    waitpid,
};
use rustix::termios::tcsetpgrp;
use signal_hook::consts::{SIGCHLD, SIGCONT, SIGTTIN, SIGTTOU};
use signal_hook::iterator::Signals;

use super::{PASSED, exit_code, pass_on};

/// First argument of a process that runs [`inside`].
pub const INSIDE: &str = "run-inside-terminal";

/// Exit codes of shells for a program that is not found, and for one that cannot be started.
const NOT_FOUND: u8 = 127;
const NOT_STARTED: u8 = 126;

/// Runs a program in the session of the terminal that is the standard input. Returns the exit code.
pub fn inside(words: &[OsString]) -> u8 {
    match run(words) {
        Ok(code) => code,
        Err(error) => {
            let name = words.first().map(|name| name.to_string_lossy());
            eprintln!("tasktree: cannot run {}: {error}", name.unwrap_or_default());
            code_of(&error)
        }
    }
}

/// Returns the exit code of shells for a program that was not started.
pub(super) fn code_of(error: &io::Error) -> u8 {
    match error.kind() {
        io::ErrorKind::NotFound => NOT_FOUND,
        _ => NOT_STARTED,
    }
}

fn run(words: &[OsString]) -> io::Result<u8> {
    let (name, arguments) = words.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    setsid()?;
    ioctl_tiocsctty(io::stdin())?;
    let mut signals = Signals::new([SIGCHLD, SIGCONT].into_iter().chain(PASSED))?;
    let child = Command::new(name)
        .args(arguments)
        .process_group(0)
        .spawn()?;
    let child = Pid::from_child(&child);
    // The program is in its group from its start, but in the foreground only now. If it was faster,
    // it was stopped, and is continued below.
    tcsetpgrp(io::stdin(), child)?;
    let mut is_early = true;
    loop {
        let options = WaitOptions::UNTRACED | WaitOptions::NOHANG;
        if let Some((_, status)) = waitpid(Some(child), options)? {
            if let Some(code) = exit_code(status) {
                return Ok(code);
            }
            let signal = status.stopping_signal();
            if is_early && matches!(signal, Some(SIGTTIN | SIGTTOU)) {
                is_early = false;
                kill_process_group(child, Signal::CONT)?;
            } else if signal.is_some() {
                // `tasktree run` sees it, stops too, and continues this process.
                kill_process(getpid(), Signal::STOP)?;
                kill_process_group(child, Signal::CONT)?;
            }
            continue;
        }
        for signal in signals.wait() {
            match signal {
                SIGCHLD => {}
                SIGCONT => {
                    let _ = kill_process_group(child, Signal::CONT);
                }
                signal => pass_on(signal, child),
            }
        }
    }
}
