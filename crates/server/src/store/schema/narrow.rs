//! The step that adds indexes from which the writer reads what stands after the long texts in rows.

/// Parents of tasks, and agents that may make room for others.
pub(super) const NARROW: &str = "
    CREATE INDEX tasks_above ON tasks (project, number, parent) WHERE parent IS NOT NULL;
    CREATE INDEX agents_state ON agents (project, status, silent, last_heartbeat, id);
";
