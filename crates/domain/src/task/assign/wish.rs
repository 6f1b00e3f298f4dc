//! Reading of a patch: the session and the claim that it asks for.

use tasktree_protocol::{AgentId, Maybe, Status, TaskPatch};

use crate::Change;
use crate::change::Caller;
use crate::task::Draft;

/// Returns the session that a patch asks for; absent if the task already has it.
pub(super) fn wanted_session(draft: &Draft, patch: &TaskPatch) -> Maybe<AgentId> {
    let wanted = match &patch.session {
        Maybe::Absent => return Maybe::Absent,
        // The older dashboard cannot send null here.
        Maybe::Value(session) if !session.is_empty() => Some(session.as_str()),
        Maybe::Null | Maybe::Value(_) => None,
    };
    if wanted == draft.task.session.as_deref() {
        Maybe::Absent
    } else {
        wanted.map(AgentId::from).into()
    }
}

/// Returns true if a patch asks for the status and session that a task in progress already has, to
/// claim it.
///
/// Either an agent asks for a task that it does not hold, or a label names an agent that has
/// registered since. A person's patch counts only if it changes nothing else, because older clients
/// send whole rows back.
pub(super) fn asks_to_claim(change: &Change<'_>, draft: &Draft, patch: &TaskPatch) -> bool {
    let task = &draft.task;
    if task.status != Status::InProgress {
        return false;
    }
    let names = matches!(&patch.session, Maybe::Value(session) if !session.is_empty());
    match change.caller() {
        Caller::Agent(caller) => match &task.holder {
            None => names || patch.status == Maybe::Value(Status::InProgress),
            Some(holder) => {
                let is_bare = patch.session.is_absent();
                is_bare && patch.status == Maybe::Value(Status::InProgress) && *holder != caller
            }
        },
        Caller::Person | Caller::Server if task.holder.is_some() => false,
        Caller::Person | Caller::Server => {
            let only = TaskPatch {
                status: patch.status.clone(),
                session: patch.session.clone(),
                ..TaskPatch::default()
            };
            names && *patch == only
        }
    }
}
