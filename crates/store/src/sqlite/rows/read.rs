//! Reads: the module that has the SQL of each.

use tasktree_protocol::agent::{AgentMessage, Lease, Run};
use tasktree_protocol::attention::AttentionKind;
use tasktree_protocol::question::{Answer, Question};
use tasktree_protocol::task::Attempt;
use tasktree_protocol::{AgentId, Comment, Project, ProjectId, Status, StreamId, Task, TaskCard};

use super::Rows;
use crate::error::Result;
use crate::sqlite::{
    agents, answers, attempts, attention, attention_causes, changes, comments, coordination,
    credentials, events, graph, hooks, imports, leftovers, people, projects, questions, ready,
    resets, runs, staging, tasks, trash,
};
use crate::{
    AnswerRow, AttentionMarks, AttentionRow, ChangePage, ChangeQuery, ChangeRecord, ClaimBase,
    CredentialRow, DependencyCount, Each, EventRow, Graph, HistoryEntry, ImportShare, ImportSource,
    Inbox, LogEntry, NotReady, OverdueTask, PendingReset, PersonRow, QuestionFilter, Read,
    ReadyPlace, SeenIn, SessionRow, SilentSince, StoredAgent, StoredTask, StreamRow, TaskBefore,
    TaskPlace, TaskState, TrashedProject, TrashedState, UndoRow,
};

impl Read for Rows<'_> {
    hand_over! {
        projects::all as projects() -> Vec<Project>;
        projects::ids as project_ids() -> Vec<ProjectId>;
        projects::folders as project_folders() -> Vec<(ProjectId, String)>;
        hooks::all as hooks_seen() -> Vec<SeenIn>;
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
        agents::not_heard as agents_not_heard(since: &SilentSince, now: i64) -> Vec<(ProjectId, AgentId)>;
        runs::has_children_until as has_child_runs_until(millis: i64) -> bool;
        coordination::leases_until as projects_with_leases_until(millis: i64) -> Vec<ProjectId>;
        attention::first as attention(project: &ProjectId, limit: usize) -> Vec<AttentionRow>;
        attention::counts as attention_counts(project: &ProjectId) -> Vec<(AttentionKind, u64)>;
        attention::of as attention_of(project: &ProjectId, subject: &str) -> Vec<AttentionRow>;
        attention::under as attention_under(project: &ProjectId, prefix: &str) -> Vec<AttentionRow>;
        attention::is_open as has_attention(project: &ProjectId, id: u64) -> bool;
        attention::marks_of as attention_marks(person: &str, item: u64) -> Option<AttentionMarks>;
        attention::all_marks_of as all_attention_marks(person: &str) -> Vec<(u64, AttentionMarks)>;
        attention_causes::without_progress as agents_without_progress(until: i64) -> Vec<(ProjectId, AgentId)>;
        attention_causes::overdue_waits as agents_with_overdue_waits(now: i64) -> Vec<(ProjectId, AgentId)>;
        attention_causes::projects_with_free as projects_with_free_agents() -> Vec<ProjectId>;
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
            ready::is as is_ready(number: u64) -> bool;
            ready::overdue as overdue_task(until: i64) -> Option<OverdueTask>;
            attention_causes::failed as failed_agents(task: Option<u64>) -> Vec<AgentId>;
            attention_causes::contradicted as contradicted_tasks() -> Vec<u64>;
            attention_causes::has_free as has_free_agent() -> bool;
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
            runs::of_session as runs_of_session(source: &str, session: &str) -> Vec<(AgentId, Run)>;
            runs::with_open_turns as open_turns() -> Vec<(AgentId, Run)>;
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
