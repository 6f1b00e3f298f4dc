//! Migration that records changes of everything, not only of tasks.

/// Records of changes, keyed by project and number.
///
/// `subject` is the changed entity: `task:7`, `agent:ada`, `project`. Triggers count their bytes,
/// so that no change can forget to.
pub(super) const CHANGES: &str = "
    CREATE TABLE change_totals (project TEXT PRIMARY KEY, bytes INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE changes (
        project TEXT NOT NULL, id INTEGER NOT NULL, subject TEXT NOT NULL, seq INTEGER NOT NULL,
        at INTEGER NOT NULL, kind TEXT NOT NULL, actor TEXT, changed TEXT NOT NULL, status TEXT,
        generation INTEGER, cause TEXT, bytes INTEGER NOT NULL, fields TEXT NOT NULL,
        PRIMARY KEY (project, id)
    ) WITHOUT ROWID;

    INSERT INTO changes
    SELECT project, ROW_NUMBER() OVER (PARTITION BY project ORDER BY seq, at, task),
        'task:' || task, seq, at, kind, actor, changed, status, generation, cause,
        170 + length(CAST(changed AS BLOB)) + length(CAST(fields AS BLOB)), fields
    FROM history;
    INSERT INTO change_totals SELECT project, SUM(bytes) FROM changes GROUP BY project;
    DROP TABLE history;

    CREATE INDEX changes_subject ON changes (project, subject);
    CREATE INDEX changes_at ON changes (at);
    CREATE TRIGGER changes_added AFTER INSERT ON changes BEGIN
        INSERT INTO change_totals VALUES (new.project, new.bytes)
        ON CONFLICT (project) DO UPDATE SET bytes = bytes + excluded.bytes;
    END;
    CREATE TRIGGER changes_extended AFTER UPDATE OF bytes ON changes BEGIN
        UPDATE change_totals SET bytes = bytes + new.bytes - old.bytes WHERE project = new.project;
    END;
    CREATE TRIGGER changes_dropped AFTER DELETE ON changes BEGIN
        UPDATE change_totals SET bytes = bytes - old.bytes WHERE project = old.project;
    END;
";
