//! The comments of an open task.

use tasktree_protocol::{Comment, Event, TaskId};

use super::board::BoardState;
use super::fetched::Fetched;
use crate::api;

/// Comments on a task as the server has them, oldest first.
pub type TaskComments = Fetched<Comment>;

impl BoardState {
    /// Fetches the comments on a task, now and when they change, until the current owner ends.
    pub fn open_comments(&self, task: TaskId) -> TaskComments {
        let (board, about) = (*self, task.clone());
        Fetched::new(
            board,
            move || {
                let (project, task) = (board.project(), task.clone());
                async move { api::list_comments(&project, &task).await }
            },
            move |event| matches!(event, Event::CommentsChanged(changed) if changed.task_id == about),
        )
    }
}
