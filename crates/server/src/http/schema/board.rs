//! Projects, tasks and plans.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// Where a task stands.
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

/// Finding of the server on the evidence of a completion.
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
    /// A task that nobody is to work on for now.
    OnHold {
        reason: String,
        since: String,
    }
    /// What an agent stated when it completed a task.
    Evidence {
        commit: Option<String>,
        branch: Option<String>,
        tests: Option<String>,
        summary: Option<String>,
        /// Facts that the server found, each a sentence; left out where there are none.
        findings: Option<Vec<String>>,
    }
    /// A claim of a task, from its start to its end.
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
    /// A field before and after a change. A value over 4 KB is `{"bytes": .., "sha256": ..}`.
    FieldChange {
        field: String,
        before: Value,
        after: Value,
        /// Edits that lead from the value after to one before that is over 4 KB, of lists and
        /// objects in their JSON. Left out where there are none, or where they take over 16 KiB.
        diff: Option<Vec<TextEdit>>,
    }
    /// Text that stood in a place of a text before a change.
    TextEdit {
        /// Start of the place in the text after the change, in bytes of UTF-8.
        at: u64,
        /// Length of what stands there after the change, in bytes.
        bytes: u64,
        text: String,
    }
    /// A project.
    Project {
        id: String,
        name: String,
        /// Where its files are, on whichever machine; may be empty.
        path: String,
        description: Option<String>,
        /// What is to be built (Markdown).
        project_overview: Option<String>,
        /// What the first agent is told (Markdown).
        initial_prompt: Option<String>,
        /// The plan that an agent made (Markdown).
        plan: Option<String>,
        max_agents: u32,
        active: bool,
        /// RFC 3339, UTC.
        created_at: String,
        updated_at: String,
        git_remote: Option<String>,
        is_git_repo: Option<bool>,
        /// Whether a simulation made it; left out where not.
        demo: Option<bool>,
        /// The branch that finished work is merged into; the repository's default branch where null.
        main_branch: Option<String>,
    }
    /// A project to be made.
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
        /// RFC 3339; the time of the request where it is left out.
        created_at: Option<String>,
    }
    /// A change of a project: what is absent stays, null clears.
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
    /// A task with everything that is stored of it.
    Task {
        /// `{number}-{project}`; it never changes.
        id: String,
        /// Number in the project, from 1, never reused.
        task_id: u64,
        title: String,
        /// Markdown.
        description: Option<String>,
        /// What the agent is told (Markdown).
        prompt: Option<String>,
        status: Status,
        branch: String,
        /// The agent that works on it.
        session: Option<String>,
        dependencies: Vec<String>,
        /// 1 urgent, 2 high, 3 medium, 4 low, larger later still; 0 none, and last.
        priority: u32,
        owned_files: Vec<String>,
        shared_files: Vec<String>,
        creates_files: Vec<String>,
        merge_order: i64,
        exclusive_files: Vec<String>,
        initialization_deps: Vec<String>,
        created_at: String,
        updated_at: String,
        completed_at: Option<String>,
        merged_at: Option<String>,
        /// Version of the row, as in its ETag.
        rev: u64,
        status_changed_at: Option<String>,
        /// Dependencies that are not done yet.
        blocked_by: Vec<String>,
        /// The agent that holds it; null where nobody does.
        holder: Option<String>,
        /// Number of its newest claim; 0 before the first.
        generation: u64,
        on_hold: Option<OnHold>,
        /// The task that this one is a part of.
        parent: Option<String>,
        evidence: Option<Evidence>,
        verdict: Option<Verdict>,
        /// The commit of the main branch that has the work, in full; null where it is not merged,
        /// or was marked merged by hand.
        merge_commit: Option<String>,
        /// The `id` of the person who looks after it, whoever works on it.
        assignee: Option<String>,
    }
    /// A task as the board's list carries it: without long texts and without what is empty.
    TaskCard {
        id: String,
        task_id: u64,
        title: String,
        status: Status,
        branch: Option<String>,
        session: Option<String>,
        dependencies: Option<Vec<String>>,
        priority: Option<u32>,
        updated_at: String,
        status_changed_at: Option<String>,
        rev: u64,
        holder: Option<String>,
        generation: Option<u64>,
        on_hold: Option<OnHold>,
        parent: Option<String>,
        verdict: Option<Verdict>,
        merge_commit: Option<String>,
        assignee: Option<String>,
    }
    /// A task to be made.
    NewTask {
        title: String,
        description: Option<String>,
        prompt: Option<String>,
        status: Option<Status>,
        /// `task-{number}` where left out.
        branch: Option<String>,
        /// Ids or numbers of tasks.
        dependencies: Option<Vec<String>>,
        priority: Option<u32>,
        owned_files: Option<Vec<String>>,
        shared_files: Option<Vec<String>>,
        creates_files: Option<Vec<String>>,
        merge_order: Option<i64>,
        exclusive_files: Option<Vec<String>>,
        initialization_deps: Option<Vec<String>>,
        /// The task that this one is a part of, by id or number.
        parent: Option<String>,
        /// Reason for which nobody is to work on it.
        on_hold: Option<String>,
    }
    /// A change of a task: what is absent stays, null clears.
    TaskPatch {
        title: Option<String>,
        description: Option<String>,
        prompt: Option<String>,
        status: Option<Status>,
        branch: Option<String>,
        session: Option<String>,
        dependencies: Option<Vec<String>>,
        priority: Option<u32>,
        owned_files: Option<Vec<String>>,
        shared_files: Option<Vec<String>>,
        creates_files: Option<Vec<String>>,
        merge_order: Option<i64>,
        exclusive_files: Option<Vec<String>>,
        initialization_deps: Option<Vec<String>>,
        parent: Option<String>,
        /// Reason for which nobody is to work on it; null ends the hold.
        on_hold: Option<String>,
        /// The `id` of the person who looks after it: one of `GET /api/people`. Only people give
        /// it.
        assignee: Option<String>,
        /// The agent that holds the task and from which it is taken.
        take: Option<String>,
    }
    /// Counts of a project.
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
    /// A plan to be stored, with the tasks that carry it out.
    NewPlan {
        plan: String,
        tasks: Option<Vec<NewTask>>,
    }
    /// A stored plan.
    Plan {
        plan: Option<String>,
    }
    /// What became of a plan.
    PlanStored {
        plan: String,
        tasks_created: u64,
    }
    /// A change of anything in a project.
    Change {
        /// Number in the project, which rises with every change.
        id: u64,
        /// The thing that changed: `task:7`, `agent:ada`, `project`, ...
        subject: String,
        /// Position of the project's stream with the change.
        seq: u64,
        r#type: String,
        timestamp: String,
        actor: Option<String>,
        changed: Vec<String>,
        /// A task's status after it.
        status: Option<Status>,
        /// Generation of the claim; left out where there is none.
        generation: Option<u64>,
        /// Id of the command that caused it.
        cause: Option<String>,
        /// Values before and after; long ones by length and digest.
        fields: Option<Vec<FieldChange>>,
    }
    /// An event of a task, in short.
    HistoryEntry {
        seq: u64,
        r#type: String,
        timestamp: String,
        actor: Option<String>,
        changed: Vec<String>,
        status: Option<Status>,
        /// Generation of the task's newest claim; left out before the first.
        generation: Option<u64>,
        /// Id of the command that caused it.
        cause: Option<String>,
        /// Values before and after; long ones by length and digest.
        fields: Option<Vec<FieldChange>>,
    }
    /// A task of another system, to be imported.
    ImportedTask {
        /// Its identifier there.
        source: String,
        title: String,
        description: Option<String>,
        prompt: Option<String>,
        status: Option<Status>,
        priority: Option<u32>,
        /// Identifiers there.
        dependencies: Option<Vec<String>>,
        /// Reason for which nobody is to work on it.
        on_hold: Option<String>,
    }
    /// Tasks of another system, to be imported.
    Import {
        tasks: Vec<ImportedTask>,
    }
    /// What an import did, or would do.
    ImportReport {
        created: Vec<String>,
        updated: Vec<String>,
        unchanged: Vec<String>,
        warnings: Vec<String>,
    }
    /// Outcome of an import of a file, or of its dry run.
    FileReport {
        dry_run: bool,
        /// The lists, by the project that they went into.
        projects: Vec<PortionReport>,
        /// Contents of the file beside its lists.
        notes: Vec<ImportNote>,
    }
    /// Outcome of the lists that went into one project.
    PortionReport {
        project: String,
        /// The import made the project.
        new_project: bool,
        /// Names of the lists in the file.
        lists: Vec<String>,
        /// Entries of the lists.
        entries: u64,
        /// Entries below these, on all levels.
        subtasks: u64,
        /// Subtasks that became lines of checklists.
        subtasks_listed: u64,
        /// Subtasks that became tasks.
        subtasks_made: u64,
        /// Entries and subtasks that are not imported; a note says why for each.
        left_out: u64,
        created: Vec<String>,
        updated: Vec<String>,
        unchanged: Vec<String>,
        warnings: Vec<String>,
        /// Tasks that were removed here before, and stay so.
        removed: u64,
        /// Each status of the file, and the one that it became.
        statuses: Vec<ImportStatus>,
        /// Differences between the file and the board.
        notes: Vec<ImportNote>,
    }
    /// Something that a file has and that is not here as it is there.
    ImportNote {
        /// Identifier of the task at the source; empty where it is about none.
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
    /// What became of a new repository.
    GitInitialized {
        success: bool,
        message: String,
        gitignore_created: bool,
    }
    /// What was reset.
    #[derive(Serialize)]
    TasksReset {
        success: bool,
        reset_count: u64,
        killed_sessions: Vec<String>,
        message: String,
        /// What undoes it; null where there was nothing to reset.
        undo: Option<String>,
    }
    /// A state of a project that can be brought back.
    KeptProject {
        /// Names the state.
        key: String,
        id: String,
        name: String,
        /// `deleted`, `reset`, or `replaced` where another state was brought back.
        why: String,
        at: String,
        /// An actor: `human:..`, `agent:..`, `system:..`.
        by: String,
        /// Afterwards it is gone for good.
        until: String,
    }
    /// Something that can be undone.
    Undoable {
        id: String,
        /// The type of the event that would be undone.
        kind: String,
        made_at: String,
        made_by: String,
    }
    /// What became of an undo.
    Undone {
        tasks: Vec<String>,
        agents: Vec<String>,
        /// What stays as it is, and why.
        skipped: Vec<String>,
    }
    /// The repository of a project.
    GitStatus {
        /// Null where it is not known.
        is_git_repo: Option<bool>,
        current_branch: Option<String>,
        /// Left out where the path has no work tree.
        has_changes: Option<bool>,
        /// Without user name, password and parameters.
        remote_url: Option<String>,
        /// The reason for which git does not use what is there, mostly in its own words.
        error: Option<String>,
    }
    /// What became of a merge.
    #[derive(Serialize)]
    Merged {
        message: String,
        task_id: String,
        branch: String,
        /// The commit of the main branch that has the work, in full; null where it was marked by hand.
        merge_commit: Option<String>,
    }
    /// What a merge would bring.
    MergePreview {
        branch: String,
        main_branch: String,
        branch_commit: String,
        main_commit: String,
        /// The commits that the main branch lacks, newest first, at most 100.
        commits: Vec<CommitLine>,
        commits_total: u64,
        /// The files that the branch changed, at most 500.
        files: Vec<FileLine>,
        files_total: u64,
        additions: u64,
        deletions: u64,
        /// What a merge would be refused for as things are; null where it would not.
        refusal: Option<MergeRefusal>,
    }
    /// A commit, in short.
    CommitLine {
        sha: String,
        subject: String,
        author: String,
        time: String,
    }
    /// A file that a branch changed.
    FileLine {
        path: String,
        /// `A` made, `D` removed, `M` changed, `T` another kind of file.
        kind: String,
        /// Null of a file that is no text.
        additions: Option<u64>,
        deletions: Option<u64>,
    }
    /// Why a merge is not possible as things are.
    MergeRefusal {
        /// `nothing_to_merge`, `already_merged`, `merge_conflicts`, `dirty`, `repository_busy`,
        /// `unrelated_histories`, `runs_programs`.
        code: String,
        message: String,
        /// The files that it is about, at most 500.
        files: Vec<String>,
        files_total: u64,
        /// The commit that it is about, in full.
        commit: Option<String>,
    }
    /// A refusal that is about a repository.
    RepositoryRefused {
        detail: String,
        /// As in `MergeRefusal`, or `branch_missing`, `main_missing`, `not_a_repository`,
        /// `dubious_ownership`, `inside_repository`.
        code: Option<String>,
        files: Option<Vec<String>>,
        files_total: Option<u64>,
        commit: Option<String>,
    }
    /// A refusal of a change that was made for an older version of the row.
    Conflict {
        detail: String,
        /// The row as it is now.
        current: Task,
    }
}
