//! Projects, tasks and plans.
//!
//! The fields of tasks are added by [`super::super::docs`], from the protocol's table of fields.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// Status of a task.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum Status {
    Unclaimed,
    UpNext,
    InProgress,
    Completed,
    Merged,
}

/// Extent to which tasks are listed.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum TaskView {
    Full,
    Card,
}

/// Verdict of the server on the evidence of a completion.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum Verdict {
    Proven,
    Stated,
    Contradicted,
}

/// End of a claim.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum AttemptOutcome {
    Completed,
    Failed,
    Released,
    Taken,
    Removed,
    Deleted,
    Reset,
}

mirrors! {
    /// Hold of a task: nobody is to work on it for now.
    OnHold {
        reason: String,
        since: String,
    }
    /// Evidence that an agent gave when it completed a task.
    Evidence {
        commit: Option<String>,
        branch: Option<String>,
        tests: Option<String>,
        summary: Option<String>,
        /// Facts that the server found, each a sentence; left out if there are none.
        findings: Option<Vec<String>>,
    }
    /// Claim of a task, from its start to its end.
    Attempt {
        generation: u64,
        agent: String,
        started_at: String,
        ended_at: Option<String>,
        outcome: Option<AttemptOutcome>,
        reason: Option<String>,
        evidence: Option<Evidence>,
        verdict: Option<Verdict>,
    }
    /// Field before and after a change. A value over 4 KB is `{"bytes": .., "sha256": ..}`.
    FieldChange {
        field: String,
        before: Value,
        after: Value,
        /// Edits that turn the value after the change into the value before, if that is over 4 KB;
        /// of lists and objects in their JSON. Left out if there are none, or if they take over 16
        /// KiB.
        diff: Option<Vec<TextEdit>>,
    }
    /// Text that was in a place of a text before a change.
    TextEdit {
        /// Start of the place in the text after the change, in bytes of UTF-8.
        at: u64,
        /// Length of the place in the text after the change, in bytes.
        bytes: u64,
        text: String,
    }
    /// Project.
    Project {
        id: String,
        name: String,
        /// Path of the project's files, on any machine; may be empty.
        path: String,
        description: Option<String>,
        /// Description of what is to be built (Markdown).
        project_overview: Option<String>,
        /// Prompt for the first agent (Markdown).
        initial_prompt: Option<String>,
        /// Plan that an agent made (Markdown).
        plan: Option<String>,
        max_agents: u32,
        active: bool,
        /// RFC 3339, UTC.
        created_at: String,
        updated_at: String,
        git_remote: Option<String>,
        is_git_repo: Option<bool>,
        /// True if a simulation created the project; left out otherwise.
        demo: Option<bool>,
        /// Branch that finished work is merged into; null for the repository's default branch.
        main_branch: Option<String>,
    }
    /// Project to be created.
    NewProject {
        /// 1 to 100 letters, digits and `. _ -`; not starting with a dot.
        id: String,
        name: String,
        path: Option<String>,
        description: Option<String>,
        project_overview: Option<String>,
        initial_prompt: Option<String>,
        plan: Option<String>,
        max_agents: Option<u32>,
        active: Option<bool>,
        git_remote: Option<String>,
        is_git_repo: Option<bool>,
        demo: Option<bool>,
        main_branch: Option<String>,
        /// RFC 3339; the time of the request if left out.
        created_at: Option<String>,
    }
    /// Change of a project: absent fields stay, null clears.
    ProjectPatch {
        name: Option<String>,
        path: Option<String>,
        description: Option<String>,
        project_overview: Option<String>,
        initial_prompt: Option<String>,
        plan: Option<String>,
        max_agents: Option<u32>,
        active: Option<bool>,
        git_remote: Option<String>,
        is_git_repo: Option<bool>,
        main_branch: Option<String>,
    }
    /// Task with all stored fields.
    Task {
    }
    /// Task in the board's list: without long texts and without empty fields.
    TaskCard {
    }
    /// Task to be created.
    NewTask {
    }
    /// Change of a task: absent fields stay, null clears.
    TaskPatch {
        /// Agent that holds the task and loses it.
        take: Option<String>,
    }
    /// Numbers of a project's tasks and agents.
    ProjectStats {
        total_tasks: u64,
        unclaimed_tasks: u64,
        up_next_tasks: u64,
        in_progress_tasks: u64,
        completed_tasks: u64,
        merged_tasks: u64,
        active_agents: u64,
        total_agents_run: u64,
    }
    /// Plan to be stored, with the tasks that carry it out.
    NewPlan {
        plan: String,
        tasks: Option<Vec<NewTask>>,
    }
    /// Stored plan.
    Plan {
        plan: Option<String>,
    }
    /// Result of storing a plan.
    PlanStored {
        plan: String,
        tasks_created: u64,
    }
    /// Change of anything in a project.
    Change {
        /// Number in the project, which rises with every change.
        id: u64,
        /// Subject of the change: `task:7`, `agent:ada`, `project`, ...
        subject: String,
        /// Position of the project's stream with the change.
        seq: u64,
        r#type: String,
        timestamp: String,
        actor: Option<String>,
        changed: Vec<String>,
        /// Status of the task after the change.
        status: Option<Status>,
        /// Generation of the claim; left out if there is none.
        generation: Option<u64>,
        /// Id of the command that caused the change.
        cause: Option<String>,
        /// Values before and after; long ones as length and digest.
        fields: Option<Vec<FieldChange>>,
    }
    /// Event of a task, in short.
    HistoryEntry {
        seq: u64,
        r#type: String,
        timestamp: String,
        actor: Option<String>,
        changed: Vec<String>,
        status: Option<Status>,
        /// Generation of the task's newest claim; left out before the first.
        generation: Option<u64>,
        /// Id of the command that caused the event.
        cause: Option<String>,
        /// Values before and after; long ones as length and digest.
        fields: Option<Vec<FieldChange>>,
    }
    /// Task of another system, to be imported.
    ImportedTask {
        /// Identifier of the task in that system.
        source: String,
        /// Identifiers in that system.
        dependencies: Option<Vec<String>>,
    }
    /// Tasks of another system, to be imported.
    Import {
        tasks: Vec<ImportedTask>,
    }
    /// Result of an import or of its dry run.
    ImportReport {
        created: Vec<String>,
        updated: Vec<String>,
        unchanged: Vec<String>,
        warnings: Vec<String>,
    }
    /// Result of a file import or of its dry run.
    FileReport {
        dry_run: bool,
        /// Results by the project that the lists went into.
        projects: Vec<PortionReport>,
        /// Contents of the file outside its lists.
        notes: Vec<ImportNote>,
    }
    /// Result of the lists that went into one project.
    PortionReport {
        project: String,
        /// True if the import created the project.
        new_project: bool,
        /// Names of the lists in the file.
        lists: Vec<String>,
        /// Number of entries in the lists.
        entries: u64,
        /// Number of entries below these, on all levels.
        subtasks: u64,
        /// Number of subtasks that became lines of checklists.
        subtasks_listed: u64,
        /// Number of subtasks that became tasks.
        subtasks_made: u64,
        /// Number of entries and subtasks that were not imported; a note gives the reason for each.
        left_out: u64,
        created: Vec<String>,
        updated: Vec<String>,
        unchanged: Vec<String>,
        warnings: Vec<String>,
        /// Number of tasks that were removed here before and stay removed.
        removed: u64,
        /// Statuses of the file, each with the one that it became.
        statuses: Vec<ImportStatus>,
        /// Differences between the file and the board.
        notes: Vec<ImportNote>,
    }
    /// Difference between the file and its import.
    ImportNote {
        /// Identifier of the task at the source; empty if the note is about none.
        task: String,
        note: String,
    }
    /// Tasks with one status at the source.
    ImportStatus {
        from: String,
        /// A status, or `on hold`.
        to: String,
        count: u64,
    }
    /// Result of creating a repository.
    GitInitialized {
        success: bool,
        message: String,
        gitignore_created: bool,
    }
    /// Result of a reset of all tasks.
    #[derive(Serialize)]
    TasksReset {
        success: bool,
        reset_count: u64,
        killed_sessions: Vec<String>,
        message: String,
        /// Id of the undo for this reset; null if there was nothing to reset.
        undo: Option<String>,
    }
    /// State of a project that can be restored.
    KeptProject {
        /// Key of the state.
        key: String,
        id: String,
        name: String,
        /// `deleted`, `reset`, or `replaced` if another state was restored.
        why: String,
        at: String,
        /// An actor: `human:..`, `agent:..`, `system:..`.
        by: String,
        /// Time after which the state is deleted permanently.
        until: String,
    }
    /// Operation that can be undone.
    Undoable {
        id: String,
        /// Type of the event that would be undone.
        kind: String,
        made_at: String,
        made_by: String,
    }
    /// Result of an undo.
    Undone {
        tasks: Vec<String>,
        agents: Vec<String>,
        /// Items that stay as they are, each with the reason.
        skipped: Vec<String>,
    }
    /// Git repository of a project.
    GitStatus {
        /// Null if unknown.
        is_git_repo: Option<bool>,
        current_branch: Option<String>,
        /// True if there are uncommitted changes; left out if the path has no work tree.
        has_changes: Option<bool>,
        /// URL without user name, password and parameters.
        remote_url: Option<String>,
        /// Reason for which git does not use the repository, mostly in git's own words.
        error: Option<String>,
    }
    /// Result of a merge.
    #[derive(Serialize)]
    Merged {
        message: String,
        task_id: String,
        branch: String,
        /// Commit of the main branch that has the work, in full; null if it was marked by hand.
        merge_commit: Option<String>,
    }
    /// Preview of a merge.
    MergePreview {
        branch: String,
        main_branch: String,
        branch_commit: String,
        main_commit: String,
        /// Commits that the main branch lacks, newest first, at most 100.
        commits: Vec<CommitLine>,
        commits_total: u64,
        /// Files that the branch changed, at most 500.
        files: Vec<FileLine>,
        files_total: u64,
        additions: u64,
        deletions: u64,
        /// Refusal that a merge would get now; null if it would succeed.
        refusal: Option<MergeRefusal>,
    }
    /// Commit, in short.
    CommitLine {
        sha: String,
        subject: String,
        author: String,
        time: String,
    }
    /// File that a branch changed.
    FileLine {
        path: String,
        /// `A` added, `D` deleted, `M` modified, `T` another kind of file.
        kind: String,
        /// Null for a file that is not text.
        additions: Option<u64>,
        deletions: Option<u64>,
    }
    /// Reason for which a merge is not possible now.
    MergeRefusal {
        /// `nothing_to_merge`, `already_merged`, `merge_conflicts`, `dirty`, `repository_busy`,
        /// `unrelated_histories`, `runs_programs`.
        code: String,
        message: String,
        /// Files that the refusal is about, at most 500.
        files: Vec<String>,
        files_total: u64,
        /// Commit that the refusal is about, in full.
        commit: Option<String>,
    }
    /// Error about a repository.
    RepositoryRefused {
        detail: String,
        /// As in `MergeRefusal`, or `branch_missing`, `main_missing`, `not_a_repository`,
        /// `dubious_ownership`, `inside_repository`.
        code: Option<String>,
        files: Option<Vec<String>>,
        files_total: Option<u64>,
        commit: Option<String>,
    }
    /// Error of a change that was made for an older version of the row.
    Conflict {
        detail: String,
        /// Current row.
        current: Task,
    }
}
