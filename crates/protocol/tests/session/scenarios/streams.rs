//! Tests of events, gaps and snapshots.

use tasktree_protocol::frame::{ServerFrame, reason};
use tasktree_protocol::session::{Config, ConnectionState, Input, SnapshotReason, constants};
use tasktree_protocol::{Cursor, Event, Message, StreamId, Timestamp, WireError};

use super::{delivered, event, frame, sent, snapshot, told};
use crate::server::Kind;
use crate::sim::Sim;

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
fn the_last_event_of_a_burst_that_was_lost_is_missed_within_seconds_while_the_page_is_visible() {
    let mut sim = Sim::live();
    sim.faults.lose = 1.0;
    sim.append("p");
    sim.faults.lose = 0.0;
    sim.run(constants::PROBE_AFTER_SILENCE_MS + 1_000);
    assert_eq!(delivered(&sim), [1]);
    assert_eq!(*sim.session.state(), ConnectionState::Live);
    assert_eq!(sim.connects.len(), 1);
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
fn a_server_that_fails_at_a_stream_has_not_refused_it() {
    let mut sim = Sim::live();
    sim.server.refusal = "internal".to_owned();
    sim.input(Input::Subscribe {
        stream: "broken".into(),
        cursor: Some(Cursor::new("e".into(), 1)),
    });
    sim.run(50);
    assert!(sim.refused.is_empty());
    assert_ne!(
        *sim.session.state(),
        ConnectionState::Live,
        "nobody knows what is in it"
    );
    // The snapshot is requested again until there is an answer.
    sim.server.refusal = "not_found".to_owned();
    sim.run(constants::PAUSE_MAX_MS + 100);
    assert_eq!(sim.refused.len(), 1);
    assert_eq!(*sim.session.state(), ConnectionState::Live);
}

#[test]
fn what_was_missed_of_a_stream_that_is_received_is_told() {
    let mut sim = Sim::live();
    for stream in ["p", "another"] {
        let missed = ServerFrame::Missed {
            stream: stream.into(),
        };
        frame(&mut sim, serde_json::to_string(&missed).unwrap());
    }
    assert_eq!(sim.missed, ["p".into()]);
    assert_eq!(*sim.session.state(), ConnectionState::Live);
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
    let event = Event::from_json("log", r#"{"lines": ["x"]}"#).unwrap();
    let message = Message::new(event, Some("p".into()), Timestamp::from_unix_millis(0));
    for _ in 0..2 {
        frame(&mut sim, serde_json::to_string(&message).unwrap());
    }
    assert_eq!(sim.delivered, [("p".into(), None), ("p".into(), None)]);
}

#[test]
fn a_new_epoch_of_a_stream_that_is_received_is_answered_by_one_snapshot() {
    let mut sim = Sim::live();
    sim.snapshots = false;
    sim.reset("p");
    sim.run(50);
    assert_eq!(sim.needed[1..], [("p".into(), SnapshotReason::Epoch)]);
    let cursor = sim.server.position(&"p".into()).unwrap();
    let resync = ServerFrame::Resync {
        stream: "p".into(),
        epoch: cursor.epoch,
        seq: cursor.seq,
        reason: reason::EPOCH.into(),
    };
    told(&mut sim, &resync);
    assert_eq!(sim.needed.len(), 2, "its snapshot is on the way already");
}

#[test]
fn a_newer_snapshot_is_continued_from_without_a_request() {
    let mut sim = Sim::live();
    sim.faults.lose = 1.0;
    (0..3).for_each(|_| sim.append("p"));
    sim.faults.lose = 0.0;
    let requests = sent(&sim, "sys.subscribe").len();
    let cursor = sim.server.position(&"p".into());
    snapshot(&mut sim, "p", cursor);
    sim.append("p");
    sim.run(2_000);
    assert_eq!(delivered(&sim), [4]);
    assert_eq!(sent(&sim, "sys.subscribe").len(), requests);
    assert_eq!(*sim.session.state(), ConnectionState::Live);
}

#[test]
fn a_snapshot_that_was_requested_on_a_lost_link_is_requested_again_on_the_next() {
    let mut sim = Sim::live();
    sim.snapshots = false;
    sim.subscribe("*");
    let asked = |sim: &Sim| {
        let reasons = sim
            .needed
            .iter()
            .filter(|(stream, _)| *stream == "*".into());
        reasons
            .map(|(_, reason)| reason.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(asked(&sim), [SnapshotReason::New]);
    sim.cut(Some(1012));
    sim.run(2_000);
    assert_eq!(asked(&sim), [SnapshotReason::New, SnapshotReason::NoAnswer]);
}

#[test]
fn a_snapshot_that_was_requested_before_the_link_is_not_requested_again_on_it() {
    let mut sim = Sim::live();
    sim.cut(Some(1012));
    sim.run(0);
    assert!(matches!(
        sim.session.state(),
        ConnectionState::Waiting { .. }
    ));
    sim.snapshots = false;
    sim.subscribe("*");
    sim.run(3_000);
    assert_eq!(sim.connects.len(), 2);
    assert_eq!(sim.needed[1..], [("*".into(), SnapshotReason::New)]);
}

#[test]
fn nothing_is_requested_of_the_application_while_the_machine_is_offline() {
    let mut sim = Sim::new(7, Config::default());
    sim.server.kind = Kind::Away;
    sim.snapshots = false;
    sim.input(Input::Open);
    sim.subscribe("p");
    sim.input(Input::Online(false));
    sim.run(10 * constants::SNAPSHOT_TIMEOUT_MS);
    assert_eq!(sim.needed.len(), 1);
}

#[test]
fn a_person_who_asks_to_retry_does_not_wait_for_a_paused_stream() {
    let mut sim = Sim::live();
    for _ in 0..10 {
        event(&mut sim, 10);
        sim.run(300);
    }
    assert_eq!(*sim.session.state(), ConnectionState::Degraded);
    sim.input(Input::RetryNow);
    sim.run(50);
    assert_eq!(*sim.session.state(), ConnectionState::Live);
}

#[test]
fn every_request_has_its_own_id_and_only_its_answer_counts() {
    let mut sim = Sim::live();
    let cursor = sim.server.position(&"p".into());
    for _ in 0..3 {
        sim.input(Input::Unsubscribe { stream: "p".into() });
        let (stream, cursor) = ("p".into(), cursor.clone());
        sim.input(Input::Subscribe { stream, cursor });
        sim.run(50);
    }
    let mut ids: Vec<String> = ["sys.subscribe", "sys.unsubscribe"]
        .iter()
        .flat_map(|kind| sent(&sim, kind))
        .map(|frame| frame["data"]["id"].as_str().unwrap().to_owned())
        .collect();
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "{ids:?}");
    assert!(count >= 6);

    sim.faults.lose = 1.0;
    let stream = "p".into();
    sim.input(Input::Subscribe { stream, cursor });
    let error = WireError::new("not_found", "no such project");
    let id = Some("sub:99".to_owned());
    told(&mut sim, &ServerFrame::Error { id, error });
    assert!(sim.refused.is_empty());
    assert_eq!(sim.diagnostics.len(), 1);
}
