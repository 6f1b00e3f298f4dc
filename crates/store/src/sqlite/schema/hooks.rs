//! Sessions of harnesses, which report by hooks.

/// Last events of harnesses, and indexes to find runs by their session and by their open turns.
///
/// The project is its identifier, or empty for events that belong to none.
pub(super) const HOOKS: &str = "
    CREATE TABLE hooks_seen (
        project TEXT NOT NULL, source TEXT NOT NULL, last_event TEXT NOT NULL,
        last_at INTEGER NOT NULL, events INTEGER NOT NULL,
        PRIMARY KEY (project, source)
    ) WITHOUT ROWID;
    CREATE INDEX runs_session ON runs (project, source, session);
    CREATE INDEX runs_turn ON runs (project) WHERE turn_open;
";
