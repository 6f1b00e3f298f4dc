//! Where state is kept: rows, and per stream a log of events, changed together in one transaction.
//!
//! [`Store`] is small so that a second database is a matter of one more module: it runs jobs, and [`Read`] and
//! [`Transaction`] are primitives on rows. No rule of the domain is in here. `tests/store_conformance.rs` states what
//! an implementation must do.

mod graph;
pub mod log;
pub mod row;
mod schema;
pub mod sqlite;

use async_trait::async_trait;
use tasktree_protocol::agent::{AgentMessage, Lease, Run};
use tasktree_protocol::question::{Answer, Question};
use tasktree_protocol::task::Attempt;
use tasktree_protocol::{
    AgentId, Comment, Epoch, Project, ProjectId, Status, StreamId, Task, TaskCard,
};

use crate::auth::Digest;
use crate::error::{Error, Result};
use crate::limits::Answers;
pub use graph::Graph;
pub use log::{LogPage, LoggedEvent};
pub use row::ImportSource;
pub use row::{
    AnswerRow, Change, ChangePage, ChangeQuery, ClaimBase, CredentialRow, DependencyCount,
    EndedRun, EventRow, FieldChange, HistoryEntry, KeptProject, KeptState, KeptWhy, LogEntry,
    PendingReset, PersonRow, QuestionFilter, SessionRow, Signs, Source, StoredAgent, StoredTask,
    StreamRow, TaskBefore, TaskPlace, TaskState, TextEdit, UndoRow,
};
pub use sqlite::{InlineStore, SqliteStore};

/// A job that changes state.
pub trait WriteJob: Send {
    /// Does the work, in a transaction of its own: where it fails, none of it remains. Called at most once.
    ///
    /// # Errors
    /// Whatever makes the job fail.
    fn run(&mut self, transaction: &mut dyn Transaction) -> Result<()>;

    /// Hears how it ended, exactly once: `Ok` only after the commit is durable. The store calls it from one thread, in the order
    /// of the commits, so it must not block.
    fn finish(self: Box<Self>, outcome: Result<()>);
}

/// A job that reads. All of it sees one state.
pub type ReadJob = Box<dyn FnOnce(Result<&dyn Read>) + Send>;

/// Runs jobs.
#[async_trait]
pub trait Store: Send + Sync {
    /// Queues a change, and waits where too many are queued. The outcome goes to [`WriteJob::finish`].
    async fn write(&self, job: Box<dyn WriteJob>);

    /// Queues a reading. The job gets the error where there can be none.
    async fn read(&self, job: ReadJob);

    /// Looks whether what it keeps its state in is still what it was opened with. May block for as long as the disk does.
    ///
    /// # Errors
    /// Says what is wrong.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// Returns the bytes that are left on its disk, where that is known. May block like
    /// [`Self::check`].
    fn room(&self) -> Option<u64> {
        None
    }
}

/// Messages to an agent that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inbox {
    /// Those that it has not marked as read.
    Unread,
    /// All that were written to it.
    Own,
    /// Also those to former agents of its name.
    All,
}

/// Number of tasks that are not offered to agents, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NotReady {
    /// In progress.
    pub in_progress: u64,
    /// On hold.
    pub on_hold: u64,
    /// Unclaimed, but waiting for other tasks or for their own parts.
    pub blocked: u64,
}

/// Place of a task that can be worked on, in the order in which tasks are offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadyPlace {
    /// Its status.
    pub status: Status,
    /// Its priority.
    pub priority: u32,
    /// Its number.
    pub number: u64,
}

/// Takes rows one by one, and says whether it wants another.
pub type Each<'a, T> = &'a mut dyn FnMut(Option<T>) -> Result<bool>;

/// Reads rows, of one consistent state.
pub trait Read {
    /// All projects, oldest first.
    fn projects(&self) -> Result<Vec<Project>>;
    /// Returns the identifiers of all projects, oldest first.
    fn project_ids(&self) -> Result<Vec<ProjectId>>;
    /// One project.
    fn project(&self, id: &ProjectId) -> Result<Option<Project>>;
    /// Whether there is such a project: cheaper than its texts.
    fn has_project(&self, id: &ProjectId) -> Result<bool>;
    /// Returns the files that projects were imported from, the oldest project first.
    fn import_sources(&self) -> Result<Vec<(ProjectId, ImportSource)>>;
    /// Returns the keys of the states of projects that can be brought back, the newest first.
    fn kept_keys(&self) -> Result<Vec<String>>;
    /// Returns one of them.
    fn kept_project(&self, key: &str) -> Result<Option<KeptProject>>;
    /// Returns the kept states of one project, the newest first, without their rows.
    fn kept_states(&self, project: &ProjectId) -> Result<Vec<KeptState>>;
    /// Returns true where rows remain of projects that are gone for good.
    fn has_leftovers(&self) -> Result<bool>;
    /// What can be undone in a project, the newest first.
    fn undos(&self, project: &ProjectId) -> Result<Vec<UndoRow>>;
    /// Whether something is kept since `millis` or longer, or a credential was revoked then.
    fn has_kept_until(&self, millis: i64) -> Result<bool>;
    /// Returns the reset of all tasks of a project that is not written to all rows yet. Every other
    /// reading shows it already.
    fn pending_reset(&self, project: &ProjectId) -> Result<Option<PendingReset>>;
    /// Returns the projects with such a reset.
    fn projects_with_resets(&self) -> Result<Vec<ProjectId>>;
    /// Counts the tasks that a reset of all tasks would change.
    fn count_to_reset(&self, project: &ProjectId) -> Result<u64>;
    /// Returns their numbers.
    fn numbers_to_reset(&self, project: &ProjectId) -> Result<Vec<u64>>;
    /// Returns the tasks with numbers from `first` to `last` that the pending reset changes and
    /// that are not written yet, as they were before.
    fn unsettled(&self, project: &ProjectId, first: u64, last: u64) -> Result<Vec<StoredTask>>;
    /// Returns at most `limit` agents that a reset of all tasks removed and whose ends are not
    /// written yet, by identifier.
    fn dismissed(&self, project: &ProjectId, limit: usize) -> Result<Vec<AgentId>>;
    /// Returns one of them as it was.
    fn dismissed_agent(&self, project: &ProjectId, id: &AgentId) -> Result<Option<StoredAgent>>;
    /// Returns at most `limit` tasks that an undo puts back: those that were in progress, or all
    /// others; by number.
    fn undo_tasks(&self, undo: &str, in_progress: bool, limit: usize) -> Result<Vec<TaskBefore>>;
    /// Returns one of them.
    fn undo_task(&self, undo: &str, number: u64) -> Result<Option<TaskBefore>>;
    /// Returns at most `limit` agents that an undo registers again, by identifier.
    fn undo_agents(&self, undo: &UndoRow, limit: usize) -> Result<Vec<AgentId>>;
    /// How many agents ever registered in the project.
    fn agents_registered(&self, project: &ProjectId) -> Result<u64>;

    /// A task, also a removed one. `blocked_by` is empty.
    fn task(&self, project: &ProjectId, number: u64) -> Result<Option<StoredTask>>;
    /// All tasks but removed ones, by number. `blocked_by` is empty.
    fn tasks(&self, project: &ProjectId) -> Result<Vec<Task>>;
    /// The same without long texts.
    fn cards(&self, project: &ProjectId) -> Result<Vec<TaskCard>>;
    /// Where all tasks are but removed ones, in no order.
    fn task_order(&self, project: &ProjectId) -> Result<Vec<TaskPlace>>;
    /// Returns the numbers of the tasks that have that session and are not removed.
    fn tasks_of_session(&self, project: &ProjectId, session: &AgentId) -> Result<Vec<u64>>;
    /// Returns the numbers of the tasks that an agent could be given.
    fn ready_tasks(&self, project: &ProjectId) -> Result<Vec<u64>>;
    /// Gives the tasks of those places to `each`, in their order, for as long as it wants more; none for one that is no longer there.
    /// `blocked_by` is empty.
    fn tasks_at(
        &self,
        project: &ProjectId,
        places: &[TaskPlace],
        each: Each<'_, Task>,
    ) -> Result<()>;
    /// The same without long texts.
    fn cards_at(
        &self,
        project: &ProjectId,
        places: &[TaskPlace],
        each: Each<'_, TaskCard>,
    ) -> Result<()>;
    /// How many tasks that are not removed are in each status.
    fn tasks_by_status(&self, project: &ProjectId) -> Result<Vec<(Status, u64)>>;
    /// The same of each session, for tasks that have one.
    fn tasks_by_session(&self, project: &ProjectId) -> Result<Vec<(String, Status, u64)>>;
    /// The task that was imported from that source, also a removed one.
    fn task_by_source(&self, project: &ProjectId, source: &str) -> Result<Option<StoredTask>>;
    /// The numbers of the tasks that were imported from those sources and are not removed, in one statement.
    fn numbers_by_source(
        &self,
        project: &ProjectId,
        sources: &[&str],
    ) -> Result<Vec<(String, u64)>>;
    /// Those of the tasks that there are, removed ones included, in one statement.
    fn task_states(&self, project: &ProjectId, numbers: &[u64]) -> Result<Vec<TaskState>>;
    /// Returns the dependencies of every task that has any, removed tasks included: one statement
    /// over an index.
    fn dependency_graph(&self, project: &ProjectId) -> Result<Graph>;
    /// Returns the number of a task, of the task that it is a part of, and so on, also through
    /// removed ones; at most `limit` of them, without their rows.
    fn task_and_above(&self, project: &ProjectId, number: u64, limit: usize) -> Result<Vec<u64>>;
    /// Whether the tasks from the number `first` on are staged: see [`Transaction::stage_tasks`].
    fn has_staged(&self, project: &ProjectId, first: u64) -> Result<bool>;
    /// How many dependencies the project's tasks have in all, and a number that rises with every change of one.
    fn dependency_count(&self, project: &ProjectId) -> Result<DependencyCount>;
    /// The highest number that was ever given; 0 before the first.
    fn last_number(&self, project: &ProjectId) -> Result<u64>;

    /// All agents of a project, by identifier. `task_title` is that of the task, `is_alive` is false.
    fn agents(&self, project: &ProjectId) -> Result<Vec<StoredAgent>>;
    /// Returns the identifiers of all agents of a project, in their order.
    fn agent_ids(&self, project: &ProjectId) -> Result<Vec<AgentId>>;
    /// One agent.
    fn agent(&self, project: &ProjectId, id: &AgentId) -> Result<Option<StoredAgent>>;
    /// Counts the agents that are registered.
    fn count_agents(&self, project: &ProjectId) -> Result<u64>;
    /// Returns the agent that makes room for another: the one that ended the longest ago, or else
    /// fell silent the longest ago.
    fn agent_to_replace(&self, project: &ProjectId) -> Result<Option<AgentId>>;
    /// Returns the agents that are named as tokens of the project for agents, and belong to
    /// somebody else, with the identifiers of those tokens.
    fn agents_of_tokens(&self, project: &ProjectId) -> Result<Vec<(AgentId, String)>>;
    /// Counts the agents that work or wait and are not marked silent.
    fn active_agents(&self, project: &ProjectId) -> Result<u64>;
    /// Returns open agents that are not marked silent and were last heard at or before `since`
    /// (`busy_since` where one of their runs has a turn open), or, by a clock that was set back
    /// meanwhile, after `now`.
    fn agents_not_heard(
        &self,
        since: i64,
        busy_since: i64,
        now: i64,
    ) -> Result<Vec<(ProjectId, AgentId)>>;

    /// Returns the runs of an agent, newest first, at most `limit`.
    fn runs(&self, project: &ProjectId, agent: &AgentId, limit: usize) -> Result<Vec<Run>>;
    /// Returns the run of an agent that a source, a session and a machine name.
    fn run_named(
        &self,
        project: &ProjectId,
        agent: &AgentId,
        source: &str,
        session: &str,
        machine: &str,
    ) -> Result<Option<Run>>;
    /// Returns one run of an agent.
    fn run(&self, project: &ProjectId, agent: &AgentId, id: u64) -> Result<Option<Run>>;
    /// Returns the newest run of an agent that has not ended and is no subagent's.
    fn running_session(&self, project: &ProjectId, agent: &AgentId) -> Result<Option<Run>>;
    /// Returns true where an open run below another was last seen at or before `millis`.
    fn has_child_runs_until(&self, millis: i64) -> Result<bool>;
    /// Returns the claims of a task, newest first, at most `limit`.
    fn attempts(&self, project: &ProjectId, task: u64, limit: usize) -> Result<Vec<Attempt>>;
    /// Returns the highest generation of the claims of an agent that are recorded; 0 without one.
    fn last_generation(&self, project: &ProjectId, agent: &AgentId) -> Result<u64>;
    /// Returns the state of the repository at the start of a claim, where it is known.
    fn claim_base(
        &self,
        project: &ProjectId,
        task: u64,
        generation: u64,
    ) -> Result<Option<ClaimBase>>;
    /// Returns the next task to be claimed: to be taken next or unclaimed, not on
    /// hold, waiting for no other task, with no open part; most urgent first.
    ///
    /// With `from` it looks from there on, without those before: they were looked at.
    fn next_ready(
        &self,
        project: &ProjectId,
        from: Option<&ReadyPlace>,
    ) -> Result<Option<ReadyPlace>>;
    /// Counts the tasks that are not offered, for the reason why none is.
    fn not_ready(&self, project: &ProjectId) -> Result<NotReady>;

    /// Messages to an agent, oldest first, as many as fit into [`PAGE_BYTES`](crate::limits::PAGE_BYTES): the oldest of the unread ones, or the
    /// newest of all.
    fn messages(&self, project: &ProjectId, to: &AgentId, of: Inbox) -> Result<Vec<AgentMessage>>;
    /// Returns the number of messages to an agent that are not marked as read, without those to a
    /// former one of its name.
    fn unread_messages(&self, project: &ProjectId, to: &AgentId) -> Result<u64>;
    /// Who wrote to whom, each pair once.
    fn correspondents(&self, project: &ProjectId) -> Result<Vec<(String, AgentId)>>;

    /// Returns the comments on a task, oldest first, deleted ones included.
    fn comments(&self, project: &ProjectId, task: u64) -> Result<Vec<Comment>>;
    /// Returns the numbers of the same.
    fn comment_ids(&self, project: &ProjectId, task: u64) -> Result<Vec<u64>>;
    /// Returns one comment, also a deleted one.
    fn comment(&self, project: &ProjectId, id: u64) -> Result<Option<Comment>>;
    /// Counts the comments on a task that are not deleted.
    fn count_comments(&self, project: &ProjectId, task: u64) -> Result<u64>;

    /// Returns the question of an agent that stands.
    fn open_question(&self, project: &ProjectId, agent: &AgentId) -> Result<Option<Question>>;
    /// Returns one question. `answers` is empty, here and in lists.
    fn question(&self, project: &ProjectId, id: u64) -> Result<Option<Question>>;
    /// Returns true where a former agent of the name asked a question.
    fn is_of_former(&self, project: &ProjectId, question: u64) -> Result<bool>;
    /// Returns the numbers of the newest questions that a filter admits, newest first.
    fn question_ids(
        &self,
        project: &ProjectId,
        filter: &QuestionFilter,
        limit: usize,
    ) -> Result<Vec<u64>>;
    /// Returns the answers to a question, oldest first.
    fn question_answers(&self, project: &ProjectId, question: u64) -> Result<Vec<Answer>>;
    /// Returns answers that an agent was given and has not confirmed, oldest first.
    fn unread_answers(&self, project: &ProjectId, agent: &AgentId) -> Result<Vec<Answer>>;

    /// All leases of a project, by number. `conflicts` is empty.
    fn leases(&self, project: &ProjectId) -> Result<Vec<Lease>>;
    /// Projects with leases that end at or before `millis`.
    fn projects_with_leases_until(&self, millis: i64) -> Result<Vec<ProjectId>>;

    /// The newest `limit` log lines of a project, or of one agent in it, oldest first, as many as fit into
    /// [`PAGE_BYTES`](crate::limits::PAGE_BYTES).
    fn log_lines(
        &self,
        project: &ProjectId,
        agent: Option<&AgentId>,
        limit: usize,
    ) -> Result<Vec<LogEntry>>;

    /// A stored setting.
    fn setting(&self, name: &str) -> Result<Option<String>>;

    /// A stream's position.
    fn stream(&self, id: &StreamId) -> Result<Option<StreamRow>>;
    /// Events of the stream's present epoch after `after`, in order, at most `limit`, and as many as fit into
    /// [`PAGE_BYTES`](crate::limits::PAGE_BYTES): at least one.
    fn events(&self, stream: &StreamId, after: u64, limit: usize) -> Result<Vec<EventRow>>;
    /// Returns the numbers of the changes of a task, newest first, at most `limit`.
    fn history_ids(&self, project: &ProjectId, task: u64, limit: usize) -> Result<Vec<u64>>;
    /// Returns one of them.
    fn history_entry(&self, project: &ProjectId, id: u64) -> Result<Option<HistoryEntry>>;
    /// Returns changes of a project, newest first, without those of tasks that are staged. A page
    /// may end before its limit, also without a change: it goes on before `next`.
    fn changes(&self, project: &ProjectId, query: &ChangeQuery) -> Result<ChangePage>;
    /// Returns changes of what belongs to no project: tokens, people, settings, and which projects
    /// were removed.
    fn server_changes(&self, query: &ChangeQuery) -> Result<ChangePage>;
    /// Returns the newest change of a subject.
    fn newest_change(&self, project: &ProjectId, subject: &str) -> Result<Option<Change>>;
    /// Returns true where [`Transaction::drop_changes`] has something to drop.
    fn has_changes_to_drop(&self, until: i64, most: u64) -> Result<bool>;
    /// The newest events of some kinds, newest first.
    fn events_of_kinds(
        &self,
        stream: &StreamId,
        kinds: &[&str],
        limit: usize,
    ) -> Result<Vec<EventRow>>;

    /// Returns one credential, also a revoked one.
    fn credential(&self, id: &str) -> Result<Option<CredentialRow>>;
    /// All credentials, also revoked ones.
    fn credentials(&self) -> Result<Vec<CredentialRow>>;
    /// Returns the names of the tokens that hold.
    fn credential_names(&self) -> Result<Vec<String>>;
    /// The credential of that name, unless it was revoked.
    fn credential_named(&self, name: &str) -> Result<Option<CredentialRow>>;
    /// Returns all people, by name.
    fn people(&self) -> Result<Vec<PersonRow>>;
    /// Returns the person of that name.
    fn person_named(&self, name: &str) -> Result<Option<PersonRow>>;
    /// Returns one person.
    fn person(&self, id: &str) -> Result<Option<PersonRow>>;
    /// Returns the identifier of the person who has that name, or had it once.
    fn person_ever_named(&self, name: &str) -> Result<Option<String>>;
    /// Returns what is marked for a person in a project: keys, by name, with their JSON.
    fn marks(&self, person: &str, project: &ProjectId) -> Result<Vec<(String, String)>>;
    /// Counts the marks of a person in all projects, kept ones included.
    fn count_marks(&self, person: &str) -> Result<u64>;
    /// All sign-ins.
    fn sessions(&self) -> Result<Vec<SessionRow>>;

    /// The stored answer under an idempotency key.
    fn answer(&self, key: &str) -> Result<Option<AnswerRow>>;
    /// Whether there are answers that ran out at or before `millis`.
    fn has_answers_until(&self, millis: i64) -> Result<bool>;
}

/// Reads and changes rows, in one transaction.
pub trait Transaction: Read {
    /// Makes or replaces a project's row.
    fn put_project(&mut self, project: &Project) -> Result<()>;
    /// Remembers the file that a project was imported from, or forgets it.
    fn put_import_source(&mut self, id: &ProjectId, source: Option<&ImportSource>) -> Result<()>;
    /// Removes a project with all its rows, its stream and its log. The rows are out of reach at
    /// once, and removed by [`Transaction::drop_leftovers`].
    fn delete_project(&mut self, id: &ProjectId) -> Result<()>;
    /// Empties a project in the same way, and starts its counts again. Its stream stays.
    fn clear_project(&mut self, id: &ProjectId) -> Result<()>;
    /// Puts a project's rows, its stream and its log away under `kept.key`, where only
    /// [`Read::kept_projects`] sees them. The project is gone then, or where `stay`, empty, without
    /// a stream, and its counts begin again. Leases are not kept. Costs the same however many rows
    /// there are.
    fn keep_project(&mut self, kept: &KeptProject, stay: bool) -> Result<()>;
    /// Brings what was kept back under the identifier that it had, which must be free. Its stream
    /// goes on where it was, under another epoch.
    fn bring_back_project(&mut self, key: &str) -> Result<()>;
    /// Removes what was kept, for good, as [`Transaction::delete_project`] does.
    fn drop_kept(&mut self, key: &str) -> Result<()>;
    /// Removes everything for good that is kept since `millis` or longer, and credentials that were
    /// revoked by then.
    fn drop_kept_until(&mut self, millis: i64) -> Result<()>;
    /// Removes at most `rows` rows of projects that are gone for good, and not many more than
    /// `bytes` bytes of them. Returns how many rows were removed.
    fn drop_leftovers(&mut self, rows: usize, bytes: u64) -> Result<usize>;
    /// Stores what undoes an operation, and drops the oldest of the project beyond `keep`.
    fn add_undo(&mut self, project: &ProjectId, undo: &UndoRow, keep: usize) -> Result<()>;
    /// Removes it, with the tasks and agents that it was for.
    fn delete_undo(&mut self, id: &str) -> Result<()>;
    /// Removes all agents of a project with their runs and messages, and ends their claims as
    /// reset; returns the key that they are kept under, to be named in an [`UndoRow`]. None where
    /// there are none.
    fn dismiss_agents(&mut self, project: &ProjectId, millis: i64) -> Result<Option<String>>;
    /// Notes that the end of an agent that was removed so is written.
    fn end_dismissed(&mut self, project: &ProjectId, id: &AgentId) -> Result<()>;
    /// Registers an agent that was removed so again, with its messages. Its runs are over.
    fn bring_back_agent(&mut self, project: &ProjectId, undo: &UndoRow, id: &AgentId)
    -> Result<()>;
    /// Gives up an agent that was removed so.
    fn drop_undo_agent(&mut self, undo: &UndoRow, id: &AgentId) -> Result<()>;
    /// Shows all tasks as the reset leaves them; [`Transaction::put_task`] then writes them one by
    /// one.
    fn begin_reset(&mut self, project: &ProjectId, reset: &PendingReset) -> Result<()>;
    /// Notes that all tasks below the number `next` are written.
    fn advance_reset(&mut self, project: &ProjectId, next: u64) -> Result<()>;
    /// Notes that all tasks are written.
    fn end_reset(&mut self, project: &ProjectId) -> Result<()>;
    /// Stores how a task was before the reset.
    fn add_undo_task(&mut self, undo: &str, task: &TaskBefore) -> Result<()>;
    /// Removes that.
    fn delete_undo_task(&mut self, undo: &str, number: u64) -> Result<()>;
    /// Counts one more agent that registered.
    fn count_agent(&mut self, project: &ProjectId) -> Result<()>;

    /// The next number of a task; never given twice in one life of the project.
    fn take_number(&mut self, project: &ProjectId) -> Result<u64>;
    /// Takes the next `count` numbers for tasks that stay hidden until they are published together. Gives the first.
    fn stage_tasks(&mut self, project: &ProjectId, count: u64) -> Result<u64>;
    /// Shows the staged tasks from the number `first` on, all at once.
    fn publish_staged(&mut self, project: &ProjectId, first: u64) -> Result<()>;
    /// Removes up to `limit` of the staged tasks from the number `first` on. Says whether there are more.
    fn drop_staged(&mut self, project: &ProjectId, first: u64, limit: usize) -> Result<bool>;
    /// Makes or replaces a task's row.
    fn put_task(&mut self, project: &ProjectId, task: &StoredTask) -> Result<()>;

    /// Makes or replaces an agent's row.
    fn put_agent(&mut self, project: &ProjectId, agent: &StoredAgent) -> Result<()>;
    /// Stores a new run and gives its number; drops the oldest of the agent that ended beyond
    /// `keep`.
    fn add_run(
        &mut self,
        project: &ProjectId,
        agent: &AgentId,
        run: &Run,
        keep: usize,
    ) -> Result<u64>;
    /// Replaces a run's row.
    fn put_run(&mut self, run: &Run) -> Result<()>;
    /// Ends a run with all runs below it; returns those that it ended.
    fn end_run(&mut self, id: u64, millis: i64) -> Result<Vec<EndedRun>>;
    /// Ends runs below others that were last seen at or before `millis`; returns them.
    fn end_child_runs_until(&mut self, millis: i64) -> Result<Vec<EndedRun>>;
    /// Makes or replaces a claim's row.
    fn put_attempt(&mut self, project: &ProjectId, task: u64, attempt: &Attempt) -> Result<()>;
    /// Notes the state of the repository at the start of a claim.
    fn put_claim_base(
        &mut self,
        project: &ProjectId,
        task: u64,
        generation: u64,
        base: &ClaimBase,
    ) -> Result<()>;
    /// Removes claims of a task but for the newest `keep`.
    fn trim_attempts(&mut self, project: &ProjectId, task: u64, keep: usize) -> Result<()>;
    /// Removes an agent with its messages and its runs.
    fn delete_agent(&mut self, project: &ProjectId, id: &AgentId) -> Result<()>;

    /// Stores a message, gives its number, and drops the oldest beyond `keep`.
    fn add_message(
        &mut self,
        project: &ProjectId,
        message: &AgentMessage,
        keep: u64,
    ) -> Result<u64>;
    /// Marks the messages to an agent up to a number as read; says whether any was not.
    fn mark_read(
        &mut self,
        project: &ProjectId,
        to: &AgentId,
        up_to: u64,
        millis: i64,
    ) -> Result<bool>;

    /// Notes that the messages to an agent so far are those to a former one of its name; returns
    /// true where any of them was not read.
    fn close_messages(&mut self, project: &ProjectId, to: &AgentId, millis: i64) -> Result<bool>;
    /// Notes that the questions of an agent so far are those of a former one of its name.
    fn close_questions(&mut self, project: &ProjectId, agent: &AgentId) -> Result<()>;

    /// Stores a new comment and returns its number, which is never given again.
    fn add_comment(&mut self, project: &ProjectId, task: u64, comment: &Comment) -> Result<u64>;
    /// Replaces text and times of a comment.
    fn put_comment(&mut self, project: &ProjectId, comment: &Comment) -> Result<()>;
    /// Removes the rows of a task's deleted comments, but for the newest `keep`.
    fn trim_deleted_comments(&mut self, project: &ProjectId, task: u64, keep: u64) -> Result<()>;

    /// Stores a new question and returns its number, which is never given again.
    fn add_question(
        &mut self,
        project: &ProjectId,
        task: Option<u64>,
        question: &Question,
    ) -> Result<u64>;
    /// Stores the end of a question.
    fn close_question(&mut self, project: &ProjectId, question: &Question) -> Result<()>;
    /// Removes the closed questions of a project with their answers, but for the newest `keep`.
    fn trim_questions(&mut self, project: &ProjectId, keep: u64) -> Result<()>;
    /// Stores a new answer and returns its number, which is never given again.
    fn add_question_answer(&mut self, project: &ProjectId, answer: &Answer) -> Result<u64>;
    /// Stores what became of an answer.
    fn put_question_answer(&mut self, project: &ProjectId, answer: &Answer) -> Result<()>;

    /// Stores a new lease and gives its number, which is never given again.
    fn add_lease(&mut self, project: &ProjectId, lease: &Lease) -> Result<u64>;
    /// Replaces a lease's row.
    fn put_lease(&mut self, project: &ProjectId, lease: &Lease) -> Result<()>;
    /// Removes a lease.
    fn delete_lease(&mut self, project: &ProjectId, id: u64) -> Result<()>;

    /// Stores the record of a change, under the next number of the project.
    fn add_change(
        &mut self,
        project: &ProjectId,
        subject: &str,
        entry: &HistoryEntry,
    ) -> Result<()>;
    /// Stores the record of a change of what belongs to no project.
    fn add_server_change(&mut self, subject: &str, entry: &HistoryEntry) -> Result<()>;
    /// Replaces the fields of a record.
    fn extend_change(&mut self, project: &ProjectId, id: u64, fields: &[FieldChange])
    -> Result<()>;
    /// Removes the records of a subject, but for the newest `keep`.
    fn trim_changes(&mut self, project: &ProjectId, subject: &str, keep: usize) -> Result<()>;
    /// Removes up to `limit` records: those of projects that are gone, those at or before `until`,
    /// and the oldest of projects that have more than `most` bytes. Returns true where more are
    /// left.
    fn drop_changes(&mut self, until: i64, most: u64, limit: usize) -> Result<bool>;

    /// Stores log lines, and drops the oldest of the same writer beyond `keep`.
    fn add_log_lines(&mut self, project: &ProjectId, lines: &[LogEntry], keep: u64) -> Result<()>;

    /// Removes the log lines of an agent.
    fn delete_log_lines(&mut self, project: &ProjectId, agent: &AgentId) -> Result<()>;

    /// Stores a setting.
    fn put_setting(&mut self, name: &str, value: &str) -> Result<()>;

    /// Makes a stream, or starts it anew at 0, under an epoch that it never had.
    fn start_stream(&mut self, id: &StreamId) -> Result<Epoch>;
    /// Lets a stream go on from its position under another epoch, so that everybody fetches the state.
    fn renew_stream(&mut self, id: &StreamId) -> Result<()>;
    /// Takes the stream's next position.
    fn advance_stream(&mut self, id: &StreamId) -> Result<StreamRow>;
    /// Stores an event at a position that was taken, and trims the log now and then.
    fn add_event(&mut self, event: &EventRow) -> Result<()>;

    /// Makes or replaces a credential's row.
    fn put_credential(&mut self, credential: &CredentialRow) -> Result<()>;
    /// Stores a new person.
    fn add_person(&mut self, person: &PersonRow) -> Result<()>;
    /// Replaces a person's row. Their name before stays theirs.
    fn put_person(&mut self, person: &PersonRow) -> Result<()>;
    /// Stores what is marked for a person in a project under a key, as JSON; none removes it.
    fn put_mark(
        &mut self,
        person: &str,
        project: &ProjectId,
        key: &str,
        value: Option<&str>,
        millis: i64,
    ) -> Result<()>;
    /// Makes or replaces a sign-in.
    fn put_session(&mut self, session: &SessionRow) -> Result<()>;
    /// Removes a sign-in.
    fn delete_session(&mut self, session: &Digest) -> Result<()>;
    /// Removes the sign-ins of a credential.
    fn delete_sessions_of(&mut self, credential: &str) -> Result<()>;
    /// Removes sign-ins that ran out at or before `millis`.
    fn delete_sessions_until(&mut self, millis: i64) -> Result<()>;

    /// Stores the answer under an idempotency key.
    fn put_answer(&mut self, key: &str, answer: &AnswerRow) -> Result<()>;
    /// Removes the oldest answers of an owner, or without one of all, while there are more than that.
    fn trim_answers(&mut self, owner: Option<&str>, most: Answers) -> Result<()>;
    /// Removes some of the answers that ran out at or before `millis`.
    fn delete_answers_until(&mut self, millis: i64) -> Result<()>;
    /// Moves the ends of all kept answers earlier by `millis`, or later by a negative number.
    fn set_answers_back(&mut self, millis: i64) -> Result<()>;
}

impl Error {
    /// The store is closing or its thread is gone.
    pub(crate) fn store_closed() -> Self {
        Self::Storage {
            message: "The server is shutting down.".to_owned(),
            temporary: true,
        }
    }
}
