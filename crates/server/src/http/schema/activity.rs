//! Agents, what they do, events, and the server itself.

use serde_json::Value;
use utoipa::ToSchema;

use super::board;

/// State of an agent.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum AgentStatus {
    Running,
    /// Its turn has ended; it keeps its claim.
    Idle,
    Waiting,
    Completed,
    Failed,
}

/// Kind of thing that an agent waits for.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum WaitKind {
    Question,
    Permission,
    Auth,
    Dependency,
    RateLimit,
    Other,
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
        /// Whether it was heard from in the last two minutes (15 while its turn is open).
        is_alive: bool,
        /// Generation of the claim that it holds; left out where it holds none.
        generation: Option<u64>,
        waiting_for: Option<WaitingFor>,
        /// Last progress, which a heartbeat alone is not.
        progressed_at: Option<String>,
        /// Reason for which it failed, or lost its task.
        reason: Option<String>,
        /// Its newest run.
        run: Option<Run>,
        /// Number of its subagents that run; left out where it is 0.
        children: Option<u32>,
    }
    /// Reason for which an agent waits.
    WaitingFor {
        kind: WaitKind,
        text: String,
        since: String,
        until: Option<String>,
        /// Answers that it proposes; left out where there are none.
        options: Option<Vec<String>>,
        /// The id of the question, for kinds that a person can answer.
        request: Option<String>,
    }
    /// A wait that an agent reports.
    NewWait {
        kind: WaitKind,
        text: Option<String>,
        /// Expected end, RFC 3339.
        until: Option<String>,
        /// Answers that it proposes, at most 20.
        options: Option<Vec<String>>,
        /// An id that the agent's harness gave the request.
        request: Option<String>,
    }
    /// What an agent states when it completes a task.
    Statement {
        /// 7 to 64 hexadecimal digits.
        commit: Option<String>,
        branch: Option<String>,
        tests: Option<String>,
        summary: Option<String>,
    }
    /// A session of a harness.
    Run {
        id: u64,
        source: String,
        session: String,
        machine: Option<String>,
        folder: Option<String>,
        parent: Option<u64>,
        started_at: String,
        seen_at: String,
        ended_at: Option<String>,
        turn_open: bool,
    }
    /// A run that begins, or goes on.
    NewRun {
        source: String,
        session: String,
        machine: Option<String>,
        folder: Option<String>,
        /// Session of the run that started it, for a subagent.
        parent: Option<String>,
    }
    /// A change of a run.
    RunPatch {
        turn_open: Option<bool>,
        folder: Option<String>,
        ended: Option<bool>,
    }
    /// The task that an agent wants next.
    NextRequest {
        /// By id or number; the most urgent that is ready where left out.
        task: Option<String>,
    }
    /// The next task of an agent.
    NextTask {
        agent: Agent,
        task: Option<board::Task>,
        /// Whether it was claimed now.
        claimed: bool,
        /// Tasks that were given back for it.
        released: Vec<String>,
        /// Why there is none.
        reason: Option<String>,
    }
    /// An agent that registers, or registers again.
    NewAgent {
        id: String,
        /// The task to claim, by id or number.
        task_id: Option<String>,
        branch: Option<String>,
        description: Option<String>,
        /// The session of its harness.
        run: Option<NewRun>,
    }
    /// The new owner of an agent.
    NewOwner {
        /// The name of an agents' token of the project; null for nobody.
        #[schema(required)]
        token: Option<String>,
    }
    /// A report of an agent: what is absent stays, null clears.
    AgentPatch {
        status: Option<AgentStatus>,
        progress: Option<u8>,
        last_activity: Option<String>,
        /// The task to claim; null gives the task back. With a generation, the task that the
        /// report is about.
        task_id: Option<String>,
        /// Generation of the claim that the report is about: refused with 409 once that has ended.
        generation: Option<u64>,
        waiting_for: Option<NewWait>,
        /// Reason for a failure or a release.
        reason: Option<String>,
        /// Goes with the status `completed`.
        evidence: Option<Statement>,
        /// Whether a turn of its harness is open.
        turn_open: Option<bool>,
    }
    /// A sign of life.
    Heartbeat {
        last_activity: Option<String>,
        /// Generation of the claim that it is about; 409 where that is an older one.
        generation: Option<u64>,
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
    /// The messages that an agent has read: those up to this number.
    ReadUpTo {
        up_to: u64,
    }
    /// How many messages are not marked as read.
    Unread {
        unread: u64,
    }
    /// Log lines to be stored and shown.
    NewLogLines {
        lines: Vec<String>,
        level: Option<Level>,
        task_id: Option<String>,
        /// Generation of the claim that they are about; 409 where that is an older one.
        generation: Option<u64>,
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
        /// True for one that a hook took while the agent edited.
        soft: bool,
        /// Run that a soft lease belongs to.
        run: Option<u64>,
    }
    /// Leases to be granted.
    NewLeases {
        agent: String,
        paths: Vec<String>,
        exclusive: Option<bool>,
        ttl_seconds: Option<u64>,
        reason: Option<String>,
        soft: Option<bool>,
        /// Run that takes soft leases; the agent's current one where left out.
        run: Option<u64>,
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
    /// An event of a project.
    Event {
        r#type: String,
        project_id: Option<String>,
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
    /// A command of `board.v1`, as in `sys.cmd`.
    SocketCommand {
        /// Chosen by the client: a command is executed once, however often it is sent with it.
        id: String,
        /// `create_task`, `update_task`, `delete_task` or `restore_task`.
        op: String,
        args: serde_json::Value,
    }
    /// The answer to a command, as in `sys.result`.
    SocketResult {
        id: String,
        ok: bool,
        result: Option<serde_json::Value>,
        error: Option<serde_json::Value>,
        stream: Option<String>,
        epoch: Option<String>,
        seq: Option<u64>,
    }
    /// What was done.
    Done {
        message: String,
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
        /// Lines that were stored.
        stored: u64,
        /// Earlier lines that were dropped, because the request had more than 1,000.
        dropped: u64,
        /// Lines that were cut, because they had more than 8 KiB.
        cut: u64,
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
        agents: Value,
        interfaces: Vec<String>,
    }
    /// Something that an agent did.
    CoordinationEvent {
        event_type: String,
        project_id: String,
        agent_id: String,
        timestamp: String,
        data: Value,
    }
    /// What agents did last.
    CoordinationEvents {
        events: Vec<CoordinationEvent>,
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
    /// Settings to be stored; what is absent takes its default.
    NewOrchestratorConfig {
        max_concurrent_agents: Option<u32>,
        auto_merge: Option<bool>,
        merge_strategy: Option<String>,
        auto_spawn_interval: Option<u32>,
        enabled: Option<bool>,
        /// Never stored.
        anthropic_api_key: Option<String>,
        anthropic_model: Option<String>,
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
        agents: Value,
        file_locks: Value,
        communication_graph: Value,
    }
    /// A refusal in a sentence.
    Refused {
        detail: String,
    }
    /// One thing that is wrong with a request.
    Problem {
        r#type: String,
        loc: Vec<Value>,
        msg: String,
        /// The value that was there: any JSON, and of a long one the beginning.
        input: Value,
        /// More about it.
        ctx: Option<Value>,
    }
    /// A request that is wrong in itself.
    Invalid {
        detail: Vec<Problem>,
    }
    /// An open WebSocket.
    Connection {
        /// Its name in the server's log.
        session: String,
        /// `v1`, `legacy` or `coordination`.
        mode: String,
        user: String,
        /// Where it comes from: the next hop, or what that says where it is a trusted proxy.
        address: Option<String>,
        /// What the client calls itself.
        client: Option<String>,
        since: String,
        subscriptions: Vec<Subscription>,
    }
    /// A stream that a WebSocket reads.
    Subscription {
        stream: String,
        /// The last event of the stream.
        top: u64,
        /// The last event that was sent; null before there was one, and in a stream without positions.
        cursor: Option<u64>,
        /// The last event that the client said it has; 0 before it did.
        acknowledged: u64,
        /// Events that were not sent yet.
        lag: u64,
    }
    /// That the server runs.
    Health {
        status: String,
        version: String,
    }
}
