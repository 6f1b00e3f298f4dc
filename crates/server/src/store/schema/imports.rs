//! The step that lets a project remember the file that its tasks were imported from.

/// The file, and the lists of it that are in the project, in JSON.
pub(super) const SOURCES: &str = "
    ALTER TABLE projects ADD COLUMN import_source TEXT;
";
