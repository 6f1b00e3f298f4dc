//! Tests of opening, closing and reconnecting, and of older servers.

use tasktree_protocol::frame::ServerFrame;
use tasktree_protocol::session::{
    Config, ConnectionState, Input, SnapshotReason, StopReason, Wake, constants,
};

use super::{delivered, frame};
use crate::server::Kind;
use crate::sim::Sim;

#[test]
fn it_connects_says_hello_and_is_live_when_every_stream_is() {
    let mut sim = Sim::live();
    assert_eq!(sim.connects.len(), 1);
    sim.append("p");
    sim.run(10);
    assert_eq!(delivered(&sim), [1]);
    assert_eq!(sim.session.details().round_trip_ms, Some(10.0));
    assert_eq!(sim.session.details().messages, 1);
}

#[test]
fn a_socket_that_does_not_open_or_is_not_welcomed_is_abandoned_after_five_seconds() {
    let mut sim = Sim::new(7, Config::default());
    sim.input(Input::Open);
    let epoch = sim.now;
    sim.input(Input::SnapshotApplied {
        stream: "p".into(),
        cursor: sim.server.position(&"p".into()),
    });
    sim.faults.lose = 1.0;
    sim.run(constants::WELCOME_TIMEOUT_MS + 4);
    assert!(sim.closes.is_empty());
    sim.run(2);
    assert_eq!(
        sim.closes,
        [(epoch + 5 + constants::WELCOME_TIMEOUT_MS, 4002)]
    );
}

#[test]
fn a_server_that_answers_no_hello_and_whose_snapshots_have_no_position_is_an_older_one() {
    let mut sim = Sim::new(7, Config::default());
    sim.server.kind = Kind::Old;
    sim.subscribe("p");
    sim.command("queued");
    sim.input(Input::Open);
    sim.run(constants::WELCOME_TIMEOUT_MS + 100);
    assert_eq!(*sim.session.state(), ConnectionState::Legacy);
    assert_eq!(sim.connects.len(), 1, "on the socket that is open already");
    assert_eq!(
        sim.needed.last(),
        Some(&("p".into(), SnapshotReason::Legacy))
    );
    sim.append("p");
    sim.run(10);
    assert_eq!(sim.delivered, [("p".into(), None)]);
    sim.command("c");
    assert!(sim.done["c"][0].is_err() && sim.done["queued"][0].is_err());

    sim.cut(Some(1006));
    sim.run(2_000);
    assert_eq!(sim.connects.len(), 2);
    assert_eq!(*sim.session.state(), ConnectionState::Legacy);
    let legacy = |(_, reason): &&(_, SnapshotReason)| *reason == SnapshotReason::Legacy;
    assert_eq!(sim.needed.iter().filter(legacy).count(), 2);

    sim.server.kind = Kind::V1;
    sim.cut(Some(1012));
    sim.run(10_000);
    assert_eq!(
        *sim.session.state(),
        ConnectionState::Live,
        "the server was upgraded meanwhile"
    );
}

#[test]
fn a_plain_message_in_the_place_of_a_welcome_is_that_of_an_older_server() {
    let mut sim = Sim::new(7, Config::default());
    sim.server.kind = Kind::Old;
    sim.input(Input::Open);
    sim.run(10);
    sim.append("p");
    sim.run(10);
    assert_eq!(*sim.session.state(), ConnectionState::Legacy);
    assert_eq!(sim.delivered, [("p".into(), None)]);
}

#[test]
fn a_welcome_that_comes_late_ends_legacy_mode() {
    let mut sim = Sim::new(7, Config::default());
    sim.positioned = false;
    sim.faults.lose = 1.0;
    sim.input(Input::Open);
    sim.subscribe("p");
    sim.run(constants::WELCOME_TIMEOUT_MS + 100);
    let hello = sim.sent[0].1.clone();
    assert_eq!(*sim.session.state(), ConnectionState::Legacy);
    sim.faults.lose = 0.0;
    sim.positioned = true;
    sim.server.read(&hello);
    sim.flush_server();
    sim.append("p");
    sim.run(1_000);
    assert_eq!(*sim.session.state(), ConnectionState::Live);
    assert_eq!(sim.applied["p"], sim.server.position(&"p".into()));
}

#[test]
fn a_server_whose_snapshots_have_positions_is_no_older_one_however_silent_its_sockets_are() {
    let mut sim = Sim::new(7, Config::default());
    sim.faults.lose = 1.0;
    sim.input(Input::Open);
    sim.subscribe("p");
    let cursor = sim.server.position(&"p".into());
    sim.input(Input::SnapshotApplied {
        stream: "p".into(),
        cursor,
    });
    sim.run(60_000);
    let legacy = |(_, state): &(i64, ConnectionState)| *state == ConnectionState::Legacy;
    assert!(!sim.states.iter().any(legacy));
}

#[test]
fn a_new_server_that_was_away_at_first_is_not_taken_for_an_older_one() {
    for seed in 1..40 {
        let mut sim = Sim::new(seed, Config::default());
        sim.server.kind = Kind::Away;
        sim.input(Input::Open);
        sim.run(30_000);
        sim.server.kind = Kind::V1;
        sim.run(40_000);
        assert_eq!(*sim.session.state(), ConnectionState::Live);
        assert!(
            !sim.states
                .iter()
                .any(|(_, state)| *state == ConnectionState::Legacy)
        );
    }
}

#[test]
fn terminal_codes_stop_it_and_others_do_not() {
    for code in [1009, 3500, 3999, 4500, 4501, 4503, 4504, 4505, 4999] {
        let mut sim = Sim::live();
        sim.command("c");
        sim.cut(Some(code));
        sim.run(120_000);
        let reason = StopReason::Refused {
            code,
            reason: String::new(),
        };
        assert_eq!(*sim.session.state(), ConnectionState::Stopped(reason));
        assert_eq!(sim.connects.len(), 1);
        assert_eq!(sim.done["c"].len(), 1);
        sim.input(Input::RetryNow);
        sim.run(1_000);
        assert_eq!(*sim.session.state(), ConnectionState::Live);
    }
    for code in [
        1000, 1001, 1005, 1006, 1011, 1012, 1013, 1014, 3000, 3499, 4000, 4001, 4002, 4004, 4005,
        4006, 4008, 4499,
    ] {
        let mut sim = Sim::live();
        sim.cut(Some(code));
        sim.run(5_000);
        assert_eq!(*sim.session.state(), ConnectionState::Live, "after {code}");
    }
}

#[test]
fn close_is_final_until_open() {
    let mut sim = Sim::live();
    sim.command("c");
    sim.input(Input::Close);
    assert_eq!(sim.done["c"].len(), 1);
    for input in [
        Input::RetryNow,
        Input::Online(false),
        Input::Online(true),
        Input::Woke(Wake::PageShow),
        Input::Tick,
    ] {
        sim.input(input);
        sim.run(100_000);
    }
    sim.command("late");
    assert!(sim.done["late"][0].is_err());
    assert_eq!(sim.connects.len(), 1);
    assert_eq!(
        *sim.session.state(),
        ConnectionState::Stopped(StopReason::Closed)
    );
    sim.input(Input::Open);
    sim.append("p");
    sim.run(1_000);
    assert_eq!(*sim.session.state(), ConnectionState::Live);
    assert_eq!(delivered(&sim), [1]);
}

#[test]
fn it_never_gives_up_unless_a_maximum_is_set() {
    let mut sim = Sim::new(7, Config::default());
    sim.server.kind = Kind::Away;
    sim.input(Input::Open);
    sim.run(3_600_000);
    let waits: Vec<i64> = sim
        .connects
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .collect();
    assert!(
        waits
            .iter()
            .all(|wait| *wait <= constants::BACKOFF_CAP_VISIBLE_MS + 5)
    );
    assert!(waits.len() > 300);

    let mut sim = Sim::new(
        7,
        Config {
            max_attempts: Some(5),
            ..Config::default()
        },
    );
    sim.server.kind = Kind::Away;
    sim.input(Input::Open);
    sim.run(3_600_000);
    assert_eq!(sim.connects.len(), 5);
    assert_eq!(
        *sim.session.state(),
        ConnectionState::Stopped(StopReason::MaxAttempts)
    );
    sim.server.kind = Kind::V1;
    sim.input(Input::RetryNow);
    sim.run(1_000);
    assert_eq!(*sim.session.state(), ConnectionState::Live);
}

#[test]
fn attempts_are_counted_anew_only_after_ten_good_seconds() {
    let mut sim = Sim::live();
    sim.run(constants::BACKOFF_RESET_AFTER_MS);
    for expected in 1..5 {
        sim.cut(Some(1006));
        sim.run(0);
        assert!(
            matches!(sim.session.state(), ConnectionState::Waiting { attempt, .. } if *attempt == expected)
        );
        while *sim.session.state() != ConnectionState::Live {
            sim.run(10);
        }
        sim.run(constants::BACKOFF_RESET_AFTER_MS - 1_000);
    }
    sim.run(1_000);
    sim.cut(Some(1006));
    sim.run(0);
    assert!(matches!(
        sim.session.state(),
        ConnectionState::Waiting { attempt: 1, .. }
    ));
}

#[test]
fn the_window_of_a_bye_is_honoured() {
    let mut sim = Sim::live();
    let bye = ServerFrame::Bye {
        reconnect_in_ms: [2_000, 4_000],
        reason: "deploy".into(),
    };
    frame(&mut sim, serde_json::to_string(&bye).unwrap());
    let said = sim.now;
    sim.cut(Some(4000));
    sim.run(10_000);
    let waited = sim.connects[1] - said;
    assert!(
        (2_000..=4_000).contains(&waited),
        "it came back after {waited} ms"
    );
    assert_eq!(sim.connects.len(), 2);
}

#[test]
fn a_link_that_stays_open_after_a_bye_is_replaced_within_the_window() {
    let mut sim = Sim::live();
    let bye = ServerFrame::Bye {
        reconnect_in_ms: [1_500, 1_500],
        reason: "deploy".into(),
    };
    frame(&mut sim, serde_json::to_string(&bye).unwrap());
    let said = sim.now;
    sim.run(3_000);
    assert_eq!(sim.closes, [(said + 1_500, constants::CLOSE_NORMAL)]);
    assert_eq!(sim.connects[1], said + 1_500);
    assert_eq!(*sim.session.state(), ConnectionState::Live);
}

#[test]
fn a_network_that_is_back_shortens_the_longest_wait() {
    let mut sim = Sim::new(7, Config::default());
    sim.fixed_random = Some(0.99);
    sim.server.kind = Kind::Away;
    sim.input(Input::Open);
    sim.run(200_000);
    let attempts = sim.connects.len();
    while sim.connects.len() == attempts {
        sim.run(100);
    }
    sim.run(100);
    sim.input(Input::Online(true));
    sim.run(constants::ONLINE_RETRY_WITHIN_MS);
    assert_eq!(sim.connects.len(), attempts + 2);
    assert_eq!(sim.session.details().attempts, 1, "counted from the start");
}

#[test]
fn a_network_that_is_back_opens_no_connection_that_nobody_asked_for() {
    let mut sim = Sim::new(7, Config::default());
    sim.input(Input::Online(false));
    sim.input(Input::Online(true));
    sim.run(10_000);
    assert!(sim.connects.is_empty());
    assert_eq!(*sim.session.state(), ConnectionState::Idle);
}
