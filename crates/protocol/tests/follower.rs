//! A follower whose fetches, messages and sessions come in any order keeps its copy equal to the
//! server's data.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails where it goes wrong"
)]

use proptest::prelude::*;
use tasktree_protocol::event::Notice;
use tasktree_protocol::follower::{Config, Follower, Input, Output};
use tasktree_protocol::{Cursor, Epoch, Event, Message, ProjectId, StreamId, Timestamp};

const PROJECT: &str = "p";

fn stream() -> StreamId {
    StreamId::project(&ProjectId::from(PROJECT))
}

fn message(epoch: u64, seq: u64) -> Box<Message> {
    let notice = Notice {
        message: String::new(),
    };
    let mut message = Message::new(
        Event::ProjectReset(notice),
        Some(PROJECT.into()),
        Timestamp::from_unix_millis(0),
    );
    message.epoch = Some(epoch_of(epoch));
    message.seq = Some(seq);
    Box::new(message)
}

fn epoch_of(number: u64) -> Epoch {
    Epoch::from(format!("e{number}"))
}

/// Position `seq` of an epoch: the copy has the events up to it.
type Position = (u64, u64);

/// A server with one stream, a session that follows it, and the follower with its copy.
struct World {
    follower: Follower,
    is_whole: bool,
    server: Position,
    copy: Option<Position>,
    /// Position of the data that a person sees.
    shown: Option<Position>,
    /// True while the copy is a snapshot that is not shown yet.
    is_replacing: bool,
    /// Position up to which the session has delivered. `None` while it waits for a snapshot.
    session: Option<Position>,
    /// Snapshot of the running fetch, once the server has taken it.
    taken: Option<Position>,
    is_fetching: bool,
    timer: Option<i64>,
    now_ms: i64,
}

#[derive(Clone, Debug)]
enum Step {
    /// Something happens at the server.
    Event,
    /// The stream begins again under another epoch.
    Reset,
    /// The session delivers the next message.
    Deliver,
    /// A message is lost, where the follower detects it.
    Lose,
    /// The server takes the snapshot for the running fetch.
    Take,
    /// The answer of the fetch arrives.
    Answer,
    /// The fetch fails.
    Fail {
        is_temporary: bool,
    },
    Stale,
    FetchNow,
    /// The page or its network is back.
    Wake,
    /// Time passes.
    Wait(i64),
}

impl World {
    fn new(is_whole: bool) -> Self {
        let config = Config {
            is_whole,
            ..Config::default()
        };
        let mut world = Self {
            follower: Follower::new(stream(), config),
            is_whole,
            server: (0, 0),
            copy: None,
            shown: None,
            is_replacing: false,
            session: None,
            taken: None,
            is_fetching: false,
            timer: None,
            now_ms: 1_000_000,
        };
        world.handle(Input::SnapshotWanted { first: true });
        world
    }

    fn handle(&mut self, input: Input<Position>) {
        for output in self.follower.handle(self.now_ms, input) {
            match output {
                Output::Fetch => {
                    assert!(!self.is_fetching, "one fetch at a time");
                    self.is_fetching = true;
                    self.taken = None;
                }
                Output::Replace { snapshot, cursor } => {
                    assert_eq!(cursor, Some(Cursor::new(epoch_of(snapshot.0), snapshot.1)));
                    self.copy = Some(snapshot);
                    self.is_replacing = true;
                }
                Output::Apply { message, is_new } => {
                    assert_eq!(is_new, !self.is_replacing);
                    self.apply(&message);
                }
                Output::Show => {
                    self.is_replacing = false;
                    self.show();
                }
                Output::Acknowledge(cursor) => {
                    let copy = self.copy.unwrap();
                    assert_eq!(cursor.unwrap().epoch, epoch_of(copy.0));
                    // The server refuses to continue a former epoch: another snapshot is needed.
                    self.session = Some(copy).filter(|copy| copy.0 == self.server.0);
                    if self.session.is_none() {
                        self.handle(Input::SnapshotWanted { first: false });
                    }
                }
                Output::SetTimer(delay) => self.timer = delay.map(|delay| self.now_ms + delay),
            }
        }
    }

    /// Applies a message, which must be the next one.
    fn apply(&mut self, message: &Message) {
        let Some((epoch, seq)) = self.copy else {
            // Before the first snapshot there is no order yet.
            return;
        };
        assert_eq!(message.epoch, Some(epoch_of(epoch)), "of another epoch");
        assert_eq!(message.seq, Some(seq + 1), "a gap or a repetition");
        self.copy = Some((epoch, seq + 1));
        if !self.is_replacing {
            self.show();
        }
    }

    fn show(&mut self) {
        assert!(self.copy >= self.shown, "the shown data went back");
        self.shown = self.copy;
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Event => self.server.1 += 1,
            Step::Reset => {
                self.server = (self.server.0 + 1, 0);
                self.session = None;
                self.handle(Input::SnapshotWanted { first: false });
            }
            Step::Deliver => {
                if let Some(next) = self.next() {
                    self.handle(Input::Message(message(next.0, next.1)));
                }
            }
            Step::Lose if self.is_whole => drop(self.next()),
            Step::Take if self.is_fetching => self.taken = Some(self.taken.unwrap_or(self.server)),
            Step::Answer => {
                if let Some(snapshot) = self.taken.take() {
                    self.is_fetching = false;
                    let cursor = Some(Cursor::new(epoch_of(snapshot.0), snapshot.1));
                    self.handle(Input::Answered { snapshot, cursor });
                }
            }
            Step::Fail { is_temporary } if self.is_fetching => {
                self.is_fetching = false;
                self.taken = None;
                self.handle(Input::Failed {
                    is_temporary: *is_temporary,
                });
            }
            Step::Lose | Step::Take | Step::Fail { .. } => {}
            Step::Stale => self.handle(Input::Stale),
            Step::FetchNow => self.handle(Input::FetchNow),
            Step::Wake => self.handle(Input::Woke),
            Step::Wait(millis) => {
                self.now_ms += millis;
                if self.timer.is_some_and(|at| at <= self.now_ms) {
                    self.timer = None;
                    self.handle(Input::Tick);
                }
            }
        }
    }

    /// Returns the position of the message that the session delivers next.
    fn next(&mut self) -> Option<Position> {
        let (epoch, seq) = self.session.filter(|at| at.1 < self.server.1)?;
        self.session = Some((epoch, seq + 1));
        self.session
    }

    /// Lets everything that is under way come to its end.
    fn settle(&mut self) {
        // A permanent failure is not retried by itself: a person does, or the next message.
        self.step(&Step::FetchNow);
        self.step(&Step::Event);
        for _ in 0..100 {
            for step in [Step::Take, Step::Answer, Step::Deliver, Step::Wait(40_000)] {
                self.step(&step);
            }
        }
        assert!(!self.is_fetching && self.timer.is_none(), "at rest");
        assert_eq!(self.copy, Some(self.server));
        assert_eq!(self.shown, Some(self.server));
        assert_eq!(self.session, Some(self.server));
    }
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => Just(Step::Event),
        1 => Just(Step::Reset),
        8 => Just(Step::Deliver),
        1 => Just(Step::Lose),
        4 => Just(Step::Take),
        4 => Just(Step::Answer),
        2 => any::<bool>().prop_map(|is_temporary| Step::Fail { is_temporary }),
        1 => Just(Step::Stale),
        1 => Just(Step::FetchNow),
        1 => Just(Step::Wake),
        4 => (0..2_000_i64).prop_map(Step::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_copy_becomes_the_servers_data(
        is_whole: bool,
        steps in prop::collection::vec(step(), 0..80),
    ) {
        let mut world = World::new(is_whole);
        for step in &steps {
            world.step(step);
        }
        world.settle();
    }
}

/// Follower whose first snapshot, of the position `seq`, is applied.
fn loaded(config: Config, cursor: Option<Cursor>) -> Follower {
    let mut follower = Follower::new(stream(), config);
    assert_eq!(follower.handle::<()>(0, Input::FetchNow), [Output::Fetch]);
    let outputs = follower.handle(0, answered(cursor.clone()));
    assert_eq!(
        outputs,
        [
            replaced(cursor.clone()),
            Output::Show,
            Output::Acknowledge(cursor)
        ]
    );
    assert!(!follower.is_fetching());
    follower
}

fn at(seq: u64) -> Option<Cursor> {
    Some(Cursor::new(epoch_of(0), seq))
}

fn answered(cursor: Option<Cursor>) -> Input<()> {
    Input::Answered {
        snapshot: (),
        cursor,
    }
}

fn replaced(cursor: Option<Cursor>) -> Output<()> {
    Output::Replace {
        snapshot: (),
        cursor,
    }
}

fn applied(seq: u64, is_new: bool) -> Output<()> {
    Output::Apply {
        message: message(0, seq),
        is_new,
    }
}

#[test]
fn requests_for_a_fetch_soon_are_collected_for_a_bounded_time() {
    let mut follower = loaded(Config::default(), at(0));
    let mut asked = |now_ms| follower.handle::<()>(now_ms, Input::Stale);
    assert_eq!(asked(1_000), [Output::SetTimer(Some(100))]);
    assert_eq!(asked(1_090), [Output::SetTimer(Some(100))]);
    assert_eq!(asked(1_250), [Output::SetTimer(Some(50))]);
    assert_eq!(asked(1_400), [Output::SetTimer(Some(0))]);
    // The clock was set back.
    assert_eq!(asked(500), [Output::SetTimer(Some(100))]);
    let fetched = follower.handle::<()>(600, Input::Tick);
    assert_eq!(fetched, [Output::SetTimer(None), Output::Fetch]);
    assert!(follower.is_fetching());
    assert_eq!(follower.handle::<()>(600, Input::Tick), []);
}

#[test]
fn failures_are_retried_after_longer_and_longer_delays() {
    let mut follower = Follower::new(stream(), Config::default());
    let mut delays = Vec::new();
    for _ in 0..7 {
        follower.handle::<()>(0, Input::FetchNow);
        let is_temporary = true;
        let outputs = follower.handle::<()>(0, Input::Failed { is_temporary });
        let [Output::SetTimer(Some(delay))] = outputs[..] else {
            panic!("{outputs:?}");
        };
        delays.push(delay);
    }
    assert_eq!(delays, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    follower.handle::<()>(0, Input::FetchNow);
    let is_temporary = false;
    assert_eq!(
        follower.handle::<()>(0, Input::Failed { is_temporary }),
        [],
        "a permanent failure is not retried"
    );
    follower.handle::<()>(0, Input::FetchNow);
    follower.handle(0, answered(at(1)));
    follower.handle::<()>(0, Input::FetchNow);
    let is_temporary = true;
    assert_eq!(
        follower.handle::<()>(0, Input::Failed { is_temporary }),
        [Output::SetTimer(Some(1_000))],
        "an answer ends the row of failures"
    );
}

#[test]
fn a_retry_that_waits_starts_when_the_page_or_the_network_is_back() {
    let mut follower = loaded(Config::default(), at(0));
    assert_eq!(follower.handle::<()>(0, Input::Woke), [], "nothing waits");
    follower.handle::<()>(0, Input::FetchNow);
    assert_eq!(follower.handle::<()>(0, Input::Woke), [], "it runs already");
    let is_temporary = true;
    assert_eq!(
        follower.handle::<()>(0, Input::Failed { is_temporary }),
        [Output::SetTimer(Some(100))],
        "the fetch may have begun before the network was back"
    );
    follower.handle::<()>(0, Input::Tick);
    let outputs = follower.handle::<()>(0, Input::Failed { is_temporary });
    assert_eq!(outputs, [Output::SetTimer(Some(2_000))]);
    let woken = follower.handle::<()>(0, Input::Woke);
    assert_eq!(woken, [Output::SetTimer(None), Output::Fetch]);
}

#[test]
fn a_message_of_another_epoch_is_not_applied_and_causes_a_fetch() {
    let mut follower = loaded(Config::default(), at(3));
    let other = Input::Message::<()>(message(1, 1));
    assert_eq!(follower.handle(0, other), [Output::SetTimer(Some(100))]);
    follower.handle::<()>(0, Input::Tick);
    let later = Input::Message::<()>(message(1, 2));
    assert_eq!(follower.handle(0, later), []);
    let cursor = Some(Cursor::new(epoch_of(1), 1));
    let outputs = follower.handle(0, answered(cursor.clone()));
    let again = Output::Apply {
        message: message(1, 2),
        is_new: false,
    };
    assert_eq!(outputs, [replaced(cursor), again, Output::Show]);
}

#[test]
fn messages_of_a_fetch_are_applied_again_where_its_answer_lacks_them() {
    let mut follower = loaded(Config::default(), at(1));
    follower.handle::<()>(0, Input::FetchNow);
    for seq in [2, 3] {
        let input = Input::Message(message(0, seq));
        assert_eq!(follower.handle(0, input), [applied(seq, true)]);
    }
    let outputs = follower.handle(0, answered(at(2)));
    assert_eq!(outputs, [replaced(at(2)), applied(3, false), Output::Show]);
    let old = Input::Message::<()>(message(0, 2));
    assert_eq!(follower.handle(0, old), []);
}

#[test]
fn more_messages_than_are_stored_cause_another_fetch() {
    let stored = 1;
    let mut follower = loaded(
        Config {
            stored,
            ..Config::default()
        },
        at(1),
    );
    follower.handle::<()>(0, Input::FetchNow);
    for seq in [2, 3] {
        follower.handle(0, Input::Message::<()>(message(0, seq)));
    }
    let outputs = follower.handle(0, answered(at(1)));
    let again = Output::SetTimer(Some(100));
    assert_eq!(
        outputs,
        [replaced(at(1)), applied(2, false), Output::Show, again]
    );
}

#[test]
fn a_snapshot_without_a_position_counts_if_its_fetch_began_after_the_request() {
    let mut follower = loaded(Config::default(), None);
    follower.handle::<()>(0, Input::FetchNow);
    let late = Input::SnapshotWanted::<()> { first: false };
    assert_eq!(follower.handle(0, late), []);
    let again = Output::SetTimer(Some(100));
    assert_eq!(
        follower.handle(0, answered(None)),
        [replaced(None), Output::Show, again],
        "it may lack what the session misses"
    );
    follower.handle::<()>(0, Input::Tick);
    assert_eq!(
        follower.handle(0, answered(None)),
        [replaced(None), Output::Show, Output::Acknowledge(None)]
    );
}

#[test]
fn the_first_request_of_a_session_is_answered_by_the_fetch_that_runs() {
    let mut follower = Follower::new(stream(), Config::default());
    follower.handle::<()>(0, Input::FetchNow);
    let first = Input::SnapshotWanted::<()> { first: true };
    assert_eq!(follower.handle(0, first), []);
    assert_eq!(
        follower.handle(0, answered(None)),
        [replaced(None), Output::Show, Output::Acknowledge(None)]
    );
}

#[test]
fn messages_of_other_streams_and_without_a_position_are_applied_as_they_come() {
    let is_whole = true;
    let mut follower = loaded(
        Config {
            is_whole,
            ..Config::default()
        },
        at(5),
    );
    let mut other = message(7, 1);
    other.stream = Some(StreamId::system());
    let mut unnumbered = message(0, 0);
    unnumbered.seq = None;
    for message in [other, unnumbered] {
        let outputs = follower.handle(0, Input::Message::<()>(message.clone()));
        let is_new = true;
        assert_eq!(outputs, [Output::Apply { message, is_new }]);
    }
    let next = Input::Message(message(0, 6));
    assert_eq!(follower.handle(0, next), [applied(6, true)]);
}
