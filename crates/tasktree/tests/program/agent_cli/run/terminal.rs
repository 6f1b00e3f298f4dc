//! The terminal of a person, as a pseudo-terminal of the test. The end-to-end tests use it too.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// Time after which a test gives up. Generous, since the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// Program in a terminal of 30 rows and 90 columns.
pub(crate) struct Terminal {
    child: Child,
    terminal: File,
    output: Arc<(Mutex<Vec<u8>>, Condvar)>,
    reading: JoinHandle<()>,
}

impl Terminal {
    /// Starts a program, which a command of `tasktree` without arguments runs as the leader of a
    /// session in the terminal.
    pub(crate) fn start(
        mut tasktree: Command,
        words: impl IntoIterator<Item = impl AsRef<OsStr>>,
    ) -> Self {
        let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        rustix::io::fcntl_setfd(&terminal, rustix::io::FdFlags::CLOEXEC).unwrap();
        grantpt(&terminal).unwrap();
        unlockpt(&terminal).unwrap();
        let name = ptsname(&terminal, Vec::new()).unwrap();
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let program_end: OwnedFd = rustix::fs::open(name, flags, Mode::empty()).unwrap();
        set_size(&terminal, 30, 90);
        let end = || Stdio::from(program_end.try_clone().unwrap());
        // The process between `tasktree run` and its program does the same here.
        let child = tasktree
            .arg("run-inside-terminal")
            .args(words)
            .env("TERM", "xterm-256color")
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .unwrap();
        // The ends of the terminal are also in the command.
        drop((tasktree, program_end));
        let terminal = File::from(terminal);
        let output = Arc::new((Mutex::new(Vec::new()), Condvar::new()));
        let reading = thread::spawn({
            let (mut terminal, output) = (terminal.try_clone().unwrap(), Arc::clone(&output));
            move || {
                let mut chunk = [0; 4096];
                while let Ok(count @ 1..) = terminal.read(&mut chunk) {
                    output.0.lock().unwrap().extend(&chunk[..count]);
                    output.1.notify_all();
                }
            }
        });
        Self {
            child,
            terminal,
            output,
            reading,
        }
    }

    /// Types text.
    pub(crate) fn type_in(&self, text: &str) {
        (&self.terminal).write_all(text.as_bytes()).unwrap();
    }

    /// Changes the size.
    pub(crate) fn resize(&self, rows: u16, columns: u16) {
        set_size(&self.terminal, rows, columns);
    }

    /// Returns everything that was shown so far.
    pub(crate) fn output(&self) -> String {
        String::from_utf8_lossy(&self.output.0.lock().unwrap()).into_owned()
    }

    /// Waits until a text is shown, and returns everything that was shown so far.
    pub(crate) fn wait_for(&self, text: &str) -> String {
        let output = self.output.0.lock().unwrap();
        let is_missing = |output: &mut Vec<u8>| !String::from_utf8_lossy(output).contains(text);
        let (output, waited) = self
            .output
            .1
            .wait_timeout_while(output, PATIENCE, is_missing)
            .unwrap();
        let output = String::from_utf8_lossy(&output).into_owned();
        assert!(!waited.timed_out(), "no {text:?} in {output:?}");
        output
    }

    /// Waits until the program has stopped.
    pub(crate) fn wait_until_stopped(&self) {
        let (_, status) = waitpid(Some(self.pid()), WaitOptions::UNTRACED)
            .unwrap()
            .unwrap();
        assert!(status.stopped(), "{status:?}");
    }

    /// Continues a program that has stopped.
    pub(crate) fn go_on(&self) {
        kill_process(self.pid(), Signal::CONT).unwrap();
    }

    /// Waits for the end, and returns everything that was shown, and the exit code.
    pub(crate) fn end(mut self) -> (String, i32) {
        let code = self.child.wait().unwrap().code().unwrap();
        self.reading.join().unwrap();
        let output = self.output.0.lock().unwrap();
        (String::from_utf8_lossy(&output).into_owned(), code)
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }
}

fn set_size(terminal: impl std::os::fd::AsFd, rows: u16, columns: u16) {
    let size = Winsize {
        ws_row: rows,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(terminal, size).unwrap();
}
