//! Migration that adds attention items.

/// Open attention items, the marks of people on them, and indexes of the rows that they come from.
///
/// Items are stored under the identifier of their project, and removed when the project goes to the
/// trash. Those of an older database are derived after the start; a new one has none to derive.
pub(super) const ATTENTION: &str = "
    CREATE TABLE attention (
        id INTEGER PRIMARY KEY AUTOINCREMENT, project TEXT NOT NULL, subject TEXT NOT NULL,
        kind TEXT NOT NULL, rank INTEGER NOT NULL, since INTEGER NOT NULL, item TEXT NOT NULL
    );
    CREATE UNIQUE INDEX attention_cause ON attention (project, subject, kind);
    CREATE INDEX attention_order ON attention (project, rank, since, id);
    CREATE TABLE attention_marks (
        person TEXT NOT NULL, item INTEGER NOT NULL, seen INTEGER NOT NULL, done INTEGER NOT NULL,
        snoozed_until INTEGER,
        PRIMARY KEY (person, item)
    ) WITHOUT ROWID;
    CREATE INDEX attention_marks_item ON attention_marks (item);

    INSERT INTO settings (name, value)
    SELECT 'attention_rules', '1' WHERE NOT EXISTS (SELECT 1 FROM projects);

    ALTER TABLE runs ADD COLUMN answers INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX agents_failed ON agents (project, task, id) WHERE status = 'failed';
    CREATE INDEX agents_progress ON agents (progressed_at) WHERE status = 'running' AND silent = 0;
    CREATE INDEX agents_until ON agents (json_extract(waiting_for, '$.until'))
        WHERE status = 'waiting';
    CREATE INDEX tasks_contradicted ON tasks (project, number) WHERE verdict = 'contradicted';
";
