//! The first steps of the schema, before each had a file of its subject.

/// Index to find the last claim of an agent, as no two of its claims share a generation.
pub(super) const CLAIMS_BY_AGENT: &str = "
    CREATE INDEX attempts_agent ON attempts (project, agent, generation);
";

/// The first schema.
///
/// Times are milliseconds since 1970; lists are JSON; long texts come last, so that reads without
/// them need not touch a row's overflow pages.
pub(super) const INITIAL: &str = "
    CREATE TABLE store (id TEXT NOT NULL, commits INTEGER NOT NULL);

    CREATE TABLE projects (
        id TEXT PRIMARY KEY, ordinal INTEGER NOT NULL, name TEXT NOT NULL, path TEXT NOT NULL,
        max_agents INTEGER NOT NULL, active INTEGER NOT NULL, demo INTEGER NOT NULL,
        created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, git_remote TEXT,
        is_git_repo INTEGER, last_number INTEGER NOT NULL, agents_registered INTEGER NOT NULL,
        description TEXT, project_overview TEXT, initial_prompt TEXT, plan TEXT
    );

    CREATE TABLE tasks (
        project TEXT NOT NULL, number INTEGER NOT NULL, title TEXT NOT NULL, status TEXT NOT NULL,
        branch TEXT NOT NULL, session TEXT, dependencies TEXT NOT NULL, priority INTEGER NOT NULL,
        merge_order INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
        completed_at INTEGER, merged_at INTEGER, status_changed_at INTEGER, rev INTEGER NOT NULL,
        deleted_at INTEGER, source TEXT, source_state TEXT, owned_files TEXT NOT NULL, shared_files TEXT NOT NULL,
        creates_files TEXT NOT NULL, exclusive_files TEXT NOT NULL,
        initialization_deps TEXT NOT NULL, description TEXT, prompt TEXT,
        PRIMARY KEY (project, number)
    );
    CREATE UNIQUE INDEX tasks_source ON tasks (project, source) WHERE source IS NOT NULL;

    CREATE TABLE agents (
        project TEXT NOT NULL, id TEXT NOT NULL, task INTEGER, branch TEXT NOT NULL,
        status TEXT NOT NULL, progress INTEGER NOT NULL, started_at INTEGER NOT NULL,
        last_activity TEXT, output_preview TEXT, description TEXT, last_heartbeat INTEGER,
        silent INTEGER NOT NULL,
        PRIMARY KEY (project, id)
    );

    CREATE TABLE messages (
        id INTEGER PRIMARY KEY AUTOINCREMENT, project TEXT NOT NULL, sender TEXT NOT NULL,
        recipient TEXT NOT NULL, sent_at INTEGER NOT NULL, read_at INTEGER, body TEXT NOT NULL
    );
    CREATE INDEX messages_recipient ON messages (project, recipient, id);

    CREATE TABLE leases (
        id INTEGER PRIMARY KEY AUTOINCREMENT, project TEXT NOT NULL, agent TEXT NOT NULL,
        path TEXT NOT NULL, exclusive INTEGER NOT NULL, reason TEXT, granted_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL
    );
    CREATE INDEX leases_project ON leases (project, id);
    CREATE INDEX leases_end ON leases (expires_at);

    CREATE TABLE log_lines (
        id INTEGER PRIMARY KEY AUTOINCREMENT, project TEXT NOT NULL, agent TEXT NOT NULL,
        task TEXT, level TEXT NOT NULL, at INTEGER NOT NULL, line TEXT NOT NULL
    );
    CREATE INDEX log_lines_project ON log_lines (project, id);
    CREATE INDEX log_lines_agent ON log_lines (project, agent, id);

    CREATE TABLE streams (
        id TEXT PRIMARY KEY, epoch TEXT NOT NULL, seq INTEGER NOT NULL, epoch_after INTEGER NOT NULL
    );
    CREATE TABLE events (
        stream TEXT NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, task INTEGER,
        message BLOB NOT NULL,
        PRIMARY KEY (stream, seq)
    ) WITHOUT ROWID;
    CREATE INDEX events_task ON events (stream, task, seq) WHERE task IS NOT NULL;

    CREATE TABLE answers (
        id TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, expires_at INTEGER NOT NULL,
        answer TEXT NOT NULL
    );
    CREATE INDEX answers_end ON answers (expires_at);

    CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
";

/// Named tokens, signed-in browsers, and the owner of each agent.
pub(super) const ACCOUNTS: &str = "
    CREATE TABLE credentials (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, project TEXT,
        digest BLOB NOT NULL UNIQUE, made_at INTEGER NOT NULL, made_by TEXT NOT NULL,
        last_used_at INTEGER, revoked_at INTEGER
    );
    CREATE UNIQUE INDEX credentials_name ON credentials (name) WHERE revoked_at IS NULL;

    CREATE TABLE sessions (
        digest BLOB PRIMARY KEY, credential TEXT NOT NULL, expires_at INTEGER NOT NULL
    ) WITHOUT ROWID;

    ALTER TABLE agents ADD COLUMN registered_by TEXT;
";

/// The trash: project states that were removed or reset and can be restored.
///
/// The rows of such a project are in the same tables, under a key that no project has (see
/// [`super::sqlite`]'s `kept`).
pub(super) const KEPT: &str = "
    ALTER TABLE projects ADD COLUMN kept_of TEXT;
    ALTER TABLE projects ADD COLUMN kept_why TEXT;
    ALTER TABLE projects ADD COLUMN kept_at INTEGER;
    ALTER TABLE projects ADD COLUMN kept_by TEXT;
    CREATE INDEX projects_kept ON projects (kept_at) WHERE kept_at IS NOT NULL;

    CREATE TABLE undos (
        id TEXT PRIMARY KEY, project TEXT NOT NULL, kind TEXT NOT NULL, made_at INTEGER NOT NULL,
        made_by TEXT NOT NULL, state TEXT NOT NULL
    );
    CREATE INDEX undos_project ON undos (project, made_at);
    CREATE INDEX undos_made ON undos (made_at);
";

/// History of each task, apart from the log, which agents fill within hours.
///
/// It starts with the events that the log still has: those about one task, and those about many,
/// with their rows.
pub(super) const HISTORY: &str = "
    CREATE TABLE history (
        project TEXT NOT NULL, task INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL,
        kind TEXT NOT NULL, actor TEXT, changed TEXT NOT NULL, status TEXT,
        PRIMARY KEY (project, task, seq)
    ) WITHOUT ROWID;

    WITH said AS NOT MATERIALIZED (
        SELECT stream, seq, kind, task, CAST(message AS TEXT) AS message FROM events
        WHERE task IS NOT NULL OR kind = 'tasks_reset'
    ), about AS (
        SELECT stream, seq, kind, message, task, message ->> '$.data.status' AS status
        FROM said WHERE task IS NOT NULL
        UNION ALL
        SELECT stream, seq, kind, message, row.value ->> '$.task_id', row.value ->> '$.status'
        FROM said, json_each(message, '$.data.tasks') AS row WHERE task IS NULL
    )
    INSERT INTO history
    SELECT stream, task, seq, CAST(ROUND(unixepoch(message ->> '$.timestamp', 'subsec') * 1000) AS INTEGER), kind,
        message ->> '$.actor', COALESCE(message -> '$.changed', '[]'), status
    FROM about;

    DROP INDEX events_task;
    ALTER TABLE events DROP COLUMN task;
";

/// Dependencies in one covering index, and counted by triggers, so that no change can forget to.
///
/// Staged tasks are not in `shown_tasks`, which every read of tasks uses.
pub(super) const GRAPH: &str = "
    CREATE INDEX tasks_graph ON tasks (project, number, dependencies) WHERE dependencies <> '[]';

    ALTER TABLE projects ADD COLUMN dependency_count INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE projects ADD COLUMN dependency_version INTEGER NOT NULL DEFAULT 0;
    UPDATE projects SET dependency_count = (
        SELECT COALESCE(SUM(json_array_length(dependencies)), 0) FROM tasks
        WHERE tasks.project = projects.id AND dependencies <> '[]'
    );
    CREATE TRIGGER dependencies_added AFTER INSERT ON tasks WHEN new.dependencies <> '[]' BEGIN
        UPDATE projects SET dependency_version = dependency_version + 1,
            dependency_count = dependency_count + json_array_length(new.dependencies)
        WHERE id = new.project;
    END;
    CREATE TRIGGER dependencies_changed AFTER UPDATE OF dependencies ON tasks
    WHEN new.dependencies <> old.dependencies BEGIN
        UPDATE projects SET dependency_version = dependency_version + 1,
            dependency_count = dependency_count + json_array_length(new.dependencies)
                - json_array_length(old.dependencies)
        WHERE id = new.project;
    END;
    CREATE TRIGGER dependencies_removed AFTER DELETE ON tasks WHEN old.dependencies <> '[]' BEGIN
        UPDATE projects SET dependency_version = dependency_version + 1,
            dependency_count = dependency_count - json_array_length(old.dependencies)
        WHERE id = old.project;
    END;

    CREATE TABLE stagings (
        project TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
        PRIMARY KEY (project, first)
    ) WITHOUT ROWID;
    CREATE VIEW shown_tasks AS SELECT * FROM tasks WHERE NOT EXISTS (
        SELECT 1 FROM stagings
        WHERE stagings.project = tasks.project
            AND tasks.number BETWEEN stagings.first AND stagings.last
    );
";

/// Indexes that serve lists and counts of tasks without their rows.
pub(super) const LISTS: &str = "
    CREATE INDEX tasks_session ON tasks (project, session, status, number)
        WHERE session IS NOT NULL AND deleted_at IS NULL;
    CREATE INDEX tasks_order ON tasks (project, priority, number, status) WHERE deleted_at IS NULL;
";

/// Removes texts of private messages from the log, and binds agents to credentials by identifier
/// instead of name.
///
/// The digests of revoked tokens outlive their rows, so that no older file revives them. An agent
/// keeps the token that registered it only if no other token ever had that name.
pub(super) const PRIVACY: &str = "
    UPDATE events SET message = CAST(json_remove(CAST(message AS TEXT), '$.data.preview') AS BLOB)
    WHERE kind = 'agent_messages';

    UPDATE agents SET registered_by = (
        SELECT 'credential:' || now.id FROM credentials AS now
        WHERE 'agent:' || now.name = agents.registered_by AND now.role = 'agent' AND now.revoked_at IS NULL
        AND now.project = COALESCE((SELECT kept_of FROM projects WHERE id = agents.project), agents.project)
        AND NOT EXISTS (SELECT 1 FROM credentials AS former WHERE former.name = now.name AND former.revoked_at IS NOT NULL)
    ) WHERE registered_by LIKE 'agent:%';

    UPDATE agents SET registered_by = (
        SELECT 'credential:' || id FROM credentials WHERE name = agents.id AND role = 'agent'
        AND revoked_at IS NULL AND project = agents.project
    ) WHERE EXISTS (
        SELECT 1 FROM credentials WHERE name = agents.id AND role = 'agent' AND revoked_at IS NULL
        AND project = agents.project
    );

    CREATE TABLE revocations (digest BLOB PRIMARY KEY, revoked_at INTEGER NOT NULL) WITHOUT ROWID;
";

/// Claims with a generation and their attempts, runs and wait reasons of agents, tasks on hold,
/// parts of tasks, and values that task changes replaced.
///
/// A task in progress whose session works on it becomes a claim. An agent that worked on a task
/// that was no longer its own gets none.
pub(super) const CLAIMS: &str = "
    ALTER TABLE tasks ADD COLUMN holder TEXT;
    ALTER TABLE tasks ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE tasks ADD COLUMN hold_reason TEXT;
    ALTER TABLE tasks ADD COLUMN hold_since INTEGER;
    ALTER TABLE tasks ADD COLUMN parent INTEGER;
    ALTER TABLE tasks ADD COLUMN verdict TEXT;
    ALTER TABLE tasks ADD COLUMN evidence TEXT;
    CREATE INDEX tasks_status ON tasks (project, status, priority, number);
    CREATE INDEX tasks_parent ON tasks (project, parent) WHERE parent IS NOT NULL;

    ALTER TABLE agents ADD COLUMN generation INTEGER;
    ALTER TABLE agents ADD COLUMN waiting_for TEXT;
    ALTER TABLE agents ADD COLUMN progressed_at INTEGER;
    ALTER TABLE agents ADD COLUMN reason TEXT;
    ALTER TABLE agents ADD COLUMN run INTEGER;
    ALTER TABLE agents ADD COLUMN signs INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE agents ADD COLUMN lost_task INTEGER;

    CREATE TABLE runs (
        id INTEGER PRIMARY KEY AUTOINCREMENT, project TEXT NOT NULL, agent TEXT NOT NULL,
        source TEXT NOT NULL, session TEXT NOT NULL, machine TEXT NOT NULL, folder TEXT,
        parent INTEGER, started_at INTEGER NOT NULL, seen_at INTEGER NOT NULL, ended_at INTEGER,
        turn_open INTEGER NOT NULL
    );
    CREATE UNIQUE INDEX runs_name ON runs (project, agent, source, session, machine);
    CREATE INDEX runs_parent ON runs (parent) WHERE parent IS NOT NULL;
    CREATE INDEX runs_open ON runs (seen_at) WHERE ended_at IS NULL;

    CREATE TABLE attempts (
        project TEXT NOT NULL, task INTEGER NOT NULL, generation INTEGER NOT NULL,
        agent TEXT NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER, outcome TEXT,
        reason TEXT, verdict TEXT, evidence TEXT,
        PRIMARY KEY (project, task, generation)
    ) WITHOUT ROWID;

    ALTER TABLE history ADD COLUMN generation INTEGER;
    ALTER TABLE history ADD COLUMN cause TEXT;
    ALTER TABLE history ADD COLUMN fields TEXT NOT NULL DEFAULT '[]';
    CREATE INDEX history_at ON history (at);

    UPDATE tasks SET holder = session, generation = 1
    WHERE status = 'in_progress' AND deleted_at IS NULL AND EXISTS (
        SELECT 1 FROM agents WHERE agents.project = tasks.project AND agents.id = tasks.session
            AND agents.task = tasks.number AND agents.status IN ('running', 'waiting'));
    UPDATE agents SET generation = 1 WHERE EXISTS (
        SELECT 1 FROM tasks WHERE tasks.project = agents.project AND tasks.number = agents.task
            AND tasks.holder = agents.id);
    UPDATE agents SET task = NULL, branch = ''
    WHERE generation IS NULL AND status IN ('running', 'waiting');
    INSERT INTO attempts (project, task, generation, agent, started_at)
    SELECT project, number, 1, holder, COALESCE(status_changed_at, updated_at)
    FROM tasks WHERE holder IS NOT NULL;
";

/// State of the repository at the start of each claim, in JSON; null if unknown.
pub(super) const BASES: &str = "
    ALTER TABLE attempts ADD COLUMN base TEXT;
";
