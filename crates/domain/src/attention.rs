//! Attention items: what needs a person, derived from the rows.
//!
//! [`rules`] has one function per kind of item, which computes it from the rows alone. [`follow`]
//! is called at the end of every change. It derives again the items about the rows that the change
//! stored, and opens and closes what differs, in the same transaction. So no entry point can leave
//! an item open whose cause has ended. The sweeper calls [`open_due`] for what only time causes; a
//! change closes such an item, but does not open it.
//!
//! An item belongs to a subject, the row that it is about. A subject has at most one item of each
//! kind, so nothing appears twice.

mod list;
mod marks;
mod rules;
mod settle;
mod settling;

use tasktree_protocol::{AgentId, ProjectId};

use crate::Change;
use crate::error::Result;
use crate::store::{OverdueTask, Read};
use settling::Settling;

pub use list::list;
pub use marks::mark;
pub use settle::READY;

/// Name of the setting with the version of the rules by which the stored items were derived.
const RULES: &str = "attention_rules";

/// Version of the rules. Another one makes the server derive all items again after its start.
const RULES_VERSION: &str = "1";

/// Opens and closes items after a change.
pub fn follow(change: &mut Change<'_>) -> Result<()> {
    for (project, touched) in change.tx.take_touched() {
        let mut settling = Settling::new(change, &project);
        settling.follow(touched)?;
        settling.tell()?;
    }
    Ok(())
}

/// Opens items that time causes, about agents that a reader found to be due.
pub fn open_due(change: &mut Change<'_>, project: &ProjectId, agents: &[AgentId]) -> Result<()> {
    change.require(project)?;
    let mut settling = Settling::new(change, project).with_due();
    for agent in agents {
        settling.agent(agent, None)?;
    }
    settling.tell()
}

/// Opens the item about a ready task that nobody has claimed, as a reader found it.
pub fn open_ready(change: &mut Change<'_>, project: &ProjectId, task: OverdueTask) -> Result<()> {
    change.require(project)?;
    let mut settling = Settling::new(change, project).with_due();
    settling.ready(Some(task))?;
    settling.tell()
}

/// Returns true if the stored items were derived by other rules, or never.
pub fn is_outdated(rows: &dyn Read) -> Result<bool> {
    Ok(rows.setting(RULES)?.as_deref() != Some(RULES_VERSION))
}

/// Derives all items of a project again, without those that time causes.
pub fn rebuild(change: &mut Change<'_>, project: &ProjectId) -> Result<()> {
    let mut settling = Settling::new(change, project);
    settling.everything()?;
    settling.tell()
}

/// Records that all items were derived by the current rules.
pub fn rebuilt(change: &mut Change<'_>) -> Result<()> {
    change.tx.put_rules_version(RULES, RULES_VERSION)
}
