//! The list of attention items, without signals.

use tasktree_protocol::attention::{
    AttentionChanged, AttentionItem, AttentionKind, AttentionMarked, AttentionRest,
};
use tasktree_protocol::{AgentId, ProjectId, TaskId};

/// Items, and the numbers of those that the server left out.
#[derive(Debug, Default)]
pub(super) struct List {
    pub(super) items: Vec<AttentionItem>,
    pub(super) rest: Vec<AttentionRest>,
}

impl List {
    /// Creates a list of the items that the server has sent.
    pub(super) fn new(mut items: Vec<AttentionItem>, rest: Vec<AttentionRest>) -> Self {
        sort(&mut items);
        Self { items, rest }
    }

    /// Returns the number of items that the server left out.
    pub(super) fn left_out(&self) -> u64 {
        self.rest.iter().map(|rest| rest.count).sum()
    }

    /// Returns the number of open items of a kind in a project.
    pub(super) fn count_of(&self, project: &ProjectId, kind: AttentionKind) -> u64 {
        let is_it = |of: &ProjectId, one: AttentionKind| of == project && one == kind;
        let items = self.items.iter();
        let listed = items.filter(|item| is_it(&item.project, item.kind)).count() as u64;
        let rest = self.rest.iter();
        let rest = rest.filter(|rest| is_it(&rest.project, rest.kind));
        listed + rest.map(|rest| rest.count).sum::<u64>()
    }

    /// Returns the most urgent item about a task, or about the agent on it: a lease conflict is
    /// about two agents.
    pub(super) fn on_task(
        &self,
        project: &ProjectId,
        task: &TaskId,
        agent: Option<&AgentId>,
    ) -> Option<&AttentionItem> {
        self.items.iter().find(|item| {
            let is_about = match &item.task {
                Some(about) => about == task,
                None => {
                    agent.is_some() && [item.agent.as_ref(), item.other.as_ref()].contains(&agent)
                }
            };
            is_about && item.project == *project
        })
    }

    /// Returns an item to be changed.
    pub(super) fn find(&mut self, project: &ProjectId, id: u64) -> Option<&mut AttentionItem> {
        let mut items = self.items.iter_mut();
        items.find(|item| (&item.project, item.id) == (project, id))
    }

    /// Sets the marks of the person on an item.
    pub(super) fn set_marks(&mut self, marked: &AttentionMarked) {
        if let Some(item) = self.find(&marked.project, marked.id) {
            item.seen = marked.seen;
            item.done = marked.done;
            item.snoozed_until = marked.snoozed_until;
        }
    }

    /// Adds and removes items of a project.
    pub(super) fn change(&mut self, project: &ProjectId, changed: AttentionChanged) {
        let items = &mut self.items;
        for mut item in changed.opened {
            // The marks are the person's, and not in the event.
            let at = items
                .iter()
                .position(|other| (&other.project, other.id) == (&item.project, item.id));
            if let Some(at) = at {
                let before = items.swap_remove(at);
                item.seen = before.seen;
                item.done = before.done;
                item.snoozed_until = before.snoozed_until;
            }
            items.push(item);
        }
        items.retain(|item| item.project != *project || !changed.closed.contains(&item.id));
        sort(items);
    }
}

/// Sorts items: the most urgent first, and the oldest within a kind, so that a new one moves no
/// other.
fn sort(items: &mut [AttentionItem]) {
    items.sort_by_key(|item| (item.kind, item.since.unix_millis(0), item.id));
}
