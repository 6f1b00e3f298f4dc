//! Migration that stores the file that a project's tasks were imported from.

/// Import file and its lists that are in the project, in JSON.
pub(super) const SOURCES: &str = "
    ALTER TABLE projects ADD COLUMN import_source TEXT;
";
