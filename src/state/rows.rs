//! The tasks of a board, without signals: the server's truth, pending intents over it, and the
//! columns in order.
//!
//! Every operation costs what it touches: a change of one task moves one entry of one ordered set,
//! and records that in [`Changes`].

use std::collections::{BTreeSet, HashMap, HashSet};

use tasktree_protocol::replica::replaces;
use tasktree_protocol::{Status, TaskCard, TaskId, TaskPatch};

use super::pick_up::PickUp;

/// Change that a person has requested and the server has not answered yet.
#[derive(Clone, Debug, PartialEq)]
pub enum Overlay {
    /// Fields to change.
    Patch(Box<TaskPatch>),
    /// Removal of the task.
    Removal,
}

/// Changes that an operation made to the view.
#[derive(Debug, Default)]
pub struct Changes {
    /// Tasks whose card, pending mark or presence changed.
    pub tasks: HashSet<TaskId>,
    /// Tasks whose blocking tasks may have changed.
    pub blocked: HashSet<TaskId>,
    /// Columns whose tasks or order changed, indexed by [`Status`] as a number.
    pub columns: [bool; 5],
}

impl Changes {
    /// Returns true if nothing changed.
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty() && self.blocked.is_empty() && self.columns == [false; 5]
    }
}

/// Position of a task in its column.
type SortKey = (u32, u64, TaskId);

#[derive(Debug)]
struct Row {
    truth: TaskCard,
    /// Truth with the intents laid over it; `None` if one of them removes the task.
    view: Option<TaskCard>,
    intents: Vec<(String, Overlay)>,
}

/// All tasks of a board.
#[derive(Debug, Default)]
pub struct Rows {
    rows: HashMap<TaskId, Row>,
    columns: [BTreeSet<SortKey>; 5],
    /// Tasks that depend on a task.
    dependents: HashMap<TaskId, HashSet<TaskId>>,
    /// Number of tasks that a session works on, for sessions with any.
    sessions: HashMap<String, usize>,
}

impl Rows {
    /// Returns a task as the board shows it.
    pub fn view(&self, id: &TaskId) -> Option<&TaskCard> {
        self.rows.get(id)?.view.as_ref()
    }

    /// Returns a task as the server has it.
    pub fn truth(&self, id: &TaskId) -> Option<&TaskCard> {
        self.rows.get(id).map(|row| &row.truth)
    }

    /// Returns true if an intent of the task waits for its answer.
    pub fn is_pending(&self, id: &TaskId) -> bool {
        self.rows.get(id).is_some_and(|row| !row.intents.is_empty())
    }

    /// Takes a snapshot of a task as the board shows it, in the version that the server last sent.
    pub fn pick_up(&self, id: &TaskId) -> Option<PickUp> {
        let row = self.rows.get(id)?;
        Some(PickUp {
            rev: row.truth.rev,
            is_settling: !row.intents.is_empty(),
            ..PickUp::of(row.view.as_ref()?)
        })
    }

    /// Returns the tasks of a column, in order.
    pub fn column(&self, status: Status) -> impl Iterator<Item = &TaskCard> {
        self.columns[status as usize]
            .iter()
            .filter_map(|(_, _, id)| self.view(id))
    }

    /// Returns the sessions that any task names, in alphabetical order.
    pub fn sessions(&self) -> impl Iterator<Item = &str> {
        let mut names: Vec<&str> = self.sessions.keys().map(String::as_str).collect();
        names.sort_unstable();
        names.into_iter()
    }

    /// Returns the number of tasks in a column.
    pub fn count(&self, status: Status) -> usize {
        self.columns[status as usize].len()
    }

    /// Returns the tasks that have a part which is not done.
    pub fn open_parents(&self) -> HashSet<TaskId> {
        let shown = self.rows.values().filter_map(|row| row.view.as_ref());
        let open = shown.filter(|card| !card.status.is_done());
        open.filter_map(|card| card.parent.clone()).collect()
    }

    /// Returns the numbers of the tasks that block `id`: its dependencies that exist and are not
    /// done, in the order in which it names them.
    pub fn blocked_by(&self, id: &TaskId) -> Vec<u64> {
        let Some(card) = self.view(id) else {
            return Vec::new();
        };
        card.dependencies
            .iter()
            .filter_map(|dependency| self.view(dependency))
            .filter(|dependency| !dependency.status.is_done())
            .map(|dependency| dependency.number)
            .collect()
    }

    /// Stores the server's row, unless a newer one is known.
    pub fn upsert(&mut self, card: TaskCard, changes: &mut Changes) {
        let id = card.id.clone();
        match self.rows.get_mut(&id) {
            Some(row) if !replaces(&card, Some(&row.truth)) => return,
            Some(row) => row.truth = card,
            None => {
                self.rows.insert(
                    id.clone(),
                    Row {
                        truth: card,
                        view: None,
                        intents: Vec::new(),
                    },
                );
            }
        }
        self.refresh(&id, changes);
    }

    /// Removes a task that the server has removed.
    pub fn remove(&mut self, id: &TaskId, changes: &mut Changes) {
        if let Some(row) = self.rows.remove(id) {
            self.move_standing(id, row.view.as_ref().map(Standing::of), None, changes);
            changes.tasks.insert(id.clone());
        }
    }

    /// Replaces all tasks with a snapshot: tasks that it lacks are removed.
    pub fn replace_all(&mut self, cards: Vec<TaskCard>, changes: &mut Changes) {
        // The first snapshot removes nothing, and a person waits for it.
        if !self.rows.is_empty() {
            let kept: HashSet<&TaskId> = cards.iter().map(|card| &card.id).collect();
            let gone = |id: &&TaskId| !kept.contains(*id);
            let gone: Vec<TaskId> = self.rows.keys().filter(gone).cloned().collect();
            for id in gone {
                self.remove(&id, changes);
            }
        }
        for card in cards {
            self.upsert(card, changes);
        }
    }

    /// Lays an intent over a task. Does nothing if there is no such task.
    pub fn add_intent(
        &mut self,
        id: &TaskId,
        intent: &str,
        overlay: Overlay,
        changes: &mut Changes,
    ) {
        if let Some(row) = self.rows.get_mut(id) {
            row.intents.push((intent.into(), overlay));
            changes.tasks.insert(id.clone());
            self.refresh(id, changes);
        }
    }

    /// Drops an intent, answered or refused. Returns true if it existed.
    pub fn drop_intent(&mut self, id: &TaskId, intent: &str, changes: &mut Changes) -> bool {
        let Some(row) = self.rows.get_mut(id) else {
            return false;
        };
        let before = row.intents.len();
        row.intents.retain(|(other, _)| other != intent);
        let dropped = row.intents.len() != before;
        if dropped {
            changes.tasks.insert(id.clone());
            self.refresh(id, changes);
        }
        dropped
    }

    /// Recomputes the view of a task.
    fn refresh(&mut self, id: &TaskId, changes: &mut Changes) {
        let Some(row) = self.rows.get_mut(id) else {
            return;
        };
        let mut view = Some(row.truth.clone());
        for (_, overlay) in &row.intents {
            view = view.and_then(|card| lay_over(card, overlay));
        }
        if row.view != view {
            let before = row.view.as_ref().map(Standing::of);
            let after = view.as_ref().map(Standing::of);
            row.view = view;
            self.move_standing(id, before, after, changes);
        }
    }

    /// Moves a task from the position of its former view to that of the new one.
    fn move_standing(
        &mut self,
        id: &TaskId,
        before: Option<Standing>,
        after: Option<Standing>,
        changes: &mut Changes,
    ) {
        changes.tasks.insert(id.clone());
        let blocks =
            |standing: &Option<Standing>| standing.as_ref().is_some_and(|at| !at.status.is_done());
        if blocks(&before) != blocks(&after) {
            changes
                .blocked
                .extend(self.dependents.get(id).into_iter().flatten().cloned());
        }
        if before == after {
            return;
        }
        if before.as_ref().map(Standing::sort_key) != after.as_ref().map(Standing::sort_key) {
            if let Some(at) = &before {
                self.columns[at.status as usize].remove(&at.sort_key);
                changes.columns[at.status as usize] = true;
            }
            if let Some(at) = &after {
                self.columns[at.status as usize].insert(at.sort_key.clone());
                changes.columns[at.status as usize] = true;
            }
        }
        let waits = |standing: Option<Standing>| {
            standing.map_or((None, Vec::new()), |at| (at.session, at.dependencies))
        };
        let ((left, before), (joined, after)) = (waits(before), waits(after));
        if left != joined {
            if let Some(session) = left {
                self.leave_session(&session);
            }
            if let Some(session) = joined {
                *self.sessions.entry(session).or_default() += 1;
            }
        }
        if before != after {
            for dependency in &before {
                if let Some(dependents) = self.dependents.get_mut(dependency) {
                    dependents.remove(id);
                }
            }
            for dependency in after {
                self.dependents
                    .entry(dependency)
                    .or_default()
                    .insert(id.clone());
            }
            changes.blocked.insert(id.clone());
        }
    }

    fn leave_session(&mut self, session: &str) {
        if let Some(tasks) = self.sessions.get_mut(session) {
            *tasks -= 1;
            if *tasks == 0 {
                self.sessions.remove(session);
            }
        }
    }
}

/// Fields of a card that the column, session and dependency indexes depend on.
#[derive(Debug, PartialEq, Eq)]
struct Standing {
    status: Status,
    sort_key: SortKey,
    session: Option<String>,
    dependencies: Vec<TaskId>,
}

impl Standing {
    fn of(card: &TaskCard) -> Self {
        let (priority, number) = card.sort_key();
        Self {
            status: card.status,
            sort_key: (priority, number, card.id.clone()),
            session: card.session.clone(),
            dependencies: card.dependencies.clone(),
        }
    }

    fn sort_key(&self) -> (Status, &SortKey) {
        (self.status, &self.sort_key)
    }
}

/// Returns the card as it will be once the intent has taken effect; `None` if it removes the task.
fn lay_over(mut card: TaskCard, overlay: &Overlay) -> Option<TaskCard> {
    let Overlay::Patch(patch) = overlay else {
        return None;
    };
    card.lay_over(patch);
    Some(card)
}
