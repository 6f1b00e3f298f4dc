//! The server's HTTP interface: one async function an endpoint. Nothing here touches a signal.
//!
//! Addresses are relative to the page's base, so the board works under `trunk serve` and under a
//! path of a reverse proxy. A request whose future is dropped is aborted.

mod access;
mod attention;
mod comments;
mod compat;
mod error;
mod first_run;
mod merge;
mod polling;
mod projects;
mod questions;
mod release;
mod request;
mod tasks;
mod team;

pub use access::{
    kept_projects, list_people, list_tokens, make_token, restore_project, revoke_token, session,
    sign_out,
};
pub use attention::{list_attention, mark_attention};
pub use comments::{add_comment, delete_comment, edit_comment, list_comments};
pub use compat::create_task_by_query;
pub use error::ApiError;
pub use first_run::{SignOfLife, import_file, signs_of_life, start_demo};
pub use merge::{MergeBy, merge_task, preview_merge};
pub use polling::{poll_events, post_command};
pub use projects::{
    create_project, delete_project, get_project, list_projects, project_stats, update_project,
};
pub use questions::{answer_question, list_questions, resend_answer};
pub use release::is_replaced;
pub use request::{Snapshot, websocket_url};
pub use tasks::{
    Once, create_task, delete_task, get_task, history_summary, list_tasks, list_undos,
    restore_task, task_history, undo, update_task,
};
pub use tasktree_protocol::http::{
    AccessToken, CommitLine, EventPage, FileLine, HistoryEntry, HistorySummary, KeptProject,
    ListedPerson, LogEntry, MergePreview, MergeRefusal, NewToken, Person, Role, Session, Undone,
};
pub use tasktree_protocol::project::NewProject;
pub use team::{list_agents, list_leases, project_events, project_logs};
