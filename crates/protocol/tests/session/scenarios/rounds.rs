//! Tests of the rounds of polling: their times, their answers and their failures.

use tasktree_protocol::WireError;
use tasktree_protocol::error::code;
use tasktree_protocol::session::{
    Blocked, Config, ConnectionState, HttpFailure, Input, Wake, constants,
};

use super::polling::blocked;
use super::snapshot;
use crate::server::Kind;
use crate::sim::{LATENCY, Sim};

#[test]
fn a_session_that_is_opened_again_polls_only_after_new_failures() {
    let mut sim = blocked();
    assert!(matches!(sim.session.state(), ConnectionState::Polling(_)));
    sim.input(Input::Close);
    let polls = sim.polls.len();
    sim.run(10_000);
    assert_eq!(sim.polls.len(), polls);
    sim.input(Input::Open);
    let connecting = ConnectionState::Connecting { attempt: 1 };
    assert_eq!(*sim.session.state(), connecting);
    sim.run(10_000);
    assert!(matches!(sim.session.state(), ConnectionState::Polling(_)));

    let mut numbers = sim.polls.clone();
    numbers.dedup();
    assert!(numbers.is_sorted());
    assert_eq!(numbers.len(), sim.polls.len(), "no number is used twice");
}

#[test]
fn a_wake_while_a_poll_is_awaited_starts_no_second_one() {
    let mut sim = blocked();
    let polls = sim.polls.len();
    while sim.polls.len() == polls {
        sim.run(1);
    }
    let polls = sim.polls.len();
    sim.input(Input::Woke(Wake::Focus));
    assert_eq!(sim.polls.len(), polls);
}

#[test]
fn the_answer_to_an_earlier_poll_is_ignored() {
    let mut sim = blocked();
    let polls = sim.polls.len();
    while sim.polls.len() == polls {
        sim.run(1);
    }
    let needed = sim.needed.len();
    sim.input(Input::Polled {
        stream: "p".into(),
        request: sim.polls[polls - 1],
        answer: Err(HttpFailure::Trimmed),
    });
    assert_eq!(sim.needed.len(), needed);
}

#[test]
fn the_last_poll_proves_a_complete_board_for_a_minute_and_a_half() {
    for late in [0, 1] {
        let mut sim = blocked();
        let answered = sim.session.details().last_live_ms.unwrap() - sim.skew;
        sim.freeze(answered + constants::POLL_STALE_MS + late - sim.now);
        sim.input(Input::Tick);
        let polling = matches!(sim.session.state(), ConnectionState::Polling(_));
        assert_eq!(polling, late == 0, "{:?}", sim.session.state());
    }
}

#[test]
fn a_board_is_polled_only_when_every_stream_has_its_snapshot() {
    let mut sim = blocked();
    sim.snapshots = false;
    sim.subscribe("*");
    sim.run(constants::POLL_MS + 100);
    let catching_up = ConnectionState::CatchingUp { remaining: 0 };
    assert_eq!(*sim.session.state(), catching_up);
    let cursor = sim.server.position(&"*".into());
    snapshot(&mut sim, "*", cursor);
    sim.run(constants::POLL_MS + 100);
    assert!(matches!(sim.session.state(), ConnectionState::Polling(_)));
}

#[test]
fn a_paused_stream_makes_a_polled_board_incomplete() {
    let mut sim = blocked();
    let mut error = WireError::new(code::INTERNAL, "try again");
    error.temporary = true;
    let polls = sim.polls.len();
    while sim.polls.len() == polls {
        sim.run(1);
    }
    sim.input(Input::Polled {
        stream: "p".into(),
        request: sim.polls[polls],
        answer: Err(HttpFailure::Refused(error.into())),
    });
    assert_eq!(*sim.session.state(), ConnectionState::Degraded);
}

#[test]
fn delivered_messages_of_polls_are_counted() {
    let mut sim = blocked();
    for count in 1..=3 {
        sim.append("p");
        sim.run(constants::POLL_MS + 100);
        assert_eq!(sim.session.details().messages, count);
    }
}

/// Creates a session whose sockets have failed for so long that the next attempt is far, while
/// its polls are answered.
fn patient() -> Sim {
    let mut sim = blocked();
    sim.fixed_random = Some(0.99);
    sim.run(120_000);
    let attempts = sim.connects.len();
    while sim.connects.len() == attempts {
        sim.run(100);
    }
    sim.run(constants::POLL_MS);
    assert!(matches!(sim.session.state(), ConnectionState::Polling(_)));
    sim
}

/// Runs until the answer to the next poll has arrived. Returns that time.
fn run_to_answer(sim: &mut Sim) -> i64 {
    let asked = sim.asked;
    while sim.asked == asked {
        sim.run(1);
    }
    sim.run(LATENCY);
    sim.now
}

#[test]
fn a_poll_that_fails_is_repeated_after_two_intervals() {
    let busy = HttpFailure::Busy { retry_ms: None };
    for failure in [HttpFailure::Unreachable, busy] {
        let mut sim = patient();
        sim.http_failure = Some(failure);
        let failed = run_to_answer(&mut sim);
        let polls = sim.polls.len();
        assert!(!sim.session.state().is_current());
        sim.run(failed + 2 * constants::POLL_MS - 1 - sim.now);
        assert_eq!(sim.polls.len(), polls);
        sim.run(1);
        assert_eq!(sim.polls.len(), polls + 1);
    }
}

#[test]
fn a_command_whose_request_failed_is_sent_again_with_the_next_poll_that_succeeds() {
    let mut sim = patient();
    sim.http_failure = Some(HttpFailure::Unreachable);
    sim.command("c");
    sim.run(100);
    sim.http_failure = None;
    assert_eq!(sim.session.details().pending_commands, 1);
    let attempts = sim.connects.len();
    sim.run(2 * constants::POLL_MS + 100);
    assert_eq!(sim.connects.len(), attempts, "no socket has failed since");
    assert!(sim.done["c"][0].is_ok());
}

#[test]
fn a_request_that_fails_stops_a_polling_session_but_not_one_with_a_socket() {
    let failed = || Input::Posted {
        id: "c".into(),
        answer: Err(HttpFailure::SignedOut),
    };
    let mut sim = Sim::live();
    sim.command("c");
    sim.input(failed());
    assert_eq!(*sim.session.state(), ConnectionState::Live);
    sim.run(100);
    assert!(sim.done["c"][0].is_ok());

    let mut sim = blocked();
    sim.input(failed());
    assert!(matches!(sim.session.state(), ConnectionState::Stopped(_)));
}

#[test]
fn the_first_poll_that_is_answered_brings_the_next_socket_forward_once() {
    let mut sim = Sim::new(7, Config::default());
    sim.server.kind = Kind::Away;
    sim.fixed_random = Some(0.99);
    sim.input(Input::Open);
    sim.subscribe("p");
    let cursor = sim.server.position(&"p".into());
    snapshot(&mut sim, "p", cursor);
    sim.run(200_000);
    sim.server.kind = Kind::Blocked;
    let polling = |sim: &Sim| matches!(sim.session.state(), ConnectionState::Polling(_));
    while !polling(&sim) {
        sim.run(1);
    }
    let attempts = sim.connects.len();
    sim.run(constants::HASTEN_SOCKET_MS);
    assert_eq!(sim.connects.len(), attempts + 1);
    sim.run(5 * constants::POLL_MS);
    assert_eq!(sim.connects.len(), attempts + 1, "later ones do not");
}

#[test]
fn sockets_that_are_cut_are_not_tried_sooner_because_polls_are_answered() {
    let mut sim = Sim::live();
    sim.fixed_random = Some(0.99);
    sim.cut_after = Some(1_000);
    sim.cut(Some(1006));
    // The delays double, so that the fifth is 7.9 seconds.
    let polling = ConnectionState::Polling(Blocked::Cut);
    let mut waits = Vec::new();
    for _ in 0..5 {
        let attempts = sim.connects.len();
        while sim.connects.len() == attempts {
            sim.run(1);
        }
        waits.push(sim.now);
        assert!(waits.len() < 4 || *sim.session.state() == polling);
    }
    let last = waits[4] - waits[3];
    assert!(last > 7_000, "{waits:?}");
}

#[test]
fn a_socket_between_two_times_of_polling_changes_neither_the_numbers_nor_the_delay_asked_for() {
    let mut sim = blocked();
    let retry_ms = Some(50_000);
    sim.http_failure = Some(HttpFailure::Busy { retry_ms });
    let busy = run_to_answer(&mut sim);
    sim.http_failure = None;
    sim.server.kind = Kind::V1;
    while *sim.session.state() != ConnectionState::Live {
        sim.run(10);
    }
    sim.server.kind = Kind::Blocked;
    sim.cut(Some(1006));
    let polls = sim.polls.len();
    sim.run(busy + 49_000 - sim.now);
    assert_eq!(sim.polls.len(), polls);
    sim.run(2_000);
    assert!(sim.polls.len() > polls);
    assert!(
        sim.polls.is_sorted_by(|one, next| one < next),
        "{:?}",
        sim.polls
    );
}

#[test]
fn the_reason_for_polling_is_kept_until_another_socket_fails() {
    let mut sim = Sim::live();
    sim.fixed_random = Some(0.99);
    for _ in 0..2 {
        sim.cut(Some(1006));
        sim.run(0);
        while *sim.session.state() != ConnectionState::Live {
            sim.run(10);
        }
    }
    // The server itself closes this one, which is no failure.
    sim.cut(Some(1012));
    sim.run(0);
    sim.input(Input::Woke(Wake::Focus));
    sim.run(2 * LATENCY);
    let cut = ConnectionState::Polling(Blocked::Cut);
    assert_eq!(*sim.session.state(), cut);
}
