//! Changing rows.

use tasktree_protocol::agent::{AgentMessage, Lease, Run};
use tasktree_protocol::attention::AttentionItem;
use tasktree_protocol::http::HookSeen;
use tasktree_protocol::question::{Answer, Question};
use tasktree_protocol::task::Attempt;
use tasktree_protocol::{AgentId, Comment, Epoch, Project, ProjectId, StreamId};

use crate::error::Result;
use crate::limits::Answers;
use crate::{
    AnswerRow, AttentionMarks, ClaimBase, CredentialRow, Digest, EndedRun, EventRow, FieldChange,
    HistoryEntry, ImportShare, ImportSource, LogEntry, PendingReset, PersonRow, Read, SessionRow,
    StoredAgent, StoredTask, StreamRow, TaskBefore, TrashedProject, UndoRow,
};

/// Reads and changes rows in one transaction.
pub trait Transaction: Read {
    /// Inserts or replaces a project's row.
    fn put_project(&mut self, project: &Project) -> Result<()>;
    /// Stores the file that a project was imported from, or clears it.
    fn put_import_source(&mut self, id: &ProjectId, source: Option<&ImportSource>) -> Result<()>;
    /// Removes a project with all its rows, its stream and its log.
    ///
    /// The rows are unreachable at once; [`Transaction::drop_leftovers`] deletes them later.
    fn delete_project(&mut self, id: &ProjectId) -> Result<()>;
    /// Empties a project in the same way and resets its counters. Its stream stays.
    fn clear_project(&mut self, id: &ProjectId) -> Result<()>;
    /// Moves a project's rows, stream and log to the trash under `trashed.key`.
    ///
    /// Only [`Read::trashed_project`] and its siblings still see them. The project is then gone or,
    /// with `stay`, empty, without a stream and with its counters reset. Leases are not kept. The
    /// cost does not depend on the number of rows.
    fn trash_project(&mut self, trashed: &TrashedProject, stay: bool) -> Result<()>;
    /// Restores a trashed project under its old identifier, which must be free.
    ///
    /// Its stream continues from its position under another epoch.
    fn restore_project(&mut self, key: &str) -> Result<()>;
    /// Removes a trashed project state permanently, as [`Transaction::delete_project`] does.
    fn purge_trash(&mut self, key: &str) -> Result<()>;
    /// Removes permanently everything trashed, and all credentials revoked, at or before `millis`.
    fn purge_trash_until(&mut self, millis: i64) -> Result<()>;
    /// Deletes at most `rows` rows of permanently removed projects, and not many more than `bytes`
    /// bytes.
    ///
    /// Returns the number of deleted rows.
    fn drop_leftovers(&mut self, rows: usize, bytes: u64) -> Result<usize>;
    /// Stores an undo record, and drops the project's oldest beyond `keep`.
    fn add_undo(&mut self, project: &ProjectId, undo: &UndoRow, keep: usize) -> Result<()>;
    /// Removes an undo record, with the tasks and agents that it restores.
    fn delete_undo(&mut self, id: &str) -> Result<()>;
    /// Removes all agents of a project with their runs and messages, and ends their claims as
    /// reset.
    ///
    /// Returns the key under which they are kept, for an [`UndoRow`]; none if there were no agents.
    fn dismiss_agents(&mut self, project: &ProjectId, millis: i64) -> Result<Option<String>>;
    /// Records that the end of an agent removed by a reset is written.
    fn end_dismissed(&mut self, project: &ProjectId, id: &AgentId) -> Result<()>;
    /// Registers again an agent that a reset removed, with its messages. Its runs have ended.
    fn bring_back_agent(&mut self, project: &ProjectId, undo: &UndoRow, id: &AgentId)
    -> Result<()>;
    /// Discards an agent that a reset removed.
    fn drop_undo_agent(&mut self, undo: &UndoRow, id: &AgentId) -> Result<()>;
    /// Starts a reset: reads show all tasks as reset, and [`Transaction::put_task`] then writes
    /// them one by one.
    fn begin_reset(&mut self, project: &ProjectId, reset: &PendingReset) -> Result<()>;
    /// Records that all tasks with numbers below `next` are written.
    fn advance_reset(&mut self, project: &ProjectId, next: u64) -> Result<()>;
    /// Records that all tasks are written.
    fn end_reset(&mut self, project: &ProjectId) -> Result<()>;
    /// Stores the state of a task before the reset.
    fn add_undo_task(&mut self, undo: &str, task: &TaskBefore) -> Result<()>;
    /// Removes the stored state of a task before a reset.
    fn delete_undo_task(&mut self, undo: &str, number: u64) -> Result<()>;
    /// Counts one more registered agent.
    fn count_agent(&mut self, project: &ProjectId) -> Result<()>;

    /// Takes the next task number; never reused until the project is reset.
    fn take_number(&mut self, project: &ProjectId) -> Result<u64>;
    /// Takes the next `count` numbers for tasks that stay hidden until they are published together.
    ///
    /// Returns the first number. With 0 it takes none, and the empty range only shows later that
    /// the project was neither removed nor reset.
    fn stage_tasks(&mut self, project: &ProjectId, count: u64) -> Result<u64>;
    /// Publishes the staged tasks from the number `first` on, all at once.
    fn publish_staged(&mut self, project: &ProjectId, first: u64) -> Result<()>;
    /// Removes up to `limit` staged tasks from the number `first` on. Returns true if there are
    /// more.
    fn drop_staged(&mut self, project: &ProjectId, first: u64, limit: usize) -> Result<bool>;
    /// Stores changes of an import under the staged number `first`, from a position on.
    ///
    /// [`Transaction::drop_staged`] removes them with the tasks.
    fn add_import_rows(
        &mut self,
        project: &ProjectId,
        first: u64,
        position: u64,
        rows: &[String],
    ) -> Result<()>;
    /// Removes the changes of an import up to a position.
    fn drop_import_rows(&mut self, project: &ProjectId, first: u64, last: u64) -> Result<()>;
    /// Publishes the changes that an import stored in a project. A project has at most one share.
    fn begin_import_share(&mut self, project: &ProjectId, share: &ImportShare) -> Result<()>;
    /// Records that the changes in a project are written.
    fn end_import_share(&mut self, project: &ProjectId) -> Result<()>;
    /// Stores or replaces the data of a pending import.
    fn put_import(&mut self, id: &str, data: &str) -> Result<()>;
    /// Removes the data of an import that is done.
    fn end_import(&mut self, id: &str) -> Result<()>;
    /// Inserts or replaces a task's row.
    fn put_task(&mut self, project: &ProjectId, task: &StoredTask) -> Result<()>;

    /// Inserts or replaces an agent's row.
    fn put_agent(&mut self, project: &ProjectId, agent: &StoredAgent) -> Result<()>;
    /// Stores a new run and returns its number; drops the agent's oldest ended runs beyond `keep`.
    fn add_run(
        &mut self,
        project: &ProjectId,
        agent: &AgentId,
        run: &Run,
        keep: usize,
    ) -> Result<u64>;
    /// Replaces a run's row.
    fn put_run(&mut self, run: &Run) -> Result<()>;
    /// Ends a run and all its descendants; returns the runs that it ended.
    fn end_run(&mut self, id: u64, millis: i64) -> Result<Vec<EndedRun>>;
    /// Ends child runs that were last seen at or before `millis`; returns them.
    fn end_child_runs_until(&mut self, millis: i64) -> Result<Vec<EndedRun>>;
    /// Inserts or replaces a claim's row.
    fn put_attempt(&mut self, project: &ProjectId, task: u64, attempt: &Attempt) -> Result<()>;
    /// Stores the state of the repository at the start of a claim.
    fn put_claim_base(
        &mut self,
        project: &ProjectId,
        task: u64,
        generation: u64,
        base: &ClaimBase,
    ) -> Result<()>;
    /// Removes the claims of a task except the newest `keep`.
    fn trim_attempts(&mut self, project: &ProjectId, task: u64, keep: usize) -> Result<()>;
    /// Removes an agent with its messages and its runs.
    fn delete_agent(&mut self, project: &ProjectId, id: &AgentId) -> Result<()>;

    /// Stores a message, returns its number, and drops the oldest beyond `keep`.
    fn add_message(
        &mut self,
        project: &ProjectId,
        message: &AgentMessage,
        keep: u64,
    ) -> Result<u64>;
    /// Marks the messages to an agent up to a number as read; returns true if any was unread.
    fn mark_read(
        &mut self,
        project: &ProjectId,
        to: &AgentId,
        up_to: u64,
        millis: i64,
    ) -> Result<bool>;

    /// Reassigns the messages to an agent so far to a former agent of its name.
    ///
    /// Returns true if any of them was unread.
    fn close_messages(&mut self, project: &ProjectId, to: &AgentId, millis: i64) -> Result<bool>;
    /// Reassigns the questions of an agent so far to a former agent of its name.
    fn close_questions(&mut self, project: &ProjectId, agent: &AgentId) -> Result<()>;

    /// Stores a new comment and returns its number, which is never reused.
    fn add_comment(&mut self, project: &ProjectId, task: u64, comment: &Comment) -> Result<u64>;
    /// Replaces the text and times of a comment.
    fn put_comment(&mut self, project: &ProjectId, comment: &Comment) -> Result<()>;
    /// Removes the rows of a task's deleted comments except the newest `keep`.
    fn trim_deleted_comments(&mut self, project: &ProjectId, task: u64, keep: u64) -> Result<()>;

    /// Stores a new question and returns its number, which is never reused.
    fn add_question(
        &mut self,
        project: &ProjectId,
        task: Option<u64>,
        question: &Question,
    ) -> Result<u64>;
    /// Stores the end of a question.
    fn close_question(&mut self, project: &ProjectId, question: &Question) -> Result<()>;
    /// Removes the closed questions of a project with their answers, except the newest `keep`.
    fn trim_questions(&mut self, project: &ProjectId, keep: u64) -> Result<()>;
    /// Stores a new answer and returns its number, which is never reused.
    fn add_question_answer(&mut self, project: &ProjectId, answer: &Answer) -> Result<u64>;
    /// Updates the delivery state of an answer.
    fn put_question_answer(&mut self, project: &ProjectId, answer: &Answer) -> Result<()>;

    /// Stores a new attention item about a row and returns its number, which is never reused.
    fn add_attention(
        &mut self,
        project: &ProjectId,
        subject: &str,
        item: &AttentionItem,
    ) -> Result<u64>;
    /// Replaces an attention item.
    fn put_attention(&mut self, item: &AttentionItem) -> Result<()>;
    /// Removes an attention item with all marks on it.
    fn delete_attention(&mut self, id: u64) -> Result<()>;
    /// Stores the marks of a person on an attention item.
    fn put_attention_marks(
        &mut self,
        person: &str,
        item: u64,
        marks: &AttentionMarks,
    ) -> Result<()>;

    /// Stores a new lease and returns its number, which is never reused.
    fn add_lease(&mut self, project: &ProjectId, lease: &Lease) -> Result<u64>;
    /// Replaces a lease's row.
    fn put_lease(&mut self, project: &ProjectId, lease: &Lease) -> Result<()>;
    /// Removes a lease.
    fn delete_lease(&mut self, project: &ProjectId, id: u64) -> Result<()>;

    /// Stores the record of a change under the project's next number.
    fn add_change(
        &mut self,
        project: &ProjectId,
        subject: &str,
        entry: &HistoryEntry,
    ) -> Result<()>;
    /// Stores the record of a change that belongs to no project.
    fn add_server_change(&mut self, subject: &str, entry: &HistoryEntry) -> Result<()>;
    /// Replaces the field values of a record.
    fn extend_change(&mut self, project: &ProjectId, id: u64, fields: &[FieldChange])
    -> Result<()>;
    /// Removes the records of a subject except the newest `keep`.
    fn trim_changes(&mut self, project: &ProjectId, subject: &str, keep: usize) -> Result<()>;
    /// Removes up to `limit` records. Returns true if more are left.
    ///
    /// These are the records of removed projects, those at or before `until`, and the oldest of
    /// projects that have more than `most` bytes.
    fn drop_changes(&mut self, until: i64, most: u64, limit: usize) -> Result<bool>;

    /// Stores log lines, and drops the oldest lines of the same writer beyond `keep`.
    fn add_log_lines(&mut self, project: &ProjectId, lines: &[LogEntry], keep: u64) -> Result<()>;

    /// Removes the log lines of an agent.
    fn delete_log_lines(&mut self, project: &ProjectId, agent: &AgentId) -> Result<()>;

    /// Inserts or replaces the last event of a harness in a project, or in none.
    fn put_hook_seen(&mut self, project: Option<&ProjectId>, seen: &HookSeen) -> Result<()>;
    /// Removes the last events of harnesses in projects that no longer exist.
    fn forget_hooks_seen(&mut self) -> Result<()>;

    /// Stores a setting.
    fn put_setting(&mut self, name: &str, value: &str) -> Result<()>;

    /// Creates a stream, or restarts it at 0, under an epoch that it never had.
    fn start_stream(&mut self, id: &StreamId) -> Result<Epoch>;
    /// Moves a stream to another epoch, at its position, so that all clients fetch the state again.
    fn renew_stream(&mut self, id: &StreamId) -> Result<()>;
    /// Takes the next position of a stream.
    fn advance_stream(&mut self, id: &StreamId) -> Result<StreamRow>;
    /// Stores an event at a position that was taken, and trims the log from time to time.
    fn add_event(&mut self, event: &EventRow) -> Result<()>;

    /// Inserts or replaces a credential's row.
    fn put_credential(&mut self, credential: &CredentialRow) -> Result<()>;
    /// Stores a new person.
    fn add_person(&mut self, person: &PersonRow) -> Result<()>;
    /// Replaces a person's row. Their former name stays reserved for them.
    fn put_person(&mut self, person: &PersonRow) -> Result<()>;
    /// Stores a person's mark in a project under a key, as JSON; `None` removes it.
    fn put_mark(
        &mut self,
        person: &str,
        project: &ProjectId,
        key: &str,
        value: Option<&str>,
        millis: i64,
    ) -> Result<()>;
    /// Inserts or replaces a sign-in.
    fn put_session(&mut self, session: &SessionRow) -> Result<()>;
    /// Removes a sign-in.
    fn delete_session(&mut self, session: &Digest) -> Result<()>;
    /// Removes the sign-ins of a credential.
    fn delete_sessions_of(&mut self, credential: &str) -> Result<()>;
    /// Removes sign-ins that expired at or before `millis`.
    fn delete_sessions_until(&mut self, millis: i64) -> Result<()>;

    /// Stores the response for an idempotency key.
    fn put_answer(&mut self, key: &str, answer: &AnswerRow) -> Result<()>;
    /// Removes the oldest stored responses of an owner, or of all owners, while they exceed `most`.
    fn trim_answers(&mut self, owner: Option<&str>, most: Answers) -> Result<()>;
    /// Removes some of the stored responses that expired at or before `millis`.
    fn delete_answers_until(&mut self, millis: i64) -> Result<()>;
    /// Moves the expiry of all stored responses earlier by `millis`, or later if it is negative.
    fn set_answers_back(&mut self, millis: i64) -> Result<()>;
}
