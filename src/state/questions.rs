//! The questions of agents that a part of the page shows.

use tasktree_protocol::question::Question;
use tasktree_protocol::{AgentId, Event, TaskId};

use super::board::BoardState;
use super::fetched::Fetched;
use crate::api;

/// Questions with their answers as the server has them, newest first.
pub type Questions = Fetched<Question>;

/// Criterion that selects the questions shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Questions asked while holding a task.
    About(TaskId),
    /// Questions asked by an agent.
    By(AgentId),
}

impl Asked {
    fn admits(&self, agent: &AgentId, task: Option<&TaskId>) -> bool {
        match self {
            Self::About(about) => task == Some(about),
            Self::By(by) => agent == by,
        }
    }

    fn concerns(&self, event: &Event) -> bool {
        match event {
            Event::QuestionAsked(it) | Event::QuestionClosed(it) => {
                self.admits(&it.agent, it.task_id.as_ref())
            }
            Event::QuestionAnswered(it) | Event::AnswerDelivered(it) => {
                self.admits(&it.agent, it.task_id.as_ref())
            }
            _ => false,
        }
    }
}

impl BoardState {
    /// Fetches questions, now and when they change, until the current owner ends.
    pub fn open_questions(&self, asked: Asked) -> Questions {
        let (board, about) = (*self, asked.clone());
        Fetched::new(
            board,
            move || {
                let (project, asked) = (board.project(), asked.clone());
                async move {
                    match &asked {
                        Asked::About(task) => {
                            api::list_questions(&project, "task", task.as_str()).await
                        }
                        Asked::By(agent) => {
                            api::list_questions(&project, "agent", agent.as_str()).await
                        }
                    }
                }
            },
            move |event| about.concerns(event),
        )
    }
}
