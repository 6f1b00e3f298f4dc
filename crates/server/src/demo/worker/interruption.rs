//! Interruptions of the work on a task: questions to people, and failures.

use tasktree_protocol::agent::WaitKind;
use tasktree_protocol::{AgentStatus, Maybe};

use super::{Worker, status};
use crate::demo::sample;
use crate::domain::{AgentPatch, Wait};
use crate::error::Result;

/// Interval at which a waiting agent looks for the answer, in seconds of the simulation.
const ASK_EVERY: f64 = 1.5;

/// Number of looks after which it decides by itself.
const ASK_TIMES: usize = 30;

/// Time for which a failed agent does nothing, in seconds of the simulation.
const FAILED_SECONDS: f64 = 12.0;

/// Interruption of the work on a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interruption {
    Question(usize),
    Permission(usize),
    Failure(usize),
}

impl Interruption {
    /// Returns the interruption of an agent's work, by the number of its earlier interruptions.
    ///
    /// Not random, so that two simulations look alike.
    pub(super) fn of(agent: usize, done: usize) -> Option<Self> {
        let number = agent + done;
        match number % 7 {
            2 => Some(Self::Question(number % sample::QUESTIONS.len())),
            4 => Some(Self::Permission(number % sample::COMMANDS.len())),
            6 => Some(Self::Failure(number % sample::FAILURES.len())),
            _ => None,
        }
    }
}

impl Worker {
    /// Asks or fails; returns false if the work on the task ends with it.
    pub(super) async fn interrupt(&self, interruption: Interruption) -> Result<bool> {
        match interruption {
            Interruption::Question(number) => {
                let (text, options) = sample::QUESTIONS[number];
                self.ask(WaitKind::Question, text, options).await?;
            }
            Interruption::Permission(number) => {
                let options = ["Allow", "Deny"];
                self.ask(WaitKind::Permission, sample::COMMANDS[number], &options)
                    .await?;
            }
            Interruption::Failure(number) => {
                let mut fails = status(AgentStatus::Failed);
                fails.reason = Some(sample::FAILURES[number].to_owned());
                self.tell(fails).await?;
                self.pause(FAILED_SECONDS).await;
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Waits for the answer of a person, but not forever.
    async fn ask(&self, kind: WaitKind, text: &str, options: &[&str]) -> Result<()> {
        let wait = Wait {
            kind,
            text: text.to_owned(),
            until: None,
            options: options.iter().map(|option| (*option).to_owned()).collect(),
            request: None,
            in_terminal: false,
        };
        let asks = AgentPatch {
            waiting_for: Maybe::Value(wait),
            ..AgentPatch::default()
        };
        self.tell(asks).await?;
        let mut heard = "Decided without an answer".to_owned();
        for _ in 0..ASK_TIMES {
            self.pause(ASK_EVERY).await;
            let beat = AgentPatch::default();
            let reported = self
                .service
                .report(self.context(), &self.project, &self.id, beat);
            if let Some(answer) = reported.await?.value.answers.pop() {
                heard = format!("Answered: {}", answer.text.unwrap_or_default());
                let read = self.service.mark_answers_read(
                    self.context(),
                    &self.project,
                    &self.id,
                    answer.id,
                );
                read.await?;
                break;
            }
        }
        let mut works = status(AgentStatus::Working);
        works.last_activity = Maybe::Value(heard);
        self.tell(works).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_agent_asks_and_fails_now_and_then() {
        for agent in 0..sample::AGENTS.len() {
            let all: Vec<_> = (0..7)
                .filter_map(|done| Interruption::of(agent, done))
                .collect();
            assert_eq!(all.len(), 3, "{all:?}");
        }
    }
}
