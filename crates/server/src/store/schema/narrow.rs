//! Steps that add indexes and totals, which spare the writer the long texts in rows.

/// Parents of tasks, and agents that may make room for others.
pub(super) const NARROW: &str = "
    CREATE INDEX tasks_above ON tasks (project, number, parent) WHERE parent IS NOT NULL;
    CREATE INDEX agents_state ON agents (project, status, silent, last_heartbeat, id);
";

/// Bytes of each log, which the writer need not add up.
pub(super) const LOG_TOTALS: &str = "
    CREATE TABLE log_totals (log TEXT PRIMARY KEY, bytes INTEGER NOT NULL) WITHOUT ROWID;
    INSERT INTO log_totals SELECT stream, SUM(length(message)) FROM events GROUP BY stream;
";
