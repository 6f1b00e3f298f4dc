//! Projects: creation, changes, reset, removal, restoration.

mod folder;
mod trash;

use serde_json::json;
use tasktree_protocol::event::{Notice, Notification, ProjectDeleted};
use tasktree_protocol::project::{NewProject, ProjectPatch};
use tasktree_protocol::{Event, Maybe, Project, ProjectId, StreamId, Timestamp};

use super::change::EventContext;
use super::validate::{Checks, shortened};
use super::{Change, Unchanged, task};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::remote::without_credentials;
use crate::store::{Read, TrashReason};
pub use folder::of_folder;
pub use trash::{list_trash, restore};

/// Creates a project.
pub fn create(change: &mut Change<'_>, new: NewProject) -> Result<Project> {
    let project = planned(&*change.tx, new, change.now, change.limits)?;
    change.tx.put_project(&project)?;
    change.restart_stream(&StreamId::project(&project.id))?;
    emit_project(change, &project.id, Event::ProjectCreated(project.clone()))?;
    Ok(project)
}

/// Returns the row for a new project, or the faults of the request.
pub(crate) fn planned(
    rows: &dyn Read,
    new: NewProject,
    now: Timestamp,
    limits: &Limits,
) -> Result<Project> {
    check_id(&new.id, limits)?;
    if rows.has_project(&new.id)? {
        return Err(Error::Exists(format!(
            "Project with id '{}' already exists",
            new.id
        )));
    }
    let project = Project {
        id: new.id,
        name: new.name.trim().to_owned(),
        path: new.path,
        description: new.description,
        project_overview: new.project_overview,
        initial_prompt: new.initial_prompt,
        plan: new.plan,
        max_agents: new.max_agents,
        active: new.active,
        created_at: new.created_at.unwrap_or(now),
        updated_at: now,
        git_remote: new.git_remote.as_deref().map(without_credentials),
        is_git_repo: new.is_git_repo,
        demo: new.demo,
        main_branch: new.main_branch,
    };
    check(&project, None, limits)?;
    check_main_branch(&project, limits)?;
    Ok(project)
}

/// Removes permanently a project that an import created and could not fill.
pub fn withdraw(change: &mut Change<'_>, id: &ProjectId) -> Result<()> {
    if !change.tx.has_project(id)? {
        return Ok(());
    }
    change.tx.delete_project(id)?;
    emit_removed(change, id)
}

/// Changes fields of a project.
pub fn update(
    change: &mut Change<'_>,
    id: &ProjectId,
    patch: ProjectPatch,
    unchanged: &Unchanged,
) -> Result<Project> {
    let before = change.project(id)?;
    unchanged.check(&before)?;
    let mut project = before.clone();
    let mut checks = Checks::default();
    if !matches!(&patch.id, Maybe::Absent) && patch.id != Maybe::Value(id.clone()) {
        let message = "cannot be changed";
        checks.fail("id", "immutable", message, serde_json::to_value(&patch.id)?);
    }
    checks.not_null("name", patch.name == Maybe::Null);
    checks.not_null("max_agents", patch.max_agents == Maybe::Null);
    checks.not_null("active", patch.active == Maybe::Null);
    checks.finish()?;
    if let Maybe::Value(name) = patch.name {
        project.name = name.trim().to_owned();
    }
    match patch.path {
        Maybe::Absent => {}
        Maybe::Null => project.path = String::new(),
        Maybe::Value(path) => project.path = path,
    }
    if project.path != before.path {
        // The old value was about another folder.
        project.is_git_repo = None;
    }
    if let Maybe::Value(max_agents) = patch.max_agents {
        project.max_agents = max_agents;
    }
    if let Maybe::Value(active) = patch.active {
        project.active = active;
    }
    patch.description.apply_to(&mut project.description);
    patch
        .project_overview
        .apply_to(&mut project.project_overview);
    patch.initial_prompt.apply_to(&mut project.initial_prompt);
    patch.plan.apply_to(&mut project.plan);
    patch.git_remote.apply_to(&mut project.git_remote);
    project.git_remote = project.git_remote.as_deref().map(without_credentials);
    patch.is_git_repo.apply_to(&mut project.is_git_repo);
    patch.main_branch.apply_to(&mut project.main_branch);
    check(&project, Some(&before), change.limits)?;
    if project.main_branch != before.main_branch {
        check_main_branch(&project, change.limits)?;
    }
    if project == before {
        return Ok(before);
    }
    save(change, project)
}

/// Stores a changed project, and emits its event.
fn save(change: &mut Change<'_>, mut project: Project) -> Result<Project> {
    project.updated_at = change.now;
    change.tx.put_project(&project)?;
    emit_project(change, &project.id, Event::ProjectUpdated(project.clone()))?;
    Ok(project)
}

/// Moves a project with everything in it to the trash.
pub fn delete(change: &mut Change<'_>, id: &ProjectId) -> Result<()> {
    let project = change.project(id)?;
    trash::move_to_trash(change, project, TrashReason::Deleted)?;
    emit_removed(change, id)
}

fn emit_removed(change: &mut Change<'_>, id: &ProjectId) -> Result<()> {
    let data = ProjectDeleted {
        project_id: id.clone(),
        cleanup_performed: false,
    };
    emit_project(change, id, Event::ProjectDeleted(data))?;
    change.stream_removed(StreamId::project(id));
    Ok(())
}

/// Moves the contents of a project to the trash, and restarts its stream.
pub fn reset(change: &mut Change<'_>, id: &ProjectId) -> Result<()> {
    let project = change.project(id)?;
    trash::move_to_trash(change, project, TrashReason::Reset)?;
    change.restart_stream(&StreamId::project(id))?;
    let message = "Project reset successfully".to_owned();
    emit_project(change, id, Event::ProjectReset(Notice { message }))
}

/// Stores whether the folder is in a git repository, unless the project's folder has changed
/// meanwhile.
pub fn repository_found(
    change: &mut Change<'_>,
    id: &ProjectId,
    path: &str,
    is_repository: bool,
) -> Result<()> {
    let mut project = change.project(id)?;
    if project.path == path && project.is_git_repo != Some(is_repository) {
        project.is_git_repo = Some(is_repository);
        save(change, project)?;
    }
    Ok(())
}

/// Records that the project's folder became a git repository.
pub fn git_initialized(change: &mut Change<'_>, id: &ProjectId, path: &str) -> Result<()> {
    repository_found(change, id, path, true)?;
    let data = json!({
        "project_id": id, "message": "Git repository initialized successfully",
    });
    // An event of the older API, useless to a board: it has no variant.
    let event = Event::Unknown {
        kind: "git_initialized".to_owned(),
        data,
    };
    change.emit(Some(id), event, EventContext::default())
}

/// Sends a notification to the readers of a project.
pub fn notify(
    change: &mut Change<'_>,
    project: Option<&ProjectId>,
    notification: Notification,
) -> Result<()> {
    let mut checks = Checks::default();
    checks.line("title", &notification.title, change.limits.name_chars);
    checks.bytes(
        "message",
        notification.message.as_deref(),
        change.limits.message_bytes,
    );
    checks.finish()?;
    if let Some(project) = project {
        change.require(project)?;
        if let Some(task) = &notification.task_id {
            task::find(&*change.tx, project, task)?;
        }
    }
    change.emit(
        project,
        Event::Notification(notification),
        EventContext::default(),
    )
}

/// Emits an event about a project's creation, change or removal, as the system.
fn emit_project(change: &mut Change<'_>, id: &ProjectId, event: Event) -> Result<()> {
    change.emit(
        Some(id),
        event,
        EventContext {
            system: true,
            ..EventContext::default()
        },
    )
}

/// Checks an identifier, which is part of URLs and of stream names: `*` and `u:..` have other uses.
fn check_id(id: &ProjectId, limits: &Limits) -> Result<()> {
    let text = id.as_str();
    let mut checks = Checks::default();
    checks.line("id", text, limits.project_id_chars);
    let legal = |character: char| character.is_alphanumeric() || "._-".contains(character);
    if text.starts_with('.') {
        checks.fail("id", "project_id", "must not begin with a dot", text);
    } else if !text.chars().all(legal) {
        let message = "may contain only letters, digits, '.', '_' and '-'";
        checks.fail("id", "project_id", message, shortened(text));
    }
    checks.finish()
}

fn check_main_branch(project: &Project, limits: &Limits) -> Result<()> {
    let mut checks = Checks::default();
    if let Some(branch) = &project.main_branch {
        checks.branch("main_branch", branch, limits.branch_chars);
    }
    checks.finish()
}

/// Function that returns a text of a project.
type Text = fn(&Project) -> Option<&str>;

/// Checks the fields of a project that are new or differ from the stored ones.
///
/// Stored values stay, even if only an older version accepted them.
fn check(project: &Project, before: Option<&Project>, limits: &Limits) -> Result<()> {
    let mut checks = Checks::default();
    if before.is_none_or(|before| before.name != project.name) {
        checks.line("name", &project.name, limits.name_chars);
    }
    let path = Some(project.path.as_str());
    if before.is_none_or(|before| before.path != project.path) {
        checks.bytes("path", path, limits.list_entry_chars * 4);
        if project.path.starts_with('~') {
            let message = "must be a full path: the server cannot expand '~'";
            checks.fail("path", "home", message, shortened(&project.path));
        }
    }
    let most = limits.project_text_bytes;
    let texts: [(&str, Text, usize); 5] = [
        (
            "git_remote",
            |of| of.git_remote.as_deref(),
            limits.list_entry_chars * 4,
        ),
        ("description", |of| of.description.as_deref(), most),
        (
            "project_overview",
            |of| of.project_overview.as_deref(),
            most,
        ),
        ("initial_prompt", |of| of.initial_prompt.as_deref(), most),
        ("plan", |of| of.plan.as_deref(), most),
    ];
    for (field, text, most) in texts {
        if before.is_none_or(|before| text(before) != text(project)) {
            checks.bytes(field, text(project), most);
        }
    }
    if before.is_none_or(|before| before.max_agents != project.max_agents) {
        checks.at_most(
            "max_agents",
            project.max_agents.into(),
            limits.max_agents.into(),
        );
    }
    checks.finish()
}
