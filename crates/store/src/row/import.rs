//! Rows about imports of tasks.

use serde::{Deserialize, Serialize};

/// File that the tasks of a project were imported from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportSource {
    /// Name of its format.
    pub format: String,
    /// Path of the file, as the importing process resolved it.
    pub file: String,
    /// Names of the file's lists that are in the project.
    pub lists: Vec<String>,
    /// True until the import that created the project is done.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unfinished: bool,
}

/// Origin of an imported task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Identifier in the source, unique in the project.
    pub id: String,
    /// Fields as of the last import, in JSON. Fields that differ from it were changed here.
    pub state: String,
}

/// Changes of a project's tasks by a pending import: published, but not all written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportShare {
    /// Identifier of the import.
    pub import: String,
    /// First number that it staged, under which its changes are stored.
    pub first: u64,
    /// Actor that made the import.
    pub actor: String,
}
