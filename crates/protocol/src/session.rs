//! The client's connection as a state machine without a socket, a clock or a timer of its own.
//!
//! The caller gives [`Input`]s as they happen, with the [`Environment`] of that moment, and does what the [`Output`]s say, in order. So the
//! same code runs in a browser, in a native load generator, and in tests that decide what time it is.

pub mod constants;
mod types;

pub use types::{
    Config, ConnectionState, Details, Environment, Input, Output, SnapshotReason, StopReason, Wake,
};

/// The connection.
#[derive(Debug)]
pub struct Session {
    config: Config,
    state: ConnectionState,
    details: Details,
}

impl Session {
    /// A session that waits for [`Input::Open`].
    pub fn new(config: Config) -> Self {
        Self {
            config,
            state: ConnectionState::Idle,
            details: Details::default(),
        }
    }

    /// Takes an input, and says what is to be done about it.
    pub fn handle(&mut self, _environment: Environment, _input: Input) -> Vec<Output> {
        let _ = &self.config;
        Vec::new()
    }

    /// Where the connection stands.
    pub fn state(&self) -> &ConnectionState {
        &self.state
    }

    /// Numbers about the connection.
    pub fn details(&self) -> Details {
        self.details.clone()
    }
}
