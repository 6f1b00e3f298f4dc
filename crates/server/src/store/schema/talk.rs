//! Steps of the schema about people and what they write to each other and to agents.

/// Comments on tasks. A deleted one keeps its row, without its text.
pub(super) const COMMENTS: &str = "
    CREATE TABLE comments (
        id INTEGER PRIMARY KEY AUTOINCREMENT, project TEXT NOT NULL, task INTEGER NOT NULL,
        author TEXT NOT NULL, made_at INTEGER NOT NULL, edited_at INTEGER, deleted_at INTEGER,
        body TEXT NOT NULL
    );
    CREATE INDEX comments_task ON comments (project, task, id);
";
