//! Saving a project's settings, based on the version that the form shows, so that no concurrent
//! change is overwritten unseen.

use leptos::prelude::*;
use serde_json::{Map, Value, json};
use tasktree_protocol::Project;
use tasktree_protocol::error::code;

use super::fields::Fields;
use crate::api::{self, ApiError};
use crate::state::ProjectsState;

/// Maximum number of retries of a save because other fields have changed meanwhile.
const MERGE_ATTEMPTS: u32 = 4;

/// Outcome of a save that the server has answered.
pub(super) enum Saving {
    /// The change is stored.
    Done(Project),
    /// Others have changed the same fields: nothing was stored.
    Contested {
        /// Current project with the changes of others.
        newest: Project,
        /// Names of the fields in the API.
        names: Vec<String>,
    },
}

/// Saves the changes to `base`. A newer version that differs in other fields is merged.
pub(super) async fn save(
    projects: ProjectsState,
    fields: Fields,
    mut base: Project,
) -> Result<Saving, ApiError> {
    let mut changes = fields.changes(&base);
    let mut merges = 0;
    loop {
        let mut body = changes.clone();
        body.insert("updated_at".into(), json!(base.updated_at));
        let error = match projects.update(&base.id, &body.into()).await {
            Ok(saved) => return Ok(Saving::Done(saved)),
            Err(error) => error,
        };
        let is_newer =
            matches!(&error, ApiError::Rejected { code: Some(name), .. } if name == code::CONFLICT);
        if !is_newer || merges == MERGE_ATTEMPTS {
            return Err(error);
        }
        merges += 1;
        let newest = api::get_project(&base.id).await?;
        let (before, now) = (settings(&base), settings(&newest));
        let names: Vec<String> = changes
            .iter()
            .filter(|(name, ours)| before[*name] != now[*name] && **ours != now[*name])
            .map(|(name, _)| name.clone())
            .collect();
        if !names.is_empty() {
            fields.follow(&base, &newest);
            return Ok(Saving::Contested { newest, names });
        }
        changes.retain(|name, ours| *ours != now[name.as_str()]);
        base = newest;
    }
}

/// Returns the settings of a project that the form shows, by their names in the API.
fn settings(project: &Project) -> Value {
    json!({
        "name": project.name,
        "path": project.path,
        "description": project.description,
        "project_overview": project.project_overview,
        "initial_prompt": project.initial_prompt,
        "max_agents": project.max_agents,
        "active": project.active,
        "main_branch": project.main_branch,
    })
}

impl Fields {
    /// Returns the settings that differ from `project`. The others are not sent.
    fn changes(self, project: &Project) -> Map<String, Value> {
        let before = settings(project);
        let written = json!({
            "name": self.name.get_untracked().trim(),
            "path": self.path.get_untracked().trim(),
            "description": text_or_none(self.description),
            "project_overview": text_or_none(self.overview),
            "initial_prompt": text_or_none(self.initial_prompt),
            "max_agents": self.max_agents.get_untracked().trim().parse::<u32>().ok(),
            "active": self.active.get_untracked(),
            "main_branch": text_or_none(self.main_branch).map(|name| name.trim().to_owned()),
        });
        let mut changes = match written {
            Value::Object(changes) => changes,
            _ => Map::new(),
        };
        changes.retain(|name, value| before[&**name] != *value);
        changes
    }
}

/// Returns a text, or `None` for a blank one, which clears its field.
pub(super) fn text_or_none(text: RwSignal<String>) -> Option<String> {
    Some(text.get_untracked()).filter(|text| !text.trim().is_empty())
}
