//! Tests for the rules of the wire protocol's document, one by one.

mod commands;
mod connecting;
mod details;
mod liveness;
mod older;
mod polling;
mod rounds;
mod streams;

use serde_json::Value;
use tasktree_protocol::frame::ServerFrame;
use tasktree_protocol::session::Input;
use tasktree_protocol::{Command, Cursor};

use crate::server::message;
use crate::sim::Sim;

pub(crate) fn generation(sim: &Sim) -> u64 {
    sim.server.connection.as_ref().unwrap().generation
}

pub(crate) fn frame(sim: &mut Sim, text: String) {
    let generation = generation(sim);
    sim.input(Input::Frame { generation, text });
}

/// Sends an event that the log does not have, as if the network had invented it.
pub(crate) fn event(sim: &mut Sim, seq: u64) {
    let epoch = sim.server.position(&"p".into()).unwrap().epoch;
    let message = message(&"p".into(), Some(Cursor::new(epoch, seq)));
    frame(sim, serde_json::to_string(&message).unwrap());
}

pub(crate) fn delivered(sim: &Sim) -> Vec<u64> {
    sim.delivered.iter().filter_map(|(_, seq)| *seq).collect()
}

/// Passes a frame of the server to the session.
pub(crate) fn told(sim: &mut Sim, told: &ServerFrame) {
    frame(sim, serde_json::to_string(told).unwrap());
}

/// Passes a snapshot that the application fetched by itself.
pub(crate) fn snapshot(sim: &mut Sim, stream: &str, cursor: Option<Cursor>) {
    sim.applied.insert(stream.into(), cursor.clone());
    let stream = stream.into();
    sim.input(Input::SnapshotApplied { stream, cursor });
}

/// Returns the frames of a type that were sent, without their envelopes.
pub(crate) fn sent(sim: &Sim, kind: &str) -> Vec<Value> {
    let frames = sim.sent.iter().map(|(_, text)| {
        let frame: Value = serde_json::from_str(text).unwrap();
        frame
    });
    frames.filter(|frame| frame["type"] == kind).collect()
}

/// Creates a command whose frame has about so many bytes.
pub(crate) fn command(bytes: usize) -> Command {
    Command::DeleteTask {
        project_id: "p".into(),
        task: "x".repeat(bytes).as_str().into(),
        bound: None,
    }
}
