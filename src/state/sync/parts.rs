//! The parts of a project: their fetches, and the messages that they apply.

use std::rc::{Rc, Weak};

use tasktree_protocol::follower::Config;
use tasktree_protocol::{Cursor, Message, ProjectId, StreamId};

use crate::api::{self, ApiError, Snapshot};
use crate::state::cells::write;
use crate::state::core::Core;
use crate::state::following::{Fetching, Followed, Following, Replace};
use crate::state::syncing::Part;

/// Creates the followers of the parts.
pub(super) fn follow(core: &Rc<Core>) -> [Rc<Following>; 3] {
    [Part::Tasks, Part::Agents, Part::Leases].map(|part| {
        let shown = Shown {
            core: Rc::downgrade(core),
            project: core.project.clone(),
            part,
        };
        let stream = StreamId::project(&core.project);
        Following::new(stream, Config::default(), Box::new(shown))
    })
}

/// Part of an open project.
struct Shown {
    core: Weak<Core>,
    project: ProjectId,
    part: Part,
}

impl Followed for Shown {
    fn fetch(&self) -> Fetching {
        let (core, project) = (self.core.clone(), self.project.clone());
        match self.part {
            Part::Tasks => Box::pin(fetch_tasks(core, project)),
            Part::Agents => Box::pin(fetch_agents(core, project)),
            Part::Leases => Box::pin(fetch_leases(core, project)),
        }
    }

    fn apply(&self, message: &Message, is_new: bool) {
        if let Some(core) = self.core.upgrade() {
            match self.part {
                Part::Tasks => core.apply_to_tasks(message, is_new),
                Part::Agents => core.apply_to_agents(message),
                Part::Leases => core.apply_to_leases(message),
            }
        }
    }

    fn show(&self) {
        if let Some(core) = self.core.upgrade() {
            core.show_part(self.part);
        }
    }

    fn acknowledge(&self, cursor: Option<Cursor>) {
        if let (Part::Tasks, Some(core)) = (self.part, self.core.upgrade()) {
            core.acknowledge(cursor);
        }
    }

    fn failed(&self, error: ApiError) -> bool {
        let is_temporary = error.is_temporary();
        if let Some(core) = self.core.upgrade() {
            core.failed(self.part, error);
        }
        is_temporary
    }
}

async fn fetch_tasks(core: Weak<Core>, project: ProjectId) -> Result<Snapshot<Replace>, ApiError> {
    let tasks = api::list_tasks(&project).await?;
    let cursor = tasks.cursor.clone();
    Ok(replacing(core, tasks, move |core, cards| {
        core.enter(cursor.as_ref());
        core.change(|rows, changes| rows.replace_all(cards, changes));
    }))
}

async fn fetch_agents(core: Weak<Core>, project: ProjectId) -> Result<Snapshot<Replace>, ApiError> {
    let agents = api::list_agents(&project).await;
    unless_missing(core, agents, |core, agents| {
        core.agents.borrow_mut().replace_all(agents);
        core.agents_changed.set(true);
    })
}

async fn fetch_leases(core: Weak<Core>, project: ProjectId) -> Result<Snapshot<Replace>, ApiError> {
    let leases = api::list_leases(&project).await;
    unless_missing(core, leases, |core, leases| {
        write(&core.signals.leases, leases);
    })
}

/// Returns a snapshot that replaces nothing if an older server has no such list or fails at it: a
/// board without agents and leases is still a board.
fn unless_missing<T: 'static>(
    core: Weak<Core>,
    answer: Result<Snapshot<T>, ApiError>,
    replace: fn(&Core, T),
) -> Result<Snapshot<Replace>, ApiError> {
    let is_legacy = || core.upgrade().is_some_and(|core| core.is_legacy());
    match answer {
        Ok(snapshot) => Ok(replacing(core, snapshot, replace)),
        Err(error) if error.is_no_endpoint() || is_legacy() => Ok(Snapshot {
            value: Box::new(|| ()),
            cursor: None,
        }),
        Err(error) => Err(error),
    }
}

/// Returns a snapshot whose function calls `replace` with the rows.
fn replacing<T: 'static>(
    core: Weak<Core>,
    snapshot: Snapshot<T>,
    replace: impl FnOnce(&Core, T) + 'static,
) -> Snapshot<Replace> {
    snapshot.map(|rows| -> Replace {
        Box::new(move || {
            if let Some(core) = core.upgrade() {
                replace(&core, rows);
            }
        })
    })
}
