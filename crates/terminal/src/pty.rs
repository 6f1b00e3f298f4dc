//! The pseudo-terminal: moves bytes between the terminal of the person and that of the program.
//!
//! Three threads do it, and none of them waits for the server. One moves output, one moves input,
//! and one interprets both ([`observer`]). The main thread handles signals. A fourth process stands
//! between us and the program, see [`inside`](mod@inside).

mod bytes;
mod inbox;
mod inside;
mod keyboard;
mod observer;
mod pair;
mod plain;
mod raw;
mod relay;

use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal as _};
use std::os::fd::AsFd as _;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc;
use std::thread;

use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process, waitpid};
use signal_hook::consts::{
    SIGCHLD, SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH,
};
use signal_hook::iterator::Signals;

pub use inside::{INSIDE, inside};

use crate::Outcome;
use crate::limits::DRAIN_WITHIN;
use crate::outbox::Outbox;
use crate::question::Refused;
use crate::watcher::Watcher;
use inbox::{Inbox, Request, Seen};
use keyboard::{Keyboard, Orders};
use observer::Observer;
use pair::Pair;
use raw::RawMode;

/// Signals that are passed on to the program: they would have reached it without us.
const PASSED: [i32; 6] = [SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2];

/// Program that runs in a terminal, or is about to.
#[derive(Debug)]
pub struct Session {
    inbox: Inbox,
    outbox: Outbox,
}

/// Handle to type answers into the terminal of a session.
#[derive(Clone, Debug)]
pub struct Typist {
    inbox: Inbox,
}

impl Typist {
    /// Types the answer to a question, if it still stands and the prompt is unchanged. Waits for
    /// the outcome: a few seconds at most.
    pub fn answer(&self, serial: u64, text: &str) -> Outcome {
        let (reply, outcome) = mpsc::sync_channel(1);
        self.inbox.push(Seen::Answer(Request {
            serial,
            text: text.to_owned(),
            reply,
        }));
        outcome.recv().unwrap_or(Outcome::Refused(Refused::Gone))
    }
}

impl Session {
    /// Creates a session that reports its events to the outbox.
    pub fn new(outbox: Outbox) -> (Self, Typist) {
        let inbox = Inbox::default();
        let typist = Typist {
            inbox: inbox.clone(),
        };
        (Self { inbox, outbox }, typist)
    }

    /// Runs a program until it ends. Returns the exit code that a shell would show.
    ///
    /// If standard input or output is no terminal, the program inherits both and nothing is
    /// interpreted.
    ///
    /// # Errors
    /// Returns an error if there is no pseudo-terminal to be had. A program that cannot be started
    /// is none: its exit code says so.
    pub fn run(self, words: &[OsString], variables: &[(String, OsString)]) -> io::Result<u8> {
        let (outbox, inbox) = (self.outbox.clone(), self.inbox.clone());
        let code = if io::stdin().is_terminal() && io::stdout().is_terminal() {
            self.run_in_pty(words, variables)
        } else {
            plain::run(words, variables)
        };
        inbox.close();
        outbox.close();
        code
    }

    fn run_in_pty(self, words: &[OsString], variables: &[(String, OsString)]) -> io::Result<u8> {
        // Before the program starts, so that its end is not missed.
        let watched = [SIGCHLD, SIGCONT, SIGWINCH].into_iter().chain(PASSED);
        let mut signals = Signals::new(watched)?;
        let Pair { master, slave } = Pair::open(io::stdin().as_fd())?;
        let size = pair::size_of(io::stdin().as_fd());
        let raw = RawMode::enter()?;
        let mut command = Command::new(env::current_exe()?);
        command.arg(INSIDE).args(words);
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::from(slave.try_clone()?));
        command.stdout(Stdio::from(slave.try_clone()?));
        if io::stderr().is_terminal() {
            command.stderr(Stdio::from(slave));
        }
        let child = command.spawn()?;
        // Its copies of the terminal would keep it open.
        drop(command);
        let child = Pid::from_child(&child);

        let shown = Arc::new(AtomicU64::new(0));
        let (orders, received) = Orders::new()?;
        let keyboard = Keyboard {
            received,
            inbox: self.inbox.clone(),
            terminal: master.try_clone()?,
            shown: Arc::clone(&shown),
        };
        let observer = Observer::new(
            Watcher::new(size),
            (self.inbox.clone(), self.outbox),
            orders.clone(),
            master.try_clone()?,
        );
        let output = relay::Output {
            terminal: master.try_clone()?,
            inbox: self.inbox.clone(),
            orders: answers_queries().then(|| orders.clone()),
            shown,
        };
        let (drained, is_drained) = mpsc::channel();
        spawn("keyboard", move || keyboard.run())?;
        let observing = spawn("observer", move || observer.run())?;
        spawn("output", move || {
            output.run();
            // Nobody waits anymore if it takes too long.
            let _ = drained.send(());
        })?;

        let code = loop {
            match state_of(child)? {
                ChildState::Ended(code) => break code,
                ChildState::Stopped => {
                    raw.leave();
                    // What the key would have done to us: everything of the job stops.
                    let _ = rustix::process::kill_current_process_group(Signal::TSTP);
                    go_on(&raw, &master, child, &self.inbox);
                }
                ChildState::Running => {}
            }
            for signal in signals.wait() {
                match signal {
                    SIGCHLD => {}
                    SIGCONT => go_on(&raw, &master, child, &self.inbox),
                    SIGWINCH => resize(&master, &self.inbox),
                    signal => pass_on(signal, child),
                }
            }
        };
        // Programs in the background may keep the terminal open.
        let _ = is_drained.recv_timeout(DRAIN_WITHIN);
        self.inbox.push(Seen::Ended);
        orders.stop();
        drop(raw);
        // It only empties its queue. A panic in it has no message for anybody.
        let _ = observing.join();
        Ok(code)
    }
}

/// State of the process that stands between us and the program.
enum ChildState {
    Running,
    Stopped,
    Ended(u8),
}

fn state_of(child: Pid) -> io::Result<ChildState> {
    let options = WaitOptions::UNTRACED | WaitOptions::NOHANG;
    Ok(match waitpid(Some(child), options)? {
        None => ChildState::Running,
        Some((_, status)) if status.stopped() => ChildState::Stopped,
        Some((_, status)) => exit_code(status).map_or(ChildState::Running, ChildState::Ended),
    })
}

/// Returns the exit code that a shell shows for a process that has ended.
fn exit_code(status: WaitStatus) -> Option<u8> {
    let code = match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => code,
        (None, Some(signal)) => 128 + signal,
        (None, None) => return None,
    };
    Some(u8::try_from(code & 0xff).unwrap_or(u8::MAX))
}

/// Continues after a stop.
fn go_on(raw: &RawMode, terminal: &impl std::os::fd::AsFd, child: Pid, inbox: &Inbox) {
    raw.enter_again();
    resize(terminal, inbox);
    let _ = kill_process(child, Signal::CONT);
}

/// Gives the program's terminal the size of ours.
fn resize(terminal: &impl std::os::fd::AsFd, inbox: &Inbox) {
    if let Ok(size) = rustix::termios::tcgetwinsize(io::stdin()) {
        let _ = rustix::termios::tcsetwinsize(terminal, size);
        inbox.push(Seen::Resized(pair::size_of(io::stdin().as_fd())));
    }
}

fn pass_on(signal: i32, child: Pid) {
    if let Some(signal) = Signal::from_named_raw(signal) {
        // It has just ended if this fails.
        let _ = kill_process(child, signal);
    }
}

/// Returns true unless the terminal of the person is one that may print reports of status instead
/// of ignoring them. A program sends them only if its question was answered.
fn answers_queries() -> bool {
    !env::var("TERM").is_ok_and(|name| name == "linux" || name == "dumb")
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<thread::JoinHandle<()>> {
    thread::Builder::new()
        .name(format!("tasktree-{name}"))
        .spawn(run)
}
