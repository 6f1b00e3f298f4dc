//! What imported tasks wait for: only each other, never in a circle, and not while they are in progress.

use std::collections::{BTreeMap, HashMap, HashSet};

use tasktree_protocol::Status;

use super::Draft;
use crate::cli::import::report::Notes;

/// Keeps the dependencies that mean a task of this import, each once.
pub(super) fn resolve(drafts: &mut [Draft], notes: &mut Notes) {
    let known: HashSet<String> = drafts.iter().map(|draft| draft.id.clone()).collect();
    for draft in drafts {
        let mut kept: Vec<String> = Vec::new();
        for dependency in std::mem::take(&mut draft.waits_for) {
            // Where subtasks are lists, to wait for one is to wait for its task.
            let parent = dependency.split('.').next().unwrap_or_default().to_owned();
            let found = [dependency, parent]
                .into_iter()
                .find(|id| known.contains(id));
            match found {
                Some(id) if id == draft.id || kept.contains(&id) => {}
                Some(id) => kept.push(id),
                None => notes.changed("dependency on a task that is not imported was dropped"),
            }
        }
        draft.waits_for = kept;
    }
}

/// Drops the dependencies that close a circle: each task of one would wait for ever.
pub(super) fn open_circles(drafts: &mut [Draft], notes: &mut Notes) {
    let position: HashMap<String, usize> = drafts
        .iter()
        .enumerate()
        .map(|(index, draft)| (draft.id.clone(), index))
        .collect();
    let edges: Vec<Vec<usize>> = drafts
        .iter()
        .map(|draft| {
            draft
                .waits_for
                .iter()
                .filter_map(|id| position.get(id).copied())
                .collect()
        })
        .collect();
    for (task, next) in closing_edges(&edges) {
        let id = drafts[next].id.clone();
        drafts[task]
            .waits_for
            .retain(|dependency| *dependency != id);
        notes.changed("dependency that closed a circle was dropped");
    }
}

/// What waits for others cannot be in progress here.
pub(super) fn claimable_only(drafts: &mut [Draft], notes: &mut Notes) {
    let done: BTreeMap<String, bool> = drafts
        .iter()
        .map(|draft| (draft.id.clone(), draft.task.status.is_done()))
        .collect();
    for draft in drafts {
        let waits = draft
            .waits_for
            .iter()
            .any(|id| !done.get(id).copied().unwrap_or(true));
        if waits && draft.task.status == Status::InProgress {
            draft.task.status = Status::UpNext;
            notes.changed("task was in progress though it waits for others, so it is up next");
        }
    }
}

/// The edges that a depth-first walk finds to lead back to where it came from. Without them there is no circle.
pub(super) fn closing_edges(edges: &[Vec<usize>]) -> Vec<(usize, usize)> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Left,
    }
    let mut marks = vec![Mark::New; edges.len()];
    let mut closing = Vec::new();
    for start in 0..edges.len() {
        if marks[start] != Mark::New {
            continue;
        }
        marks[start] = Mark::Open;
        // A stack of its own, not recursion: a chain may be as long as the file.
        let mut path = vec![(start, 0)];
        while let Some((task, step)) = path.last_mut() {
            let task = *task;
            let Some(&next) = edges[task].get(*step) else {
                marks[task] = Mark::Left;
                path.pop();
                continue;
            };
            *step += 1;
            match marks[next] {
                Mark::New => {
                    marks[next] = Mark::Open;
                    path.push((next, 0));
                }
                Mark::Open => closing.push((task, next)),
                Mark::Left => {}
            }
        }
    }
    closing
}
