//! Feeds arbitrary inputs to the session, in any order and at any time.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};
use tasktree_protocol::http::EventPage;
use tasktree_protocol::session::{
    Config, ConnectionState, Environment, HttpFailure, Input, Output, Session, Wake,
};
use tasktree_protocol::{Command, Cursor};

fn stream() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("p"), Just("*"), Just("sub:1")]
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![0u64..6, 0u64..200, any::<u64>()]
}

fn cursor() -> impl Strategy<Value = Option<Cursor>> {
    prop::option::of(("[ef]", number()).prop_map(|(epoch, seq)| Cursor::new(epoch.into(), seq)))
}

fn frame() -> impl Strategy<Value = String> {
    let data = (
        stream(),
        "[ef]",
        number(),
        any::<bool>(),
        0u64..8,
        number(),
        any::<bool>(),
    );
    let control = data.prop_map(|(stream, epoch, seq, recovered, id, big, temporary)| {
        let sub = json!({"stream": stream, "epoch": epoch, "seq": seq, "recovered": recovered});
        let id = format!("sub:{id}");
        let mut subscribed = sub.clone();
        subscribed["id"] = json!(id);
        let event = json!({"type": "x", "project_id": stream, "data": {}, "timestamp": "2026-01-01T00:00:00Z", "seq": seq, "epoch": epoch});
        let error = json!({"id": id, "code": "c", "message": "m", "temporary": temporary, "retry_ms": big});
        let frames = [
            ("sys.welcome", json!({"session": "s", "server_time": "2026-01-01T00:00:00Z", "ping_ms": big, "pong_ms": 1, "max_frame": 65536, "subs": [sub]})),
            ("sys.subscribed", subscribed),
            ("sys.live", json!({"stream": stream, "seq": seq})),
            ("sys.ping", json!({"n": big, "t": 1, "tops": {stream: seq}})),
            ("sys.pong", json!({"n": seq, "t": 1, "seen": {}})),
            ("sys.batch", json!({"events": [event, event]})),
            ("sys.resync", json!({"stream": stream, "epoch": epoch, "seq": seq, "reason": "epoch"})),
            ("sys.missed", json!({"stream": stream})),
            ("sys.bye", json!({"reconnect_in_ms": [big, seq], "reason": "r"})),
            ("sys.error", error),
            ("sys.result", json!({"id": format!("c{seq}"), "ok": recovered})),
            ("sys.unheard", json!({})),
        ];
        let mut texts: Vec<String> = frames.iter().map(|(kind, data)| json!({"type": kind, "data": data}).to_string()).collect();
        texts.push(event.to_string());
        texts
    });
    prop_oneof![
        12 => (control, any::<prop::sample::Index>()).prop_map(|(texts, index)| index.get(&texts).clone()),
        1 => ".{0,40}",
        1 => Just(Value::Array(Vec::new()).to_string()),
    ]
}

fn input() -> impl Strategy<Value = (Input, bool)> {
    let command = Command::DeleteTask {
        project_id: "p".into(),
        task: "1-p".into(),
        bound: None,
    };
    // A generation is the current one, or an arbitrary one.
    let generation = prop_oneof![4 => Just(u64::MAX), 1 => 0u64..5];
    prop_oneof![
        2 => Just(Input::Open),
        1 => Just(Input::Close),
        1 => Just(Input::RetryNow),
        2 => (stream(), cursor()).prop_map(|(stream, cursor)| Input::Subscribe { stream: stream.into(), cursor }),
        1 => stream().prop_map(|stream| Input::Unsubscribe { stream: stream.into() }),
        3 => (stream(), cursor()).prop_map(|(stream, cursor)| Input::SnapshotApplied { stream: stream.into(), cursor }),
        3 => Just(Input::Command { id: String::new(), command }),
        4 => generation.clone().prop_map(|generation| Input::SocketOpened { generation }),
        16 => (generation.clone(), frame()).prop_map(|(generation, text)| Input::Frame { generation, text }),
        1 => generation.clone().prop_map(|generation| Input::BinaryFrame { generation }),
        3 => (generation, 990u16..5010).prop_map(|(generation, code)| Input::SocketClosed { generation, code, reason: String::new() }),
        2 => (stream(), 0u64..8, "[ef]", number(), any::<bool>(), 0u8..7).prop_map(|(stream, request, epoch, seq, more, kind)| Input::Polled {
            stream: stream.into(),
            request,
            answer: match kind {
                0 => Err(HttpFailure::Unreachable),
                1 => Err(HttpFailure::SignedOut),
                2 => Err(HttpFailure::Trimmed),
                3 => Err(HttpFailure::Busy { retry_ms: Some(seq) }),
                _ => Ok(EventPage { epoch: epoch.into(), seq, events: Vec::new(), more }),
            },
        }),
        1 => (0u64..8, any::<bool>()).prop_map(|(number, trimmed)| Input::Posted {
            id: format!("c{number}"),
            answer: Err(if trimmed { HttpFailure::Trimmed } else { HttpFailure::Unreachable }),
        }),
        1 => Just(Input::Woke(Wake::Resume)),
        1 => any::<bool>().prop_map(Input::Online),
        3 => Just(Input::Tick),
    ]
    .prop_map(|input| (input, true))
}

fn passed() -> impl Strategy<Value = i64> {
    prop_oneof![8 => 0i64..500, 3 => 0i64..40_000, 1 => -10_000_000i64..10_000_000, 1 => any::<i64>()]
}

/// Replaces the placeholder generation with the current one.
fn aim(input: Input, present: u64) -> Input {
    let aim = |generation| {
        if generation == u64::MAX {
            present
        } else {
            generation
        }
    };
    match input {
        Input::SocketOpened { generation } => Input::SocketOpened {
            generation: aim(generation),
        },
        Input::Frame { generation, text } => Input::Frame {
            generation: aim(generation),
            text,
        },
        Input::BinaryFrame { generation } => Input::BinaryFrame {
            generation: aim(generation),
        },
        Input::SocketClosed {
            generation,
            code,
            reason,
        } => Input::SocketClosed {
            generation: aim(generation),
            code,
            reason,
        },
        other => other,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_024))]

    #[test]
    fn no_input_makes_it_panic_open_two_links_forget_a_command_or_wait_without_a_deadline(
        steps in prop::collection::vec((input(), passed(), any::<f64>(), any::<bool>(), prop_oneof![Just(0), any::<u64>()]), 1..120),
        max_attempts in prop::option::of(0u32..4),
    ) {
        let mut session = Session::new(Config { max_attempts, ..Config::default() });
        let (mut now_ms, mut present, mut commands) = (1_700_000_000_000i64, 0, 0u32);
        let mut sockets = BTreeSet::new();
        let mut done = BTreeMap::<String, u32>::new();
        let mut deadline = None;
        let last = Input::Close;
        let inputs = steps.into_iter().map(|((input, _), passed, random, visible, buffered)| (input, passed, random, visible, buffered));
        for (input, passed, random, visible, buffered_bytes) in inputs.chain([(last, 0, 0.0, true, 0)]) {
            now_ms = now_ms.saturating_add(passed);
            let mut input = aim(input, present);
            match &mut input {
                Input::Command { id, .. } => {
                    commands += 1;
                    *id = format!("c{commands}");
                }
                Input::SocketClosed { generation, .. } => {
                    sockets.remove(generation);
                }
                Input::Tick => deadline = None,
                _ => {}
            }
            for output in session.handle(Environment { now_ms, visible, random, buffered_bytes }, input) {
                match output {
                    Output::Connect { generation, .. } => {
                        prop_assert!(sockets.is_empty(), "two links at once");
                        prop_assert!(generation > present, "a generation was used twice");
                        sockets.insert(generation);
                        present = generation;
                    }
                    Output::Send { generation, .. } => prop_assert!(sockets.contains(&generation)),
                    Output::CloseSocket { generation, .. } => prop_assert!(sockets.remove(&generation)),
                    Output::SetDeadline { at_ms } => deadline = at_ms,
                    Output::CommandDone { id, .. } => *done.entry(id).or_default() += 1,
                    _ => {}
                }
            }
            let waits = matches!(
                session.state(),
                ConnectionState::Waiting { .. } | ConnectionState::Connecting { .. } | ConnectionState::CatchingUp { .. }
                    | ConnectionState::Live | ConnectionState::Degraded
            );
            prop_assert!(!waits || deadline.is_some(), "{:?} without a deadline", session.state());
            prop_assert!(session.details().pending_commands == 0 || deadline.is_some(), "commands wait without a deadline");
        }
        prop_assert!(sockets.is_empty(), "a socket is left after close");
        prop_assert_eq!(done.len() as u32, commands);
        prop_assert!(done.values().all(|times| *times == 1));
    }
}
