//! Seats at which agents work, and the scenes of which their days consist.

mod scenes;

use std::collections::VecDeque;

use tasktree_protocol::agent::harness_name;

use crate::model::MINUTE;
use crate::wire::{FOLDER, Harness, Said, Wire};

pub(crate) const HOUR: i64 = 60 * MINUTE;

/// Step of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The harness reports an event.
    Say(Said),
    /// An event comes once more.
    Again(Said),
    /// An event comes after the end of its turn.
    Late(Said),
    /// The agent claims a task: a free one, or that of a silent agent.
    Claim,
    /// The agent reports that its task is done.
    Finish,
    /// The agent asks a question by itself.
    Ask,
    /// A person answers it.
    Answer,
    /// A new session takes the place of the last one.
    NewSession,
}

/// A terminal in which one agent works after the other.
pub(crate) struct Seat {
    pub(crate) wire: Wire,
    number: usize,
    sessions: usize,
    children: usize,
    /// Steps to come, each with the time after the one before.
    steps: VecDeque<(i64, Step)>,
    /// Time of the next step.
    pub(crate) due: i64,
}

impl Seat {
    /// Creates a seat whose first session starts within the first hour.
    pub(crate) fn new(number: usize, random: &mut fastrand::Rng, now: i64) -> Self {
        let harness = Harness::ALL[number % Harness::ALL.len()];
        let mut seat = Self {
            wire: Wire {
                harness,
                session: String::new(),
                folder: format!("{FOLDER}/{number}"),
                turn: 0,
            },
            number,
            sessions: 0,
            children: 0,
            steps: VecDeque::new(),
            due: now,
        };
        seat.open();
        seat.push(
            random.i64(0..HOUR),
            Step::Say(Said::Starts { resumed: false }),
        );
        seat.due = now + seat.steps[0].0;
        seat
    }

    /// Returns the name of the agent in the session.
    pub(crate) fn agent(&self) -> String {
        harness_name(self.wire.harness.source(), &self.wire.session)
    }

    /// Begins to speak for a new session.
    pub(crate) fn open(&mut self) {
        self.sessions += 1;
        let (number, sessions) = (self.number, self.sessions);
        self.wire.session = format!("{number:02}{sessions:02}c0de-53f0-4b5e");
        self.children = 0;
    }

    /// Takes the next step; plans another scene if it was the last.
    pub(crate) fn step(&mut self, random: &mut fastrand::Rng) -> Step {
        let (_, step) = self.steps.pop_front().unwrap();
        if step == Step::Say(Said::Prompt) {
            self.wire.turn += 1;
        }
        while self.steps.is_empty() {
            self.plan(random);
        }
        self.due += self.steps[0].0;
        step
    }

    fn push(&mut self, after: i64, step: Step) {
        let is_told = match &step {
            Step::Say(said) | Step::Again(said) | Step::Late(said) => self.wire.tells(said),
            _ => true,
        };
        if is_told {
            self.steps.push_back((after, step));
        }
    }

    fn say(&mut self, after: i64, said: Said) {
        self.push(after, Step::Say(said));
    }
}
