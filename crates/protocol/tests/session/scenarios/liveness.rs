//! Tests of heartbeats, clocks and the reported connection state.

use tasktree_protocol::Cursor;
use tasktree_protocol::frame::{Ping, ServerFrame};
use tasktree_protocol::session::{
    Config, ConnectionState, Environment, Input, Output, Wake, constants,
};

use super::generation;
use crate::server::{Kind, message};
use crate::sim::Sim;

#[test]
fn a_legacy_link_that_was_silent_for_long_is_replaced_on_a_wake() {
    let mut sim = Sim::new(7, Config::default());
    sim.server.kind = Kind::Old;
    sim.input(Input::Open);
    sim.run(constants::WELCOME_TIMEOUT_MS + constants::LEGACY_SILENCE_MS - 1_000);
    sim.input(Input::Woke(Wake::Focus));
    assert_eq!(sim.connects.len(), 1);
    sim.run(2_000);
    sim.input(Input::Woke(Wake::Focus));
    assert_eq!(sim.connects.len(), 2);
}

#[test]
fn while_the_page_is_visible_a_silent_link_is_asked_before_it_is_believed_any_longer() {
    let mut sim = Sim::live();
    sim.run(constants::BACKOFF_RESET_AFTER_MS);
    let before = sim.states.len();
    sim.run(600_000);
    assert_eq!(
        sim.states.len(),
        before,
        "a quiet link that answers is live"
    );

    let last = sim.session.details().last_frame_ms.unwrap() - sim.skew;
    sim.cut(None);
    sim.run(60_000);
    let question = last + constants::PROBE_AFTER_SILENCE_MS;
    let (at, state) = &sim.states[before];
    assert_eq!(*state, ConnectionState::CatchingUp { remaining: 0 });
    assert_eq!(*at, question + constants::PROBE_DOUBT_MS);
    assert_eq!(
        sim.closes,
        [(question + constants::ANSWER_TIMEOUT_MS, 4002)]
    );
    assert_eq!(*sim.session.state(), ConnectionState::Live);
}

#[test]
fn a_silent_link_that_is_being_asked_is_given_up_sooner_when_somebody_turns_to_the_page() {
    let mut sim = Sim::live();
    sim.cut(None);
    sim.run(6_000);
    let woke = sim.now;
    sim.input(Input::Woke(Wake::Focus));
    sim.run(10_000);
    assert_eq!(sim.closes, [(woke + constants::PROBE_TIMEOUT_MS, 4002)]);
}

#[test]
fn a_half_open_link_of_a_hidden_page_is_given_up_thirty_seconds_after_its_last_frame() {
    let mut sim = Sim::live();
    sim.visible = false;
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
    sim.visible = false;
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
    sim.visible = false;
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
fn a_board_is_not_called_live_while_the_answer_to_a_probe_is_late() {
    let mut sim = Sim::live();
    sim.visible = false;
    sim.cut(None);
    sim.run(6_000);
    assert_eq!(*sim.session.state(), ConnectionState::Live, "nobody asked");
    sim.input(Input::Woke(Wake::Focus));
    sim.run(constants::PROBE_DOUBT_MS - 1);
    assert_eq!(*sim.session.state(), ConnectionState::Live, "it may come");
    sim.run(2);
    let doubtful = ConnectionState::CatchingUp { remaining: 0 };
    assert_eq!(*sim.session.state(), doubtful);

    let mut sim = Sim::live();
    sim.run(6_000);
    let before = sim.states.len();
    sim.input(Input::Woke(Wake::Focus));
    sim.run(10_000);
    assert_eq!(
        sim.states.len(),
        before,
        "a link that answers does not flicker"
    );
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
fn a_link_that_was_there_before_the_network_went_away_is_not_called_live_before_it_answers() {
    for survives in [true, false] {
        let mut sim = Sim::live();
        // The answer would clear the offline state, so it must not arrive.
        let link = sim.server.connection.take();
        sim.input(Input::Online(false));
        sim.run(1_000);
        if survives {
            sim.server.connection = link;
        }
        sim.input(Input::Online(true));
        assert_ne!(*sim.session.state(), ConnectionState::Live, "nobody knows");
        sim.run(4_000);
        assert_eq!(*sim.session.state(), ConnectionState::Live);
        assert_eq!(sim.connects.len(), if survives { 1 } else { 2 });
    }
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
fn a_burst_of_events_sets_no_timers() {
    let mut sim = Sim::live();
    let generation = generation(&sim);
    let mut timers = 0;
    for seq in 1..=1_000 {
        let text =
            serde_json::to_string(&message(&"p".into(), Some(Cursor::new("e0".into(), seq))))
                .unwrap();
        let environment = Environment {
            now_ms: sim.wall(),
            visible: true,
            random: 0.5,
            buffered_bytes: 0,
        };
        let outputs = sim
            .session
            .handle(environment, Input::Frame { generation, text });
        assert!(matches!(outputs[0], Output::Deliver(_)));
        timers += outputs.len() - 1;
    }
    assert!(timers <= 1, "{timers} outputs besides the messages");
}

#[test]
fn a_server_that_is_away_for_ten_minutes_is_tried_often_enough_and_found_soon_after_it_is_back() {
    for seed in 1..20 {
        let mut sim = Sim::new(seed, Config::default());
        sim.input(Input::Open);
        sim.subscribe("p");
        sim.run(1_000);
        sim.server.kind = Kind::Away;
        sim.cut(Some(1006));
        sim.run(600_000);
        sim.append("p");
        let tries: Vec<i64> = sim.connects.clone();
        assert!(
            tries
                .windows(2)
                .skip(1)
                .all(|pair| pair[1] - pair[0] <= constants::BACKOFF_CAP_VISIBLE_MS + 5)
        );
        sim.server.kind = Kind::V1;
        sim.run(constants::BACKOFF_CAP_VISIBLE_MS + 100);
        assert_eq!(*sim.session.state(), ConnectionState::Live, "seed {seed}");
        assert_eq!(sim.applied["p"], sim.server.position(&"p".into()));
    }
}

#[test]
fn every_beat_sets_the_timer_anew_since_browsers_throttle_timers_that_timers_set() {
    let mut sim = Sim::live();
    let generation = generation(&sim);
    for n in 1..10 {
        sim.now += 20_000;
        let ping = ServerFrame::Ping(Ping {
            n,
            ..Ping::default()
        });
        let input = Input::Frame {
            generation,
            text: serde_json::to_string(&ping).unwrap(),
        };
        let environment = Environment {
            now_ms: sim.wall(),
            visible: false,
            random: 0.5,
            buffered_bytes: 0,
        };
        let outputs = sim.session.handle(environment, input);
        let due = sim.wall() + constants::WATCHDOG_MS - constants::PROBE_TIMEOUT_MS;
        assert!(
            outputs.contains(&Output::SetDeadline { at_ms: Some(due) }),
            "{outputs:?}"
        );
    }
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
