//! Migration that gives the rows of a project their own keys.

/// Keys of rows, of agents and of logs: see `sqlite/keys.rs`. Existing rows keep their names as
/// keys.
pub(super) const KEYS: &str = "
    ALTER TABLE projects ADD COLUMN rows_key TEXT NOT NULL DEFAULT '';
    ALTER TABLE projects ADD COLUMN crew_key TEXT NOT NULL DEFAULT '';
    UPDATE projects SET rows_key = id, crew_key = id;
    CREATE INDEX projects_rows ON projects (rows_key);
    CREATE INDEX projects_crew ON projects (crew_key);
    CREATE INDEX projects_kept_of ON projects (kept_of, kept_at) WHERE kept_of IS NOT NULL;
    ALTER TABLE streams ADD COLUMN log TEXT NOT NULL DEFAULT '';
    UPDATE streams SET log = id;
    ALTER TABLE undos ADD COLUMN crew TEXT;

    CREATE TABLE leftovers (kind TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID;

    DROP TRIGGER dependencies_added;
    DROP TRIGGER dependencies_changed;
    DROP TRIGGER dependencies_removed;
    CREATE TRIGGER dependencies_added AFTER INSERT ON tasks WHEN new.dependencies <> '[]' BEGIN
        UPDATE projects SET dependency_version = dependency_version + 1,
            dependency_count = dependency_count + json_array_length(new.dependencies)
        WHERE rows_key = new.project;
    END;
    CREATE TRIGGER dependencies_changed AFTER UPDATE OF dependencies ON tasks
    WHEN new.dependencies <> old.dependencies BEGIN
        UPDATE projects SET dependency_version = dependency_version + 1,
            dependency_count = dependency_count + json_array_length(new.dependencies)
                - json_array_length(old.dependencies)
        WHERE rows_key = new.project;
    END;
    CREATE TRIGGER dependencies_removed AFTER DELETE ON tasks WHEN old.dependencies <> '[]' BEGIN
        UPDATE projects SET dependency_version = dependency_version + 1,
            dependency_count = dependency_count - json_array_length(old.dependencies)
        WHERE rows_key = old.project;
    END;
";
