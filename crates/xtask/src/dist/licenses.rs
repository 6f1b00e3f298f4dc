//! The licenses of the libraries in a program, as their authors wrote them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::process;
use crate::workspace::{WASM, Workspace};

/// First letters of the names of files with licenses and notices.
const NAMES: [&str; 5] = ["license", "licence", "copying", "notice", "unlicense"];

/// Returns the licenses of all libraries of the program for `target` and of the board inside it.
/// Each text appears once, below the libraries that it covers.
pub(super) fn of_dependencies(workspace: &Workspace, target: &str) -> Result<String> {
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (package, target) in [("tasktree", target), ("tasktree-board", WASM)] {
        let metadata = metadata(workspace, target)?;
        for id in used_by(&metadata, package)? {
            let library = package_with(&metadata, &id)?;
            // A package of this workspace has no registry.
            if library["source"].is_null() {
                continue;
            }
            let text = text_of(library)?;
            texts.entry(text).or_default().insert(format!(
                "{} {} ({})",
                library["name"].as_str().unwrap_or_default(),
                library["version"].as_str().unwrap_or_default(),
                library["license"].as_str().unwrap_or("see below"),
            ));
        }
    }
    let mut all = String::from(
        "TaskTree contains these libraries. Each list of names is followed by the text of their \
         licenses.\n",
    );
    for (text, libraries) in texts {
        let names: Vec<_> = libraries.into_iter().collect();
        write!(all, "\n{}\n{}\n\n{text}", "=".repeat(80), names.join("\n"))?;
    }
    Ok(all)
}

fn metadata(workspace: &Workspace, target: &str) -> Result<Value> {
    let mut command = workspace.cargo(["metadata", "--locked", "--format-version=1"])?;
    let text = process::output(command.args(["--filter-platform", target]))?;
    serde_json::from_str(&text).context("cargo metadata returned no JSON")
}

fn package_with<'a>(metadata: &'a Value, id: &str) -> Result<&'a Value> {
    let packages = metadata["packages"].as_array();
    let found = packages
        .into_iter()
        .flatten()
        .find(|package| package["id"] == id);
    found.with_context(|| format!("cargo metadata has no package {id}"))
}

/// Returns the ids of the packages that are part of `package`, without those that only build or
/// test it.
fn used_by(metadata: &Value, package: &str) -> Result<BTreeSet<String>> {
    let nodes = metadata["resolve"]["nodes"].as_array();
    let nodes: BTreeMap<&str, &Value> = nodes
        .into_iter()
        .flatten()
        .filter_map(|node| Some((node["id"].as_str()?, node)))
        .collect();
    let packages = metadata["packages"].as_array();
    let root = packages
        .into_iter()
        .flatten()
        .find(|found| found["name"] == package)
        .and_then(|found| found["id"].as_str())
        .with_context(|| format!("cargo metadata has no package {package}"))?;
    let (mut used, mut left) = (BTreeSet::new(), vec![root]);
    while let Some(id) = left.pop() {
        if !used.insert(id.to_owned()) {
            continue;
        }
        let needs = nodes.get(id).and_then(|node| node["deps"].as_array());
        for need in needs.into_iter().flatten() {
            let kinds = need["dep_kinds"].as_array();
            if kinds
                .into_iter()
                .flatten()
                .any(|kind| kind["kind"].is_null())
            {
                left.extend(need["pkg"].as_str());
            }
        }
    }
    Ok(used)
}

/// Returns the texts of the licenses in the package's folder, or the name of its license if it has
/// no such file.
fn text_of(package: &Value) -> Result<String> {
    let manifest = package["manifest_path"].as_str().unwrap_or_default();
    let folder = Path::new(manifest).parent().unwrap_or(Path::new(""));
    let mut files = Vec::new();
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = name.to_lowercase();
        if path.is_file() && NAMES.iter().any(|known| name.starts_with(known)) {
            files.push(path);
        }
    }
    files.sort();
    let mut text = String::new();
    for file in files {
        text.push_str(String::from_utf8_lossy(&fs::read(file)?).trim());
        text.push_str("\n\n");
    }
    if text.is_empty() {
        let name = package["license"].as_str().unwrap_or("unknown");
        text = format!("The package contains no text of its license: {name}\n\n");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_libraries_that_become_part_of_the_program_are_named() {
        let normal = json!([{ "kind": null }]);
        let dev = json!([{ "kind": "dev" }, { "kind": "build" }]);
        let metadata = json!({
            "packages": [{ "id": "a", "name": "tasktree" }],
            "resolve": { "nodes": [
                { "id": "a", "deps": [
                    { "pkg": "b", "dep_kinds": normal }, { "pkg": "c", "dep_kinds": dev },
                ] },
                { "id": "b", "deps": [{ "pkg": "a", "dep_kinds": normal }] },
                { "id": "c", "deps": [] },
            ] },
        });
        let used = used_by(&metadata, "tasktree").unwrap();
        assert_eq!(used, BTreeSet::from(["a".to_owned(), "b".to_owned()]));
        assert!(used_by(&metadata, "other").is_err());
    }
}
