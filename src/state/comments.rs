//! The comments of an open task, and what a person has written and not sent.

use std::cell::RefCell;
use std::collections::HashMap;

use leptos::prelude::*;
use leptos::task::spawn_local_scoped_with_cancellation;
use tasktree_protocol::{Comment, Event, TaskId};

use super::board::{BoardState, Load};
use super::detail::retry_later;
use crate::api;
use crate::net::{ConnectionState, use_websocket};

thread_local! {
    /// Texts that were written and not sent, by task: closing a drawer loses none.
    static DRAFTS: RefCell<HashMap<TaskId, String>> = RefCell::default();
}

/// Returns what was written on a task and not sent.
pub fn draft(task: &TaskId) -> String {
    DRAFTS.with_borrow(|drafts| drafts.get(task).cloned().unwrap_or_default())
}

/// Keeps what is being written on a task until it is sent or the page is left.
pub fn keep_draft(task: &TaskId, text: &str) {
    DRAFTS.with_borrow_mut(|drafts| {
        if text.trim().is_empty() {
            drafts.remove(task);
        } else {
            drafts.insert(task.clone(), text.to_owned());
        }
    });
}

/// The comments on a task as the server has them.
#[derive(Clone, Copy, Debug)]
pub struct TaskComments {
    /// Comments, oldest first. `None` where the server keeps none.
    pub list: Signal<Option<Vec<Comment>>>,
    /// Outcome of the first fetch; later failures leave what is shown.
    pub load: Signal<Load>,
    fetches: RwSignal<u32>,
}

impl TaskComments {
    pub(super) fn new(board: BoardState, task: TaskId) -> Self {
        let list = RwSignal::new(None::<Vec<Comment>>);
        let load = RwSignal::new(Load::Loading);
        let fetches = RwSignal::new(0);
        follow(board, task.clone(), fetches);
        Effect::new(move |_| {
            fetches.track();
            let (project, task) = (board.project(), task.clone());
            // Cancelled by the next run, and with the owner.
            spawn_local_scoped_with_cancellation(async move {
                match api::list_comments(&project, &task).await {
                    Ok(comments) => {
                        list.set(Some(comments));
                        load.set(Load::Ready);
                    }
                    // An older backend, or a task that is not there: the drawer says which.
                    Err(error) if error.is_no_endpoint() => {
                        list.set(None);
                        load.set(Load::Ready);
                    }
                    Err(error) => {
                        let is_temporary = error.is_temporary();
                        if !load.get_untracked().is_ready() {
                            load.set(Load::Failed(error));
                        }
                        if is_temporary {
                            retry_later(fetches).await;
                        }
                    }
                }
            });
        });
        Self {
            list: list.into(),
            load: load.into(),
            fetches,
        }
    }

    /// Fetches again.
    pub fn refresh(self) {
        self.fetches.update(|count| *count += 1);
    }
}

/// Has the comments fetched again when they changed, and when the connection is back after a gap.
fn follow(board: BoardState, task: TaskId, fetches: RwSignal<u32>) {
    let socket = use_websocket();
    let project = board.project();
    socket
        .on_message(move |message| {
            if let Event::CommentsChanged(changed) = &message.event
                && changed.task_id == task
                && message.project_id.as_ref() == Some(&project)
            {
                fetches.update(|count| *count += 1);
            }
        })
        .forget();
    let is_live = Memo::new(move |_| {
        let is_live = |state: &ConnectionState| {
            matches!(state, ConnectionState::Live | ConnectionState::Legacy)
        };
        socket.state.with(is_live)
    });
    Effect::new(move |was_live: Option<bool>| {
        let is_live = is_live.get();
        if is_live && was_live == Some(false) {
            fetches.update(|count| *count += 1);
        }
        is_live
    });
}
