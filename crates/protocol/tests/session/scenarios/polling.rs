//! Tests of polling while sockets are blocked and HTTP works.

use tasktree_protocol::WireError;
use tasktree_protocol::error::code;
use tasktree_protocol::session::{
    Blocked, Config, ConnectionState, HttpFailure, Input, SnapshotReason, StopReason, Wake,
    constants,
};

use super::delivered;
use crate::server::Kind;
use crate::sim::Sim;

/// Creates a session that polls, because its sockets do not open.
pub(super) fn blocked() -> Sim {
    let mut sim = Sim::new(7, Config::default());
    sim.server.kind = Kind::Blocked;
    sim.input(Input::Open);
    sim.subscribe("p");
    sim.run(5_000);
    sim
}

#[test]
fn after_two_sockets_that_do_not_open_events_come_and_commands_go_by_http() {
    let mut sim = blocked();
    let polling = ConnectionState::Polling(Blocked::Refused);
    assert_eq!(*sim.session.state(), polling);
    for _ in 0..50 {
        sim.append("p");
    }
    sim.command("c");
    sim.run(constants::POLL_MS + 100);
    assert_eq!(delivered(&sim), (1..=51).collect::<Vec<u64>>());
    assert!(sim.done["c"][0].as_ref().is_ok_and(|result| result.ok));
    assert_eq!(*sim.session.state(), polling);
    sim.run(600_000);
    assert!(sim.connects.len() > 20, "a socket is tried now and then");

    sim.server.kind = Kind::V1;
    sim.append("p");
    sim.run(constants::BACKOFF_CAP_VISIBLE_MS + 100);
    assert_eq!(*sim.session.state(), ConnectionState::Live);
    assert_eq!(delivered(&sim).last(), Some(&52));
    assert_eq!(sim.needed.len(), 1, "the positions were kept");
}

#[test]
fn a_server_that_is_away_is_not_said_to_be_polled() {
    let mut sim = Sim::live();
    sim.server.kind = Kind::Away;
    sim.cut(Some(1006));
    sim.run(120_000);
    let polling =
        |(_, state): &(i64, ConnectionState)| matches!(state, ConnectionState::Polling(_));
    assert!(!sim.states.iter().any(polling), "{:?}", sim.states);
    sim.server.kind = Kind::V1;
    sim.run(30_000);
    assert_eq!(*sim.session.state(), ConnectionState::Live);

    let mut sim = blocked();
    sim.server.kind = Kind::Away;
    sim.run(constants::POLL_MS + 100);
    assert!(!polling(&(0, sim.session.state().clone())));
}

#[test]
fn a_new_life_and_a_trimmed_log_are_answered_by_a_snapshot() {
    let mut sim = blocked();
    sim.append("p");
    sim.run(constants::POLL_MS + 100);
    sim.reset("p");
    sim.append("p");
    sim.run(constants::POLL_MS + 100);
    assert_eq!(
        sim.needed.last(),
        Some(&("p".into(), SnapshotReason::Epoch))
    );
    for _ in 0..3 {
        sim.append("p");
    }
    sim.server.trim("p");
    sim.append("p");
    sim.run(2 * constants::POLL_MS);
    let trimmed = SnapshotReason::NotRecovered("trimmed".into());
    assert_eq!(sim.needed.last(), Some(&("p".into(), trimmed)));
    assert_eq!(sim.applied["p"], sim.server.position(&"p".into()));
    assert!(matches!(sim.session.state(), ConnectionState::Polling(_)));
}

#[test]
fn a_stream_that_the_server_refuses_is_refused_here_too() {
    let mut sim = blocked();
    sim.input(Input::Subscribe {
        stream: "q".into(),
        cursor: Some(tasktree_protocol::Cursor::new("e0".into(), 0)),
    });
    sim.run(constants::POLL_MS + 100);
    assert_eq!(sim.refused.len(), 1);
    assert_eq!(sim.refused[0].1.code, code::NOT_FOUND);
    assert!(matches!(sim.session.state(), ConnectionState::Polling(_)));
}

#[test]
fn a_stream_that_may_no_longer_be_read_ends_and_the_others_go_on() {
    let mut sim = blocked();
    sim.subscribe("*");
    sim.run(2 * constants::POLL_MS);
    sim.server.forbid("p");
    sim.run(constants::POLL_MS + 100);
    assert_eq!(sim.refused.len(), 1);
    assert_eq!(sim.refused[0].0, "p".into());
    assert_eq!(sim.refused[0].1.code, code::FORBIDDEN);
    let before = sim.asked;
    sim.append("*");
    sim.run(2 * constants::POLL_MS);
    assert_eq!(sim.asked - before, 2, "one stream, in two rounds");
    assert_eq!(sim.delivered.last(), Some(&("*".into(), Some(1))));
    assert_eq!(sim.refused.len(), 1, "it is said once");
    assert!(matches!(sim.session.state(), ConnectionState::Polling(_)));
}

#[test]
fn a_credential_that_has_ended_stops_it_and_a_machine_without_a_network_asks_nobody() {
    let mut sim = blocked();
    sim.input(Input::Online(false));
    assert_eq!(*sim.session.state(), ConnectionState::Offline);
    let before = sim.asked;
    sim.run(60_000);
    assert_eq!(sim.asked, before);
    sim.input(Input::Online(true));
    sim.run(5_000);
    assert!(matches!(sim.session.state(), ConnectionState::Polling(_)));

    sim.http_failure = Some(HttpFailure::SignedOut);
    sim.command("c");
    sim.run(constants::POLL_MS + 100);
    let stopped = matches!(
        sim.session.state(),
        ConnectionState::Stopped(StopReason::Refused { code: 4500, .. })
    );
    assert!(stopped, "{:?}", sim.session.state());
    assert_eq!(sim.done["c"].len(), 1);
}

#[test]
fn sockets_that_open_and_bring_nothing_are_told_from_those_that_do_not_open() {
    let mut sim = Sim::live();
    sim.cut(Some(1006));
    sim.mute_sockets = true;
    sim.run(30_000);
    let silent = ConnectionState::Polling(Blocked::Silent);
    assert!(
        sim.states.iter().any(|(_, state)| *state == silent),
        "{:?}",
        sim.states
    );
    sim.append("p");
    sim.run(constants::POLL_MS + 100);
    assert_eq!(
        delivered(&sim),
        [1],
        "also while the next one is being greeted"
    );
}

#[test]
fn a_command_that_http_refuses_is_answered_once_with_the_reason() {
    let mut sim = blocked();
    sim.http_failure = Some(HttpFailure::Refused(
        WireError::new(code::FORBIDDEN, "no").into(),
    ));
    sim.command("c");
    sim.run(100);
    assert_eq!(sim.done["c"].len(), 1);
    assert_eq!(sim.done["c"][0].as_ref().unwrap_err().code, code::FORBIDDEN);
}

#[test]
fn sockets_that_a_proxy_cuts_every_few_seconds_are_bridged_by_polls() {
    let mut sim = Sim::live();
    sim.cut_after = Some(4_000);
    sim.cut(Some(1006));
    sim.run(120_000);
    let cut = ConnectionState::Polling(Blocked::Cut);
    assert!(sim.states.iter().any(|(_, state)| *state == cut));
    for round in 1..=10 {
        sim.append("p");
        sim.command(&format!("c{round}"));
        sim.run(constants::POLL_MS + 200);
        assert_eq!(sim.applied["p"], sim.server.position(&"p".into()));
        sim.run(5_000);
    }
    assert!(sim.done.values().all(|results| results[0].is_ok()));
    assert_eq!(sim.server.position(&"p".into()).unwrap().seq, 20);

    sim.cut_after = None;
    sim.run(60_000);
    assert_eq!(*sim.session.state(), ConnectionState::Live);
    sim.cut(Some(1006));
    let before = sim.asked;
    sim.run(2_000);
    assert_eq!(*sim.session.state(), ConnectionState::Live);
    assert_eq!(sim.asked, before, "one that was good for long is only lost");
}

#[test]
fn a_server_that_closes_young_sockets_itself_does_not_block_them() {
    let mut sim = Sim::live();
    for _ in 0..5 {
        sim.cut(Some(1012));
        sim.run(5_000);
    }
    assert_eq!(sim.asked, 0);
}

#[test]
fn a_server_that_is_busy_is_asked_again_when_it_said() {
    let mut sim = blocked();
    let retry_ms = Some(25_000);
    sim.http_failure = Some(HttpFailure::Busy { retry_ms });
    sim.command("c");
    sim.run(constants::POLL_MS + 100);
    sim.http_failure = None;
    let before = sim.asked;
    sim.run(20_000);
    assert_eq!(sim.asked, before);
    assert!(!matches!(sim.session.state(), ConnectionState::Polling(_)));
    sim.run(6_000);
    assert!(matches!(sim.session.state(), ConnectionState::Polling(_)));
    assert!(sim.done["c"][0].is_ok());
}

#[test]
fn a_page_that_nobody_sees_is_polled_less_often_and_at_once_when_somebody_turns_to_it() {
    let mut sim = blocked();
    sim.visible = false;
    sim.run(constants::POLL_HIDDEN_MS);
    let before = sim.asked;
    sim.run(10 * constants::POLL_HIDDEN_MS);
    assert_eq!(sim.asked - before, 10);
    sim.append("p");
    sim.visible = true;
    sim.input(Input::Woke(Wake::Visible));
    sim.run(100);
    assert_eq!(delivered(&sim), [1]);
}

#[test]
fn after_a_sleep_the_board_is_not_called_current_before_a_poll_is_answered() {
    let mut sim = blocked();
    sim.freeze(600_000);
    sim.input(Input::Woke(Wake::Resume));
    assert!(!sim.session.state().is_current());
    sim.run(100);
    assert!(matches!(sim.session.state(), ConnectionState::Polling(_)));
}

#[test]
fn a_page_that_was_older_than_the_log_when_it_was_asked_for_is_not_taken() {
    let mut sim = blocked();
    sim.append("p");
    sim.run(constants::POLL_MS - 3);
    // Meanwhile the application fetched a newer snapshot by itself.
    sim.append("p");
    let cursor = sim.server.position(&"p".into());
    sim.applied.insert("p".into(), cursor.clone());
    sim.input(Input::SnapshotApplied {
        stream: "p".into(),
        cursor,
    });
    sim.run(2 * constants::POLL_MS);
    assert_eq!(sim.needed.len(), 1, "{:?}", sim.needed);
    assert_eq!(sim.applied["p"], sim.server.position(&"p".into()));
}

#[test]
fn a_snapshot_that_failed_is_asked_for_again_while_sockets_are_blocked() {
    let mut sim = Sim::new(7, Config::default());
    sim.server.kind = Kind::Blocked;
    sim.snapshots = false;
    sim.input(Input::Open);
    sim.subscribe("p");
    sim.run(5_000);
    sim.snapshots = true;
    sim.run(constants::SNAPSHOT_TIMEOUT_MS + constants::POLL_MS);
    assert!(matches!(sim.session.state(), ConnectionState::Polling(_)));
}

#[test]
fn a_silent_server_whose_snapshots_turn_out_to_have_positions_is_polled_at_once() {
    let mut sim = Sim::new(7, Config::default());
    sim.mute_sockets = true;
    sim.snapshots = false;
    sim.input(Input::Open);
    sim.subscribe("p");
    sim.run(constants::WELCOME_TIMEOUT_MS + 1_000);
    assert_eq!(*sim.session.state(), ConnectionState::Legacy);
    sim.snapshots = true;
    let cursor = sim.server.position(&"p".into());
    sim.applied.insert("p".into(), cursor.clone());
    sim.input(Input::SnapshotApplied {
        stream: "p".into(),
        cursor,
    });
    assert_ne!(*sim.session.state(), ConnectionState::Legacy);
    sim.run(2 * constants::WELCOME_TIMEOUT_MS);
    let silent = ConnectionState::Polling(Blocked::Silent);
    assert_eq!(*sim.session.state(), silent);
}
