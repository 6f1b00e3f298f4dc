//! Trash of projects: states left by a removal or a reset, which can be restored for
//! [`KEPT_MS`](crate::limits::KEPT_MS).

use tasktree_protocol::event::Notice;
use tasktree_protocol::{Event, Project, ProjectId, StreamId};

use super::tell;
use crate::auth::Scope;
use crate::domain::listing::Keyed;
use crate::domain::{Work, agent};
use crate::error::{Error, Result};
use crate::limits::KEPT_PER_PROJECT;
use crate::store::{KeptProject, KeptWhy, Read};

/// Prefix of the key of every trashed state; no project's identifier has it.
const MARK: &str = "~";

/// Removes or empties a project, and moves its state to the trash.
///
/// A simulation's state is not kept: it resets itself all the time.
pub(super) fn put_away(work: &mut Work<'_>, project: Project, why: KeptWhy) -> Result<()> {
    let stays = why == KeptWhy::Reset;
    if project.demo {
        return if stays {
            work.tx.clear_project(&project.id)
        } else {
            work.tx.delete_project(&project.id)
        };
    }
    let id = project.id.clone();
    let kept = KeptProject {
        key: format!("{MARK}{}", uuid::Uuid::new_v4().simple()),
        project,
        why,
        at: work.now,
        by: work.actor().to_string(),
    };
    work.tx.keep_project(&kept, stays)?;
    for old in work.tx.kept_states(&id)?.iter().skip(KEPT_PER_PROJECT) {
        work.tx.drop_kept(&old.key)?;
    }
    Ok(())
}

/// Returns the trashed states of the projects that the caller can access, newest first, each
/// converted by `view`.
pub(crate) fn list_kept<T: 'static>(
    rows: &dyn Read,
    scope: Scope,
    view: fn(KeptProject) -> T,
) -> Result<Keyed<String, T>> {
    let kept = move |rows: &dyn Read, key: &String| {
        let kept = rows.kept_project(key)?;
        Ok(kept.filter(|kept| scope.has(&kept.project.id)).map(view))
    };
    Ok(Keyed::new(rows.kept_keys()?, kept))
}

/// Restores a project from the trash: the state with that key, or else the newest.
///
/// A reset is undone in place, and the current state goes to the trash in turn.
pub(crate) fn restore(work: &mut Work<'_>, id: &ProjectId, key: Option<&str>) -> Result<Project> {
    let mut states = work.tx.kept_states(id)?.into_iter();
    let kept = match key {
        Some(key) => states.find(|kept| kept.key == key),
        None => states.next(),
    };
    let kept = kept.ok_or_else(|| {
        Error::NotFound(format!(
            "Of the project '{id}' nothing is kept that could be brought back."
        ))
    })?;
    let stream = StreamId::project(id);
    let living = work.tx.project(id)?;
    let was_there = living.is_some();
    match living {
        Some(_) if kept.why == KeptWhy::Deleted => {
            return Err(Error::Exists(format!(
                "There is another project '{id}' now. Remove that one first; it can be brought back, too."
            )));
        }
        Some(living) => put_away(work, living, KeptWhy::Replaced)?,
        None => {}
    }
    work.tx.bring_back_project(id, &kept.key)?;
    agent::give_to_tokens(work, id)?;
    work.stream_goes_on(&stream)?;
    let project = work.project(id)?;
    let event = if was_there {
        let message = "The project is as it was before the reset".to_owned();
        Event::ProjectReset(Notice { message })
    } else {
        Event::ProjectCreated(project.clone())
    };
    tell(work, id, event)?;
    Ok(project)
}
