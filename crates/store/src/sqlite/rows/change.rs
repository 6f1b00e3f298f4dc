//! Changes: the module that has the SQL of each.

use tasktree_protocol::agent::{AgentMessage, Lease, Run};
use tasktree_protocol::attention::AttentionItem;
use tasktree_protocol::http::HookSeen;
use tasktree_protocol::question::{Answer, Question};
use tasktree_protocol::task::Attempt;
use tasktree_protocol::{AgentId, Comment, Epoch, Project, ProjectId, StreamId};

use super::Rows;
use crate::error::Result;
use crate::limits::Answers;
use crate::sqlite::{
    agents, answers, attempts, attention, changes, comments, coordination, credentials, events,
    hooks, imports, leftovers, people, projects, questions, resets, runs, staging, tasks, trash,
};
use crate::{
    AnswerRow, AttentionMarks, ClaimBase, CredentialRow, Digest, EndedRun, EventRow, FieldChange,
    HistoryEntry, ImportShare, ImportSource, LogEntry, PendingReset, PersonRow, SessionRow,
    StoredAgent, StoredTask, StreamRow, TaskBefore, Transaction, TrashedProject, UndoRow,
};

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
        attention::add as add_attention(project: &ProjectId, subject: &str, item: &AttentionItem) -> u64;
        attention::put as put_attention(item: &AttentionItem) -> ();
        attention::delete as delete_attention(id: u64) -> ();
        attention::put_marks as put_attention_marks(person: &str, item: u64, marks: &AttentionMarks) -> ();
        hooks::put as put_hook_seen(project: Option<&ProjectId>, seen: &HookSeen) -> ();
        hooks::forget_others as forget_hooks_seen() -> ();
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
