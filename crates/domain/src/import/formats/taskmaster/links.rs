//! Dependencies of imported tasks, by their identifiers here.
//!
//! A task that is not in the list may already be on the board, so the board refuses unknown ones.

use std::collections::{HashMap, HashSet};

use super::super::Note;
use crate::import::ImportedTask;
use crate::limits::Limits;

/// A task of the file before its import.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// Identifier in the list: `5`, or `5.2` for a subtask. Not necessarily unique.
    pub(super) id: String,
    pub(super) task: ImportedTask,
    /// Identifiers of its dependencies, as in the file.
    pub(super) waits_for: Vec<String>,
    /// Identifiers of subtasks that are checklist lines in its prompt.
    pub(super) parts: Vec<String>,
    /// Identifier in the list of the task that it is a subtask of.
    pub(super) siblings: Option<String>,
    pub(super) parent: Option<usize>,
    /// Indexes of its subtasks that are tasks.
    pub(super) children: Vec<usize>,
}

/// Fills in the dependencies of all drafts.
pub(super) fn resolve(list: &str, drafts: &mut [Draft], notes: &mut Vec<Note>, limits: &Limits) {
    let mut known: HashMap<String, Vec<usize>> = HashMap::new();
    for (place, draft) in drafts.iter().enumerate() {
        for id in std::iter::once(&draft.id).chain(&draft.parts) {
            let places = known.entry(id.clone()).or_default();
            if places.last() != Some(&place) {
                places.push(place);
            }
        }
    }
    // A subtask comes after its parent, whose dependencies it inherits.
    let mut inherited: Vec<Vec<String>> = Vec::with_capacity(drafts.len());
    for place in 0..drafts.len() {
        let draft = &drafts[place];
        let mut seen = HashSet::new();
        let mut needs: Vec<String> = Vec::new();
        let mut unknown: Vec<String> = Vec::new();
        for wanted in &draft.waits_for {
            // Numbers in a subtask refer to its siblings.
            let sibling = draft
                .siblings
                .as_ref()
                .map(|task| format!("{task}.{wanted}"));
            let found = sibling.and_then(|sibling| known.get(&sibling));
            match found.or_else(|| known.get(wanted)) {
                Some(places) if *places == [place] && *wanted != draft.id => notes.push(Note {
                    task: draft.task.source.clone(),
                    note: format!(
                        "it depends on {wanted}, which is a part of it; that dependency \
                                   was left out"
                    ),
                }),
                Some(places) => {
                    let others = places
                        .iter()
                        .filter(|other| **other != place || places.len() == 1);
                    needs.extend(others.map(|other| drafts[*other].task.source.clone()));
                }
                None => unknown.push(format!("{list}/{wanted}")),
            }
        }
        if let Some(parent) = draft.parent {
            needs.extend(inherited[parent].iter().cloned());
        }
        needs.retain(|need| seen.insert(need.clone()));
        inherited.push(needs.clone());
        let children = draft.children.iter();
        needs.extend(children.map(|child| drafts[*child].task.source.clone()));
        needs.extend(unknown);
        needs.retain({
            let mut seen = HashSet::new();
            move |need| seen.insert(need.clone())
        });
        let most = limits.list_entries;
        if needs.len() > most {
            let more = needs.split_off(most);
            notes.push(Note {
                task: draft.task.source.clone(),
                note: format!(
                    "a task can depend on at most {most} others; left out: {}",
                    more.join(", ")
                ),
            });
        }
        drafts[place].task.dependencies = needs;
    }
}
