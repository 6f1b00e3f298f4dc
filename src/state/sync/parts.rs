//! The parts of a project: their fetches, and the messages that they apply.

use std::rc::{Rc, Weak};

use tasktree_protocol::agent::Lease;
use tasktree_protocol::follower::Config;
use tasktree_protocol::{Agent, Cursor, Message, ProjectId, StreamId, TaskCard};

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

/// Rows of a part.
enum Rows {
    Tasks(Vec<TaskCard>),
    Agents(Vec<Agent>),
    Leases(Vec<Lease>),
    /// An older server has no such list.
    Missing,
}

impl Followed for Shown {
    fn fetch(&self) -> Fetching {
        Box::pin(fetch(self.core.clone(), self.project.clone(), self.part))
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

/// Fetches a part. An older server may have no list of agents or leases, or fail at it: a board
/// without them is still a board.
async fn fetch(
    core: Weak<Core>,
    project: ProjectId,
    part: Part,
) -> Result<Snapshot<Replace>, ApiError> {
    let answer = match part {
        Part::Tasks => {
            return Ok(replacing(
                core,
                api::list_tasks(&project).await?.map(Rows::Tasks),
            ));
        }
        Part::Agents => api::list_agents(&project)
            .await
            .map(|it| it.map(Rows::Agents)),
        Part::Leases => api::list_leases(&project)
            .await
            .map(|it| it.map(Rows::Leases)),
    };
    let is_legacy = || core.upgrade().is_some_and(|core| core.is_legacy());
    let snapshot = match answer {
        Err(error) if error.is_no_endpoint() || is_legacy() => Snapshot {
            value: Rows::Missing,
            cursor: None,
        },
        answer => answer?,
    };
    Ok(replacing(core, snapshot))
}

fn replacing(core: Weak<Core>, snapshot: Snapshot<Rows>) -> Snapshot<Replace> {
    let cursor = snapshot.cursor.clone();
    snapshot.map(|rows| -> Replace {
        Box::new(move || {
            if let Some(core) = core.upgrade() {
                core.replace(rows, cursor.as_ref());
            }
        })
    })
}

impl Core {
    fn replace(&self, rows: Rows, cursor: Option<&Cursor>) {
        match rows {
            Rows::Tasks(cards) => {
                self.enter(cursor);
                self.change(|rows, changes| rows.replace_all(cards, changes));
            }
            Rows::Agents(agents) => {
                self.agents.borrow_mut().replace_all(agents);
                self.agents_changed.set(true);
            }
            Rows::Leases(leases) => write(&self.signals.leases, leases),
            Rows::Missing => {}
        }
    }
}
