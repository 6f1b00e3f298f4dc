//! Trash of projects: states left by a removal or a reset, which can be restored for
//! [`TRASH_MS`](crate::limits::TRASH_MS).

use tasktree_protocol::event::Notice;
use tasktree_protocol::{Event, Project, ProjectId, StreamId};

use super::emit_project;
use crate::auth::Scope;
use crate::error::{Error, Result};
use crate::limits::TRASH_PER_PROJECT;
use crate::listing::Keyed;
use crate::store::{Read, TrashReason, TrashedProject};
use crate::{Change, agent};

/// Prefix of the key of every trashed state; no project's identifier has it.
const MARK: &str = "~";

/// Removes or empties a project, and moves its state to the trashed.
///
/// A simulation's state is not kept: it resets itself all the time.
pub(super) fn move_to_trash(
    change: &mut Change<'_>,
    project: Project,
    why: TrashReason,
) -> Result<()> {
    let stays = why == TrashReason::Reset;
    if project.demo {
        return if stays {
            change.tx.clear_project(&project.id)
        } else {
            change.tx.delete_project(&project.id)
        };
    }
    let id = project.id.clone();
    let trashed = TrashedProject {
        key: format!("{MARK}{}", uuid::Uuid::new_v4().simple()),
        project,
        why,
        at: change.now,
        by: change.actor().to_string(),
    };
    change.tx.trash_project(&trashed, stays)?;
    for old in change
        .tx
        .trashed_states(&id)?
        .iter()
        .skip(TRASH_PER_PROJECT)
    {
        change.tx.purge_trash(&old.key)?;
    }
    Ok(())
}

/// Returns the trashed states of the projects that the caller can access, newest first, each
/// converted by `view`.
pub fn list_trash<T: 'static>(
    rows: &dyn Read,
    scope: Scope,
    view: fn(TrashedProject) -> T,
) -> Result<Keyed<String, T>> {
    let trashed = move |rows: &dyn Read, key: &String| {
        let trashed = rows.trashed_project(key)?;
        Ok(trashed
            .filter(|trashed| scope.has(&trashed.project.id))
            .map(view))
    };
    Ok(Keyed::new(rows.trash_keys()?, trashed))
}

/// Restores a project from the trash: the state with that key, or else the newest.
///
/// A reset is undone in place, and the current state goes to the trash in turn.
pub fn restore(change: &mut Change<'_>, id: &ProjectId, key: Option<&str>) -> Result<Project> {
    let mut states = change.tx.trashed_states(id)?.into_iter();
    let trashed = match key {
        Some(key) => states.find(|trashed| trashed.key == key),
        None => states.next(),
    };
    let trashed = trashed
        .ok_or_else(|| Error::NotFound(format!("The trash has no state of the project '{id}'.")))?;
    let stream = StreamId::project(id);
    let living = change.tx.project(id)?;
    let was_there = living.is_some();
    match living {
        Some(_) if trashed.why == TrashReason::Deleted => {
            return Err(Error::Exists(format!(
                "Another project '{id}' already exists. Remove that one first; it can be \
                 restored, too."
            )));
        }
        Some(living) => move_to_trash(change, living, TrashReason::Replaced)?,
        None => {}
    }
    change.tx.restore_project(id, &trashed.key)?;
    agent::give_to_tokens(change, id)?;
    change.stream_goes_on(&stream)?;
    let project = change.project(id)?;
    let event = if was_there {
        let message = "The project was restored to its state before the reset".to_owned();
        Event::ProjectReset(Notice { message })
    } else {
        Event::ProjectCreated(project.clone())
    };
    emit_project(change, id, event)?;
    Ok(project)
}
