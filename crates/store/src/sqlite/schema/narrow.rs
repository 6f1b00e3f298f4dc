//! Migrations that add indexes and totals, so that the writer need not read the long texts in rows.

/// Indexes of tasks' parents and of agents that may be evicted.
pub(super) const NARROW: &str = "
    CREATE INDEX tasks_above ON tasks (project, number, parent) WHERE parent IS NOT NULL;
    CREATE INDEX agents_state ON agents (project, status, silent, last_heartbeat, id);
";

/// Total bytes of each log, so that the writer need not add them up.
pub(super) const LOG_TOTALS: &str = "
    CREATE TABLE log_totals (log TEXT PRIMARY KEY, bytes INTEGER NOT NULL) WITHOUT ROWID;
    INSERT INTO log_totals SELECT stream, SUM(length(message)) FROM events GROUP BY stream;
";
