//! Systems without pseudo-terminals of our kind: the program inherits what we have, and nothing is
//! interpreted.

use std::ffi::OsString;
use std::io;
use std::process::Command;

use crate::Outcome;
use crate::outbox::Outbox;
use crate::question::Refused;

/// Program that runs, or is about to.
#[derive(Debug)]
pub struct Session {
    outbox: Outbox,
}

/// Handle to type answers, which are all refused.
#[derive(Clone, Debug)]
pub struct Typist(());

impl Typist {
    /// Refuses an answer.
    #[expect(clippy::unused_self, reason = "as on systems with pseudo-terminals")]
    pub fn answer(&self, _serial: u64, _text: &str) -> Outcome {
        Outcome::Refused(Refused::Gone)
    }
}

impl Session {
    /// Creates a session that reports its end to the outbox.
    pub fn new(outbox: Outbox) -> (Self, Typist) {
        (Self { outbox }, Typist(()))
    }

    /// Runs a program until it ends. Returns its exit code.
    ///
    /// # Errors
    /// Returns an error if the program cannot be started.
    pub fn run(self, words: &[OsString], variables: &[(String, OsString)]) -> io::Result<u8> {
        let (name, arguments) = words.split_first().ok_or(io::ErrorKind::InvalidInput)?;
        let variables = variables.iter().map(|(name, value)| (name, value));
        let status = Command::new(name).args(arguments).envs(variables).status();
        self.outbox.close();
        let code = status?.code().unwrap_or(1);
        Ok(u8::try_from(code & 0xff).unwrap_or(u8::MAX))
    }
}
