//! Size limits and retention.
//!
//! Each limit of [`Limits`] has a name and a default; a request over one is refused with the
//! field's name. They are one table in one file, so that there is one place to look for a limit.

use std::time::Duration;

use tasktree_protocol::task::fields::{LABEL_CHARS, LABELS_PER_TASK};

/// Default of [`Limits::name_chars`]; also used for the header that names an agent.
pub const NAME_CHARS: usize = 200;

/// Default of [`Limits::key_chars`]; also used for the header with an idempotency key.
pub const KEY_CHARS: usize = 255;

/// Limits of the domain. Sizes of texts are in bytes of UTF-8 unless "characters" is said.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Length of a task's title, in characters.
    pub title_chars: usize,
    /// Size of a task's description.
    pub description_bytes: usize,
    /// Size of a task's prompt.
    pub prompt_bytes: usize,
    /// Length of a branch or session name, in characters.
    pub branch_chars: usize,
    /// Number of entries of a list: dependencies, files.
    pub list_entries: usize,
    /// Length of one entry of a list of texts, in characters.
    pub list_entry_chars: usize,
    /// Number of labels of a task.
    pub labels_per_task: usize,
    /// Length of a label, in characters.
    pub label_chars: usize,
    /// Highest priority.
    pub priority_max: u32,
    /// Length of an agent's name or identifier, a project's name or a notification's title, in
    /// characters.
    pub name_chars: usize,
    /// Length of a project's identifier, in characters.
    pub project_id_chars: usize,
    /// Size of a project's overview, prompt, plan or description.
    pub project_text_bytes: usize,
    /// Maximum number of agents that a project may ask to work at once.
    pub max_agents: u32,
    /// Number of tasks of a project, including removed ones.
    pub tasks_per_project: u64,
    /// Number of dependencies of all tasks of a project, including removed ones.
    ///
    /// One check for cycles may have to read all of them.
    pub dependencies_per_project: u64,
    /// Number of dependencies of all tasks of one plan, which is stored in one transaction.
    pub dependencies_per_plan: usize,
    /// Number of agents registered in a project.
    pub agents_per_project: usize,
    /// Days for which changes are kept with their values.
    pub history_days: u32,
    /// Bytes of changes kept per project; the oldest are dropped, within seconds.
    pub change_bytes_per_project: u64,
    /// Number of runs kept per agent, including subagents; the oldest ended ones are dropped.
    pub runs_per_agent: usize,
    /// Maximum nesting depth of tasks that are parts of others.
    pub parent_depth: usize,
    /// Number of leases held in a project, without soft ones. A further one is refused.
    ///
    /// Each is compared with each.
    pub leases_per_project: usize,
    /// Number of soft leases held in a project; beyond that, the one that ends first is dropped.
    pub soft_leases_per_project: usize,
    /// Size of a message, a notification, an agent's description or its last activity.
    pub message_bytes: usize,
    /// Number of messages kept per agent; older ones are dropped.
    pub messages_per_agent: u64,
    /// Size of a comment on a task.
    pub comment_bytes: usize,
    /// Number of comments on one task. A further one is refused until another is deleted.
    ///
    /// The same number of deleted comments keep their rows.
    pub comments_per_task: u64,
    /// Size of an agent's question.
    pub question_bytes: usize,
    /// Number of answers that an agent proposes with a question.
    pub question_options: usize,
    /// Number of closed questions kept per project; older ones are dropped with their answers.
    pub questions_per_project: u64,
    /// Number of questions returned by one read.
    pub questions_per_page: usize,
    /// Size of an answer to a question.
    pub question_answer_bytes: usize,
    /// Number of answers to one question, including late ones. A further one is refused.
    pub answers_per_question: usize,
    /// Length of the key of a person's mark, in characters.
    pub mark_key_chars: usize,
    /// Size of a mark's JSON.
    pub mark_bytes: usize,
    /// Number of marks of one person in all projects. A further one is refused until another is
    /// removed.
    pub marks_per_person: u64,
    /// Minutes without progress after which a working agent needs attention.
    pub no_progress_minutes: u32,
    /// Minutes after which a ready task needs attention while an agent is free.
    pub ready_minutes: u32,
    /// Number of attention items of a project in one response; further ones are only counted.
    pub attention_per_project: usize,
    /// Size of one log line; a longer one is cut and marked as such.
    pub log_line_bytes: usize,
    /// Number of log lines accepted per request.
    ///
    /// Of more lines the newest are kept, and one line gives the number of missing ones.
    pub log_lines_per_request: usize,
    /// Number of log lines kept per agent, and for a project itself.
    pub log_lines_per_agent: u64,
    /// Longest lease, in seconds.
    pub lease_ttl_seconds: u64,
    /// Length of an idempotency key or a command's id, in characters.
    pub key_chars: usize,
    /// Bytes of a response that is stored whole for an idempotency key.
    ///
    /// A longer one is stored as a reference to the row, or with its texts and lists shortened.
    pub answer_bytes: usize,
    /// Stored responses per caller. Beyond that the oldest are dropped before they expire.
    pub answers_per_caller: Answers,
    /// Stored responses of all callers.
    pub answers: Answers,
    /// Number of events returned by one read of the log.
    pub events_per_page: usize,
    /// Timeout of one git command, in seconds.
    ///
    /// A merge of a large repository takes seconds; a command that takes longer is waiting for
    /// something, and is ended.
    pub git_seconds: u64,
    /// Bytes read of one git command's output.
    ///
    /// Lists are cut there; if git's full output is needed, the operation is refused.
    pub git_output_bytes: usize,
    /// Number of git commands that run at the same time, in all repositories; others wait.
    pub git_commands: usize,
    /// Number of commits that a merge preview names; the others are only counted.
    pub merge_commits: usize,
    /// Number of files that a merge preview or refusal names; the others are only counted.
    pub merge_files: usize,
}

/// Limits of stored responses to requests with idempotency keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answers {
    /// Maximum number of responses.
    pub count: u64,
    /// Maximum total of their bytes.
    pub bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            title_chars: 500,
            description_bytes: 64 * 1024,
            prompt_bytes: 256 * 1024,
            branch_chars: 255,
            list_entries: 500,
            list_entry_chars: 1024,
            labels_per_task: LABELS_PER_TASK,
            label_chars: LABEL_CHARS,
            priority_max: 9999,
            name_chars: NAME_CHARS,
            project_id_chars: 100,
            project_text_bytes: 256 * 1024,
            max_agents: 1000,
            tasks_per_project: 100_000,
            dependencies_per_project: 200_000,
            dependencies_per_plan: 50_000,
            agents_per_project: 1000,
            history_days: 90,
            change_bytes_per_project: 256 << 20,
            runs_per_agent: 200,
            parent_depth: 16,
            leases_per_project: 500,
            soft_leases_per_project: 500,
            message_bytes: 64 * 1024,
            messages_per_agent: 1000,
            comment_bytes: 16 * 1024,
            comments_per_task: 500,
            question_bytes: 8 * 1024,
            question_options: 20,
            questions_per_project: 1000,
            questions_per_page: 100,
            question_answer_bytes: 8 * 1024,
            answers_per_question: 10,
            mark_key_chars: 100,
            mark_bytes: 8 * 1024,
            marks_per_person: 500,
            no_progress_minutes: 20,
            ready_minutes: 30,
            attention_per_project: 500,
            log_line_bytes: 8 * 1024,
            log_lines_per_request: 1000,
            log_lines_per_agent: 1000,
            lease_ttl_seconds: 24 * 3600,
            key_chars: KEY_CHARS,
            answer_bytes: 16 * 1024,
            answers_per_caller: Answers {
                count: 10_000,
                bytes: 16 << 20,
            },
            answers: Answers {
                count: 50_000,
                bytes: 64 << 20,
            },
            events_per_page: 2000,
            git_seconds: 120,
            git_output_bytes: 8 * 1024 * 1024,
            git_commands: 8,
            merge_commits: 100,
            merge_files: 500,
        }
    }
}

/// Number of an import's tasks that are written in one transaction.
///
/// A larger import is staged: its transactions have at most that many tasks each, and other writes
/// run between them.
pub const IMPORT_CHUNK_TASKS: usize = 200;

/// Bytes of texts and dependencies of the tasks that an import writes in one transaction.
pub const IMPORT_CHUNK_BYTES: usize = 512 * 1024;

/// Number of parts of pending imports that are written in one sweep; the next sweep continues.
pub const IMPORT_PARTS_A_SWEEP: usize = 50;

/// Number of warnings in the report of an import; a last one gives the number of further ones.
pub const IMPORT_WARNINGS: usize = 10_000;

/// Number of an import's warnings that name their whole dependency cycle.
pub const IMPORT_CIRCLES_NAMED: usize = 20;

/// Maximum number of names in the path of a lease: directories and the file.
pub const LEASE_DEPTH: usize = 64;

/// Number of conflicting agents that a lease names.
///
/// If all leases of a project overlap, complete lists would grow with the square of their number.
pub const LEASE_CONFLICTS_NAMED: usize = 50;

/// Size of an attention item's text; a longer one is cut.
pub const ATTENTION_TEXT_BYTES: usize = 500;

/// Size of all proposed answers in an attention item. Those that do not fit are left out.
pub const ATTENTION_OPTIONS_BYTES: usize = 2048;

/// Size of all attention items in one response; items beyond it are only counted.
pub const ATTENTION_ANSWER_BYTES: usize = 2 << 20;

/// Number of attention items in one event. More become several events.
pub const ATTENTION_PER_EVENT: usize = 50;

/// Number of pairs of agents per project whose overlapping leases are attention items.
///
/// If all leases of a project overlap, the pairs grow with the square of their number.
pub const LEASE_CONFLICT_PAIRS: usize = 200;

/// Number of paths that an attention item about overlapping leases names.
pub const LEASE_CONFLICT_PATHS: usize = 8;

/// Number of changed tasks in one transaction above which the attention items of all tasks of the
/// project are derived again, rather than those of each task.
pub const ATTENTION_TASKS_ONE_BY_ONE: usize = 32;

/// Number of agents whose attention items are derived in one transaction of the sweeper.
pub const ATTENTION_AGENTS_AT_ONCE: usize = 50;

/// Interval at which a project with free agents and recent changes is searched for ready tasks that
/// nobody has claimed.
pub const READY_CHECKED_EVERY_MS: i64 = 60_000;

/// Maximum number of faults listed in the refusal of one request; the last entry says that there
/// are more.
pub const FAULTS_LISTED: usize = 100;

impl Limits {
    /// Returns the time for which changes are kept, in milliseconds.
    pub const fn history_ms(&self) -> i64 {
        self.history_days as i64 * 24 * 3600 * 1000
    }

    /// Returns the time without progress after which an agent needs attention, in milliseconds.
    pub const fn no_progress_ms(&self) -> i64 {
        self.no_progress_minutes as i64 * 60_000
    }

    /// Returns the time after which a ready task needs attention, in milliseconds.
    pub const fn ready_ms(&self) -> i64 {
        self.ready_minutes as i64 * 60_000
    }
}

/// Number of events kept per stream: at least this many, and at most [`EVENTS_TRIM_EVERY`] more.
pub const EVENTS_KEPT: u64 = 10_000;

/// Bytes of events kept per stream, so that large events do not fill the disk.
///
/// The excess is removed as new events come.
pub const EVENTS_BYTES_KEPT: u64 = 32 << 20;

/// Bytes of old events that a new event removes, or twice its own size if that is more.
///
/// Other writes run right after it.
pub const EVENTS_BYTES_TRIMMED: u64 = 1 << 20;

/// Maximum number of old events that a new event removes.
pub const EVENTS_TRIMMED: u64 = 256;

/// Number of changes kept per task, plus up to [`HISTORY_TRIM_EVERY`] more.
///
/// With [`RECORDED_VALUE_BYTES`] and [`RECORDED_DIFF_BYTES`] this bounds the size of a task's
/// record. No change older than [`Limits::history_days`] is kept.
pub const HISTORY_KEPT: usize = 500;

/// Default number of entries in one response about a task's history.
pub const HISTORY_SHOWN: usize = 200;

/// Number of change records dropped in one transaction, so that the writer stays available.
pub const CHANGES_DROPPED_AT_ONCE: usize = 1000;

/// Number of such transactions in a row, with other writes between them.
///
/// The rest is dropped a second later.
pub const CHANGES_DROPS_IN_A_ROW: usize = 20;

/// Maximum number of tasks in a page of a list.
pub const PAGE_TASKS: usize = 1000;

/// Default number of changes in one response about a project.
pub const CHANGES_SHOWN: usize = 200;

/// Number of changes that one read scans.
///
/// A read with a selective filter ends there, and names the number before which the next one
/// continues.
pub const CHANGES_SCANNED: usize = 10_000;

/// Time within which reports of an agent's progress are merged into one record, in milliseconds.
pub const PROGRESS_RECORDED_EVERY_MS: i64 = 60_000;

/// Number of claims kept per task; the oldest are dropped.
pub const ATTEMPTS_KEPT: usize = 200;

/// Largest value that a change record stores in full, in bytes.
///
/// A longer one is recorded by length and digest.
pub const RECORDED_VALUE_BYTES: usize = 4096;

/// Maximum bytes of the edits that lead back to a value that is not recorded in full.
///
/// Beyond that the earlier value is known by length and digest only.
pub const RECORDED_DIFF_BYTES: usize = 16 * 1024;

/// Maximum number of lines, from the first to the last that differ, up to which two texts are
/// compared line by line.
///
/// Such a comparison takes time proportional to the product of the lengths. Larger differences
/// become one edit.
pub const RECORDED_DIFF_LINES: usize = 1000;

/// Number of changes of a task between two trims of its history, so that not every change pays for
/// it.
pub const HISTORY_TRIM_EVERY: u64 = 32;

/// Time for which removed or reset projects stay in the trash: 30 days. In milliseconds.
pub const TRASH_MS: i64 = 30 * 24 * 3600 * 1000;

/// Number of trashed states per project, and of undo records of its task resets.
///
/// A script that resets repeatedly must not fill the disk; the oldest are dropped.
pub const TRASH_PER_PROJECT: usize = 10;

/// Rows of permanently removed projects deleted in one transaction, so that the writer stays
/// available.
pub const LEFTOVERS_DROPPED_AT_ONCE: usize = 500;

/// Bytes of texts that such a transaction deletes: the store frees the pages of long texts one by
/// one.
pub const LEFTOVERS_BYTES_AT_ONCE: u64 = 1 << 20;

/// Number of such transactions in one sweep, with other writes between them; the next sweep
/// continues.
pub const LEFTOVERS_PARTS_A_SWEEP: usize = 50;

/// Number of events of harnesses that wait to be applied.
///
/// Beyond it activity is dropped; starts, waits and ends are kept up to twice the number.
pub const HOOK_EVENTS_QUEUED: usize = 4096;

/// Number of harness sessions whose events are applied at the same time.
pub const HOOK_SESSIONS_AT_ONCE: usize = 16;

/// Number of agents marked as silent in one transaction: for each, the project's leases are
/// scanned.
pub const SILENT_AT_ONCE: usize = 20;

/// Number of child runs ended in one transaction because they were not seen for too long.
pub const RUNS_ENDED_AT_ONCE: usize = 1000;

/// Number of tasks that a reset of all tasks, or its undo, writes in one transaction.
///
/// A larger reset shows at once, and its rows are written in parts, with other writes between them.
pub const RESET_TASKS_AT_ONCE: usize = 200;

/// Number of agents whose ends a reset of all tasks writes in one transaction, with an event for
/// each question.
///
/// A larger reset shows at once, and the ends are written in parts.
pub const RESET_AGENTS_AT_ONCE: usize = 20;

/// Number of parts of resets that are written in one sweep; the next sweep continues.
pub const RESET_PARTS_A_SWEEP: usize = 50;

/// Number of agents that an undo registers again in one transaction, with their messages.
pub const UNDO_AGENTS_AT_ONCE: usize = 4;

/// Number of wrong tokens per minute and address that are answered as wrong; further ones get 429.
///
/// An IPv6 address counts with its /64.
pub const WRONG_TOKENS_A_MINUTE: usize = 10;

/// Number of open WebSocket tickets per token, or without any; a further one ends the oldest of the
/// same token.
pub const TICKETS_PER_TOKEN: usize = 100;

/// Number of all open tickets; a further one ends the oldest of the token that has the most.
pub const TICKETS: usize = 10_000;

/// Number of browsers signed in with one token; a further one signs out the least recently used.
pub const SIGN_INS_PER_TOKEN: usize = 100;

/// Number of all signed-in browsers; a further one signs out one of the token that has the most.
pub const SIGN_INS: usize = 10_000;

/// Number of events of a stream between two trims of its log, so that not every write pays for it.
pub const EVENTS_TRIM_EVERY: u64 = 64;

/// Time for which the response to a REST request with an idempotency key is stored, in
/// milliseconds.
///
/// 24 h, the customary time (Stripe).
pub const REQUEST_ANSWER_MS: i64 = 24 * 3600 * 1000;

/// Number of expired responses removed in one transaction.
pub const ANSWERS_REMOVED_AT_ONCE: usize = 1000;

/// Time for which the response to a WebSocket command is stored: 5 minutes. In milliseconds.
pub const COMMAND_ANSWER_MS: i64 = 5 * 60 * 1000;

/// Size of one part of a long list, in bytes.
///
/// A response has more than that in memory only if a single entry is larger.
pub const ANSWER_PART_BYTES: usize = 256 * 1024;

/// Bytes of events, log lines or messages in one response; at least one entry.
pub const PAGE_BYTES: usize = 4 << 20;

/// Interval at which `/health` writes a small probe to test the disk.
pub const HEALTH_PROBE_EVERY: Duration = Duration::from_secs(10);

/// Interval of that probe while it fails.
pub const HEALTH_PROBE_FAILED_EVERY: Duration = Duration::from_secs(1);

/// Bytes that must be free on the database's disk; with fewer `/health` responds 503.
///
/// A write at the limits and the log of earlier writes might otherwise find no room.
pub const DISK_RESERVE_BYTES: u64 = 8 << 20;

/// Timeout of that probe.
pub const HEALTH_PROBE_TIMEOUT: Duration = Duration::from_secs(5);

/// Smallest change of the clock that counts, in milliseconds: machines correct theirs all the time.
pub const CLOCK_SLACK_MS: i64 = 2_000;
