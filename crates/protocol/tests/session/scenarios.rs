//! The rules of the wire protocol's document, one by one.

use tasktree_protocol::frame::ServerFrame;
use tasktree_protocol::session::{
    Config, ConnectionState, Input, SnapshotReason, StopReason, Wake, constants,
};
use tasktree_protocol::{Command, Cursor, Event, Message, StreamId, Timestamp};

use crate::server::{Kind, message};
use crate::sim::Sim;

const V1: &[&str] = &["board.v1"];
const PLAIN: &[&str] = &[];

fn generation(sim: &Sim) -> u64 {
    sim.server.connection.as_ref().unwrap().generation
}

fn frame(sim: &mut Sim, text: String) {
    let generation = generation(sim);
    sim.input(Input::Frame { generation, text });
}

/// An event that the log does not have: the network invented it.
fn event(sim: &mut Sim, seq: u64) {
    let epoch = sim.server.position(&"p".into()).unwrap().epoch;
    let message = message(&"p".into(), Some(Cursor::new(epoch, seq)));
    frame(sim, serde_json::to_string(&message).unwrap());
}

fn asked(sim: &Sim) -> Vec<&[&'static str]> {
    sim.connects
        .iter()
        .map(|(_, protocols)| protocols.as_slice())
        .collect()
}

fn delivered(sim: &Sim) -> Vec<u64> {
    sim.delivered.iter().filter_map(|(_, seq)| *seq).collect()
}

#[test]
fn it_connects_says_hello_and_is_live_when_every_stream_is() {
    let mut sim = Sim::live();
    assert_eq!(asked(&sim), [V1]);
    sim.append("p");
    sim.run(10);
    assert_eq!(delivered(&sim), [1]);
    assert_eq!(sim.session.details().round_trip_ms, Some(10.0));
    assert_eq!(sim.session.details().messages, 1);
}

#[test]
fn after_a_cut_it_resumes_from_epoch_and_seq_without_a_snapshot() {
    let mut sim = Sim::live();
    sim.append("p");
    sim.run(10);
    sim.cut(Some(1006));
    sim.append("p");
    sim.append("p");
    sim.run(2_000);
    assert_eq!(delivered(&sim), [1, 2, 3]);
    let position = Cursor::new("e0".into(), 1);
    assert_eq!(sim.server.hellos.last().unwrap()[0].cursor, Some(position));
    assert_eq!(sim.needed.len(), 1);
    assert_eq!(*sim.session.state(), ConnectionState::Live);
}

#[test]
fn a_trimmed_log_or_another_epoch_means_a_snapshot() {
    for reset in [false, true] {
        let mut sim = Sim::live();
        sim.cut(Some(1006));
        sim.append("p");
        if reset {
            sim.reset("p");
        } else {
            sim.server.trim("p");
        }
        sim.run(2_000);
        let reason = if reset { "epoch" } else { "trimmed" };
        let expected = ("p".into(), SnapshotReason::NotRecovered(reason.into()));
        assert_eq!(sim.needed.last(), Some(&expected));
        assert_eq!(*sim.session.state(), ConnectionState::Live);
        assert_eq!(
            sim.applied[&StreamId::from("p")],
            sim.server.position(&"p".into())
        );
    }
}

#[test]
fn a_socket_that_does_not_open_or_is_not_welcomed_is_abandoned_after_five_seconds() {
    let mut sim = Sim::new(7, Config::default());
    sim.input(Input::Open);
    let epoch = sim.now;
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
fn a_server_that_chooses_no_subprotocol_is_an_older_one() {
    let mut sim = Sim::new(7, Config::default());
    sim.server.kind = Kind::Old;
    sim.subscribe("p");
    sim.command("queued");
    sim.input(Input::Open);
    sim.run(100);
    assert_eq!(*sim.session.state(), ConnectionState::Legacy);
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
    sim.run(5_000);
    assert_eq!(asked(&sim), [V1, PLAIN]);
    assert_eq!(
        sim.needed
            .iter()
            .filter(|(_, reason)| *reason == SnapshotReason::Legacy)
            .count(),
        2
    );
    assert_eq!(*sim.session.state(), ConnectionState::Legacy);
}

#[test]
fn an_older_server_is_found_although_the_browser_fails_its_handshake() {
    let mut sim = Sim::new(7, Config::default());
    sim.server.kind = Kind::OldStrict;
    sim.input(Input::Open);
    sim.run(10_000);
    assert_eq!(asked(&sim), [V1, V1, PLAIN, V1, PLAIN]);
    assert_eq!(*sim.session.state(), ConnectionState::Legacy);

    sim.server.kind = Kind::V1;
    sim.run(constants::LEGACY_RECHECK_MS);
    sim.cut(Some(1012));
    sim.run(10_000);
    assert_eq!(
        *sim.session.state(),
        ConnectionState::Live,
        "the server was upgraded meanwhile"
    );
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
fn a_legacy_link_that_was_silent_for_long_is_replaced_on_a_wake() {
    let mut sim = Sim::new(7, Config::default());
    sim.server.kind = Kind::Old;
    sim.input(Input::Open);
    sim.run(constants::LEGACY_SILENCE_MS - 1_000);
    sim.input(Input::Woke(Wake::Focus));
    assert_eq!(sim.connects.len(), 1);
    sim.run(2_000);
    sim.input(Input::Woke(Wake::Focus));
    assert_eq!(sim.connects.len(), 2);
}

#[test]
fn a_half_open_link_is_given_up_thirty_seconds_after_its_last_frame() {
    let mut sim = Sim::live();
    let last = sim.session.details().last_frame_ms.unwrap() - sim.skew;
    sim.cut(None);
    sim.run(60_000);
    assert_eq!(sim.closes, [(last + constants::WATCHDOG_MS, 4002)]);
    let live = sim
        .states
        .iter()
        .rev()
        .find(|(_, state)| *state == ConnectionState::Live)
        .unwrap();
    assert!(live.0 >= last + constants::WATCHDOG_MS, "it is live again");
}

#[test]
fn a_board_is_not_called_live_longer_than_the_heartbeat_says() {
    let mut sim = Sim::live();
    let last = sim.session.details().last_frame_ms.unwrap() - sim.skew;
    sim.server.kind = Kind::Away;
    sim.cut(None);
    sim.run(60_000);
    let after = sim
        .states
        .iter()
        .find(|(at, state)| *at > last && *state != ConnectionState::Live);
    assert!(after.unwrap().0 <= last + constants::WATCHDOG_MS);
    assert_eq!(
        sim.session
            .details()
            .last_live_ms
            .map(|at| at - sim.skew <= last + constants::WATCHDOG_MS),
        Some(true)
    );
}

#[test]
fn on_a_wake_a_silent_link_is_probed_and_abandoned_after_three_seconds() {
    let mut sim = Sim::live();
    sim.cut(None);
    sim.run(4_000);
    sim.input(Input::Woke(Wake::Focus));
    sim.run(500);
    assert!(
        sim.closes.is_empty(),
        "five seconds of silence are not much"
    );
    sim.run(1_000);
    let woke = sim.now;
    sim.input(Input::Woke(Wake::Visible));
    sim.run(10_000);
    assert_eq!(sim.closes, [(woke + constants::PROBE_TIMEOUT_MS, 4002)]);
    assert_eq!(*sim.session.state(), ConnectionState::Live);
}

#[test]
fn a_page_that_was_frozen_keeps_a_link_that_answers() {
    let mut sim = Sim::live();
    sim.freeze(600_000);
    sim.input(Input::Woke(Wake::Resume));
    assert_ne!(
        *sim.session.state(),
        ConnectionState::Live,
        "nobody knows yet"
    );
    sim.run(100);
    assert_eq!(*sim.session.state(), ConnectionState::Live);
    assert_eq!(sim.connects.len(), 1);
}

#[test]
fn a_clock_that_jumps_neither_kills_a_link_nor_keeps_a_dead_one() {
    for jump in [-3_600_000, 3_600_000, -30_000, 30_000] {
        let mut sim = Sim::live();
        sim.skew += jump;
        sim.run(120_000);
        assert_eq!(sim.connects.len(), 1, "a jump of {jump} ms");
        assert_eq!(*sim.session.state(), ConnectionState::Live);

        sim.cut(None);
        sim.skew += jump;
        sim.input(Input::Woke(Wake::Focus));
        sim.run(36_000);
        assert_eq!(sim.connects.len(), 2, "a jump of {jump} ms");
    }
}

#[test]
fn a_wait_is_not_prolonged_by_a_clock_that_is_set_back() {
    let mut sim = Sim::live();
    sim.server.kind = Kind::Away;
    sim.cut(Some(1006));
    sim.run(30_000);
    let before = sim.connects.len();
    sim.skew -= 3_600_000;
    sim.input(Input::Woke(Wake::Focus));
    sim.run(21_000);
    assert!(sim.connects.len() > before);
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
        .map(|pair| pair[1].0 - pair[0].0)
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
fn a_hidden_page_that_becomes_visible_does_not_wait_as_long_as_a_hidden_one() {
    for seed in 1..40 {
        let mut sim = Sim::new(seed, Config::default());
        sim.visible = false;
        sim.server.kind = Kind::Away;
        sim.input(Input::Open);
        sim.run(900_000);
        sim.visible = true;
        sim.server.kind = Kind::V1;
        sim.input(Input::Woke(Wake::Visible));
        sim.run(2 * constants::BACKOFF_CAP_VISIBLE_MS);
        assert_eq!(*sim.session.state(), ConnectionState::Live);
    }
}

#[test]
fn offline_pauses_the_attempts_and_online_resumes_them_within_a_quarter_of_a_second() {
    let mut sim = Sim::live();
    sim.server.kind = Kind::Away;
    sim.cut(Some(1006));
    sim.run(0);
    sim.input(Input::Online(false));
    assert_eq!(*sim.session.state(), ConnectionState::Offline);
    let before = sim.connects.len();
    sim.run(600_000);
    assert_eq!(sim.connects.len(), before);
    sim.server.kind = Kind::V1;
    sim.input(Input::Online(true));
    sim.run(constants::ONLINE_RETRY_WITHIN_MS + 50);
    assert_eq!(*sim.session.state(), ConnectionState::Live);
}

#[test]
fn a_server_that_answers_although_the_machine_is_offline_keeps_the_board_live() {
    let mut sim = Sim::live();
    sim.input(Input::Online(false));
    assert_eq!(*sim.session.state(), ConnectionState::Offline);
    sim.run(100);
    assert_eq!(*sim.session.state(), ConnectionState::Live);
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
    let waited = sim.connects[1].0 - said;
    assert!(
        (2_000..=4_000).contains(&waited),
        "it came back after {waited} ms"
    );
    assert_eq!(sim.connects.len(), 2);
}

#[test]
fn an_event_after_a_gap_is_held_and_the_gap_asked_for_after_a_quarter_of_a_second() {
    let mut sim = Sim::live();
    sim.faults.lose = 1.0;
    sim.append("p");
    sim.faults.lose = 0.0;
    sim.append("p");
    sim.append("p");
    sim.run(constants::HOLD_MS - 10);
    assert!(delivered(&sim).is_empty());
    assert_eq!(
        *sim.session.state(),
        ConnectionState::CatchingUp { remaining: 3 }
    );
    sim.run(50);
    assert_eq!(delivered(&sim), [1, 2, 3]);
    assert_eq!(sim.needed.len(), 1, "no snapshot");
    assert_eq!(sim.session.details().resyncs, 1);
}

#[test]
fn events_that_only_changed_places_are_put_in_order_without_a_request() {
    let mut sim = Sim::live();
    for seq in [3, 2, 2, 1, 5, 4] {
        event(&mut sim, seq);
    }
    assert_eq!(delivered(&sim), [1, 2, 3, 4, 5]);
    assert_eq!(sim.session.details().duplicates, 0);
    assert_eq!(sim.session.details().resyncs, 0);
}

#[test]
fn a_gap_is_asked_for_at_once_when_more_than_sixty_four_events_wait_behind_it() {
    let mut sim = Sim::live();
    sim.faults.lose = 1.0;
    sim.append("p");
    sim.faults.lose = 0.0;
    (0..64).for_each(|_| sim.append("p"));
    sim.run(10);
    assert!(delivered(&sim).is_empty());
    sim.append("p");
    sim.run(20);
    assert_eq!(delivered(&sim).len(), 66);
}

#[test]
fn the_last_event_is_missed_within_one_heartbeat() {
    let mut sim = Sim::live();
    sim.faults.lose = 1.0;
    sim.append("p");
    sim.faults.lose = 0.0;
    sim.run(21_000);
    assert_eq!(delivered(&sim), [1]);
}

#[test]
fn the_same_gap_twice_in_a_minute_means_a_snapshot_and_too_many_a_pause() {
    let mut sim = Sim::live();
    event(&mut sim, 10);
    sim.run(300);
    assert_eq!(sim.needed.len(), 1);
    event(&mut sim, 10);
    sim.run(300);
    assert_eq!(sim.needed.last(), Some(&("p".into(), SnapshotReason::Gap)));
    for _ in 0..10 {
        event(&mut sim, 10);
        sim.run(300);
    }
    assert_eq!(*sim.session.state(), ConnectionState::Degraded);
    let resyncs = sim.session.details().resyncs;
    assert_eq!(resyncs, constants::RESYNC_LIMIT as u64 + 1);
    sim.append("p");
    sim.run(constants::PAUSE_MAX_MS + 1_000);
    assert_eq!(*sim.session.state(), ConnectionState::Live);
    assert_eq!(
        sim.applied[&StreamId::from("p")],
        sim.server.position(&"p".into())
    );
    assert!(
        sim.needed
            .contains(&("p".into(), SnapshotReason::AfterPause))
    );
}

#[test]
fn an_application_that_fails_to_fetch_a_snapshot_is_asked_again() {
    let mut sim = Sim::new(7, Config::default());
    sim.snapshots = false;
    sim.input(Input::Open);
    sim.subscribe("p");
    sim.run(constants::SNAPSHOT_TIMEOUT_MS - 1_000);
    assert_eq!(sim.needed.len(), 1);
    sim.snapshots = true;
    sim.run(2_000);
    assert_eq!(sim.needed.len(), 2);
    assert_eq!(*sim.session.state(), ConnectionState::Live);
}

#[test]
fn a_stream_whose_snapshots_have_no_position_is_followed_from_the_server_s_and_fetched_once_more() {
    let mut sim = Sim::new(7, Config::default());
    sim.positioned = false;
    sim.input(Input::Open);
    sim.subscribe("*");
    sim.run(1_000);
    let reasons: Vec<_> = sim
        .needed
        .iter()
        .map(|(_, reason)| reason.clone())
        .collect();
    assert_eq!(reasons, [SnapshotReason::New, SnapshotReason::Unpositioned]);
    sim.append("*");
    sim.cut(Some(1006));
    sim.append("*");
    sim.run(3_000);
    assert_eq!(delivered(&sim).last(), Some(&2));
    assert_eq!(sim.needed.len(), 2, "it resumes by position afterwards");
}

#[test]
fn a_snapshot_that_is_older_than_what_was_delivered_is_followed_by_the_events_since() {
    let mut sim = Sim::live();
    let old = sim.server.position(&"p".into());
    (0..3).for_each(|_| sim.append("p"));
    sim.run(10);
    sim.applied.insert("p".into(), old.clone());
    sim.input(Input::SnapshotApplied {
        stream: "p".into(),
        cursor: old,
    });
    sim.run(50);
    assert_eq!(delivered(&sim), [1, 2, 3, 1, 2, 3]);
}

#[test]
fn an_unknown_stream_is_refused_and_the_others_stay_live() {
    let mut sim = Sim::live();
    sim.input(Input::Subscribe {
        stream: "gone".into(),
        cursor: Some(Cursor::new("e".into(), 1)),
    });
    sim.run(50);
    assert_eq!(sim.refused.len(), 1);
    assert_eq!(*sim.session.state(), ConnectionState::Live);
    sim.cut(Some(1006));
    sim.run(3_000);
    assert_eq!(sim.refused.len(), 2, "the next connection asks again");
}

#[test]
fn events_of_a_stream_that_was_unsubscribed_are_not_delivered() {
    let mut sim = Sim::live();
    sim.input(Input::Unsubscribe { stream: "p".into() });
    sim.append("p");
    sim.run(50);
    assert!(sim.delivered.is_empty());
    assert_eq!(*sim.session.state(), ConnectionState::Live);
}

#[test]
fn a_message_without_position_is_delivered_as_it_comes() {
    let mut sim = Sim::live();
    let event = Event::from_parts("log", serde_json::json!({"lines": ["x"]}));
    let message = Message::new(event, Some("p".into()), Timestamp::from_unix_millis(0));
    for _ in 0..2 {
        frame(&mut sim, serde_json::to_string(&message).unwrap());
    }
    assert_eq!(sim.delivered, [("p".into(), None), ("p".into(), None)]);
}

#[test]
fn a_command_whose_answer_was_lost_is_sent_again_with_the_same_id() {
    let mut sim = Sim::live();
    sim.command("c");
    sim.run(LATENCY_AND_A_BIT);
    sim.cut(Some(1006));
    sim.run(3_000);
    assert_eq!(sim.server.executed["c"], 2);
    assert!(sim.done["c"][0].is_ok());
    assert_eq!(delivered(&sim), [1], "it took effect once");
}

/// Long enough for a frame to arrive, too short for its answer.
const LATENCY_AND_A_BIT: i64 = crate::sim::LATENCY + 1;

#[test]
fn commands_are_sent_in_order_and_sixteen_at_a_time() {
    let mut sim = Sim::live();
    let ids: Vec<String> = (0..100).map(|number| format!("c{number:03}")).collect();
    sim.sent.clear();
    ids.iter().for_each(|id| sim.command(id));
    assert_eq!(sim.sent.len(), constants::OUTBOX_IN_FLIGHT);
    sim.run(1_000);
    let sent: Vec<&String> = sim
        .sent
        .iter()
        .map(|(_, text)| text)
        .filter(|text| text.contains("sys.cmd"))
        .collect();
    assert_eq!(sent.len(), 100);
    assert!(
        sent.iter()
            .zip(&ids)
            .all(|(text, id)| text.contains(id.as_str()))
    );
    assert!(ids.iter().all(|id| sim.done[id][0].is_ok()));
}

#[test]
fn a_full_outbox_refuses_and_an_old_command_expires() {
    let mut sim = Sim::live();
    sim.server.kind = Kind::Away;
    sim.cut(Some(1006));
    sim.run(0);
    (0..=constants::OUTBOX_COMMANDS).for_each(|number| sim.command(&number.to_string()));
    assert_eq!(sim.done.len(), 1);
    assert_eq!(sim.done["256"][0].as_ref().unwrap_err().code, "unsent");
    sim.run(constants::OUTBOX_TTL_MS - 1);
    assert_eq!(sim.done.len(), 1);
    sim.run(1);
    assert_eq!(sim.done.len(), constants::OUTBOX_COMMANDS + 1);
    assert_eq!(sim.session.details().pending_commands, 0);
}

#[test]
fn the_outbox_is_limited_in_bytes_and_a_command_by_the_server_s_frame() {
    let mut sim = Sim::live();
    sim.server.kind = Kind::Away;
    sim.cut(Some(1006));
    sim.run(0);
    let long = |bytes: usize| Command::DeleteTask {
        project_id: "p".into(),
        task: "x".repeat(bytes).as_str().into(),
    };
    sim.input(Input::Command {
        id: "too long".into(),
        command: long(65_536),
    });
    assert_eq!(
        sim.done["too long"][0].as_ref().unwrap_err().code,
        "invalid"
    );
    for number in 0..6 {
        sim.input(Input::Command {
            id: number.to_string(),
            command: long(50_000),
        });
    }
    let refused: Vec<&String> = sim.done.keys().filter(|id| id.len() == 1).collect();
    assert_eq!(refused, ["5"]);
}

#[test]
fn a_socket_with_a_megabyte_unsent_takes_no_commands() {
    let mut sim = Sim::live();
    sim.sent.clear();
    sim.buffered = constants::BUFFERED_LIMIT_BYTES + 1;
    sim.command("c");
    sim.run(1_000);
    assert!(sim.sent.is_empty());
    sim.buffered = 0;
    sim.run(constants::BUFFERED_POLL_MS + 20);
    assert!(sim.done["c"][0].is_ok());
}

#[test]
fn a_burst_of_events_sets_no_timers() {
    let mut sim = Sim::live();
    let generation = generation(&sim);
    let mut timers = 0;
    for seq in 1..=1_000 {
        let text =
            serde_json::to_string(&message(&"p".into(), Some(Cursor::new("e0".into(), seq))))
                .unwrap();
        let environment = tasktree_protocol::session::Environment {
            now_ms: sim.wall(),
            visible: true,
            random: 0.5,
            buffered_bytes: 0,
        };
        let outputs = sim
            .session
            .handle(environment, Input::Frame { generation, text });
        assert!(matches!(
            outputs[0],
            tasktree_protocol::session::Output::Deliver(_)
        ));
        timers += outputs.len() - 1;
    }
    assert!(timers <= 1, "{timers} outputs besides the messages");
}

#[test]
fn the_state_is_told_only_when_it_changes() {
    let mut sim = Sim::live();
    sim.run(120_000);
    assert!(sim.states.windows(2).all(|pair| pair[0].1 != pair[1].1));
    assert_eq!(sim.states.last().unwrap().1, ConnectionState::Live);
    assert_eq!(
        sim.session.details().last_live_ms,
        Some(sim.session.details().last_frame_ms.unwrap())
    );
}
