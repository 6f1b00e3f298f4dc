//! Tests for the rules of the wire protocol's document, one by one.

mod commands;
mod connecting;
mod liveness;
mod polling;
mod streams;

use tasktree_protocol::Cursor;
use tasktree_protocol::session::Input;

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
