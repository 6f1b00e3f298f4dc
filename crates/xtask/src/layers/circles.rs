//! Circles of imports between files.

use std::collections::BTreeSet;

use super::imports::Source;

/// Returns the circles, each as the sorted paths of its modules.
///
/// A module and the modules inside it may import each other.
pub(super) fn find(sources: &[&Source]) -> Vec<Vec<String>> {
    let edges: Vec<BTreeSet<usize>> = sources
        .iter()
        .map(|source| imported(source, sources))
        .collect();
    let reached: Vec<BTreeSet<usize>> = (0..sources.len())
        .map(|start| reached(start, &edges))
        .collect();
    let mut circles = BTreeSet::new();
    for (at, from_here) in reached.iter().enumerate() {
        let back = |other: &&usize| reached.get(**other).is_some_and(|set| set.contains(&at));
        let mut names: Vec<String> = from_here
            .iter()
            .filter(back)
            .filter_map(|other| sources.get(*other))
            .map(|source| source.module.join("/"))
            .collect();
        names.sort();
        if names.len() > 1 {
            circles.insert(names);
        }
    }
    circles.into_iter().collect()
}

/// Returns the files that a file imports from, without those around and inside it.
fn imported(source: &Source, sources: &[&Source]) -> BTreeSet<usize> {
    let file_of = |path: &[String]| {
        let mut parts = (1..=path.len())
            .rev()
            .filter_map(|length| path.get(..length));
        parts.find_map(|part| sources.iter().position(|other| other.module == part))
    };
    let is_apart = |at: &usize| {
        sources.get(*at).is_some_and(|other| {
            !other.module.starts_with(&source.module) && !source.module.starts_with(&other.module)
        })
    };
    let found = source
        .imports
        .iter()
        .filter_map(|import| file_of(&import.path));
    found.filter(is_apart).collect()
}

/// Returns the files that a file imports from, directly or by way of others.
fn reached(start: usize, edges: &[BTreeSet<usize>]) -> BTreeSet<usize> {
    let mut seen = BTreeSet::new();
    let mut open = vec![start];
    while let Some(at) = open.pop() {
        for next in edges.get(at).into_iter().flatten() {
            if seen.insert(*next) {
                open.push(*next);
            }
        }
    }
    seen
}
