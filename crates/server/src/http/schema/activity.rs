//! Agents and their work, events, and the server itself.

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

/// Severity of a log line or a notification.
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
    /// Agent.
    Agent {
        id: String,
        /// The same as `id`.
        session_name: String,
        /// Task that the agent works on; empty if there is none.
        task_id: String,
        task_title: String,
        branch: String,
        status: AgentStatus,
        /// Progress in percent.
        progress: u8,
        started_at: String,
        /// Always empty: log lines have their own endpoint.
        logs: Vec<String>,
        last_activity: Option<String>,
        output_preview: Option<String>,
        description: Option<String>,
        last_heartbeat: Option<String>,
        /// True if the agent was heard from in the last two minutes (15 while its turn is open).
        is_alive: bool,
        /// Generation of the claim that the agent holds; left out if it holds none.
        generation: Option<u64>,
        waiting_for: Option<WaitingFor>,
        /// Time of the last progress. A heartbeat alone is no progress.
        progressed_at: Option<String>,
        /// Reason for which the agent failed or lost its task.
        reason: Option<String>,
        /// Newest run of the agent.
        run: Option<Run>,
        /// Number of its running subagents; left out if 0.
        children: Option<u32>,
    }
    /// Reason for which an agent waits.
    WaitingFor {
        kind: WaitKind,
        text: String,
        since: String,
        until: Option<String>,
        /// Answers that the agent proposes; left out if there are none.
        options: Option<Vec<String>>,
        /// Id of the question, for kinds that a person can answer.
        request: Option<String>,
    }
    /// Wait that an agent reports.
    NewWait {
        kind: WaitKind,
        text: Option<String>,
        /// Expected end, RFC 3339.
        until: Option<String>,
        /// Answers that the agent proposes, at most 20.
        options: Option<Vec<String>>,
        /// Id that the agent's harness gave the request.
        request: Option<String>,
    }
    /// Statement of an agent when it completes a task.
    Statement {
        /// 7 to 64 hexadecimal digits.
        commit: Option<String>,
        branch: Option<String>,
        tests: Option<String>,
        summary: Option<String>,
    }
    /// Session of a harness.
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
    /// Run to be started or continued.
    NewRun {
        source: String,
        session: String,
        machine: Option<String>,
        folder: Option<String>,
        /// Session of the run that started this one, for a subagent.
        parent: Option<String>,
    }
    /// Change of a run.
    RunPatch {
        turn_open: Option<bool>,
        folder: Option<String>,
        ended: Option<bool>,
    }
    /// Task that an agent wants next.
    NextRequest {
        /// Id or number; the most urgent ready task if left out.
        task: Option<String>,
    }
    /// Next task of an agent.
    NextTask {
        agent: Agent,
        task: Option<board::Task>,
        /// True if the task was claimed by this request.
        claimed: bool,
        /// Tasks that were released for it.
        released: Vec<String>,
        /// Reason for which there is no task.
        reason: Option<String>,
    }
    /// Agent to be registered, possibly again.
    NewAgent {
        id: String,
        /// Task to claim, by id or number.
        task_id: Option<String>,
        branch: Option<String>,
        description: Option<String>,
        /// Session of the agent's harness.
        run: Option<NewRun>,
    }
    /// New owner of an agent.
    NewOwner {
        /// Name of an agent token of the project; null for none.
        #[schema(required)]
        token: Option<String>,
    }
    /// Report of an agent: absent fields stay, null clears.
    AgentPatch {
        status: Option<AgentStatus>,
        progress: Option<u8>,
        last_activity: Option<String>,
        /// Task to claim; null releases the task. With a generation, the task that the report is
        /// about.
        task_id: Option<String>,
        /// Generation of the claim that the report is about; refused with 409 once the claim has
        /// ended.
        generation: Option<u64>,
        waiting_for: Option<NewWait>,
        /// Reason for a failure or a release.
        reason: Option<String>,
        /// Evidence for the status `completed`.
        evidence: Option<Statement>,
        /// True while a turn of the agent's harness is open.
        turn_open: Option<bool>,
    }
    /// Heartbeat of an agent.
    Heartbeat {
        last_activity: Option<String>,
        /// Generation of the claim that the heartbeat is about; 409 if it is an older one.
        generation: Option<u64>,
    }
    /// Message from one agent to another.
    AgentMessage {
        id: u64,
        from: String,
        to: String,
        body: String,
        sent_at: String,
        read_at: Option<String>,
    }
    /// Message to be sent.
    NewMessage {
        from: String,
        body: String,
    }
    /// Number up to which an agent has read its messages.
    ReadUpTo {
        up_to: u64,
    }
    /// Number of messages that are not marked as read.
    Unread {
        unread: u64,
    }
    /// Log lines to be stored and shown.
    NewLogLines {
        lines: Vec<String>,
        level: Option<Level>,
        task_id: Option<String>,
        /// Generation of the claim that the lines are about; 409 if it is an older one.
        generation: Option<u64>,
    }
    /// Claim on a file or a pattern of files, for a limited time.
    Lease {
        id: u64,
        agent: String,
        path: String,
        exclusive: bool,
        reason: Option<String>,
        granted_at: String,
        expires_at: String,
        /// Agents with overlapping leases; left out if there are none.
        conflicts: Option<Vec<String>>,
        /// True if a hook took the lease while the agent edited.
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
        /// Run that takes soft leases; the agent's current run if left out.
        run: Option<u64>,
    }
    /// List of leases.
    Leases {
        leases: Vec<Lease>,
    }
    /// Duration of a lease from now on.
    Renewal {
        ttl_seconds: Option<u64>,
    }
    /// Notification for people.
    Notification {
        level: Option<Level>,
        title: String,
        message: Option<String>,
        task_id: Option<String>,
    }
    /// Event of a project.
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
    /// Page of a project's event log.
    Events {
        epoch: String,
        /// Position of the newest event.
        seq: u64,
        events: Vec<Event>,
        /// True if more events follow.
        more: bool,
    }
    /// Command of `board.v1`, as in `sys.cmd`.
    SocketCommand {
        /// Id chosen by the client. The command is executed once, however often it is sent.
        id: String,
        /// `create_task`, `update_task`, `delete_task` or `restore_task`.
        op: String,
        args: serde_json::Value,
    }
    /// Result of a command, as in `sys.result`.
    SocketResult {
        id: String,
        ok: bool,
        result: Option<serde_json::Value>,
        error: Option<serde_json::Value>,
        stream: Option<String>,
        epoch: Option<String>,
        seq: Option<u64>,
    }
    /// Result of an operation.
    Done {
        message: String,
    }
    /// Stored log line.
    LogEntry {
        at: String,
        agent: Option<String>,
        task_id: Option<String>,
        level: Level,
        line: String,
    }
    /// Result of storing log lines.
    LogStored {
        /// Lines that were stored.
        stored: u64,
        /// Earlier lines that were dropped, because the request had more than 1,000.
        dropped: u64,
        /// Lines that were cut, because they had more than 8 KiB.
        cut: u64,
    }
    /// Summary that older dashboards show.
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
    /// Event of an agent.
    CoordinationEvent {
        event_type: String,
        project_id: String,
        agent_id: String,
        timestamp: String,
        data: Value,
    }
    /// Latest events of agents.
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
    /// Settings to be stored; absent ones take their defaults.
    NewOrchestratorConfig {
        max_concurrent_agents: Option<u32>,
        auto_merge: Option<bool>,
        merge_strategy: Option<String>,
        auto_spawn_interval: Option<u32>,
        enabled: Option<bool>,
        /// API key of the model's provider; never stored.
        anthropic_api_key: Option<String>,
        anthropic_model: Option<String>,
    }
    /// State of the orchestrator. Always idle: agents are started by their own tools.
    OrchestratorStatus {
        running: bool,
        current_project: Option<String>,
    }
    /// Agents and their work, as older dashboards read it.
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
    /// Error with a one-sentence detail.
    Refused {
        detail: String,
    }
    /// Problem of a request.
    Problem {
        r#type: String,
        loc: Vec<Value>,
        msg: String,
        /// Value that was found there: any JSON; long values are cut.
        input: Value,
        /// Details of the problem.
        ctx: Option<Value>,
    }
    /// Error of an invalid request.
    Invalid {
        detail: Vec<Problem>,
    }
    /// Open WebSocket.
    Connection {
        /// Name of the connection in the server's log.
        session: String,
        /// `v1`, `legacy` or `coordination`.
        mode: String,
        user: String,
        /// Address of the next hop, or the client address that it reports if it is a trusted proxy.
        address: Option<String>,
        /// Name that the client reports for itself.
        client: Option<String>,
        since: String,
        subscriptions: Vec<Subscription>,
    }
    /// Stream that a WebSocket reads.
    Subscription {
        stream: String,
        /// Position of the last event of the stream.
        top: u64,
        /// Position of the last event sent; null before the first, and in a stream without
        /// positions.
        cursor: Option<u64>,
        /// Position of the last event that the client acknowledged; 0 before the first.
        acknowledged: u64,
        /// Number of events not sent yet.
        lag: u64,
    }
    /// Health of the server.
    Health {
        status: String,
        version: String,
    }
}
