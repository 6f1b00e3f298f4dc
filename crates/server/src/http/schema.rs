//! The API's types as OpenAPI describes them.
//!
//! The wire types belong to the protocol crate, which knows nothing of OpenAPI, so the documentation has mirrors of its own. They are
//! hardly constructed; a test compares their fields with what the real types write.
#![allow(dead_code, reason = "only their derived schemas are used")]

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

macro_rules! mirrors {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* })*) => {
        $(#[derive(Debug, ToSchema)] $(#[$doc])* pub(crate) struct $name { $($(#[$field_doc])* pub(crate) $field: $kind,)* })*
    };
}

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

/// What an agent says of itself.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum AgentStatus {
    Running,
    Waiting,
    Completed,
    Failed,
}

/// How serious a log line or a notification is.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum Level {
    Debug,
    Info,
    Success,
    Warning,
    Error,
}

mirrors! {
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
        demo: Option<bool>,
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
    /// An agent.
    Agent {
        id: String,
        /// The same as `id`.
        session_name: String,
        /// Empty where it works on none.
        task_id: String,
        task_title: String,
        branch: String,
        status: AgentStatus,
        /// In percent.
        progress: u8,
        started_at: String,
        /// Always empty: log lines have an endpoint of their own.
        logs: Vec<String>,
        last_activity: Option<String>,
        output_preview: Option<String>,
        description: Option<String>,
        last_heartbeat: Option<String>,
        /// Whether it was heard from in the last two minutes.
        is_alive: bool,
    }
    /// An agent that registers, or registers again.
    NewAgent {
        id: String,
        /// The task to claim, by id or number.
        task_id: Option<String>,
        branch: Option<String>,
        description: Option<String>,
    }
    /// What changed about an agent: what is absent stays, null clears.
    AgentPatch {
        status: Option<AgentStatus>,
        progress: Option<u8>,
        last_activity: Option<String>,
        /// The task to claim next.
        task_id: Option<String>,
    }
    /// A sign of life.
    Heartbeat {
        last_activity: Option<String>,
    }
    /// A message from one agent to another.
    AgentMessage {
        id: u64,
        from: String,
        to: String,
        body: String,
        sent_at: String,
        read_at: Option<String>,
    }
    /// A message to be sent.
    NewMessage {
        from: String,
        body: String,
    }
    /// Log lines to be stored and shown.
    NewLogLines {
        lines: Vec<String>,
        level: Option<Level>,
        task_id: Option<String>,
    }
    /// A claim on a file or a pattern of files, for a time.
    Lease {
        id: u64,
        agent: String,
        path: String,
        exclusive: bool,
        reason: Option<String>,
        granted_at: String,
        expires_at: String,
        /// Agents whose leases overlap; left out where none do.
        conflicts: Option<Vec<String>>,
    }
    /// Leases to be granted.
    NewLeases {
        agent: String,
        paths: Vec<String>,
        exclusive: Option<bool>,
        ttl_seconds: Option<u64>,
        reason: Option<String>,
    }
    /// A list of leases.
    Leases {
        leases: Vec<Lease>,
    }
    /// For how long a lease holds from now on.
    Renewal {
        ttl_seconds: Option<u64>,
    }
    /// Something that a person should know.
    Notification {
        level: Option<Level>,
        title: String,
        message: Option<String>,
        task_id: Option<String>,
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
    /// An event of a project.
    Event {
        r#type: String,
        project_id: Option<String>,
        #[schema(value_type = Object)]
        data: Value,
        timestamp: String,
        seq: Option<u64>,
        epoch: Option<String>,
        id: Option<String>,
        actor: Option<String>,
        cause: Option<String>,
        changed: Option<Vec<String>>,
    }
    /// A part of a project's log.
    Events {
        epoch: String,
        /// The newest position.
        seq: u64,
        events: Vec<Event>,
        /// Whether there are more.
        more: bool,
    }
    /// What was done.
    Done {
        message: String,
    }
    /// An event of a task, in short.
    HistoryEntry {
        seq: u64,
        r#type: String,
        timestamp: String,
        actor: Option<String>,
        changed: Vec<String>,
        status: Option<Status>,
    }
    /// A stored log line.
    LogEntry {
        at: String,
        agent: Option<String>,
        task_id: Option<String>,
        level: Level,
        line: String,
    }
    /// How many log lines were stored.
    LogStored {
        stored: u64,
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
    /// The summary that older dashboards show.
    CoordinationSummary {
        enabled: bool,
        active_agents: u64,
        total_todos: u64,
        completed_todos: u64,
        completion_rate: f64,
        shared_interfaces: u64,
        recent_changes: u64,
        #[schema(value_type = Object)]
        agents: Value,
        interfaces: Vec<String>,
    }
    /// Something that an agent did.
    CoordinationEvent {
        event_type: String,
        project_id: String,
        agent_id: String,
        timestamp: String,
        #[schema(value_type = Object)]
        data: Value,
    }
    /// What agents did last.
    CoordinationEvents {
        events: Vec<CoordinationEvent>,
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
    }
    /// Settings that older dashboards store here. Nothing on this server acts on them.
    OrchestratorConfig {
        max_concurrent_agents: u32,
        auto_merge: bool,
        merge_strategy: String,
        auto_spawn_interval: u32,
        enabled: bool,
        anthropic_api_key: Option<String>,
        anthropic_model: String,
    }
    /// Always idle: agents are started by their own tools.
    OrchestratorStatus {
        running: bool,
        current_project: Option<String>,
    }
    /// Who works, as older dashboards read it.
    CoordinationStats {
        project_id: String,
        total_agents: u64,
        active_agents: u64,
        total_todos: u64,
        completed_todos: u64,
        todo_completion_rate: f64,
        active_file_locks: u64,
        #[schema(value_type = Object)]
        agents: Value,
        #[schema(value_type = Object)]
        file_locks: Value,
        #[schema(value_type = Object)]
        communication_graph: Value,
    }
    /// The repository of a project.
    GitStatus {
        is_git_repo: bool,
        current_branch: Option<String>,
        has_changes: Option<bool>,
        remote_url: Option<String>,
    }
    /// A refusal in a sentence.
    Refused {
        detail: String,
    }
    /// A refusal of a change that was made for an older version of the row.
    Conflict {
        detail: String,
        /// The row as it is now.
        current: Task,
    }
    /// One thing that is wrong with a request.
    Problem {
        r#type: String,
        loc: Vec<Value>,
        msg: String,
        #[schema(value_type = Object)]
        input: Value,
    }
    /// A request that is wrong in itself.
    Invalid {
        detail: Vec<Problem>,
    }
    /// That the server runs.
    Health {
        status: String,
        version: String,
    }
}
