//! The terminal of a person, as a pseudo-terminal of the test.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::server::PATIENCE;

/// Program in a terminal of 30 rows and 90 columns.
pub(super) struct Terminal {
    child: Child,
    terminal: File,
    output: Arc<(Mutex<Vec<u8>>, Condvar)>,
    reading: JoinHandle<()>,
}

impl Terminal {
    /// Starts a program as the leader of a session in the terminal.
    pub(super) fn start<'a>(
        folder: &Path,
        server: &str,
        words: impl IntoIterator<Item = &'a str>,
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
        let child = Command::new(env!("CARGO_BIN_EXE_tasktree"))
            .arg("run-inside-terminal")
            .args(words)
            .current_dir(folder)
            .env("HOME", folder)
            .env("TERM", "xterm-256color")
            .env("TASKTREE_SERVER", server)
            .env("TASKTREE_PROJECT", "alpha")
            .env_remove("TASKTREE_AGENT")
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .unwrap();
        drop(program_end);
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
    pub(super) fn type_in(&self, text: &str) {
        (&self.terminal).write_all(text.as_bytes()).unwrap();
    }

    /// Changes the size.
    pub(super) fn resize(&self, rows: u16, columns: u16) {
        set_size(&self.terminal, rows, columns);
    }

    /// Returns everything that was shown so far.
    pub(super) fn output(&self) -> String {
        String::from_utf8_lossy(&self.output.0.lock().unwrap()).into_owned()
    }

    /// Waits until a text is shown, and returns everything that was shown so far.
    pub(super) fn wait_for(&self, text: &str) -> String {
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
    pub(super) fn wait_until_stopped(&self) {
        let (_, status) = waitpid(Some(self.pid()), WaitOptions::UNTRACED)
            .unwrap()
            .unwrap();
        assert!(status.stopped(), "{status:?}");
    }

    /// Continues a program that has stopped.
    pub(super) fn go_on(&self) {
        kill_process(self.pid(), Signal::CONT).unwrap();
    }

    /// Waits for the end, and returns everything that was shown, and the exit code.
    pub(super) fn end(mut self) -> (String, i32) {
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
