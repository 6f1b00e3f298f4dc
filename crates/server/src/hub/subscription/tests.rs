//! Tests of a cursor against a stream that publishes, resets and trims as the store would.

use proptest::prelude::*;
use tasktree_protocol::Epoch;

use super::*;
use crate::service::{Ephemeral, Subject};
use crate::store::{LogPage, LoggedEvent};

#[derive(Clone, Debug)]
enum Step {
    Publish(u64),
    Pull(usize),
    Reset,
    Ephemeral,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1_u64..700).prop_map(Step::Publish),
        8 => (1_usize..40).prop_map(Step::Pull),
        1 => Just(Step::Reset),
        1 => Just(Step::Ephemeral),
    ]
}

fn log_line() -> Ephemeral {
    Ephemeral {
        frame: Bytes::from_static(b"log"),
        subject: Subject::new("log", ""),
        adds: true,
    }
}

/// Stream with its whole log, as the store would have it.
struct World {
    stream: Arc<Stream>,
    epoch: Epoch,
    top: u64,
}

impl World {
    fn event(&self, seq: u64) -> LoggedEvent {
        LoggedEvent {
            stream: self.stream.id().clone(),
            seq,
            epoch: self.epoch.clone(),
            kind: "x".into(),
            v1: format!("{} {seq}", self.epoch).into(),
            legacy: None,
        }
    }

    fn publish(&mut self, count: u64) {
        for _ in 0..count {
            self.top += 1;
            let event = self.event(self.top);
            self.stream.push(&self.epoch, Encoded::from(&event));
        }
    }

    fn reset(&mut self, generation: u64) {
        self.epoch = Epoch::from(format!("life-{generation}"));
        self.top = 0;
        self.stream.restart(&Cursor::new(self.epoch.clone(), 0));
    }

    fn page(&self, after: u64) -> Page {
        let events = (after + 1..=self.top.min(after + 500))
            .map(|seq| self.event(seq))
            .collect();
        let epoch = self.epoch.clone();
        Page::of(LogPage {
            epoch,
            top: self.top,
            first_available: 1,
            events,
        })
    }
}

proptest! {
    #[test]
    fn whatever_happens_a_cursor_pulls_each_event_of_a_life_once_and_in_order(
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let stream = Arc::new(Stream::new(StreamId::from("p")));
        let mut world = World { stream: Arc::clone(&stream), epoch: Epoch::from("life-0"), top: 0 };
        let start = Cursor::new(world.epoch.clone(), 0);
        let mut subscription = Subscription::new(stream);
        world.stream.learn(&start);
        subscription.start(start.clone(), None);
        let mut expected = start;
        let (mut told, mut heard, mut lives) = (0, 0, 0);
        let mut steps: std::collections::VecDeque<_> = steps.into();
        loop {
            // In the end it must catch up.
            let (limit, last) = match steps.pop_front() {
                Some(Step::Publish(count)) => { world.publish(count); continue; }
                Some(Step::Reset) => { lives += 1; world.reset(lives); continue; }
                Some(Step::Ephemeral) => {
                    told += 1;
                    world.stream.push_ephemeral(log_line());
                    continue;
                }
                Some(Step::Pull(limit)) => (limit, false),
                None => (16, true),
            };
            match subscription.pull(limit, 1 << 10) {
                PullOutcome::Events(events) => {
                    prop_assert!(!events.is_empty() && events.len() <= limit);
                    for event in events {
                        expected.seq += 1;
                        prop_assert_eq!(event.v1, format!("{} {}", expected.epoch, expected.seq));
                    }
                }
                PullOutcome::Behind => {
                    let (_, _, after) = subscription.page_needed();
                    prop_assert!(subscription.turn_to(world.page(after)).is_none());
                }
                PullOutcome::Resync(position, why) => {
                    prop_assert_eq!(why, reason::EPOCH);
                    expected = position;
                }
                PullOutcome::Ephemeral(_) => heard += 1,
                PullOutcome::Nothing if last => break,
                PullOutcome::Nothing => {}
                other => prop_assert!(false, "{other:?}"),
            }
        }
        prop_assert_eq!(expected, Cursor::new(world.epoch.clone(), world.top));
        prop_assert_eq!(heard, told);
    }
}
