//! Checks for merges in which git would run a program of its configuration: they are refused.

use std::collections::HashMap;

use tasktree_protocol::error::code;

use super::changes::{Changes, FileChange};
use super::command::Git;
use super::merge::{Merge, named, refusal};
use super::repository::Checkout;
use crate::error::Result;
use crate::limits::Limits;

/// Refuses a merge if files that both branches changed have a merge driver.
///
/// Without it, the result would be a different one.
pub(super) async fn refuse_drivers(
    merge: &Merge,
    checkout: Option<&Checkout>,
    limits: &Limits,
) -> Result<()> {
    let git = checkout.map_or(merge.git(), |checkout| &checkout.git);
    let (overrides, main) = (git.overrides(), &*merge.main_tip);
    if !overrides.has_drivers() {
        return Ok(());
    }
    let Some(base) = git.maybe(&["merge-base", main, &merge.tip]).await? else {
        return Ok(());
    };
    let ours = Changes::between(git, &base, main).await?;
    let theirs = Changes::between(git, &base, &merge.tip).await?;
    let both = changed_by_both(&ours.all, &theirs.all);
    let mut found = attributes(git, "merge", &[], &both).await?;
    if checkout.is_none() {
        // The files here may be another branch's.
        let source = ["--source", main];
        found.extend(attributes(git, "merge", &source, &both).await?);
    }
    found.retain(|(_, driver)| overrides.has_driver(driver));
    let mut files: Vec<String> = found.into_iter().map(|(path, _)| path).collect();
    files.sort();
    files.dedup();
    if files.is_empty() {
        return Ok(());
    }
    let message = format!(
        "Merge failed: to merge {}, git would run a program from its configuration (a merge \
         driver), which TaskTree does not allow. Merge on the command line, then mark the task as \
         merged.",
        named(&files)
    );
    Err(refusal(code::RUNS_PROGRAMS, message, files, limits))
}

/// Returns the files whose contents are merged.
fn changed_by_both<'a>(ours: &'a [FileChange], theirs: &'a [FileChange]) -> Vec<&'a FileChange> {
    let by_name: HashMap<&[u8], &FileChange> = theirs
        .iter()
        .map(|change| (&*change.name, change))
        .collect();
    let other = |change: &FileChange| by_name.get(&*change.name).copied();
    let mut both: Vec<&FileChange> = Vec::new();
    let mut is_removed = [false; 2];
    for change in ours {
        let Some(other) = other(change).filter(|other| other.contents != change.contents) else {
            continue;
        };
        is_removed[0] |= change.kind == 'D';
        is_removed[1] |= other.kind == 'D';
        both.push(change);
    }
    // A file that one side renamed is merged under its new name.
    for (side, is_removed) in [ours, theirs].into_iter().zip(is_removed) {
        if is_removed {
            both.extend(side.iter().filter(|change| change.kind == 'A'));
        }
    }
    both
}

/// Refuses a merge that would write files that pass through a program first.
///
/// Without it they would be wrong, and it is not run.
pub(super) async fn refuse_filters(
    checkout: &Checkout,
    changes: &Changes,
    tree: &str,
    limits: &Limits,
) -> Result<()> {
    let git = &checkout.git;
    let overrides = git.overrides();
    if !overrides.has_filters() {
        return Ok(());
    }
    let written = changes.all.iter().filter(|change| change.kind != 'D');
    let written: Vec<&FileChange> = written.collect();
    let mut found = attributes(git, "filter", &[], &written).await?;
    found.retain(|(_, filter)| overrides.has_filter(filter));
    let mut files: Vec<String> = found.into_iter().map(|(path, _)| path).collect();
    let rules = written
        .iter()
        .filter(|change| change.path.ends_with(".gitattributes"));
    for path in rules.map(|change| &change.path) {
        let rules = git
            .whole(&["cat-file", "blob", &format!("{tree}:{path}")])
            .await?;
        if overrides.are_named_in(&String::from_utf8_lossy(&rules)) {
            files.push(path.clone());
        }
    }
    if files.is_empty() {
        return Ok(());
    }
    let message = format!(
        "Merge failed: to write {}, git would run a program from its configuration (a filter), \
         which TaskTree does not allow. Merge on the command line, then mark the task as merged.",
        named(&files)
    );
    Err(refusal(code::RUNS_PROGRAMS, message, files, limits))
}

/// Returns the value of an attribute for each of the files.
async fn attributes(
    git: &Git,
    name: &str,
    more: &[&str],
    files: &[&FileChange],
) -> Result<Vec<(String, String)>> {
    let mut ask = vec!["check-attr"];
    ask.extend(more);
    ask.extend(["-z", "--stdin", name]);
    let names: Vec<&[u8]> = files.iter().map(|change| &*change.name).collect();
    let output = git.output_of(&ask, &names.join(&0)).await?;
    if !output.status.success() {
        return Err(output.error(&ask));
    }
    if output.is_cut {
        return Err(git.too_long(&ask));
    }
    let text = String::from_utf8_lossy(&output.text);
    let fields: Vec<&str> = text.split('\0').collect();
    let entries = fields.chunks_exact(3);
    Ok(entries
        .map(|entry| (entry[0].to_owned(), entry[2].to_owned()))
        .collect())
}
