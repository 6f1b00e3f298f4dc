//! Agents, what they do, events, and the server itself.

use serde_json::Value;
use utoipa::ToSchema;

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
    /// Whose an agent is.
    NewOwner {
        /// The name of an agents' token of the project; null for nobody.
        token: Option<String>,
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
    /// A refusal in a sentence.
    Refused {
        detail: String,
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
