//! The board's state: the only writer of the signals that components read.
//!
//! Messages come in order from [`crate::net`], snapshots from [`crate::api`]. [`rows`] holds the
//! server's truth with the pending intents laid over it, and records what changed. `core` then
//! updates the signals of exactly those rows and columns, at most once a frame.

mod access;
mod agents;
mod apply;
mod attention;
mod board;
mod cells;
mod comments;
mod core;
mod deletion_log;
mod deletions;
mod delivery;
mod detail;
mod drafts;
mod fetched;
mod filter;
mod following;
mod freshness;
mod intents;
mod load;
mod log_buffer;
mod logs;
mod move_log;
mod movers;
mod moves;
pub mod notifications;
pub mod pick_up;
pub mod projects;
mod questions;
pub mod rows;
mod send;
mod sync;
mod syncing;
mod undos;
pub mod unsent;
mod who_did;

pub use access::{AccessState, provide_access, use_access};
pub use attention::{AttentionState, provide_attention, use_attention};
pub use board::{BoardState, TaskRow, provide_board, use_board};
pub use cells::Flash;
pub use comments::TaskComments;
pub use core::{FLASH_FRESH_MS, FRAME_MS};
pub use deletions::{NotRestored, Undoable};
pub use detail::TaskDetail;
pub use drafts::{DraftOf, draft, has_drafts, keep_draft, reload};
pub use fetched::Fetched;
pub use filter::{Filter, QueryFault};
pub(crate) use following::{Fetching, Followed, Following, Replace};
pub use freshness::{Freshness, provide_freshness, use_freshness};
pub use load::Load;
pub use log_buffer::{KEPT_LINES, LogLine};
pub use logs::Logs;
pub use move_log::{MoveId, Moved, UNDOABLE_MOVES};
pub use moves::{NotUndone, overtaken_by};
pub use notifications::{
    NotificationItem, Notifications, provide_notifications, use_notifications,
};
pub use pick_up::{Overtaken, PickUp, Standing};
pub use projects::{ProjectsState, provide_projects, use_projects};
pub use questions::{Asked, Questions};
pub use send::{DISCARDED, HANDED_OVER, UNDONE};
pub use undos::{Undos, provide_undos, use_undos};
pub use unsent::{Unsent, UnsentChange, provide_unsent, use_unsent};
