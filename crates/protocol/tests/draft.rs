//! Whatever happens to a field and in whatever order, no typed text is lost in silence or sent
//! twice, and no value is overwritten that the person has not seen.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails where it goes wrong"
)]

use std::collections::VecDeque;

use proptest::prelude::*;
use tasktree_protocol::draft::{
    Answer, Change, Draft, Fault, Input, Loss, Note, Output, Rules, Version,
};
use tasktree_protocol::{Maybe, TaskPatch, Timestamp};

const EMPTY: &str = "a title is missing";

/// Rules of a title: spaces at its ends do not count, and it may not be empty.
const RULES: Rules<&str> = Rules {
    patch: |text| TaskPatch {
        title: Maybe::Value(text.trim().to_owned()),
        ..TaskPatch::default()
    },
    fault: |text| text.trim().is_empty().then_some(EMPTY),
};

/// Texts that are typed. Few, so that the same ones meet often.
const TYPED: [&str; 6] = ["mine", "mine ", "other", "theirs", "old", " "];

fn is_same(one: &str, other: &str) -> bool {
    RULES.is_same(one, other)
}

fn contains<'a>(texts: impl IntoIterator<Item = &'a String>, text: &str) -> bool {
    texts.into_iter().any(|other| is_same(other, text))
}

#[derive(Clone, Debug)]
enum Step {
    Type(&'static str),
    Commit,
    KeepMine,
    Discard,
    Leave,
    /// Somebody else changes the field.
    Change(&'static str),
    /// Somebody else changes another field of the task.
    Touch,
    /// Another task gets the number.
    Replace,
    /// The server decides about the next change.
    Execute(Decision),
    /// The next answer arrives.
    Answer,
    /// The server reads the task for a fetch that runs.
    Fetch,
    /// The fetch is answered.
    Read,
}

#[derive(Clone, Copy, Debug)]
enum Decision {
    Apply,
    Refuse,
    /// The person is asked, and declines.
    Decline,
}

/// A person at a field, and a server with its value.
struct World {
    draft: Draft<&'static str>,
    has_revs: bool,
    server: Version,
    /// Values of the server, from the first one.
    values: Vec<String>,
    /// Number of the values before the one that was read last.
    values_read: usize,
    /// The same when the text `owed` was typed.
    values_before: usize,
    /// The same for the text that was sent last.
    sent_before: usize,
    /// Changes that the server has not executed.
    sent: VecDeque<Change>,
    /// Changes whose answers have not arrived.
    executed: VecDeque<(Change, Answer)>,
    /// Version that a fetch has, with the number of the values before it.
    fetched: Option<(Version, usize)>,
    /// Text that the person has typed and not discarded.
    owed: Option<String>,
    lost: Vec<String>,
    /// Texts that the person has seen as values of the field, and those that they have typed.
    seen: Vec<String>,
    stored: usize,
    replaced: usize,
    is_left: bool,
}

impl World {
    fn new(has_revs: bool) -> Self {
        let server = Version {
            text: "old".to_owned(),
            rev: has_revs.then_some(1),
            created_at: Some(Timestamp::from_unix_millis(0)),
        };
        Self {
            draft: Draft::new(RULES, server.clone()),
            has_revs,
            values: vec![server.text.clone()],
            server,
            values_read: 0,
            values_before: 0,
            sent_before: 0,
            sent: VecDeque::new(),
            executed: VecDeque::new(),
            fetched: None,
            owed: None,
            lost: Vec::new(),
            seen: vec!["old".to_owned()],
            stored: 0,
            replaced: 0,
            is_left: false,
        }
    }

    fn input(&mut self, input: Input) {
        match self.draft.handle(input) {
            Some(Output::Send(change)) => self.send(change),
            Some(Output::Lost { text, .. }) => {
                assert!(self.is_left, "a text is lost only with its field");
                self.lost.push(text);
            }
            None => {}
        }
    }

    fn send(&mut self, change: Change) {
        let is_repeated = self
            .unanswered()
            .any(|other| is_same(&other.text, &change.text));
        assert!(!is_repeated, "sent twice: {change:?}");
        let is_first = self.unanswered().next().is_none();
        assert_eq!(is_first, change.earlier.is_none(), "one after the other");
        assert!(is_first || self.is_left);
        assert!(
            !is_first || !is_same(&change.text, &change.base.text),
            "it changes nothing"
        );
        assert!(
            contains(&self.seen, &change.base.text),
            "over a value that was not seen: {change:?}"
        );
        assert_eq!((RULES.fault)(&change.text), None);
        self.sent_before = self.values_before;
        self.sent.push_back(change);
    }

    fn unanswered(&self) -> impl Iterator<Item = &Change> {
        let executed = self.executed.iter().map(|(change, _)| change);
        executed.chain(&self.sent)
    }

    fn set(&mut self, text: &str) {
        self.server.text = text.trim().to_owned();
        self.server.rev = self.server.rev.map(|rev| rev + 1);
        self.values.push(self.server.text.clone());
    }

    fn execute(&mut self, decision: Decision) {
        let Some(change) = self.sent.pop_front() else {
            return;
        };
        let is_based = !self.has_revs || change.base.rev == self.server.rev;
        let answer = match decision {
            _ if change.base.created_at != self.server.created_at => {
                Answer::Refused("another task".to_owned())
            }
            Decision::Refuse => Answer::Refused("no".to_owned()),
            Decision::Decline => Answer::Declined,
            Decision::Apply if is_based || RULES.may_replace(&change, &self.server.text) => {
                assert!(
                    !self.has_revs || contains(&self.seen, &self.server.text),
                    "overwritten unseen: {change:?} over {:?}",
                    self.server
                );
                self.set(&change.text);
                self.stored += 1;
                Answer::Stored {
                    rev: self.server.rev,
                }
            }
            Decision::Apply => Answer::Conflict(self.server.clone()),
        };
        self.executed.push_back((change, answer));
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Type(text) if !self.is_left => {
                self.input(Input::Typed((*text).to_owned()));
                self.seen.push((*text).to_owned());
                let is_change = self.draft.is_written() || self.unanswered().next().is_some();
                self.owed = is_change.then(|| (*text).to_owned());
                // The same text as on its way is not another one.
                let is_sent = self.unanswered().any(|it| is_same(&it.text, text));
                self.values_before = if is_sent {
                    self.sent_before
                } else {
                    self.values_read
                };
            }
            Step::Commit => self.input(Input::Commit),
            Step::KeepMine => self.input(Input::KeepMine),
            Step::Discard if !self.is_left => {
                self.owed = self.unanswered().last().map(|change| change.text.clone());
                self.values_before = self.sent_before;
                self.input(Input::Discard);
            }
            Step::Leave => {
                self.is_left = true;
                self.input(Input::Left);
            }
            Step::Change(text) => self.set(text),
            Step::Touch => self.server.rev = self.server.rev.map(|rev| rev + 1),
            Step::Replace => {
                self.replaced += 1;
                let at = i64::try_from(self.replaced).unwrap() * 60_000;
                self.server.created_at = Some(Timestamp::from_unix_millis(at));
                self.server.rev = self.server.rev.map(|_| 1);
            }
            Step::Execute(decision) => self.execute(*decision),
            Step::Answer => {
                if let Some((change, answer)) = self.executed.pop_front() {
                    let is_declined = matches!(answer, Answer::Declined);
                    let is_refused = matches!(answer, Answer::Refused(_)) || is_declined;
                    // A text that was typed back to the value before the change changes nothing,
                    // and is of no use for another task.
                    let is_refused = is_refused || self.replaced > 0;
                    if (is_declined && contains(&self.owed, &change.text))
                        || (is_refused && contains(&self.owed, &change.base.text))
                    {
                        self.owed = None;
                    }
                    let id = change.id;
                    self.input(Input::Answered { id, answer });
                }
            }
            Step::Fetch => self.fetched = Some((self.server.clone(), self.values.len() - 1)),
            Step::Read => {
                if let Some((version, before)) = self.fetched.take() {
                    self.values_read = before;
                    self.input(Input::Read(version));
                }
            }
            Step::Type(_) | Step::Discard => {}
        }
        self.look();
    }

    /// Checks what the person sees.
    fn look(&mut self) {
        let (text, note) = (self.draft.text().to_owned(), self.draft.note());
        if let Some(owed) = &self.owed {
            let is_known = (!self.is_left && is_same(&text, owed))
                || self.unanswered().any(|change| is_same(&change.text, owed))
                || contains(&self.values[self.values_before..], owed)
                || contains(&self.lost, owed);
            assert!(is_known, "lost: {owed:?}, shown: {text:?}, {note:?}");
        }
        if self.is_left {
            return;
        }
        let is_sending = self.unanswered().next().is_some();
        assert_eq!(note == Note::Saving, is_sending);
        match note {
            Note::Saved => assert!(self.stored > 0 && contains(&self.values, &text)),
            Note::Conflict(theirs) => {
                assert!(contains(&self.values, &theirs));
                self.seen.push(theirs);
            }
            Note::Faulty(Fault::Text(fault)) => assert_eq!((RULES.fault)(&text), Some(fault)),
            Note::Faulty(Fault::AnotherTask) => assert!(self.replaced > 0),
            Note::Nothing | Note::Saving | Note::Refused(_) => {}
        }
        if !self.draft.is_unsent() && !self.draft.can_discard() {
            assert!(contains(&self.values, &text), "no value of the server");
        }
        self.seen.push(text);
    }

    /// Lets everything that is under way come to its end.
    fn settle(&mut self) {
        for _ in 0..6 {
            let decision = Decision::Apply;
            for step in [
                Step::Execute(decision),
                Step::Answer,
                Step::Fetch,
                Step::Read,
            ] {
                self.step(&step);
            }
        }
    }

    /// Ends as a person does who wants the typed text stored.
    fn finish(&mut self) {
        for step in [Step::Commit, Step::KeepMine] {
            self.settle();
            self.step(&step);
        }
        self.settle();
        assert_eq!(self.unanswered().next(), None);
        if !self.is_left && !matches!(self.draft.note(), Note::Faulty(_)) {
            assert_eq!(self.draft.text(), self.server.text);
            assert!(!self.draft.can_discard(), "{:?}", self.draft.note());
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    let text = || prop::sample::select(&TYPED[..]);
    prop_oneof![
        8 => text().prop_map(Step::Type),
        6 => Just(Step::Commit),
        2 => Just(Step::KeepMine),
        1 => Just(Step::Discard),
        1 => Just(Step::Leave),
        3 => prop::sample::select(&TYPED[..5]).prop_map(Step::Change),
        1 => Just(Step::Touch),
        1 => Just(Step::Replace),
        6 => prop_oneof![
            6 => Just(Decision::Apply),
            1 => Just(Decision::Refuse),
            1 => Just(Decision::Decline),
        ].prop_map(Step::Execute),
        6 => Just(Step::Answer),
        5 => Just(Step::Fetch),
        5 => Just(Step::Read),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn nothing_typed_is_lost_or_sent_twice_and_nothing_unseen_is_overwritten(
        has_revs in prop::bool::weighted(0.8),
        steps in prop::collection::vec(step(), 0..60),
    ) {
        let mut world = World::new(has_revs);
        for step in &steps {
            world.step(step);
        }
        world.finish();
    }
}

fn version(text: &str, rev: u64) -> Version {
    Version {
        text: text.to_owned(),
        rev: Some(rev),
        created_at: None,
    }
}

/// Draft over the value "old" of version 4, with that text typed.
fn typed(text: &str) -> Draft<&'static str> {
    let mut draft = Draft::new(RULES, version("old", 4));
    draft.handle(Input::Typed(text.to_owned()));
    draft
}

fn sent(draft: &mut Draft<&'static str>, input: Input) -> Change {
    match draft.handle(input) {
        Some(Output::Send(change)) => change,
        other => panic!("nothing is sent: {other:?}"),
    }
}

fn answer(
    draft: &mut Draft<&'static str>,
    id: u64,
    answer: Answer,
) -> Option<Output<&'static str>> {
    draft.handle(Input::Answered { id, answer })
}

#[test]
fn a_stored_text_is_shown_until_the_task_with_it_was_read() {
    let mut draft = typed("mine");
    let change = sent(&mut draft, Input::Commit);
    assert_eq!(
        (change.base, draft.note()),
        (version("old", 4), Note::Saving)
    );
    answer(&mut draft, change.id, Answer::Stored { rev: Some(6) });
    assert_eq!((draft.text(), draft.note()), ("mine", Note::Saved));
    draft.handle(Input::Read(version("old", 5)));
    assert_eq!((draft.text(), draft.note()), ("mine", Note::Saved));
    // Somebody has restored the old value since.
    draft.handle(Input::Read(version("old", 7)));
    assert_eq!((draft.text(), draft.note()), ("old", Note::Saved));
}

#[test]
fn a_newer_value_is_shown_and_nothing_is_sent_before_the_choice() {
    let mut draft = typed("mine");
    draft.handle(Input::Read(version("theirs", 5)));
    assert_eq!(draft.note(), Note::Conflict("theirs".to_owned()));
    assert_eq!(draft.handle(Input::Commit), None);
    draft.handle(Input::Typed("mine!".to_owned()));
    assert_eq!(draft.note(), Note::Conflict("theirs".to_owned()));
    let change = sent(&mut draft, Input::KeepMine);
    assert_eq!(
        (change.text.as_str(), change.base),
        ("mine!", version("theirs", 5))
    );
}

#[test]
fn the_value_of_a_conflict_is_shown_when_it_is_taken_though_it_was_not_read_yet() {
    let mut draft = typed("mine");
    let change = sent(&mut draft, Input::Commit);
    answer(
        &mut draft,
        change.id,
        Answer::Conflict(version("theirs", 5)),
    );
    draft.handle(Input::Discard);
    assert_eq!((draft.text(), draft.note()), ("theirs", Note::Nothing));
}

#[test]
fn a_change_of_another_field_leaves_spaces_that_are_being_typed() {
    let mut draft = typed("old ");
    draft.handle(Input::Read(version("old", 5)));
    assert_eq!(draft.text(), "old ");
    draft.handle(Input::Typed("old one".to_owned()));
    assert_eq!(sent(&mut draft, Input::Commit).base, version("old", 5));
}

#[test]
fn what_is_typed_while_a_text_is_on_its_way_follows_it_when_it_is_finished() {
    let mut draft = typed("a");
    let first = sent(&mut draft, Input::Commit);
    draft.handle(Input::Typed("ab".to_owned()));
    assert_eq!(draft.handle(Input::Commit), None);
    let stored = Answer::Stored { rev: Some(5) };
    let Some(Output::Send(second)) = answer(&mut draft, first.id, stored) else {
        panic!("nothing follows");
    };
    assert_eq!((second.text.as_str(), second.base), ("ab", version("a", 5)));
}

#[test]
fn a_text_on_its_way_cannot_be_discarded_and_comes_back_if_it_is_refused() {
    let mut draft = typed("mine");
    let change = sent(&mut draft, Input::Commit);
    assert!(!draft.is_written() && !draft.can_discard());
    draft.handle(Input::Typed("mine, and more".to_owned()));
    assert!(draft.is_written() && draft.can_discard());
    draft.handle(Input::Discard);
    assert_eq!((draft.text(), draft.note()), ("mine", Note::Saving));
    answer(&mut draft, change.id, Answer::Refused("no".to_owned()));
    assert_eq!(
        (draft.text(), draft.note()),
        ("mine", Note::Refused("no".to_owned()))
    );
    draft.handle(Input::Typed("min".to_owned()));
    assert_eq!(
        draft.note(),
        Note::Nothing,
        "the reason was that of another text"
    );
}

#[test]
fn a_field_that_is_left_sends_its_text_once_and_reports_its_loss() {
    let mut draft = typed("mine");
    let change = sent(&mut draft, Input::Commit);
    assert_eq!(draft.handle(Input::Left), None, "it is on its way");
    let lost = answer(&mut draft, change.id, Answer::Refused("no".to_owned()));
    let (text, reason) = ("mine".to_owned(), Loss::Refused("no".to_owned()));
    assert_eq!(lost, Some(Output::Lost { text, reason }));

    let mut draft = typed("mine");
    let change = sent(&mut draft, Input::Left);
    let theirs = Answer::Conflict(version("theirs", 5));
    let (text, reason) = ("mine".to_owned(), Loss::Overtaken);
    assert_eq!(
        answer(&mut draft, change.id, theirs),
        Some(Output::Lost { text, reason })
    );

    let mut draft = typed("mine");
    sent(&mut draft, Input::Commit);
    draft.handle(Input::Typed("old".to_owned()));
    let back = sent(&mut draft, Input::Left);
    assert_eq!(back.earlier.as_deref(), Some("mine"));
    assert!(RULES.may_replace(&back, "mine") && !RULES.may_replace(&back, "theirs"));
    assert_eq!(
        answer(&mut draft, back.id, Answer::Stored { rev: None }),
        None
    );
}

#[test]
fn a_text_with_a_fault_is_not_sent_and_an_empty_one_is_reported_when_it_is_finished() {
    let mut draft = typed(" ");
    assert_eq!(draft.note(), Note::Nothing);
    assert_eq!(draft.handle(Input::Commit), None);
    assert_eq!(draft.note(), Note::Faulty(Fault::Text(EMPTY)));
    let (text, reason) = (" ".to_owned(), Loss::Faulty(Fault::Text(EMPTY)));
    let lost = Some(Output::Lost { text, reason });
    assert_eq!(draft.handle(Input::Left), lost);
}

#[test]
fn a_text_for_another_task_is_kept_and_not_sent() {
    let of = |text: &str, rev, at| Version {
        created_at: Some(Timestamp::from_unix_millis(at)),
        ..version(text, rev)
    };
    let mut draft = Draft::new(RULES, of("old", 4, 0));
    draft.handle(Input::Typed("mine".to_owned()));
    draft.handle(Input::Read(of("second", 1, 60_000)));
    let note = Note::Faulty(Fault::AnotherTask);
    assert_eq!((draft.text(), draft.note()), ("mine", note.clone()));
    assert_eq!(draft.handle(Input::Commit), None);
    draft.handle(Input::Typed("mine!".to_owned()));
    assert_eq!(draft.note(), note);
    draft.handle(Input::Discard);
    assert_eq!((draft.text(), draft.note()), ("second", Note::Nothing));
}

#[test]
fn servers_without_versions_are_followed_by_the_values_that_are_read() {
    let of = |text: &str| Version {
        text: text.to_owned(),
        ..Version::default()
    };
    let mut draft = Draft::new(RULES, of("old"));
    draft.handle(Input::Typed("a".to_owned()));
    let first = sent(&mut draft, Input::Commit);
    draft.handle(Input::Typed("ab".to_owned()));
    answer(&mut draft, first.id, Answer::Stored { rev: None });
    assert_eq!(draft.note(), Note::Nothing, "the old value is no news");
    draft.handle(Input::Read(of("a")));
    assert_eq!((draft.text(), draft.note()), ("ab", Note::Nothing));
    let second = sent(&mut draft, Input::Commit);
    draft.handle(Input::Read(of("ab")));
    answer(&mut draft, second.id, Answer::Stored { rev: None });
    draft.handle(Input::Read(of("theirs")));
    assert_eq!((draft.text(), draft.note()), ("theirs", Note::Saved));
}
