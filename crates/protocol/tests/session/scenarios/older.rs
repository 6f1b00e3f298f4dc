//! Tests of older servers, and of servers that are taken for one.

use tasktree_protocol::frame::{Ping, ServerFrame};
use tasktree_protocol::session::{
    Blocked, Config, ConnectionState, Input, SnapshotReason, Wake, constants,
};

use super::{event, sent, snapshot, told};
use crate::server::Kind;
use crate::sim::{LATENCY, Sim};

/// Creates a session whose server has proved to be an older one by a message.
fn older() -> Sim {
    let mut sim = Sim::new(7, Config::default());
    sim.server.kind = Kind::Old;
    sim.input(Input::Open);
    sim.subscribe("p");
    sim.run(50);
    sim.append("p");
    sim.run(50);
    assert_eq!(*sim.session.state(), ConnectionState::Legacy);
    sim
}

/// Creates a session whose server is taken for an older one, because its sockets are silent.
fn silent() -> Sim {
    let mut sim = Sim::new(7, Config::default());
    sim.mute_sockets = true;
    sim.snapshots = false;
    sim.input(Input::Open);
    sim.subscribe("p");
    sim.run(constants::WELCOME_TIMEOUT_MS + 100);
    assert_eq!(*sim.session.state(), ConnectionState::Legacy);
    sim
}

fn was(sim: &Sim, state: &ConnectionState) -> bool {
    sim.states.iter().any(|(_, told)| told == state)
}

#[test]
fn an_older_server_that_has_sent_a_message_may_be_silent_for_long() {
    let mut sim = older();
    assert_eq!(sim.session.details().messages, 1);
    assert!(sim.session.details().legacy);
    assert!(!Sim::live().session.details().legacy);
    sim.run(600_000);
    assert_eq!(sim.connects.len(), 1);
    assert_eq!(*sim.session.state(), ConnectionState::Legacy);
}

#[test]
fn a_silent_server_that_is_taken_for_an_older_one_is_left_after_a_minute_and_greeted_again() {
    let mut sim = silent();
    let opened = LATENCY;
    let patience = constants::WELCOME_TIMEOUT_MS + constants::LEGACY_SILENCE_MS;
    sim.run(2 * constants::LEGACY_SILENCE_MS);
    assert_eq!(
        sim.closes[0],
        (opened + patience, constants::CLOSE_NO_ANSWER)
    );
    let after = sim.states.iter().filter(|(at, _)| *at > opened + patience);
    let next = after
        .map(|(_, state)| state)
        .find(|state| !matches!(state, ConnectionState::Waiting { .. }));
    let connecting = matches!(next, Some(ConnectionState::Connecting { .. }));
    assert!(
        connecting,
        "the next socket gets the time of a welcome: {next:?}"
    );
    assert!(sim.connects.len() > 1);
}

#[test]
fn a_numbered_message_refutes_that_the_server_is_an_older_one() {
    let mut sim = older();
    event(&mut sim, 2);
    assert_eq!(sim.session.details().messages, 2, "it is delivered");
    let patience = constants::WELCOME_TIMEOUT_MS + constants::LEGACY_SILENCE_MS;
    sim.run(patience + 100);
    assert!(!sim.closes.is_empty(), "it is given up without more proof");
}

#[test]
fn control_frames_in_legacy_mode_are_not_answered_and_put_its_age_in_doubt() {
    let mut sim = older();
    let before = sim.sent.len();
    told(&mut sim, &ServerFrame::Ping(Ping::default()));
    assert_eq!(sim.sent.len(), before);
    assert_eq!(sim.diagnostics.len(), 1);
    assert!(
        sim.diagnostics[0].contains("legacy"),
        "{:?}",
        sim.diagnostics
    );
    sim.run(constants::WELCOME_TIMEOUT_MS + constants::LEGACY_SILENCE_MS);
    assert!(!sim.closes.is_empty(), "an older server sends none");
}

#[test]
fn on_a_wake_the_link_to_an_older_server_is_replaced_after_more_than_a_minute_of_silence() {
    for silence in [
        constants::LEGACY_SILENCE_MS,
        constants::LEGACY_SILENCE_MS + 1,
    ] {
        let mut sim = older();
        let last = sim.session.details().last_frame_ms.unwrap() - sim.skew;
        sim.run(last + silence - sim.now);
        sim.input(Input::Woke(Wake::Focus));
        let replaced = silence > constants::LEGACY_SILENCE_MS;
        assert_eq!(sim.connects.len() == 2, replaced, "after {silence} ms");
    }
}

#[test]
fn an_older_server_that_was_upgraded_is_not_taken_for_an_older_one_again() {
    let mut sim = older();
    sim.server.kind = Kind::V1;
    sim.cut(Some(1012));
    sim.run(5_000);
    assert_eq!(*sim.session.state(), ConnectionState::Live);
    sim.states.clear();
    sim.cut(Some(1012));
    sim.run(5_000);
    assert_eq!(*sim.session.state(), ConnectionState::Live);
    assert!(!was(&sim, &ConnectionState::Legacy), "{:?}", sim.states);
}

#[test]
fn a_stream_of_an_older_server_is_not_subscribed_before_its_snapshot_has_a_position() {
    let mut sim = older();
    snapshot(&mut sim, "p", None);
    sim.server.kind = Kind::V1;
    sim.cut(Some(1012));
    sim.run(5_000);
    assert!(sim.server.hellos[0].is_empty(), "{:?}", sim.server.hellos);

    let mut sim = silent();
    snapshot(&mut sim, "p", None);
    sim.mute_sockets = false;
    sim.snapshots = true;
    sim.cut(Some(1012));
    sim.run(5_000);
    assert_eq!(*sim.session.state(), ConnectionState::Live);
    assert!(
        sent(&sim, "sys.hello")[1]["data"]["subs"]
            .as_array()
            .is_none_or(Vec::is_empty)
    );
    let unpositioned = ("p".into(), SnapshotReason::Unpositioned);
    assert!(!sim.needed.contains(&unpositioned), "{:?}", sim.needed);
}

#[test]
fn links_of_an_older_server_that_break_off_are_cut_and_those_of_a_silent_one_are_silent() {
    for (mut sim, blocked) in [(older(), Blocked::Cut), (silent(), Blocked::Silent)] {
        sim.snapshots = false;
        sim.cut(Some(1006));
        sim.run(2_000);
        assert_eq!(*sim.session.state(), ConnectionState::Legacy);
        sim.server.kind = Kind::Blocked;
        sim.cut(Some(1006));
        sim.run(0);
        // The server was upgraded, or had positions from the beginning.
        let cursor = sim.server.position(&"p".into());
        snapshot(&mut sim, "p", cursor);
        sim.run(2 * LATENCY);
        let polling = ConnectionState::Polling(blocked);
        assert_eq!(*sim.session.state(), polling);
    }
}
