//! How large things may be. Each has a name and a default; a request over one is refused with the field's name.

use std::time::Duration;

/// Default of [`Limits::name_chars`]; also of the header that names an agent.
pub const NAME_CHARS: usize = 200;

/// Default of [`Limits::key_chars`]; also of the header with an idempotency key.
pub const KEY_CHARS: usize = 255;

/// The limits of the domain. Sizes of texts are in bytes of UTF-8 unless "characters" is said.
#[derive(Clone, Debug)]
pub struct Limits {
    /// A task's title, in characters.
    pub title_chars: usize,
    /// A task's description.
    pub description_bytes: usize,
    /// A task's prompt.
    pub prompt_bytes: usize,
    /// A branch or a session name, in characters.
    pub branch_chars: usize,
    /// Entries of a list: dependencies, files.
    pub list_entries: usize,
    /// One entry of a list of texts, in characters.
    pub list_entry_chars: usize,
    /// The largest priority.
    pub priority_max: u32,
    /// A name or identifier of an agent, the name of a project, the title of a notification, in characters.
    pub name_chars: usize,
    /// A project's identifier, in characters.
    pub project_id_chars: usize,
    /// A project's overview, prompt, plan, description.
    pub project_text_bytes: usize,
    /// Agents that a project may say should work at once.
    pub max_agents: u32,
    /// Tasks of a project, removed ones included.
    pub tasks_per_project: u64,
    /// Dependencies of all tasks of a project together, those of removed tasks included: what one check for circles may have to read.
    pub dependencies_per_project: u64,
    /// Dependencies of all tasks of one plan together, which is stored in one transaction.
    pub dependencies_per_plan: usize,
    /// Agents registered in a project.
    pub agents_per_project: usize,
    /// Time for which changes are kept with their values, in days.
    pub history_days: u32,
    /// Changes kept of a project, in bytes; the oldest are dropped, within seconds.
    pub change_bytes_per_project: u64,
    /// Runs kept of an agent, subagents included; the oldest that ended are dropped.
    pub runs_per_agent: usize,
    /// Depth to which tasks may be parts of others.
    pub parent_depth: usize,
    /// Leases held in a project, without soft ones: each is compared with each. One more is
    /// refused.
    pub leases_per_project: usize,
    /// Soft leases held in a project: beyond that, the one that ends first goes.
    pub soft_leases_per_project: usize,
    /// A message, a notification, an agent's description or last activity.
    pub message_bytes: usize,
    /// Messages kept for an agent; older ones are dropped.
    pub messages_per_agent: u64,
    /// A comment on a task.
    pub comment_bytes: usize,
    /// Comments on one task. One more is refused until another is deleted; of deleted ones, as many
    /// rows are kept.
    pub comments_per_task: u64,
    /// A question of an agent.
    pub question_bytes: usize,
    /// Answers that an agent proposes with a question.
    pub question_options: usize,
    /// Closed questions kept of a project; older ones are dropped with their answers.
    pub questions_per_project: u64,
    /// Questions given by one reading.
    pub questions_per_page: usize,
    /// An answer to a question.
    pub question_answer_bytes: usize,
    /// Answers to one question, late ones included. One more is refused.
    pub answers_per_question: usize,
    /// The key of a mark that a person has in a project, in characters.
    pub mark_key_chars: usize,
    /// The JSON of a mark.
    pub mark_bytes: usize,
    /// Marks of one person in all projects. One more is refused until another is removed.
    pub marks_per_person: u64,
    /// One log line, in bytes; a longer one is cut, and says so.
    pub log_line_bytes: usize,
    /// Log lines taken in one request: of more, the newest, and one line says how many are missing.
    pub log_lines_per_request: usize,
    /// Log lines kept of one agent (and of a project itself).
    pub log_lines_per_agent: u64,
    /// The longest lease, in seconds.
    pub lease_ttl_seconds: u64,
    /// An idempotency key or a command's id, in characters.
    pub key_chars: usize,
    /// The answer to a request with an idempotency key that is kept whole, in bytes. Of a longer one there is a reference to the row, or what it says
    /// with its texts and lists shortened.
    pub answer_bytes: usize,
    /// Answers that are kept of one caller. Beyond that its oldest are forgotten before their time.
    pub answers_per_caller: Answers,
    /// The same of all callers.
    pub answers: Answers,
    /// Events given by one reading of the log.
    pub events_per_page: usize,
    /// How long one git command may take, in seconds. A merge of a large repository takes seconds;
    /// more means that it waits for something, and it is ended.
    pub git_seconds: u64,
    /// What is read of one git command's output. Lists are cut there; where git's answer is needed
    /// whole, the operation is refused.
    pub git_output_bytes: usize,
    /// Git commands that run at the same time, in all repositories together; others wait.
    pub git_commands: usize,
    /// Commits that the preview of a merge names; the others are only counted.
    pub merge_commits: usize,
    /// Files that the preview and the refusal of a merge name; the others are only counted.
    pub merge_files: usize,
}

/// How many answers to requests with idempotency keys are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answers {
    /// How many.
    pub count: u64,
    /// Their bytes together.
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

/// Tasks of an import that are written in one transaction. A larger import is staged: its transactions have at most so many tasks each,
/// and others' writes come between them.
pub const IMPORT_CHUNK_TASKS: usize = 200;

/// Texts and dependencies of the tasks that an import writes in one transaction, in bytes.
pub const IMPORT_CHUNK_BYTES: usize = 512 * 1024;

/// Warnings in the report of an import; how many more there were is said in a last one.
pub const IMPORT_WARNINGS: usize = 10_000;

/// Warnings of an import that name the whole circle which they are about.
pub const IMPORT_CIRCLES_NAMED: usize = 20;

/// Most names in the path of a lease: directories and the file.
pub const LEASE_DEPTH: usize = 64;

/// Other agents that a lease names as in conflict with it. Where all leases of a project overlap, a
/// list of all of them would be as long as their number squared.
pub const LEASE_CONFLICTS_NAMED: usize = 50;

/// Most faults that the refusal of one request lists; the last entry says that there are more.
pub const FAULTS_LISTED: usize = 100;

impl Limits {
    /// Returns the time for which changes are kept, in milliseconds.
    pub const fn history_ms(&self) -> i64 {
        self.history_days as i64 * 24 * 3600 * 1000
    }
}

/// Events kept of each stream: at least this many, and at most [`EVENTS_TRIM_EVERY`] more.
pub const EVENTS_KEPT: u64 = 10_000;

/// Bytes of events kept of each stream, so that large events do not fill the disk. More are
/// removed as events come.
pub const EVENTS_BYTES_KEPT: u64 = 32 << 20;

/// Bytes of old events that a new event removes, or twice its own size where that is more: others
/// write at once after it.
pub const EVENTS_BYTES_TRIMMED: u64 = 1 << 20;

/// Old events that a new event removes at most.
pub const EVENTS_TRIMMED: u64 = 256;

/// Changes kept of each task, besides those of [`HISTORY_TRIM_EVERY`] more: with
/// [`RECORDED_VALUE_BYTES`] and [`RECORDED_DIFF_BYTES`] this bounds the size of a task's record.
/// Older than [`Limits::history_days`] none is kept.
pub const HISTORY_KEPT: usize = 500;

/// Entries that one answer about a task's history has where the request names no limit.
pub const HISTORY_SHOWN: usize = 200;

/// Records of changes that are dropped in one transaction, so that the writer stays free.
pub const CHANGES_DROPPED_AT_ONCE: usize = 1000;

/// Such transactions in a row, with others' writes between them; the rest is dropped a second
/// later.
pub const CHANGES_DROPS_IN_A_ROW: usize = 20;

/// Most tasks of a page of a list.
pub const PAGE_TASKS: usize = 1000;

/// Changes that one answer about a project has where the request names no limit.
pub const CHANGES_SHOWN: usize = 200;

/// Changes that one reading looks at. One with a filter that few pass ends there, and names the
/// number before which the next goes on.
pub const CHANGES_SCANNED: usize = 10_000;

/// Time within which reports of an agent's progress are one record, in milliseconds.
pub const PROGRESS_RECORDED_EVERY_MS: i64 = 60_000;

/// Claims kept of each task; the oldest are dropped.
pub const ATTEMPTS_KEPT: usize = 200;

/// The longest value that the record of a change has in full, in bytes; a longer one is recorded by
/// length and digest.
pub const RECORDED_VALUE_BYTES: usize = 4096;

/// The most that the edits may take which lead back to a value that is not recorded in full, in
/// bytes. Beyond that the value before is known by length and digest only.
pub const RECORDED_DIFF_BYTES: usize = 16 * 1024;

/// The most lines between the first and the last that differ for which two texts are compared line
/// by line, which takes as long as their product. Of more, all between them is one edit.
pub const RECORDED_DIFF_LINES: usize = 1000;

/// A task's history is trimmed once in so many of its changes, so that not every change pays for it.
pub const HISTORY_TRIM_EVERY: u64 = 32;

/// How long what was removed or reset can be brought back: 30 days. In milliseconds.
pub const KEPT_MS: i64 = 30 * 24 * 3600 * 1000;

/// How many states of one project are kept, and of all its tasks as well, so that a script that resets over and over does not fill the
/// disk; the oldest go.
pub const KEPT_PER_PROJECT: usize = 10;

/// Rows of projects that are gone for good which are removed in one transaction, so that the writer
/// stays free.
pub const LEFTOVERS_DROPPED_AT_ONCE: usize = 500;

/// Bytes of texts that such a transaction removes: the store gives the pages of long texts back one
/// by one.
pub const LEFTOVERS_BYTES_AT_ONCE: u64 = 1 << 20;

/// Such transactions in one sweep, between which others write; the next sweep goes on.
pub const LEFTOVERS_PARTS_A_SWEEP: usize = 50;

/// Agents that are marked as silent in one transaction: for each, the leases of the project are
/// looked at.
pub const SILENT_AT_ONCE: usize = 20;

/// Runs below others that are ended in one transaction, where they were not seen for too long.
pub const RUNS_ENDED_AT_ONCE: usize = 1000;

/// Tasks that a reset of all tasks, or its undo, writes in one transaction. One of more tasks shows
/// at once, and its rows are written in parts, between which others write.
pub const RESET_TASKS_AT_ONCE: usize = 200;

/// Agents whose ends a reset of all tasks writes in one transaction, with an event for each of their
/// questions. One of more agents shows at once, and their ends are written in parts.
pub const RESET_AGENTS_AT_ONCE: usize = 20;

/// Parts of resets that are written in one sweep; the next sweep goes on.
pub const RESET_PARTS_A_SWEEP: usize = 50;

/// Agents that an undo registers again in one transaction, with their messages.
pub const UNDO_AGENTS_AT_ONCE: usize = 4;

/// Wrong tokens from one address, an IPv6 address with its /64, that are answered as wrong within a
/// minute; more are answered with 429.
pub const WRONG_TOKENS_A_MINUTE: usize = 10;

/// Tickets for WebSockets that may be open with one token, or without any; one more ends the
/// oldest of the same token.
pub const TICKETS_PER_TOKEN: usize = 100;

/// Tickets that may be open in all; one more ends the oldest of the token that has the most.
pub const TICKETS: usize = 10_000;

/// Browsers that may be signed in with one token; one more signs out the one that was used the
/// longest ago.
pub const SIGN_INS_PER_TOKEN: usize = 100;

/// Browsers that may be signed in in all; one more signs out one of the token that has the most.
pub const SIGN_INS: usize = 10_000;

/// The log is trimmed once in so many events of a stream, so that not every write pays for it.
pub const EVENTS_TRIM_EVERY: u64 = 64;

/// How long the answer to a REST request with an idempotency key is kept: 24 h, the customary time (Stripe). In milliseconds.
pub const REQUEST_ANSWER_MS: i64 = 24 * 3600 * 1000;

/// How many answers whose time is over are removed in one transaction.
pub const ANSWERS_REMOVED_AT_ONCE: usize = 1000;

/// How long the answer to a command of a socket is kept: 5 minutes. In milliseconds.
pub const COMMAND_ANSWER_MS: i64 = 5 * 60 * 1000;

/// How large a part of a long list is that is sent at once, in bytes: more than that of an answer is in memory only while a single entry is larger.
pub const ANSWER_PART_BYTES: usize = 256 * 1024;

/// Events, log lines or messages that one answer has, in bytes; at least one.
pub const PAGE_BYTES: usize = 4 << 20;

/// How often `/health` writes something small, to see whether that can be done.
pub const HEALTH_PROBE_EVERY: Duration = Duration::from_secs(10);

/// The same while that fails.
pub const HEALTH_PROBE_FAILED_EVERY: Duration = Duration::from_secs(1);

/// Bytes that must be left on the disk of the database; with fewer `/health` says 503, since a
/// write at the limits and the log of those before it may find no room.
pub const DISK_RESERVE_BYTES: u64 = 8 << 20;

/// Within what time it must be written.
pub const HEALTH_PROBE_TIMEOUT: Duration = Duration::from_secs(5);
