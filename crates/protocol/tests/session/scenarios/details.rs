//! Tests of diagnostics, statistics and timers.

use tasktree_protocol::frame::{Ping, ServerFrame};
use tasktree_protocol::session::{
    Config, ConnectionState, Environment, Input, Output, Session, Wake, constants,
};
use tasktree_protocol::{CommandResult, WireError};

use super::{command, event, frame, generation, told};
use crate::server::message;
use crate::sim::Sim;

/// Returns an environment at a time, of a visible page.
fn environment(now_ms: i64) -> Environment {
    Environment {
        now_ms,
        visible: true,
        random: 0.5,
        buffered_bytes: 0,
    }
}

fn deadlines(outputs: &[Output]) -> Vec<Option<i64>> {
    let deadline = |output: &Output| match output {
        Output::SetDeadline { at_ms } => Some(*at_ms),
        _ => None,
    };
    outputs.iter().filter_map(deadline).collect()
}

#[test]
fn frames_that_are_not_understood_are_reported_and_ignored() {
    let mut sim = Sim::live();
    let states = sim.states.len();
    frame(&mut sim, "{".into());
    frame(&mut sim, r#"{"type":"sys.invented","data":{}}"#.into());
    let generation = generation(&sim);
    sim.input(Input::BinaryFrame { generation });
    told(
        &mut sim,
        &ServerFrame::Error {
            id: None,
            error: WireError::new("too_long", "The frame is too long."),
        },
    );
    assert_eq!(sim.diagnostics.len(), 4, "{:?}", sim.diagnostics);
    assert!(sim.diagnostics[1].contains("sys.invented"));
    assert!(sim.diagnostics[2].contains("binary"));
    assert!(sim.diagnostics[3].contains("too_long"));
    assert_eq!(sim.states.len(), states);
    assert_eq!(sim.connects.len(), 1);
}

#[test]
fn the_refusal_of_a_command_is_its_result_and_no_diagnostic() {
    let mut sim = Sim::live();
    sim.faults.lose = 1.0;
    sim.command("c");
    let error = WireError::new("forbidden", "no");
    let id = Some("c".to_owned());
    told(&mut sim, &ServerFrame::Error { id, error });
    assert_eq!(sim.done["c"][0].as_ref().unwrap_err().code, "forbidden");
    assert!(sim.diagnostics.is_empty(), "{:?}", sim.diagnostics);
}

#[test]
fn delivered_and_duplicate_messages_and_connections_are_counted() {
    let mut sim = Sim::live();
    let events = (1..=3)
        .map(|seq| {
            let mut cursor = sim.server.position(&"p".into()).unwrap();
            cursor.seq = seq;
            message(&"p".into(), Some(cursor))
        })
        .collect();
    told(&mut sim, &ServerFrame::Batch { events });
    assert_eq!(sim.session.details().messages, 3);
    for seq in [2, 3] {
        event(&mut sim, seq);
    }
    assert_eq!(sim.session.details().messages, 3);
    assert_eq!(sim.session.details().duplicates, 2);
    for connections in 1..4 {
        assert_eq!(sim.session.details().connections, connections);
        sim.cut(Some(1012));
        sim.run(0);
        assert_eq!(sim.session.details().connected_at_ms, None);
        sim.run(10_000);
        assert!(sim.session.details().connected_at_ms.is_some());
    }
}

#[test]
fn commands_that_wait_are_counted() {
    let mut sim = Sim::live();
    for count in 1..=3 {
        sim.command(&count.to_string());
        assert_eq!(sim.session.details().pending_commands, count);
    }
    sim.run(100);
    assert_eq!(sim.session.details().pending_commands, 0);
}

#[test]
fn the_time_of_a_state_is_that_of_its_last_change_of_kind() {
    let mut sim = Sim::live();
    let (live, state) = sim.states.last().cloned().unwrap();
    assert_eq!(state, ConnectionState::Live);
    assert_eq!(sim.session.details().since_ms, live + sim.skew);
    sim.run(100);
    event(&mut sim, 3);
    let began = sim.wall();
    assert_eq!(sim.session.details().since_ms, began);
    sim.run(100);
    event(&mut sim, 5);
    let missing = ConnectionState::CatchingUp { remaining: 5 };
    assert_eq!(*sim.session.state(), missing);
    assert_eq!(
        sim.session.details().since_ms,
        began,
        "only the number changed"
    );
}

#[test]
fn a_random_number_out_of_its_range_counts_as_a_half() {
    for random in [f64::NAN, -1.0, 1.0, 7.0, f64::INFINITY] {
        let mut session = Session::new(Config::default());
        let environment = Environment {
            random,
            ..environment(1_000)
        };
        session.handle(environment, Input::Open);
        let closed = Input::SocketClosed {
            generation: 1,
            code: 1006,
            reason: String::new(),
        };
        session.handle(environment, closed);
        let until_ms = 1_000 + constants::BACKOFF_BASE_MS / 2;
        let attempt = 2;
        let waiting = ConnectionState::Waiting { until_ms, attempt };
        assert_eq!(*session.state(), waiting, "{random}");
    }
}

#[test]
fn a_command_before_the_connection_was_opened_is_refused_at_once() {
    let mut session = Session::new(Config::default());
    let id = "c".to_owned();
    let command = command(1);
    let outputs = session.handle(environment(0), Input::Command { id, command });
    let [Output::CommandDone { result, .. }] = &outputs[..] else {
        panic!("{outputs:?}");
    };
    let refused = |result: &Result<CommandResult, WireError>| {
        let error = result.as_ref().unwrap_err();
        (error.code.clone(), error.temporary)
    };
    assert_eq!(refused(result), ("unsent".to_owned(), true));
}

#[test]
fn a_command_that_waits_for_a_link_sets_no_timer_of_its_own() {
    let mut session = Session::new(Config::default());
    let outputs = session.handle(environment(0), Input::Open);
    let timeout = Some(constants::CONNECT_TIMEOUT_MS);
    assert_eq!(deadlines(&outputs), [timeout]);
    for (id, buffered_bytes) in [("a", 0), ("b", constants::BUFFERED_LIMIT_BYTES + 1)] {
        let environment = Environment {
            buffered_bytes,
            ..environment(0)
        };
        let id = id.to_owned();
        let command = command(1);
        let outputs = session.handle(environment, Input::Command { id, command });
        assert_eq!(deadlines(&outputs), []);
    }
}

#[test]
fn a_session_that_is_not_open_sets_no_timer() {
    let mut session = Session::new(Config::default());
    assert_eq!(session.handle(environment(0), Input::Tick), []);
    assert_eq!(session.handle(environment(0), Input::Woke(Wake::Focus)), []);
}

#[test]
fn a_timer_whose_time_has_come_is_set_again_by_any_input() {
    let mut sim = Sim::live();
    let armed = sim.deadline.unwrap();
    let early = sim
        .session
        .handle(environment(armed - 1), Input::Online(true));
    assert_eq!(deadlines(&early), []);
    let stream = "other".into();
    let outputs = sim
        .session
        .handle(environment(armed), Input::Unsubscribe { stream });
    let [Some(next)] = deadlines(&outputs)[..] else {
        panic!("{outputs:?}");
    };
    assert!(next > armed);
}

#[test]
fn a_position_of_the_server_ahead_of_ours_is_told_before_it_is_asked_for() {
    let mut sim = Sim::live();
    sim.faults.lose = 1.0;
    let tops = [("p".into(), 4)].into();
    let ping = Ping {
        tops,
        ..Ping::default()
    };
    told(&mut sim, &ServerFrame::Ping(ping));
    let missing = ConnectionState::CatchingUp { remaining: 4 };
    assert_eq!(*sim.session.state(), missing);
    assert_eq!(sim.session.details().resyncs, 0);
    sim.run(constants::HOLD_MS);
    assert_eq!(sim.session.details().resyncs, 1);
}
