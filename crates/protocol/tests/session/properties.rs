//! Checks that nothing is lost, duplicated or reordered under any network faults, and that
//! everything converges in the end.

use proptest::prelude::*;
use tasktree_protocol::session::{Config, ConnectionState, HttpFailure, Input, Wake, constants};

use crate::server::Kind;
use crate::sim::{Faults, Sim};

#[derive(Clone, Debug)]
enum Act {
    Append(u8),
    AppendSystem,
    Command,
    Reset,
    Trim,
    Cut,
    HalfOpen,
    Close(u16),
    Away(i64),
    Blocked(i64),
    Mute(i64),
    Cutting(i64, i64),
    Busy(i64, Option<u64>),
    Wait(i64),
    Freeze(i64),
    ClockJump(i64),
    Woke,
    Online(bool),
    Visible(bool),
    RetryNow,
    Resubscribe,
    Bye,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (1u8..90).prop_map(Act::Append),
        2 => Just(Act::AppendSystem),
        3 => Just(Act::Command),
        1 => Just(Act::Reset),
        1 => Just(Act::Trim),
        2 => Just(Act::Cut),
        1 => Just(Act::HalfOpen),
        1 => prop_oneof![Just(1001), Just(1013), Just(4000), Just(4005)].prop_map(Act::Close),
        1 => (10i64..30_000).prop_map(Act::Away),
        2 => (10i64..120_000).prop_map(Act::Blocked),
        1 => (10i64..60_000).prop_map(Act::Mute),
        1 => (10i64..60_000, 10i64..15_000).prop_map(|(millis, after)| Act::Cutting(millis, after)),
        1 => (10i64..60_000, proptest::option::of(0u64..100_000)).prop_map(|(millis, retry)| Act::Busy(millis, retry)),
        6 => (1i64..5_000).prop_map(Act::Wait),
        1 => (5_000i64..60_000).prop_map(Act::Wait),
        1 => (1_000i64..600_000).prop_map(Act::Freeze),
        1 => (-7_200_000i64..7_200_000).prop_map(Act::ClockJump),
        1 => Just(Act::Woke),
        1 => any::<bool>().prop_map(Act::Online),
        1 => any::<bool>().prop_map(Act::Visible),
        1 => Just(Act::RetryNow),
        1 => Just(Act::Resubscribe),
        1 => Just(Act::Bye),
    ]
}

fn perform(sim: &mut Sim, act: &Act, commands: &mut u32) {
    match *act {
        Act::Append(count) => (0..count).for_each(|_| sim.append("p")),
        Act::AppendSystem => sim.append("*"),
        Act::Command => {
            *commands += 1;
            sim.command(&format!("c{commands}"));
        }
        Act::Reset => sim.reset("p"),
        Act::Trim => sim.server.trim("p"),
        Act::Cut => sim.cut(Some(1006)),
        Act::HalfOpen => sim.cut(None),
        Act::Close(code) => sim.cut(Some(code)),
        Act::Away(millis) => {
            sim.cut(Some(1006));
            sim.server.kind = Kind::Away;
            sim.run(millis);
            sim.server.kind = Kind::V1;
        }
        Act::Blocked(millis) => {
            sim.cut(Some(1006));
            sim.server.kind = Kind::Blocked;
            run_with_work(sim, millis, commands);
            sim.server.kind = Kind::V1;
        }
        Act::Mute(millis) => {
            sim.mute_sockets = true;
            run_with_work(sim, millis, commands);
            sim.mute_sockets = false;
        }
        Act::Cutting(millis, after) => {
            sim.cut_after = Some(after);
            sim.cut(Some(1006));
            run_with_work(sim, millis, commands);
            sim.cut_after = None;
        }
        Act::Busy(millis, retry_ms) => {
            sim.http_failure = Some(HttpFailure::Busy { retry_ms });
            run_with_work(sim, millis, commands);
            sim.http_failure = None;
        }
        Act::Wait(millis) => sim.run(millis),
        Act::Freeze(millis) => sim.freeze(millis),
        Act::ClockJump(millis) => sim.skew += millis,
        Act::Woke => sim.input(Input::Woke(Wake::Visible)),
        Act::Online(online) => sim.input(Input::Online(online)),
        Act::Visible(visible) => sim.visible = visible,
        Act::RetryNow => sim.input(Input::RetryNow),
        Act::Resubscribe => {
            let cursor = sim.applied["p"].clone();
            sim.input(Input::Subscribe {
                stream: "p".into(),
                cursor,
            });
        }
        Act::Bye => {
            let bye = tasktree_protocol::frame::ServerFrame::Bye {
                reconnect_in_ms: [0, 5_000],
                reason: "test".into(),
            };
            sim.server.say(&bye);
            sim.flush_server();
        }
    }
    sim.run(1);
}

/// Lets time pass, with a command and an event in the middle of it.
fn run_with_work(sim: &mut Sim, millis: i64, commands: &mut u32) {
    sim.run(millis / 2);
    *commands += 1;
    sim.command(&format!("c{commands}"));
    sim.append("p");
    sim.run(millis / 2);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 384, max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn events_are_applied_without_gap_or_duplicate_and_everything_converges_when_the_network_heals(
        seed: u64,
        lose in prop_oneof![Just(0.0), 0.0..0.3f64],
        duplicate in prop_oneof![Just(0.0), 0.0..0.3f64],
        reorder in prop_oneof![Just(0.0), 0.0..0.3f64],
        positioned in prop::bool::weighted(0.9),
        acts in prop::collection::vec(act(), 1..60),
    ) {
        let mut sim = Sim::new(seed, Config::default());
        sim.faults = Faults { lose, duplicate, reorder };
        sim.positioned = positioned;
        sim.input(Input::Open);
        sim.subscribe("p");
        sim.subscribe("*");
        let mut commands = 0;
        for act in &acts {
            perform(&mut sim, act, &mut commands);
        }

        sim.faults = Faults::default();
        sim.input(Input::Online(true));
        sim.input(Input::Woke(Wake::Focus));
        sim.run(300_000);
        if *sim.session.state() == ConnectionState::Legacy {
            // Its hello was lost: the next connection finds out, as soon as the page gets the
            // focus.
            sim.input(Input::Woke(Wake::Focus));
            sim.run(60_000);
        }
        sim.append("p");
        sim.append("*");
        sim.run(1_000);

        prop_assert_eq!(sim.session.state(), &ConnectionState::Live);
        if positioned {
            for stream in sim.server.streams() {
                prop_assert_eq!(sim.applied[&stream].clone(), sim.server.position(&stream));
            }
        }
        for id in 1..=commands {
            let results = sim.done.get(&format!("c{id}")).map_or(0, Vec::len);
            prop_assert_eq!(results, 1, "command c{} was answered {} times", id, results);
        }
        prop_assert_eq!(sim.done.len() as u32, commands);
    }

    #[test]
    fn where_sockets_are_blocked_events_and_commands_go_by_http_each_once_until_one_gets_through(
        seed: u64,
        lose in prop_oneof![Just(0.0), 0.0..0.3f64],
        reorder in prop_oneof![Just(0.0), 0.0..0.3f64],
        // Sockets do not open, stay silent, or are cut after the given time.
        block in prop_oneof![Just(Block::Refused), Just(Block::Mute), (10i64..9_000).prop_map(Block::Cut)],
        live_before: bool,
        work in prop::collection::vec((0u8..30, 0u8..4, 1i64..20_000, any::<bool>()), 1..20),
    ) {
        let mut sim = Sim::new(seed, Config::default());
        if live_before {
            sim.input(Input::Open);
            sim.subscribe("p");
            sim.run(20_000);
            prop_assert_eq!(sim.session.state(), &ConnectionState::Live);
        }
        block.begin(&mut sim);
        if !live_before {
            sim.input(Input::Open);
            sim.subscribe("p");
        }
        sim.run(60_000);
        sim.faults = Faults { lose, reorder, ..Faults::default() };
        let (mut events, mut commands) = (0, 0);
        for (appends, asked, millis, visible) in work {
            sim.visible = visible;
            (0..appends).for_each(|_| sim.append("p"));
            events += u64::from(appends);
            for _ in 0..asked {
                commands += 1;
                sim.command(&format!("c{commands}"));
            }
            sim.run(millis);
        }
        // Everything arrives while sockets are still blocked.
        sim.faults = Faults::default();
        sim.visible = true;
        sim.input(Input::Woke(Wake::Focus));
        sim.run(constants::BACKOFF_CAP_VISIBLE_MS + constants::OUTBOX_TTL_MS);
        if !sim.session.state().is_current() {
            // A socket was cut a moment ago: the first poll is in flight.
            sim.run(1_000);
        }
        prop_assert!(sim.session.state().is_current(), "{:?}", sim.session.state());
        sim.run(constants::POLL_MS + constants::CONNECT_TIMEOUT_MS + 1_000);
        prop_assert_eq!(sim.applied["p"].clone(), sim.server.position(&"p".into()));
        for id in 1..=commands {
            prop_assert_eq!(sim.done.get(&format!("c{id}")).map_or(0, Vec::len), 1);
        }
        // Each command takes effect once, whether or not its answer arrived in time.
        let top = sim.server.position(&"p".into()).unwrap().seq;
        prop_assert_eq!(top, events + sim.server.executed.len() as u64);
        let succeeded = sim.done.values().flatten().filter(|result| result.is_ok()).count();
        prop_assert!(succeeded <= sim.server.executed.len());
        if lose == 0.0 {
            prop_assert_eq!(succeeded, commands as usize);
        }

        Block::end(&mut sim);
        // The current socket may still be cut.
        sim.run(2 * (constants::BACKOFF_CAP_VISIBLE_MS + constants::BACKOFF_RESET_AFTER_MS));
        prop_assert_eq!(sim.session.state(), &ConnectionState::Live);
        sim.append("p");
        sim.run(1_000);
        prop_assert_eq!(sim.applied["p"].clone(), sim.server.position(&"p".into()));
    }
}

/// Ways in which sockets are blocked while HTTP works.
#[derive(Clone, Copy, Debug)]
enum Block {
    Refused,
    Mute,
    Cut(i64),
}

impl Block {
    fn begin(self, sim: &mut Sim) {
        match self {
            Self::Refused => sim.server.kind = Kind::Blocked,
            Self::Mute => sim.mute_sockets = true,
            Self::Cut(after) => sim.cut_after = Some(after),
        }
        sim.cut(Some(1006));
    }

    fn end(sim: &mut Sim) {
        sim.server.kind = Kind::V1;
        sim.mute_sockets = false;
        sim.cut_after = None;
    }
}
