//! Changes that leave no record of their own, grouped by reason.

use tasktree_protocol::attention::AttentionItem;
use tasktree_protocol::http::HookSeen;
use tasktree_protocol::task::Attempt;
use tasktree_protocol::{AgentId, Epoch, ProjectId, StreamId};

use super::{Recorder, TouchedRows, TouchedTask};
use crate::auth::Digest;
use crate::error::Result;
use crate::store::{
    AttentionMarks, ClaimBase, EventRow, HistoryEntry, ImportShare, LogEntry, PendingReset,
    SessionRow, StoredTask, TaskBefore, UndoRow,
};

/// Forwards changes to the transaction unchanged.
macro_rules! unrecorded {
    ($($name:ident ($($argument:ident: $kind:ty),*) -> $result:ty;)*) => {
        impl Recorder<'_> {
            $(pub fn $name(&mut self, $($argument: $kind),*) -> Result<$result> {
                self.rows.$name($($argument),*)
            })*
        }
    };
}

/// Forwards changes to the transaction, and adds the rows to those that were stored.
macro_rules! touching {
    ($($name:ident (project: &ProjectId $(, $argument:ident: $kind:ty)*) -> $result:ty => $touch:expr;)*) => {
        impl Recorder<'_> {
            $(pub fn $name(&mut self, project: &ProjectId $(, $argument: $kind)*) -> Result<$result> {
                let outcome = self.rows.$name(project $(, $argument)*)?;
                let touch: &dyn Fn(&mut TouchedRows) = &$touch;
                touch(self.touch(project));
                Ok(outcome)
            })*
        }
    };
}

// Recorded when the task's event is emitted, with the names of its fields.
unrecorded! {
    take_number(project: &ProjectId) -> u64;
    stage_tasks(project: &ProjectId, count: u64) -> u64;
    drop_staged(project: &ProjectId, first: u64, limit: usize) -> bool;
    add_import_rows(project: &ProjectId, first: u64, position: u64, rows: &[String]) -> ();
    drop_import_rows(project: &ProjectId, first: u64, last: u64) -> ();
    begin_import_share(project: &ProjectId, share: &ImportShare) -> ();
    end_import_share(project: &ProjectId) -> ();
    put_import(id: &str, data: &str) -> ();
    end_import(id: &str) -> ();
}

// The same, for rows that attention items depend on.
touching! {
    put_task(project: &ProjectId, task: &StoredTask) -> ()
        => |rows| { rows.tasks.insert(task.task.number, TouchedTask::of(task)); };
    publish_staged(project: &ProjectId, first: u64) -> () => |rows| rows.all_tasks = true;
}

// Part of the records of a task and its agent: the start and end of a claim.
unrecorded! {
    put_attempt(project: &ProjectId, task: u64, attempt: &Attempt) -> ();
    put_claim_base(project: &ProjectId, task: u64, generation: u64, base: &ClaimBase) -> ();
}

// Recorded row by row by their callers: see `note_removed` and `note_returned`.
unrecorded! {
    end_dismissed(project: &ProjectId, id: &AgentId) -> ();
    advance_reset(project: &ProjectId, next: u64) -> ();
    end_reset(project: &ProjectId) -> ();
}

// The same, for rows that attention items depend on.
touching! {
    dismiss_agents(project: &ProjectId, millis: i64) -> Option<String>
        => |rows| rows.everything = true;
    begin_reset(project: &ProjectId, reset: &PendingReset) -> () => |rows| rows.all_tasks = true;
    bring_back_agent(project: &ProjectId, undo: &UndoRow, id: &AgentId) -> ()
        => |rows| { rows.agents.insert(id.clone(), None); };
}

// Undo data of a change that is recorded itself.
unrecorded! {
    add_undo(project: &ProjectId, undo: &UndoRow, keep: usize) -> ();
    delete_undo(id: &str) -> ();
    add_undo_task(undo: &str, task: &TaskBefore) -> ();
    delete_undo_task(undo: &str, number: u64) -> ();
    drop_undo_agent(undo: &UndoRow, id: &AgentId) -> ();
}

// Signs of life of harnesses.
unrecorded! {
    put_hook_seen(project: Option<&ProjectId>, seen: &HookSeen) -> ();
    forget_hooks_seen() -> ();
}

// Signs of life: log lines, a counter, and browser sign-ins, which come and go with use.
unrecorded! {
    add_log_lines(project: &ProjectId, lines: &[LogEntry], keep: u64) -> ();
    count_agent(project: &ProjectId) -> ();
    put_session(session: &SessionRow) -> ();
    delete_session(session: &Digest) -> ();
    delete_sessions_of(credential: &str) -> ();
}

// Private to a person.
unrecorded! {
    put_attention_marks(person: &str, item: u64, marks: &AttentionMarks) -> ();
    put_mark(person: &str, project: &ProjectId, key: &str, value: Option<&str>, millis: i64) -> ();
}

// Retention, and data that goes with a row whose removal is recorded.
unrecorded! {
    purge_trash(key: &str) -> ();
    purge_trash_until(millis: i64) -> ();
    drop_leftovers(rows: usize, bytes: u64) -> usize;
    delete_log_lines(project: &ProjectId, agent: &AgentId) -> ();
    trim_attempts(project: &ProjectId, task: u64, keep: usize) -> ();
    trim_deleted_comments(project: &ProjectId, task: u64, keep: u64) -> ();
    trim_questions(project: &ProjectId, keep: u64) -> ();
    drop_changes(until: i64, most: u64, limit: usize) -> bool;
    delete_answers_until(millis: i64) -> ();
    set_answers_back(millis: i64) -> ();
}

// Effects of the end of a token, which is recorded.
unrecorded! {
    close_questions(project: &ProjectId, agent: &AgentId) -> ();
}

impl Recorder<'_> {
    /// Stores the version of the rules by which rows were derived.
    pub fn put_rules_version(&mut self, name: &str, version: &str) -> Result<()> {
        self.rows.put_setting(name, version)
    }
}

// Derived from rows whose changes are recorded.
unrecorded! {
    add_attention(project: &ProjectId, subject: &str, item: &AttentionItem) -> u64;
    put_attention(item: &AttentionItem) -> ();
    delete_attention(id: u64) -> ();
}

// The log and the records themselves.
unrecorded! {
    start_stream(id: &StreamId) -> Epoch;
    renew_stream(id: &StreamId) -> ();
    add_event(event: &EventRow) -> ();
    add_change(project: &ProjectId, subject: &str, entry: &HistoryEntry) -> ();
    trim_changes(project: &ProjectId, subject: &str, keep: usize) -> ();
}
