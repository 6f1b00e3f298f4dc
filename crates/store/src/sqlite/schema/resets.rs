//! Migration that makes a reset of all tasks one change, whatever the number of tasks.

/// Reset counters of tasks and their project, and one undo row per task instead of one text.
///
/// Resets made by an older version can no longer be undone.
pub(super) const RESETS: &str = "
    DROP TABLE undos;
    CREATE TABLE undos (
        id TEXT PRIMARY KEY, project TEXT NOT NULL, kind TEXT NOT NULL, made_at INTEGER NOT NULL,
        made_by TEXT NOT NULL, crew TEXT
    );
    CREATE INDEX undos_project ON undos (project, made_at);
    CREATE INDEX undos_made ON undos (made_at);
    CREATE TABLE undo_tasks (
        undo TEXT NOT NULL, task INTEGER NOT NULL, rev INTEGER NOT NULL, status TEXT NOT NULL,
        session TEXT, status_changed_at INTEGER, completed_at INTEGER, holder TEXT,
        evidence TEXT, verdict TEXT,
        PRIMARY KEY (undo, task)
    ) WITHOUT ROWID;

    ALTER TABLE projects ADD COLUMN resets INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE tasks ADD COLUMN resets INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE resets (
        project TEXT PRIMARY KEY, at INTEGER NOT NULL, seq INTEGER NOT NULL, actor TEXT NOT NULL,
        undo TEXT NOT NULL, next INTEGER NOT NULL, last INTEGER NOT NULL
    ) WITHOUT ROWID;
";

/// Agents that a reset removed, until their ends are written.
///
/// An index lets the reset end their claims without reading the claims' long texts.
pub(super) const DISMISSED: &str = "
    CREATE TABLE dismissed (
        project TEXT NOT NULL, agent TEXT NOT NULL, crew TEXT NOT NULL,
        PRIMARY KEY (project, agent)
    ) WITHOUT ROWID;
    CREATE INDEX agents_claim ON agents (project, task, generation) WHERE generation IS NOT NULL;
";
