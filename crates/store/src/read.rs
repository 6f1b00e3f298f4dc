//! Reading rows. The trait is long, as it has one function per kind of row and question; each is a
//! line with its doc.

use tasktree_protocol::agent::{AgentMessage, Lease, Run};
use tasktree_protocol::attention::AttentionKind;
use tasktree_protocol::question::{Answer, Question};
use tasktree_protocol::task::Attempt;
use tasktree_protocol::{AgentId, Comment, Project, ProjectId, Status, StreamId, Task, TaskCard};

use crate::error::Result;
use crate::{
    AnswerRow, AttentionMarks, AttentionRow, ChangePage, ChangeQuery, ChangeRecord, ClaimBase,
    CredentialRow, DependencyCount, EventRow, Graph, HistoryEntry, ImportShare, ImportSource,
    LogEntry, OverdueTask, PendingReset, PersonRow, QuestionFilter, SeenIn, SessionRow,
    StoredAgent, StoredTask, StreamRow, TaskBefore, TaskPlace, TaskState, TrashedProject,
    TrashedState, UndoRow,
};

/// Selection of the messages to an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inbox {
    /// Messages that the agent has not marked as read.
    Unread,
    /// All messages written to this agent.
    Own,
    /// All messages to this name, including those to former agents with it.
    All,
}

/// Number of tasks that are not offered to agents, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NotReady {
    /// Tasks in progress.
    pub in_progress: u64,
    /// Tasks on hold.
    pub on_hold: u64,
    /// Unclaimed tasks that wait for other tasks or for their own parts.
    pub blocked: u64,
}

/// Position of a ready task in the order in which tasks are offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadyPlace {
    /// Status of the task.
    pub status: Status,
    /// Priority of the task.
    pub priority: u32,
    /// Number of the task.
    pub number: u64,
}

/// Times since which open agents must have been heard, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SilentSince {
    /// Usual limit.
    pub usual: i64,
    /// Limit of an agent with an open turn in one of its runs.
    pub busy: i64,
    /// Limit of an agent that is idle or waits, and has a running session of a harness.
    pub resting: i64,
}

/// Callback that takes rows one by one and returns true if it wants another.
pub type Each<'a, T> = &'a mut dyn FnMut(Option<T>) -> Result<bool>;

/// Reads rows from one consistent state.
pub trait Read {
    /// Returns all projects, oldest first.
    fn projects(&self) -> Result<Vec<Project>>;
    /// Returns the identifiers of all projects, oldest first.
    fn project_ids(&self) -> Result<Vec<ProjectId>>;
    /// Returns the folders of all projects, oldest first; empty for a project without one.
    fn project_folders(&self) -> Result<Vec<(ProjectId, String)>>;
    /// Returns the last events of harnesses, by project and harness.
    fn hooks_seen(&self) -> Result<Vec<SeenIn>>;
    /// Returns one project.
    fn project(&self, id: &ProjectId) -> Result<Option<Project>>;
    /// Returns true if the project exists; cheaper than reading its row.
    fn has_project(&self, id: &ProjectId) -> Result<bool>;
    /// Returns the files that projects were imported from, oldest project first.
    fn import_sources(&self) -> Result<Vec<(ProjectId, ImportSource)>>;
    /// Returns the keys of all trashed project states, newest first.
    fn trash_keys(&self) -> Result<Vec<String>>;
    /// Returns one trashed project state.
    fn trashed_project(&self, key: &str) -> Result<Option<TrashedProject>>;
    /// Returns the trashed states of one project, newest first, without their rows.
    fn trashed_states(&self, project: &ProjectId) -> Result<Vec<TrashedState>>;
    /// Returns true if rows of permanently removed projects remain.
    fn has_leftovers(&self) -> Result<bool>;
    /// Returns the operations that can be undone in a project, newest first.
    fn undos(&self, project: &ProjectId) -> Result<Vec<UndoRow>>;
    /// Returns true if the store has trash, an undo, or a revoked credential from `millis` or
    /// earlier.
    fn has_trash_until(&self, millis: i64) -> Result<bool>;
    /// Returns a project's reset of all tasks that is not yet written to all rows.
    ///
    /// All other reads already show its result.
    fn pending_reset(&self, project: &ProjectId) -> Result<Option<PendingReset>>;
    /// Returns the projects with a pending reset of all tasks.
    fn projects_with_resets(&self) -> Result<Vec<ProjectId>>;
    /// Returns the projects in which pending imports have changes to write, with their shares.
    fn import_shares(&self) -> Result<Vec<(ProjectId, ImportShare)>>;
    /// Returns a project's share of a pending import.
    fn import_share(&self, project: &ProjectId) -> Result<Option<ImportShare>>;
    /// Returns the first `limit` changes that an import stored under the staged number `first`,
    /// with their positions; fewer if they have more than `bytes` bytes, but one at least.
    fn import_rows(
        &self,
        project: &ProjectId,
        first: u64,
        limit: usize,
        bytes: usize,
    ) -> Result<Vec<(u64, String)>>;
    /// Returns the pending imports that have nothing left to write in any project.
    fn imports_done(&self) -> Result<Vec<String>>;
    /// Returns the stored data of a pending import.
    fn import(&self, id: &str) -> Result<Option<String>>;
    /// Counts the tasks that a reset of all tasks would change.
    fn count_to_reset(&self, project: &ProjectId) -> Result<u64>;
    /// Returns the numbers of the tasks that a reset of all tasks would change.
    fn numbers_to_reset(&self, project: &ProjectId) -> Result<Vec<u64>>;
    /// Returns tasks that the pending reset changes but that are not written yet, as they were
    /// before.
    ///
    /// Only tasks with numbers from `first` to `last`.
    fn unsettled(&self, project: &ProjectId, first: u64, last: u64) -> Result<Vec<StoredTask>>;
    /// Returns at most `limit` agents that a reset removed but whose ends are not written yet.
    ///
    /// Sorted by identifier.
    fn dismissed(&self, project: &ProjectId, limit: usize) -> Result<Vec<AgentId>>;
    /// Returns one agent that a reset removed, as it was.
    fn dismissed_agent(&self, project: &ProjectId, id: &AgentId) -> Result<Option<StoredAgent>>;
    /// Returns at most `limit` tasks that an undo puts back, by number: those that were in
    /// progress, or all others.
    fn undo_tasks(&self, undo: &str, in_progress: bool, limit: usize) -> Result<Vec<TaskBefore>>;
    /// Returns one task that an undo puts back.
    fn undo_task(&self, undo: &str, number: u64) -> Result<Option<TaskBefore>>;
    /// Returns at most `limit` agents that an undo registers again, by identifier.
    fn undo_agents(&self, undo: &UndoRow, limit: usize) -> Result<Vec<AgentId>>;
    /// Returns the number of agents that ever registered in the project.
    fn agents_registered(&self, project: &ProjectId) -> Result<u64>;

    /// Returns a task, even if removed. `blocked_by` is empty.
    fn task(&self, project: &ProjectId, number: u64) -> Result<Option<StoredTask>>;
    /// Returns all tasks that are not removed, by number. `blocked_by` is empty.
    fn tasks(&self, project: &ProjectId) -> Result<Vec<Task>>;
    /// Returns the cards of all tasks that are not removed, by number: tasks without long texts.
    fn cards(&self, project: &ProjectId) -> Result<Vec<TaskCard>>;
    /// Returns the places of all tasks that are not removed, unordered.
    fn task_order(&self, project: &ProjectId) -> Result<Vec<TaskPlace>>;
    /// Returns the numbers of the tasks with that session that are not removed.
    fn tasks_of_session(&self, project: &ProjectId, session: &AgentId) -> Result<Vec<u64>>;
    /// Returns the numbers of the tasks that could be assigned to an agent.
    fn ready_tasks(&self, project: &ProjectId) -> Result<Vec<u64>>;
    /// Passes the tasks at those places to `each`, in their order, for as long as it wants more.
    ///
    /// Passes `None` for a task that no longer exists. `blocked_by` is empty.
    fn tasks_at(
        &self,
        project: &ProjectId,
        places: &[TaskPlace],
        each: Each<'_, Task>,
    ) -> Result<()>;
    /// Passes the cards at those places to `each`, as [`Self::tasks_at`] does with tasks.
    fn cards_at(
        &self,
        project: &ProjectId,
        places: &[TaskPlace],
        each: Each<'_, TaskCard>,
    ) -> Result<()>;
    /// Counts the tasks in each status that are not removed.
    fn tasks_by_status(&self, project: &ProjectId) -> Result<Vec<(Status, u64)>>;
    /// Counts the tasks in each status per session, for tasks that have one.
    fn tasks_by_session(&self, project: &ProjectId) -> Result<Vec<(String, Status, u64)>>;
    /// Returns the task that was imported from that source, even if removed.
    fn task_by_source(&self, project: &ProjectId, source: &str) -> Result<Option<StoredTask>>;
    /// Returns the numbers of the tasks imported from those sources and not removed, in one
    /// statement.
    fn numbers_by_source(
        &self,
        project: &ProjectId,
        sources: &[&str],
    ) -> Result<Vec<(String, u64)>>;
    /// Returns the states of those tasks that exist, including removed ones, in one statement.
    fn task_states(&self, project: &ProjectId, numbers: &[u64]) -> Result<Vec<TaskState>>;
    /// Returns the dependencies of every task that has any, including removed tasks: one statement
    /// over an index.
    fn dependency_graph(&self, project: &ProjectId) -> Result<Graph>;
    /// Returns the numbers of a task and of its ancestors, including removed ones, without reading
    /// their rows.
    ///
    /// At most `limit` numbers, the task's own first.
    fn task_and_above(&self, project: &ProjectId, number: u64, limit: usize) -> Result<Vec<u64>>;
    /// Returns true if the tasks from the number `first` on are staged: see
    /// [`Transaction::stage_tasks`].
    fn has_staged(&self, project: &ProjectId, first: u64) -> Result<bool>;
    /// Returns the first numbers of all staged ranges of a project.
    fn stagings(&self, project: &ProjectId) -> Result<Vec<u64>>;
    /// Returns the number of all dependencies in the project, and a version that rises with every
    /// change of one.
    fn dependency_count(&self, project: &ProjectId) -> Result<DependencyCount>;
    /// Returns the highest task number ever assigned; 0 before the first.
    fn last_number(&self, project: &ProjectId) -> Result<u64>;

    /// Returns all agents of a project, by identifier.
    ///
    /// `task_title` is the title of the agent's task, `is_alive` is false.
    fn agents(&self, project: &ProjectId) -> Result<Vec<StoredAgent>>;
    /// Returns the identifiers of all agents of a project, in order.
    fn agent_ids(&self, project: &ProjectId) -> Result<Vec<AgentId>>;
    /// Returns one agent.
    fn agent(&self, project: &ProjectId, id: &AgentId) -> Result<Option<StoredAgent>>;
    /// Counts the registered agents.
    fn count_agents(&self, project: &ProjectId) -> Result<u64>;
    /// Returns the agent to evict for a new one: the one that ended longest ago, or else fell
    /// silent longest ago.
    fn agent_to_replace(&self, project: &ProjectId) -> Result<Option<AgentId>>;
    /// Returns the agents that have the name of one of the project's agent tokens but belong to
    /// another owner.
    ///
    /// Each comes with the identifier of that token.
    fn agents_of_tokens(&self, project: &ProjectId) -> Result<Vec<(AgentId, String)>>;
    /// Counts the agents that are working or waiting and not marked silent.
    fn active_agents(&self, project: &ProjectId) -> Result<u64>;
    /// Returns open agents that are not marked silent and were last heard too long ago.
    ///
    /// Agents that were last heard after `now` count too, because the clock may have been set back.
    fn agents_not_heard(&self, since: &SilentSince, now: i64) -> Result<Vec<(ProjectId, AgentId)>>;

    /// Returns at most `limit` runs of an agent, newest first.
    fn runs(&self, project: &ProjectId, agent: &AgentId, limit: usize) -> Result<Vec<Run>>;
    /// Returns the runs with that harness and session, with their agents, newest first.
    fn runs_of_session(
        &self,
        project: &ProjectId,
        source: &str,
        session: &str,
    ) -> Result<Vec<(AgentId, Run)>>;
    /// Returns the runs of all agents in which a turn is open, oldest first.
    fn open_turns(&self, project: &ProjectId) -> Result<Vec<(AgentId, Run)>>;
    /// Returns the run of an agent with that source, session and machine.
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
    /// Returns the newest run of an agent that has not ended and does not belong to a subagent.
    fn running_session(&self, project: &ProjectId, agent: &AgentId) -> Result<Option<Run>>;
    /// Returns true if an open child run was last seen at or before `millis`.
    fn has_child_runs_until(&self, millis: i64) -> Result<bool>;
    /// Returns at most `limit` claims of a task, newest first.
    fn attempts(&self, project: &ProjectId, task: u64, limit: usize) -> Result<Vec<Attempt>>;
    /// Returns the highest recorded generation of an agent's claims; 0 without one.
    fn last_generation(&self, project: &ProjectId, agent: &AgentId) -> Result<u64>;
    /// Returns the state of the repository at the start of a claim, if known.
    fn claim_base(
        &self,
        project: &ProjectId,
        task: u64,
        generation: u64,
    ) -> Result<Option<ClaimBase>>;
    /// Returns the next task to claim, most urgent first.
    ///
    /// It is marked as next or unclaimed, is not on hold, waits for no other task, and has no open
    /// parts. With `from` the search starts there, because the tasks before it were already
    /// checked.
    fn next_ready(
        &self,
        project: &ProjectId,
        from: Option<&ReadyPlace>,
    ) -> Result<Option<ReadyPlace>>;
    /// Counts the tasks that are not offered, to explain an empty result.
    fn not_ready(&self, project: &ProjectId) -> Result<NotReady>;

    /// Returns messages to an agent, oldest first, as many as fit into
    /// [`PAGE_BYTES`](crate::limits::PAGE_BYTES).
    ///
    /// These are the oldest if only unread ones are selected, otherwise the newest.
    fn messages(&self, project: &ProjectId, to: &AgentId, of: Inbox) -> Result<Vec<AgentMessage>>;
    /// Returns the number of unread messages to an agent, without those to a former agent of its
    /// name.
    fn unread_messages(&self, project: &ProjectId, to: &AgentId) -> Result<u64>;
    /// Returns each pair of sender and recipient once.
    fn correspondents(&self, project: &ProjectId) -> Result<Vec<(String, AgentId)>>;

    /// Returns the comments on a task, oldest first, including deleted ones.
    fn comments(&self, project: &ProjectId, task: u64) -> Result<Vec<Comment>>;
    /// Returns the numbers of the comments on a task, including deleted ones.
    fn comment_ids(&self, project: &ProjectId, task: u64) -> Result<Vec<u64>>;
    /// Returns one comment, even if deleted.
    fn comment(&self, project: &ProjectId, id: u64) -> Result<Option<Comment>>;
    /// Counts the comments on a task that are not deleted.
    fn count_comments(&self, project: &ProjectId, task: u64) -> Result<u64>;

    /// Returns the open question of an agent.
    fn open_question(&self, project: &ProjectId, agent: &AgentId) -> Result<Option<Question>>;
    /// Returns one question. `answers` is empty, here and in lists.
    fn question(&self, project: &ProjectId, id: u64) -> Result<Option<Question>>;
    /// Returns true if a former agent of that name asked the question.
    fn is_of_former(&self, project: &ProjectId, question: u64) -> Result<bool>;
    /// Returns the numbers of the newest questions that match a filter, newest first.
    fn question_ids(
        &self,
        project: &ProjectId,
        filter: &QuestionFilter,
        limit: usize,
    ) -> Result<Vec<u64>>;
    /// Returns the answers to a question, oldest first.
    fn question_answers(&self, project: &ProjectId, question: u64) -> Result<Vec<Answer>>;
    /// Returns the answers delivered to an agent that it has not confirmed, oldest first.
    fn unread_answers(&self, project: &ProjectId, agent: &AgentId) -> Result<Vec<Answer>>;

    /// Returns the first `limit` attention items of a project, by kind and age.
    fn attention(&self, project: &ProjectId, limit: usize) -> Result<Vec<AttentionRow>>;
    /// Counts the attention items of a project by kind.
    fn attention_counts(&self, project: &ProjectId) -> Result<Vec<(AttentionKind, u64)>>;
    /// Returns the attention items about one row.
    fn attention_of(&self, project: &ProjectId, subject: &str) -> Result<Vec<AttentionRow>>;
    /// Returns the attention items about rows whose name begins with `prefix`, by name.
    fn attention_under(&self, project: &ProjectId, prefix: &str) -> Result<Vec<AttentionRow>>;
    /// Returns true if an attention item is open.
    fn has_attention(&self, project: &ProjectId, id: u64) -> Result<bool>;
    /// Returns the marks of a person on an attention item.
    fn attention_marks(&self, person: &str, item: u64) -> Result<Option<AttentionMarks>>;
    /// Returns the marks of a person on all open attention items.
    fn all_attention_marks(&self, person: &str) -> Result<Vec<(u64, AttentionMarks)>>;
    /// Returns working agents that are heard from, whose last progress was at or before `until`,
    /// and that have no attention item.
    ///
    /// Agents that hold no task count only while a turn of their harness is open.
    fn agents_without_progress(&self, until: i64) -> Result<Vec<(ProjectId, AgentId)>>;
    /// Returns agents that expected the end of their wait at or before `now`, and that have no
    /// attention item.
    fn agents_with_overdue_waits(&self, now: i64) -> Result<Vec<(ProjectId, AgentId)>>;
    /// Returns the agents that failed, or those that failed at one task.
    fn failed_agents(&self, project: &ProjectId, task: Option<u64>) -> Result<Vec<AgentId>>;
    /// Returns the numbers of the completed tasks whose evidence is contradicted.
    fn contradicted_tasks(&self, project: &ProjectId) -> Result<Vec<u64>>;
    /// Returns true if an agent could claim a task: it is heard from, works or is idle, and has
    /// neither a task nor an open turn.
    fn has_free_agent(&self, project: &ProjectId) -> Result<bool>;
    /// Returns the projects with such an agent.
    fn projects_with_free_agents(&self) -> Result<Vec<ProjectId>>;
    /// Returns true if a task could be claimed, by the conditions of [`Self::next_ready`].
    fn is_ready(&self, project: &ProjectId, number: u64) -> Result<bool>;
    /// Returns the most urgent task that could have been claimed at `until` and ever since.
    fn overdue_task(&self, project: &ProjectId, until: i64) -> Result<Option<OverdueTask>>;

    /// Returns all leases of a project, by number. `conflicts` is empty.
    fn leases(&self, project: &ProjectId) -> Result<Vec<Lease>>;
    /// Returns the projects with leases that end at or before `millis`.
    fn projects_with_leases_until(&self, millis: i64) -> Result<Vec<ProjectId>>;

    /// Returns the newest `limit` log lines of a project, or of one of its agents, oldest first.
    ///
    /// As many as fit into [`PAGE_BYTES`](crate::limits::PAGE_BYTES).
    fn log_lines(
        &self,
        project: &ProjectId,
        agent: Option<&AgentId>,
        limit: usize,
    ) -> Result<Vec<LogEntry>>;

    /// Returns a stored setting.
    fn setting(&self, name: &str) -> Result<Option<String>>;

    /// Returns a stream's position.
    fn stream(&self, id: &StreamId) -> Result<Option<StreamRow>>;
    /// Returns events of the stream's current epoch after `after`, in order.
    ///
    /// At most `limit`, and as many as fit into [`PAGE_BYTES`](crate::limits::PAGE_BYTES), but at
    /// least one.
    fn events(&self, stream: &StreamId, after: u64, limit: usize) -> Result<Vec<EventRow>>;
    /// Returns the numbers of at most `limit` changes of a task, newest first.
    fn history_ids(&self, project: &ProjectId, task: u64, limit: usize) -> Result<Vec<u64>>;
    /// Returns the record of one change.
    fn history_entry(&self, project: &ProjectId, id: u64) -> Result<Option<HistoryEntry>>;
    /// Returns changes of a project, newest first, without those of staged tasks.
    ///
    /// A page may be shorter than its limit, even empty: the next page starts before `next`.
    fn changes(&self, project: &ProjectId, query: &ChangeQuery) -> Result<ChangePage>;
    /// Returns changes that belong to no project: of tokens, people and settings, and removals of
    /// projects.
    fn server_changes(&self, query: &ChangeQuery) -> Result<ChangePage>;
    /// Returns the newest change of a subject.
    fn newest_change(&self, project: &ProjectId, subject: &str) -> Result<Option<ChangeRecord>>;
    /// Returns true if [`Transaction::drop_changes`] has something to drop.
    fn has_changes_to_drop(&self, until: i64, most: u64) -> Result<bool>;
    /// Returns the newest events of the given kinds, newest first.
    fn events_of_kinds(
        &self,
        stream: &StreamId,
        kinds: &[&str],
        limit: usize,
    ) -> Result<Vec<EventRow>>;

    /// Returns one credential, even if revoked.
    fn credential(&self, id: &str) -> Result<Option<CredentialRow>>;
    /// Returns all credentials, including revoked ones.
    fn credentials(&self) -> Result<Vec<CredentialRow>>;
    /// Returns the names of all valid tokens.
    fn credential_names(&self) -> Result<Vec<String>>;
    /// Returns the credential with that name, unless it was revoked.
    fn credential_named(&self, name: &str) -> Result<Option<CredentialRow>>;
    /// Returns all people, by name.
    fn people(&self) -> Result<Vec<PersonRow>>;
    /// Returns the person with that name.
    fn person_named(&self, name: &str) -> Result<Option<PersonRow>>;
    /// Returns one person.
    fn person(&self, id: &str) -> Result<Option<PersonRow>>;
    /// Returns the identifier of the person who has or once had that name.
    fn person_ever_named(&self, name: &str) -> Result<Option<String>>;
    /// Returns a person's marks in a project: keys, sorted by name, with their JSON.
    fn marks(&self, person: &str, project: &ProjectId) -> Result<Vec<(String, String)>>;
    /// Counts the marks of a person in all projects, including trashed ones.
    fn count_marks(&self, person: &str) -> Result<u64>;
    /// Returns all sign-ins.
    fn sessions(&self) -> Result<Vec<SessionRow>>;

    /// Returns the stored response for an idempotency key.
    fn answer(&self, key: &str) -> Result<Option<AnswerRow>>;
    /// Returns true if stored responses expired at or before `millis`.
    fn has_answers_until(&self, millis: i64) -> Result<bool>;
}
