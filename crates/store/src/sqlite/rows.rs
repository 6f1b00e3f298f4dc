//! Implementation of [`Read`] and [`Transaction`]: each primitive calls the module that has its
//! SQL.

use std::cell::RefCell;
use std::rc::Rc;

use prometheus_client::metrics::counter::Counter;
use rusqlite::Connection;
use tasktree_protocol::agent::{AgentMessage, Lease, Run};
use tasktree_protocol::question::{Answer, Question};
use tasktree_protocol::task::Attempt;
use tasktree_protocol::{
    AgentId, Comment, Epoch, Project, ProjectId, Status, StreamId, Task, TaskCard,
};

use super::keys::Space;
use super::{
    agents, answers, attempts, changes, comments, coordination, credentials, events, graph,
    imports, leftovers, people, projects, questions, ready, resets, runs, staging, tasks, trash,
};
use crate::Digest;
use crate::StoreMetrics;
use crate::error::Result;
use crate::limits::Answers;
use crate::{
    AnswerRow, ChangePage, ChangeQuery, ChangeRecord, ClaimBase, CredentialRow, DependencyCount,
    Each, EndedRun, EventRow, FieldChange, Graph, HistoryEntry, ImportShare, ImportSource, Inbox,
    LogEntry, NotReady, PendingReset, PersonRow, QuestionFilter, Read, ReadyPlace, SessionRow,
    StoredAgent, StoredTask, StreamRow, TaskBefore, TaskPlace, TaskState, Transaction,
    TrashedProject, TrashedState, UndoRow,
};

/// Rows accessed through a connection with an open transaction.
pub(super) struct Rows<'a> {
    connection: &'a Connection,
    operations: &'a Counter,
    /// Last project that was looked up, with the keys of its rows.
    space: RefCell<Option<Rc<Space>>>,
}

impl<'a> Rows<'a> {
    pub(super) const fn new(connection: &'a Connection, metrics: &'a StoreMetrics) -> Self {
        Self {
            connection,
            operations: &metrics.operations,
            space: RefCell::new(None),
        }
    }

    /// Returns the keys of a project's rows. For a missing project they lead to no rows.
    fn space(&self, id: &ProjectId) -> Result<Rc<Space>> {
        let known = self.space.borrow().clone();
        if let Some(known) = known.filter(|known| known.id == *id) {
            return Ok(known);
        }
        let found = match Space::find(self.connection, id)? {
            Some(found) => found,
            None => Space::of_none(self.connection, id)?,
        };
        let found = Rc::new(found);
        self.space.replace(Some(Rc::clone(&found)));
        Ok(found)
    }
}

/// Forwards a read unchanged.
macro_rules! hand_over {
    ($($module:ident :: $function:ident as $name:ident ($($argument:ident: $kind:ty),*) -> $result:ty;)*) => {
        $(fn $name(&self, $($argument: $kind),*) -> Result<$result> {
            self.operations.inc();
            $module::$function(self.connection, $($argument),*)
        })*
    };
}

/// Forwards a read of a project, with the project and its keys, or with one key.
macro_rules! hand_over_in {
    ($(.$key:ident)? { $($module:ident :: $function:ident as $name:ident ($($argument:ident: $kind:ty),*) -> $result:ty;)* }) => {
        hand_over_in! { @each ($(.$key)?) $($module::$function as $name($($argument: $kind),*) -> $result;)* }
    };
    (@each $key:tt $($module:ident :: $function:ident as $name:ident ($($argument:ident: $kind:ty),*) -> $result:ty;)*) => {
        $(hand_over_in! { @one $key $module::$function as $name($($argument: $kind),*) -> $result; })*
    };
    (@one ($(.$key:ident)?) $module:ident :: $function:ident as $name:ident ($($argument:ident: $kind:ty),*) -> $result:ty;) => {
        fn $name(&self, project: &ProjectId, $($argument: $kind),*) -> Result<$result> {
            self.operations.inc();
            let space = self.space(project)?;
            $module::$function(self.connection, &space$(.$key)?, $($argument),*)
        }
    };
}

/// Forwards a change unchanged.
macro_rules! hand_over_change {
    ($($module:ident :: $function:ident as $name:ident ($($argument:ident: $kind:ty),*) -> $result:ty;)*) => {
        $(fn $name(&mut self, $($argument: $kind),*) -> Result<$result> {
            self.operations.inc();
            $module::$function(self.connection, $($argument),*)
        })*
    };
}

/// Forwards a change that may alter or remove a project's keys.
macro_rules! hand_over_change_of_projects {
    ($($module:ident :: $function:ident as $name:ident ($($argument:ident: $kind:ty),*) -> $result:ty;)*) => {
        $(fn $name(&mut self, $($argument: $kind),*) -> Result<$result> {
            self.operations.inc();
            self.space.take();
            $module::$function(self.connection, $($argument),*)
        })*
    };
}

/// Forwards a change in a project, with the project and its keys, or with one key.
macro_rules! hand_over_change_in {
    ($(.$key:ident)? { $($module:ident :: $function:ident as $name:ident ($($argument:ident: $kind:ty),*) -> $result:ty;)* }) => {
        hand_over_change_in! { @each ($(.$key)?) $($module::$function as $name($($argument: $kind),*) -> $result;)* }
    };
    (@each $key:tt $($module:ident :: $function:ident as $name:ident ($($argument:ident: $kind:ty),*) -> $result:ty;)*) => {
        $(hand_over_change_in! { @one $key $module::$function as $name($($argument: $kind),*) -> $result; })*
    };
    (@one ($(.$key:ident)?) $module:ident :: $function:ident as $name:ident ($($argument:ident: $kind:ty),*) -> $result:ty;) => {
        fn $name(&mut self, project: &ProjectId, $($argument: $kind),*) -> Result<$result> {
            self.operations.inc();
            let space = self.space(project)?;
            $module::$function(self.connection, &space$(.$key)?, $($argument),*)
        }
    };
}

impl Read for Rows<'_> {
    hand_over! {
        projects::all as projects() -> Vec<Project>;
        projects::ids as project_ids() -> Vec<ProjectId>;
        projects::one as project(id: &ProjectId) -> Option<Project>;
        projects::exists as has_project(id: &ProjectId) -> bool;
        projects::import_sources as import_sources() -> Vec<(ProjectId, ImportSource)>;
        trash::keys as trash_keys() -> Vec<String>;
        trash::one as trashed_project(key: &str) -> Option<TrashedProject>;
        trash::any_until as has_trash_until(millis: i64) -> bool;
        projects::agents_registered as agents_registered(project: &ProjectId) -> u64;
        projects::last_number as last_number(project: &ProjectId) -> u64;
        graph::count as dependency_count(project: &ProjectId) -> DependencyCount;
        changes::server_page as server_changes(query: &ChangeQuery) -> ChangePage;
        changes::any_to_drop as has_changes_to_drop(until: i64, most: u64) -> bool;
        agents::not_heard as agents_not_heard(since: i64, busy_since: i64, now: i64) -> Vec<(ProjectId, AgentId)>;
        runs::has_children_until as has_child_runs_until(millis: i64) -> bool;
        coordination::leases_until as projects_with_leases_until(millis: i64) -> Vec<ProjectId>;
        answers::setting as setting(name: &str) -> Option<String>;
        events::stream as stream(id: &StreamId) -> Option<StreamRow>;
        events::after as events(stream: &StreamId, after: u64, limit: usize) -> Vec<EventRow>;
        events::of_kinds as events_of_kinds(stream: &StreamId, kinds: &[&str], limit: usize) -> Vec<EventRow>;
        credentials::one as credential(id: &str) -> Option<CredentialRow>;
        credentials::all as credentials() -> Vec<CredentialRow>;
        credentials::names as credential_names() -> Vec<String>;
        credentials::named as credential_named(name: &str) -> Option<CredentialRow>;
        people::all as people() -> Vec<PersonRow>;
        people::named as person_named(name: &str) -> Option<PersonRow>;
        people::one as person(id: &str) -> Option<PersonRow>;
        people::ever_named as person_ever_named(name: &str) -> Option<String>;
        people::count_marks as count_marks(person: &str) -> u64;
        credentials::sessions as sessions() -> Vec<SessionRow>;
        answers::one as answer(key: &str) -> Option<AnswerRow>;
        answers::any_until as has_answers_until(millis: i64) -> bool;
        leftovers::exist as has_leftovers() -> bool;
        resets::projects as projects_with_resets() -> Vec<ProjectId>;
        imports::shares as import_shares() -> Vec<(ProjectId, ImportShare)>;
        imports::done as imports_done() -> Vec<String>;
        imports::one as import(id: &str) -> Option<String>;
        resets::undo_tasks as undo_tasks(undo: &str, in_progress: bool, limit: usize) -> Vec<TaskBefore>;
        resets::undo_task as undo_task(undo: &str, number: u64) -> Option<TaskBefore>;
        resets::undo_agents as undo_agents(undo: &UndoRow, limit: usize) -> Vec<AgentId>;
        trash::of as trashed_states(project: &ProjectId) -> Vec<TrashedState>;
    }

    hand_over_in! {
        {
            graph::states as task_states(numbers: &[u64]) -> Vec<TaskState>;
            ready::next as next_ready(from: Option<&ReadyPlace>) -> Option<ReadyPlace>;
            ready::count_others as not_ready() -> NotReady;
            tasks::count_to_reset as count_to_reset() -> u64;
            tasks::numbers_to_reset as numbers_to_reset() -> Vec<u64>;
            tasks::unsettled as unsettled(first: u64, last: u64) -> Vec<StoredTask>;
            tasks::one as task(number: u64) -> Option<StoredTask>;
            tasks::all as tasks() -> Vec<Task>;
            tasks::cards as cards() -> Vec<TaskCard>;
            tasks::by_source as task_by_source(source: &str) -> Option<StoredTask>;
            tasks::order as task_order() -> Vec<TaskPlace>;
            tasks::of_session as tasks_of_session(session: &AgentId) -> Vec<u64>;
            ready::all as ready_tasks() -> Vec<u64>;
            tasks::tasks_at as tasks_at(places: &[TaskPlace], each: Each<'_, Task>) -> ();
            tasks::cards_at as cards_at(places: &[TaskPlace], each: Each<'_, TaskCard>) -> ();
            tasks::by_status as tasks_by_status() -> Vec<(Status, u64)>;
            tasks::by_session as tasks_by_session() -> Vec<(String, Status, u64)>;
            tasks::numbers_by_source as numbers_by_source(sources: &[&str]) -> Vec<(String, u64)>;
            agents::all as agents() -> Vec<StoredAgent>;
            resets::dismissed as dismissed(limit: usize) -> Vec<AgentId>;
            resets::dismissed_agent as dismissed_agent(id: &AgentId) -> Option<StoredAgent>;
            agents::ids as agent_ids() -> Vec<AgentId>;
            agents::one as agent(id: &AgentId) -> Option<StoredAgent>;
            agents::count as count_agents() -> u64;
            agents::to_replace as agent_to_replace() -> Option<AgentId>;
            agents::of_tokens as agents_of_tokens() -> Vec<(AgentId, String)>;
            agents::active as active_agents() -> u64;
            comments::of as comments(task: u64) -> Vec<Comment>;
            comments::ids as comment_ids(task: u64) -> Vec<u64>;
            comments::one as comment(id: u64) -> Option<Comment>;
            comments::count as count_comments(task: u64) -> u64;
            questions::open_of as open_question(agent: &AgentId) -> Option<Question>;
            questions::one as question(id: u64) -> Option<Question>;
            questions::ids as question_ids(filter: &QuestionFilter, limit: usize) -> Vec<u64>;
            questions::is_of_former as is_of_former(question: u64) -> bool;
            questions::answers as question_answers(question: u64) -> Vec<Answer>;
            questions::unread as unread_answers(agent: &AgentId) -> Vec<Answer>;
        }
    }

    hand_over_in! {
        .rows {
            trash::undos as undos() -> Vec<UndoRow>;
            changes::ids_of_task as history_ids(task: u64, limit: usize) -> Vec<u64>;
            changes::entry_of as history_entry(id: u64) -> Option<HistoryEntry>;
            changes::page as changes(query: &ChangeQuery) -> ChangePage;
            changes::newest as newest_change(subject: &str) -> Option<ChangeRecord>;
            graph::all as dependency_graph() -> Graph;
            graph::and_above as task_and_above(number: u64, limit: usize) -> Vec<u64>;
            staging::exists as has_staged(first: u64) -> bool;
            staging::firsts as stagings() -> Vec<u64>;
            imports::share as import_share() -> Option<ImportShare>;
            imports::rows as import_rows(first: u64, limit: usize, bytes: usize) -> Vec<(u64, String)>;
            attempts::of as attempts(task: u64, limit: usize) -> Vec<Attempt>;
            attempts::last_generation as last_generation(agent: &AgentId) -> u64;
            attempts::base as claim_base(task: u64, generation: u64) -> Option<ClaimBase>;
            coordination::leases as leases() -> Vec<Lease>;
            coordination::log_lines as log_lines(agent: Option<&AgentId>, limit: usize) -> Vec<LogEntry>;
        }
    }

    hand_over_in! {
        .crew {
            runs::of as runs(agent: &AgentId, limit: usize) -> Vec<Run>;
            runs::named as run_named(agent: &AgentId, source: &str, session: &str, machine: &str) -> Option<Run>;
            runs::one as run(agent: &AgentId, id: u64) -> Option<Run>;
            runs::running as running_session(agent: &AgentId) -> Option<Run>;
            coordination::messages as messages(to: &AgentId, of: Inbox) -> Vec<AgentMessage>;
            coordination::unread as unread_messages(to: &AgentId) -> u64;
            coordination::correspondents as correspondents() -> Vec<(String, AgentId)>;
        }
    }

    fn pending_reset(&self, project: &ProjectId) -> Result<Option<PendingReset>> {
        // Read together with the keys, as every write of a task needs it.
        Ok(self.space(project)?.reset.clone())
    }

    fn marks(&self, person: &str, project: &ProjectId) -> Result<Vec<(String, String)>> {
        self.operations.inc();
        let space = self.space(project)?;
        people::marks(self.connection, person, &space.rows)
    }
}

impl Transaction for Rows<'_> {
    hand_over_change! {
        trash::delete_undo as delete_undo(id: &str) -> ();
        projects::count_agent as count_agent(project: &ProjectId) -> ();
        projects::take_number as take_number(project: &ProjectId) -> u64;
        changes::add_of_server as add_server_change(subject: &str, entry: &HistoryEntry) -> ();
        changes::drop_some as drop_changes(until: i64, most: u64, limit: usize) -> bool;
        runs::put as put_run(run: &Run) -> ();
        runs::end as end_run(id: u64, millis: i64) -> Vec<EndedRun>;
        runs::end_children_until as end_child_runs_until(millis: i64) -> Vec<EndedRun>;
        answers::put_setting as put_setting(name: &str, value: &str) -> ();
        events::start as start_stream(id: &StreamId) -> Epoch;
        events::renew as renew_stream(id: &StreamId) -> ();
        events::advance as advance_stream(id: &StreamId) -> StreamRow;
        events::add as add_event(event: &EventRow) -> ();
        credentials::put as put_credential(credential: &CredentialRow) -> ();
        people::add as add_person(person: &PersonRow) -> ();
        people::put as put_person(person: &PersonRow) -> ();
        credentials::put_session as put_session(session: &SessionRow) -> ();
        credentials::delete_session as delete_session(session: &Digest) -> ();
        credentials::delete_sessions_of as delete_sessions_of(credential: &str) -> ();
        credentials::delete_sessions_until as delete_sessions_until(millis: i64) -> ();
        answers::put as put_answer(key: &str, answer: &AnswerRow) -> ();
        answers::trim as trim_answers(owner: Option<&str>, most: Answers) -> ();
        answers::delete_until as delete_answers_until(millis: i64) -> ();
        answers::set_back as set_answers_back(millis: i64) -> ();
        leftovers::remove as drop_leftovers(rows: usize, bytes: u64) -> usize;
        imports::put as put_import(id: &str, data: &str) -> ();
        imports::end as end_import(id: &str) -> ();
        resets::drop_undo_agent as drop_undo_agent(undo: &UndoRow, id: &AgentId) -> ();
        resets::add_undo_task as add_undo_task(undo: &str, task: &TaskBefore) -> ();
        resets::delete_undo_task as delete_undo_task(undo: &str, number: u64) -> ();
    }

    hand_over_change_of_projects! {
        projects::put as put_project(project: &Project) -> ();
        projects::put_import_source as put_import_source(id: &ProjectId, source: Option<&ImportSource>) -> ();
        projects::delete as delete_project(id: &ProjectId) -> ();
        projects::clear as clear_project(id: &ProjectId) -> ();
        trash::keep as trash_project(trashed: &TrashedProject, stay: bool) -> ();
        trash::bring_back as restore_project(key: &str) -> ();
        trash::remove as purge_trash(key: &str) -> ();
        trash::remove_until as purge_trash_until(millis: i64) -> ();
    }

    hand_over_change_in! {
        {
            staging::begin as stage_tasks(count: u64) -> u64;
            resets::end_dismissed as end_dismissed(id: &AgentId) -> ();
            resets::bring_back_agent as bring_back_agent(undo: &UndoRow, id: &AgentId) -> ();
            tasks::put as put_task(task: &StoredTask) -> ();
            agents::put as put_agent(agent: &StoredAgent) -> ();
            agents::delete as delete_agent(id: &AgentId) -> ();
            comments::add as add_comment(task: u64, comment: &Comment) -> u64;
            comments::put as put_comment(comment: &Comment) -> ();
            comments::trim_deleted as trim_deleted_comments(task: u64, keep: u64) -> ();
            questions::add as add_question(task: Option<u64>, question: &Question) -> u64;
            questions::close as close_question(question: &Question) -> ();
            questions::close_all_of as close_questions(agent: &AgentId) -> ();
            questions::trim as trim_questions(keep: u64) -> ();
            questions::add_answer as add_question_answer(answer: &Answer) -> u64;
            questions::put_answer as put_question_answer(answer: &Answer) -> ();
        }
    }

    hand_over_change_in! {
        .rows {
            trash::add_undo as add_undo(undo: &UndoRow, keep: usize) -> ();
            staging::publish as publish_staged(first: u64) -> ();
            staging::remove as drop_staged(first: u64, limit: usize) -> bool;
            imports::add_rows as add_import_rows(first: u64, position: u64, rows: &[String]) -> ();
            imports::drop_rows as drop_import_rows(first: u64, last: u64) -> ();
            imports::begin_share as begin_import_share(share: &ImportShare) -> ();
            imports::end_share as end_import_share() -> ();
            changes::add as add_change(subject: &str, entry: &HistoryEntry) -> ();
            changes::extend as extend_change(id: u64, fields: &[FieldChange]) -> ();
            changes::trim as trim_changes(subject: &str, keep: usize) -> ();
            attempts::put as put_attempt(task: u64, attempt: &Attempt) -> ();
            attempts::put_base as put_claim_base(task: u64, generation: u64, base: &ClaimBase) -> ();
            attempts::trim as trim_attempts(task: u64, keep: usize) -> ();
            coordination::add_lease as add_lease(lease: &Lease) -> u64;
            coordination::put_lease as put_lease(lease: &Lease) -> ();
            coordination::delete_lease as delete_lease(id: u64) -> ();
            coordination::add_log_lines as add_log_lines(lines: &[LogEntry], keep: u64) -> ();
            coordination::delete_log_lines as delete_log_lines(agent: &AgentId) -> ();
        }
    }

    hand_over_change_in! {
        .crew {
            runs::add as add_run(agent: &AgentId, run: &Run, keep: usize) -> u64;
            coordination::add_message as add_message(message: &AgentMessage, keep: u64) -> u64;
            coordination::mark_read as mark_read(to: &AgentId, up_to: u64, millis: i64) -> bool;
            coordination::close_messages as close_messages(to: &AgentId, millis: i64) -> bool;
        }
    }

    fn dismiss_agents(&mut self, project: &ProjectId, millis: i64) -> Result<Option<String>> {
        self.operations.inc();
        let space = self.space(project)?;
        self.space.take();
        resets::dismiss(self.connection, &space, millis)
    }

    fn begin_reset(&mut self, project: &ProjectId, reset: &PendingReset) -> Result<()> {
        self.operations.inc();
        let space = self.space(project)?;
        self.space.take();
        resets::begin(self.connection, &space, reset)
    }

    fn advance_reset(&mut self, project: &ProjectId, next: u64) -> Result<()> {
        self.operations.inc();
        let space = self.space(project)?;
        self.space.take();
        resets::advance(self.connection, &space, next)
    }

    fn end_reset(&mut self, project: &ProjectId) -> Result<()> {
        self.operations.inc();
        let space = self.space(project)?;
        self.space.take();
        resets::end(self.connection, &space)
    }

    fn put_mark(
        &mut self,
        person: &str,
        project: &ProjectId,
        key: &str,
        value: Option<&str>,
        millis: i64,
    ) -> Result<()> {
        self.operations.inc();
        let space = self.space(project)?;
        people::put_mark(self.connection, person, &space.rows, key, value, millis)
    }
}
