//! Migrations for imports.

/// Import file and its lists that are in the project, in JSON.
pub(super) const SOURCES: &str = "
    ALTER TABLE projects ADD COLUMN import_source TEXT;
";

/// Changes that large imports have not written yet: see `sqlite/imports.rs`.
pub(super) const PENDING: &str = "
    CREATE TABLE imports (id TEXT PRIMARY KEY, data TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE import_shares (
        project TEXT PRIMARY KEY, import TEXT NOT NULL, first INTEGER NOT NULL, actor TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX import_shares_import ON import_shares (import);
    CREATE TABLE import_rows (
        project TEXT NOT NULL, first INTEGER NOT NULL, position INTEGER NOT NULL, data TEXT NOT NULL,
        PRIMARY KEY (project, first, position)
    ) WITHOUT ROWID;
";
