//! The ways to fill a board: the simulation, harnesses of agents, files of other programs.

use serde::Deserialize;
use tasktree_protocol::http::{Demo, DemoRequest, paths};
use tasktree_protocol::{ProjectId, Timestamp};

use super::ApiError;
use super::request::Call;

/// Format of the files that can be imported.
const FORMAT: &str = "task-master";

/// Last event of a harness, which may be one that this version does not know.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SignOfLife {
    /// Harness, as the server names it.
    pub source: String,
    /// Event, as the harness names it.
    pub last_event: String,
    /// Time of the event.
    pub last_at: Timestamp,
}

/// Starts the simulation, unless it runs.
pub async fn start_demo() -> Result<Demo, ApiError> {
    Call::post(paths::DEMO)
        .json(&DemoRequest {
            start: true,
            speed_percent: None,
        })?
        .read()
        .await
}

/// Fetches the last event of each harness, of one project or of all.
pub async fn signs_of_life(project: Option<&ProjectId>) -> Result<Vec<SignOfLife>, ApiError> {
    let call = Call::get(paths::HOOKS);
    match project {
        Some(project) => call.query("project", project.as_str()),
        None => call,
    }
    .read()
    .await
}

/// Imports the content of a file into a project, which is created if it does not exist.
pub async fn import_file(project: &ProjectId, content: String) -> Result<(), ApiError> {
    Call::post(&paths::project_imports(project))
        .query("format", FORMAT)
        .body(content)
        .done()
        .await
}
