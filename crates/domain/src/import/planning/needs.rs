//! Dependencies of the imported tasks: their numbers, cycles, and tasks that must wait.

use std::collections::{HashMap, HashSet};

use tasktree_protocol::{ProjectId, Status};

use super::found::Found;
use super::warnings::Warnings;
use crate::dependencies;
use crate::error::Result;
use crate::import::circles::left_out;
use crate::store::Read;

/// Finds the dependencies of each task, in the import and among the existing tasks.
pub(super) fn resolve(
    rows: &dyn Read,
    project: &ProjectId,
    found: &mut [Found],
    warnings: &mut Warnings,
) -> Result<()> {
    let mut numbers: HashMap<String, u64> = found
        .iter()
        .map(|one| (one.task.source.clone(), one.number))
        .collect();
    let needs = found.iter().flat_map(|one| &one.task.dependencies);
    let elsewhere: HashSet<&str> = needs
        .map(String::as_str)
        .filter(|source| !numbers.contains_key(*source))
        .collect();
    if !elsewhere.is_empty() {
        let elsewhere: Vec<&str> = elsewhere.into_iter().collect();
        numbers.extend(rows.numbers_by_source(project, &elsewhere)?);
    }
    for one in found {
        let mut seen = HashSet::new();
        for source in &one.task.dependencies {
            match numbers.get(source) {
                Some(number) if seen.insert(*number) => one.needs.push(*number),
                Some(_) => {}
                None => warnings.add(|| {
                    let task = &one.task.source;
                    format!("{task}: its dependency {source} was not found.")
                }),
            }
        }
    }
    Ok(())
}

/// Finds the tasks that would be in progress while blocked; each with one blocking task.
pub(super) fn waiting(
    rows: &dyn Read,
    project: &ProjectId,
    found: &[Found],
) -> Result<HashMap<u64, u64>> {
    let begins = |one: &&Found| {
        let was = one.stored.as_ref().map(|stored| stored.task.status);
        one.status() == Status::InProgress && was != Some(Status::InProgress)
    };
    let begin: Vec<(u64, Vec<u64>)> = found
        .iter()
        .filter(begins)
        .map(|one| (one.number, one.depends_on(project)))
        .collect();
    let mut done: HashMap<u64, bool> = HashMap::new();
    if !begin.is_empty() {
        let statuses = found.iter().map(|one| (one.number, one.status().is_done()));
        done.extend(statuses);
    }
    let needs = begin.iter().flat_map(|(_, needs)| needs);
    let elsewhere: HashSet<u64> = needs.copied().filter(|it| !done.contains_key(it)).collect();
    let elsewhere: Vec<u64> = elsewhere.into_iter().collect();
    for state in rows.task_states(project, &elsewhere)? {
        done.insert(state.number, state.removed || state.status.is_done());
    }
    let open = |number: &&u64| done.get(*number) == Some(&false);
    let first_open = |(number, needs): (u64, Vec<u64>)| Some((number, *needs.iter().find(open)?));
    Ok(begin.into_iter().filter_map(first_open).collect())
}

/// Drops the dependencies that would form cycles.
pub(super) fn break_circles(
    rows: &dyn Read,
    project: &ProjectId,
    found: &mut [Found],
    warnings: &mut Warnings,
) -> Result<()> {
    let says = |one: &&Found| one.says_dependencies() && !one.needs.is_empty();
    let wanted: Vec<(u64, Vec<u64>)> = found
        .iter()
        .filter(says)
        .map(|one| (one.number, one.needs.clone()))
        .collect();
    // No existing task depends on a new one.
    let only_new = found.iter().filter(says).all(|one| one.stored.is_none());
    let fixed = if only_new {
        Vec::new()
    } else {
        let replaced = found
            .iter()
            .filter(|one| one.says_dependencies())
            .map(|one| one.number)
            .collect();
        dependencies::in_reach(rows, project, &wanted, &replaced)?
    };
    let gone = left_out(&fixed, &wanted);
    if gone.is_empty() {
        return Ok(());
    }
    let sources: HashMap<u64, String> = found
        .iter()
        .map(|one| (one.number, one.task.source.clone()))
        .collect();
    let name = |number: u64| {
        let source = sources.get(&number).cloned();
        source.unwrap_or_else(|| format!("#{number}"))
    };
    let mut left: HashSet<(u64, u64)> = HashSet::with_capacity(gone.len());
    for one in gone {
        left.insert((one.task, one.needs));
        warnings.add(|| {
            let (task, needs) = (name(one.task), name(one.needs));
            let circle = one.circle.map(|path| dependencies::arrows(&path));
            let circle = circle.map_or_else(String::new, |path| format!(": {path}"));
            format!(
                "{task}: its dependency on {needs} was left out, because it would create a \
                     cycle{circle}."
            )
        });
    }
    for one in found {
        let number = one.number;
        one.needs.retain(|need| !left.contains(&(number, *need)));
    }
    Ok(())
}
