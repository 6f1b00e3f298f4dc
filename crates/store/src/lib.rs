//! Storage of rows and of one event log per stream, changed together in one transaction.
//!
//! [`Store`] is small so that a second database takes just one more module: it runs jobs, and
//! [`Read`] and [`Transaction`] are primitives on rows. It holds no domain rules.
//! `crates/server/tests/store_conformance` states what an implementation must do.

mod database;
pub mod error;
mod graph;
mod job;
pub mod limits;
pub mod log;
mod metrics;
mod read;
pub mod remote;
pub mod row;
pub mod sqlite;
mod transaction;

pub use database::{Opened, backup, open, restore};
pub use graph::Graph;
pub use job::{ReadJob, Store, WriteJob};
pub use log::{LogPage, LoggedEvent};
pub use metrics::StoreMetrics;
pub use read::{Each, Inbox, NotReady, Read, ReadyPlace, SilentSince};
pub use row::{
    AnswerRow, AttentionMarks, AttentionRow, ChangePage, ChangeQuery, ClaimBase, CredentialRow,
    DependencyCount, Digest, EndedRun, EventRow, OverdueTask, PendingReset, PersonRow,
    QuestionFilter, SeenIn, SessionRow, Signs, Source, StoredAgent, StoredTask, StreamRow,
    TaskBefore, TaskPlace, TaskState, TrashReason, TrashedProject, TrashedState, UndoRow,
};
pub use row::{ImportShare, ImportSource};
pub use sqlite::{InlineStore, Restored, SqliteStore};
pub use tasktree_protocol::http::{
    ChangeRecord, FieldChange, HistoryEntry, LogEntry, Person, Role, SHARED, TextEdit, YOU,
};
pub use transaction::Transaction;

/// Setting with the name of the database.
pub const INSTANCE: &str = "instance";
