//! Tests of the receive rule, event by event.

use super::super::constants::HOLD_MS;
use super::*;
use crate::event::TaskDeleted;
use crate::http::EventPage as Page;
use crate::{Event, Timestamp};

fn at(seq: u64) -> Cursor {
    Cursor::new("e".into(), seq)
}

fn message(seq: u64) -> Message {
    let event = Event::TaskDeleted(TaskDeleted {
        task_id: seq.to_string().as_str().into(),
    });
    let mut message = Message::new(event, Some("p".into()), Timestamp::from_unix_millis(0));
    message.seq = Some(seq);
    message.epoch = Some("e".into());
    message
}

fn answer(epoch: &str, seq: u64) -> Subscribed {
    Subscribed {
        stream: "p".into(),
        epoch: epoch.into(),
        seq,
        recovered: true,
        replay: None,
        reason: None,
    }
}

fn page(last: u64, events: impl IntoIterator<Item = u64>) -> Page {
    Page {
        epoch: "e".into(),
        seq: last,
        events: events.into_iter().map(message).collect(),
        more: false,
    }
}

/// A stream with the outputs that it made.
struct Fixture {
    stream: Stream,
    out: Vec<Output>,
    details: Details,
}

impl Fixture {
    /// Creates a live stream at a position.
    fn live(seq: u64) -> Self {
        let mut fixture = Self::ready(seq);
        assert_eq!(
            fixture.stream.subscribed(answer("e", seq), 0),
            Follow::Nothing
        );
        fixture.stream.live(seq, 0);
        assert!(fixture.stream.is_complete());
        fixture
    }

    /// Creates a stream that waits for a link.
    fn ready(seq: u64) -> Self {
        Self {
            stream: Stream::new(Some(at(seq))),
            out: Vec::new(),
            details: Details::default(),
        }
    }

    fn receive(&mut self, seq: u64, now: i64) -> Follow {
        let message = Box::new(message(seq));
        self.stream
            .receive(seq, message, now, &mut self.out, &mut self.details)
    }

    fn take(&mut self, page: Page) -> Follow {
        self.stream
            .take_page(page, &mut self.out, &mut self.details)
    }

    fn skip_to(&mut self, to: &Cursor) -> bool {
        self.stream.skip_to(to, 0, &mut self.out, &mut self.details)
    }

    fn delivered(&self) -> Vec<u64> {
        let seq = |output: &Output| match output {
            Output::Deliver(message) => message.seq,
            _ => None,
        };
        self.out.iter().filter_map(seq).collect()
    }
}

#[test]
fn a_stream_is_complete_again_only_when_the_whole_gap_is_filled() {
    let mut fixture = Fixture::live(0);
    for seq in [2, 5] {
        fixture.receive(seq, 0);
    }
    assert!(!fixture.stream.is_complete());
    fixture.receive(1, 10);
    assert!(!fixture.stream.is_complete(), "3 and 4 are missing");
    fixture.receive(3, 20);
    fixture.receive(4, 30);
    assert_eq!(fixture.delivered(), [1, 2, 3, 4, 5]);
    assert!(fixture.stream.is_complete());
    assert_eq!(fixture.stream.deadline(), None);
}

#[test]
fn a_replay_that_ends_before_the_position_of_the_server_leaves_a_gap() {
    let mut fixture = Fixture::ready(3);
    fixture.stream.subscribed(answer("e", 5), 0);
    fixture.receive(4, 0);
    fixture.stream.live(5, 0);
    assert!(!fixture.stream.is_complete());
    assert_eq!(fixture.stream.remaining(), 1);
    fixture.receive(5, 1);
    assert!(fixture.stream.is_complete());
}

#[test]
fn an_answer_of_another_epoch_needs_a_snapshot_even_if_it_claims_to_recover() {
    let mut fixture = Fixture::ready(3);
    let follow = fixture.stream.subscribed(answer("other", 3), 0);
    assert_eq!(follow, Follow::Snapshot(SnapshotReason::Epoch));
}

#[test]
fn a_position_of_the_server_behind_ours_is_a_gap_and_one_ahead_is_waited_for() {
    let mut fixture = Fixture::live(5);
    assert_eq!(fixture.stream.notice_top(5, 0), Follow::Nothing);
    assert!(fixture.stream.is_complete());
    assert_eq!(fixture.stream.notice_top(8, 0), Follow::Nothing);
    assert!(!fixture.stream.is_complete());
    assert_eq!(fixture.stream.remaining(), 3);
    assert_eq!(fixture.stream.due(HOLD_MS - 1), Follow::Nothing);
    assert_eq!(fixture.stream.due(HOLD_MS), Follow::Resubscribe);

    let mut fixture = Fixture::live(5);
    assert_eq!(fixture.stream.notice_top(4, 0), Follow::Resubscribe);
}

#[test]
fn a_second_gap_needs_a_snapshot_only_at_the_same_position_within_a_minute() {
    for (now, follow) in [
        (RESYNC_WINDOW_MS - 1, Follow::Snapshot(SnapshotReason::Gap)),
        (RESYNC_WINDOW_MS, Follow::Resubscribe),
    ] {
        let mut fixture = Fixture::live(5);
        assert_eq!(fixture.stream.notice_top(4, 0), Follow::Resubscribe);
        assert_eq!(fixture.stream.notice_top(4, now), follow, "after {now} ms");
    }
    let mut fixture = Fixture::live(5);
    assert_eq!(fixture.stream.notice_top(4, 0), Follow::Resubscribe);
    fixture.receive(6, 1);
    assert_eq!(fixture.stream.notice_top(4, 2), Follow::Resubscribe);
}

#[test]
fn nothing_is_received_while_the_stream_is_not_subscribed() {
    for phase in [Phase::Ready, Phase::Paused { until: 1_000 }, Phase::Refused] {
        let mut fixture = Fixture::live(0);
        fixture.stream.enter(phase);
        assert_eq!(fixture.receive(1, 0), Follow::Nothing);
        assert!(fixture.delivered().is_empty(), "{phase:?}");
    }
}

#[test]
fn a_pause_ends_with_a_subscription_if_there_is_a_position_to_continue_from() {
    let mut fixture = Fixture::live(5);
    fixture.stream.enter(Phase::Paused { until: 1_000 });
    assert!(fixture.stream.is_paused());
    assert_eq!(fixture.stream.due(999), Follow::Nothing);
    assert_eq!(fixture.stream.due(1_000), Follow::Resume);
    fixture.stream.cursor = None;
    let after = Follow::Snapshot(SnapshotReason::AfterPause);
    assert_eq!(fixture.stream.due(1_000), after);
}

#[test]
fn a_snapshot_ahead_of_the_events_is_continued_from_if_it_is_of_the_same_epoch() {
    let mut fixture = Fixture::live(1);
    fixture.receive(4, 0);
    assert!(fixture.skip_to(&at(3)));
    assert_eq!(fixture.delivered(), [4]);
    assert_eq!(fixture.details.messages, 1);
    assert!(fixture.stream.is_complete());
    assert!(fixture.skip_to(&at(4)), "nothing has happened since");

    assert!(!fixture.skip_to(&at(3)), "it is older");
    assert!(!fixture.skip_to(&Cursor::new("other".into(), 9)));
    fixture.stream.enter(Phase::Ready);
    assert!(!fixture.skip_to(&at(9)), "nothing is subscribed");
    assert_eq!(fixture.stream.cursor, Some(at(4)));
}

#[test]
fn a_held_event_that_a_snapshot_contains_takes_no_room() {
    let mut fixture = Fixture::live(0);
    fixture.receive(2, 0);
    assert!(fixture.skip_to(&at(2)));
    let held = u64::try_from(HOLD_EVENTS).unwrap_or(u64::MAX);
    for seq in 4..4 + held {
        assert_eq!(fixture.receive(seq, 0), Follow::Nothing, "event {seq}");
    }
    assert_eq!(fixture.receive(4 + held, 0), Follow::Resubscribe);
}

#[test]
fn a_page_is_applied_without_the_events_that_are_known() {
    let mut fixture = Fixture::ready(3);
    assert_eq!(fixture.take(page(6, 2..=6)), Follow::Nothing);
    assert_eq!(fixture.delivered(), [4, 5, 6]);
    assert_eq!(fixture.details.duplicates, 2);
    assert_eq!(fixture.stream.polled_after(), Some(&at(6)));
    assert!(fixture.stream.is_polled());
}

#[test]
fn a_page_with_a_gap_or_an_event_without_a_position_needs_a_snapshot() {
    let gap = Follow::Snapshot(SnapshotReason::Gap);
    let mut fixture = Fixture::ready(3);
    assert_eq!(fixture.take(page(6, [4, 6])), gap);
    assert_eq!(fixture.delivered(), [4]);

    let mut fixture = Fixture::ready(3);
    let mut unnumbered = page(4, [4]);
    unnumbered.events[0].seq = None;
    assert_eq!(fixture.take(unnumbered), gap);
    assert!(fixture.delivered().is_empty());
}

#[test]
fn a_page_of_a_log_that_is_shorter_or_of_another_epoch_needs_a_snapshot() {
    let mut fixture = Fixture::ready(3);
    let future = SnapshotReason::NotRecovered(reason::FUTURE.into());
    assert_eq!(fixture.take(page(2, [])), Follow::Snapshot(future));
    let other = Page {
        epoch: "other".into(),
        ..page(9, [])
    };
    let epoch = Follow::Snapshot(SnapshotReason::Epoch);
    assert_eq!(fixture.take(other), epoch);
}

#[test]
fn a_stream_is_not_polled_before_its_snapshot() {
    let mut fixture = Fixture::ready(3);
    fixture.stream.enter(Phase::Refused);
    assert!(fixture.stream.is_polled(), "there is nothing to poll");
    fixture.stream.cursor = None;
    fixture.stream.enter(Phase::Ready);
    assert!(!fixture.stream.is_polled());
}
