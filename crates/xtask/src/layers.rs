//! Checks the order of layers: between the crates, and between the modules of each crate.
//!
//! [`order`] lists each crate's modules from the lowest to the highest. A module may import only
//! modules that are listed before it, so no circle of imports can arise. In the board, the files
//! within a module form none either: there, only a module and the modules inside it may import each
//! other.

mod circles;
mod imports;
mod order;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::workspace::Workspace;
use crate::{process, stamp};
use imports::{Import, Source};
use order::{CRATES, Layers, MODULES};

/// Checks both orders.
///
/// # Errors
/// A source cannot be read, or an order is violated; the violations are printed.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let mut faults = crate_faults(&dependencies(workspace)?);
    for layers in MODULES {
        let sources = sources(&workspace.root, layers.folder)?;
        faults.extend(module_faults(layers, &sources));
    }
    for fault in &faults {
        println!("{fault}");
    }
    if !faults.is_empty() {
        bail!(
            "{} imports or entries break the order of layers",
            faults.len()
        );
    }
    Ok(())
}

/// Returns the packages of the workspace with the packages of the workspace that they depend on.
///
/// Dependencies of tests do not count.
fn dependencies(workspace: &Workspace) -> Result<Vec<(String, Vec<String>)>> {
    let arguments = ["metadata", "--locked", "--no-deps", "--format-version", "1"];
    let metadata = process::output(&mut workspace.cargo(arguments)?)?;
    let metadata: Value = serde_json::from_str(&metadata).context("cargo metadata is not JSON")?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let packages = metadata["packages"].as_array().into_iter().flatten();
    Ok(packages
        .map(|package| {
            let all = package["dependencies"].as_array().into_iter().flatten();
            let own = all.filter(|one| one["kind"].as_str() != Some("dev"));
            let own = own.filter(|one| !one["path"].is_null());
            let names = own.map(|one| text(&one["name"])).collect();
            (text(&package["name"]), names)
        })
        .collect())
}

/// Returns the violations of the order of crates.
fn crate_faults(packages: &[(String, Vec<String>)]) -> Vec<String> {
    let mut faults = Vec::new();
    for (package, dependencies) in packages {
        let known = CRATES.iter().find(|(name, _)| name == package);
        let Some((_, allowed)) = known else {
            faults.push(format!("{package} is missing in CRATES of layers/order.rs"));
            continue;
        };
        let forbidden = dependencies
            .iter()
            .filter(|name| !allowed.contains(&name.as_str()));
        faults.extend(forbidden.map(|name| format!("{package} may not depend on {name}")));
    }
    faults
}

/// Reads all sources of a crate except its root.
fn sources(root: &Path, folder: &str) -> Result<Vec<Source>> {
    let base = root.join(folder);
    let files = stamp::rust_files(&base)?;
    let mut sources = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file)
            .with_context(|| format!("{} cannot be read", file.display()))?;
        let within = file.strip_prefix(&base).unwrap_or(&file).with_extension("");
        let module = within
            .iter()
            .map(|part| part.to_string_lossy().into_owned());
        sources.push(Source::read(module.collect(), &text));
    }
    Ok(sources)
}

/// Returns the violations of the order of a crate's modules.
fn module_faults(layers: &Layers, sources: &[Source]) -> Vec<String> {
    let mut faults = Vec::new();
    let tests: Vec<_> = sources.iter().flat_map(|source| &source.tests).collect();
    let root = sources.iter().find(|source| source.is_root());
    let mut used = BTreeSet::new();
    for source in sources {
        let is_test = tests.iter().any(|test| source.module.starts_with(test));
        if source.is_root() || source.is_program() || is_test {
            continue;
        }
        let file = format!("{}/{}.rs", layers.folder, source.module.join("/"));
        let Some(own) = layers.place(&source.module) else {
            faults.push(format!("{file} is in no layer of layers/order.rs"));
            continue;
        };
        used.insert(own.entry);
        for Import { path, line } in &source.imports {
            let path = root.map_or_else(|| path.clone(), |root| root.resolve(path));
            let Some(target) = layers.place(&path) else {
                continue;
            };
            if target.position > own.position {
                faults.push(format!(
                    "{file}:{line}: {} imports {}, which is above it",
                    own.entry, target.entry
                ));
            }
        }
    }
    faults.dedup();
    if !layers.may_have_circles {
        let checked = |source: &&Source| {
            let is_test = tests.iter().any(|test| source.module.starts_with(test));
            !source.is_root() && !source.is_program() && !is_test
        };
        let checked: Vec<&Source> = sources.iter().filter(checked).collect();
        faults.extend(circles::find(&checked).iter().map(|circle| {
            let folder = layers.folder;
            format!(
                "{folder}: {} import each other in a circle",
                circle.join(", ")
            )
        }));
    }
    for entry in layers.entries() {
        if !used.contains(entry) {
            faults.push(format!("{}: there is no module {entry}", layers.folder));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Layers = Layers {
        folder: "src",
        may_have_circles: true,
        order: &["store", "task agent", "views/board", "views"],
    };

    fn faults(files: &[(&str, &str)]) -> Vec<String> {
        faults_in(&SMALL, files)
    }

    fn faults_in(layers: &Layers, files: &[(&str, &str)]) -> Vec<String> {
        let read = |(module, text): &(&str, &str)| {
            Source::read(module.split('/').map(str::to_owned).collect(), text)
        };
        module_faults(layers, &files.iter().map(read).collect::<Vec<_>>())
    }

    const VALID: [(&str, &str); 6] = [
        (
            "lib",
            "mod store; pub use task::Rule; pub mod agent; mod task; mod views;",
        ),
        ("store", "use std::fmt;"),
        ("task", "use crate::{agent, store::{Row, Key}};"),
        ("agent", "use super::task; fn f() { crate::store::open() }"),
        ("views/board", "use crate::Rule;"),
        (
            "views",
            "use self::board::Board; pub(in crate::views) fn f() {}",
        ),
    ];

    #[test]
    fn imports_downwards_and_within_a_circle_are_allowed() {
        assert_eq!(faults(&VALID), Vec::<String>::new());
    }

    #[test]
    fn imports_upwards_are_found_in_each_form() {
        for text in [
            "use crate::task;",
            "use crate::Rule;",
            "use crate::{Other, task::{self, Rule}};",
            "use super::agent::Agent as Other;",
            "fn f() {\n super::views::board::show() }",
            "type Row = crate::views::Row;",
            "macro_rules! m { () => { $crate::task::f() } }",
            "mod inner { use super::super::task; }",
        ] {
            let mut files = VALID;
            files[1] = ("store", text);
            let found = faults(&files);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert!(found[0].contains("store imports"), "{found:?}");
        }
        let mut files = VALID;
        files[4] = (
            "views/board",
            "\nuse super::Frame;\nuse crate::views::other;",
        );
        assert_eq!(
            faults(&files),
            [
                "src/views/board.rs:2: views/board imports views, which is above it",
                "src/views/board.rs:3: views/board imports views, which is above it",
            ]
        );
    }

    #[test]
    fn tests_comments_and_texts_import_nothing() {
        let mut files = VALID.to_vec();
        files[1].1 = "// use crate::task;\n/* crate::task /* nested */ crate::agent */\n\
            const A: &str = \"crate::task \\\" crate::task\"; const B: &str = r#\"crate::\"task\"#;\n\
            fn f<'a>(c: &'a char) -> bool { *c == '\"' || *c == '\\'' }\n\
            #[cfg(test)]\n#[allow(unused)]\nmod tests { use crate::task; fn f() { {} } }\n\
            #[cfg(test)]\nuse crate::agent;\n#[cfg(test)]\nmod checks;\nuse crate::store;";
        files.push(("store/checks", "use crate::views;"));
        assert_eq!(faults(&files), Vec::<String>::new());
    }

    #[test]
    fn a_module_without_a_layer_and_a_layer_without_a_module_are_found() {
        let mut files = VALID.to_vec();
        files.push(("other", ""));
        files.remove(4);
        assert_eq!(
            faults(&files),
            [
                "src/other.rs is in no layer of layers/order.rs",
                "src: there is no module views/board",
            ]
        );
    }

    #[test]
    fn circles_between_the_files_of_a_module_are_found_where_they_are_not_allowed() {
        let mut files = VALID.to_vec();
        files.push(("store/rows", "use super::keys; use super::cells;"));
        files.push(("store/keys", "use crate::store::log::Log;"));
        files.push(("store/log", "fn f() { super::rows::g() }"));
        // A parent and its children are no circle.
        files.push(("store/cells", "use self::one::One;"));
        files.push(("store/cells/one", "use super::Cells;"));
        assert_eq!(faults(&files), Vec::<String>::new());
        let strict = Layers {
            may_have_circles: false,
            ..SMALL
        };
        // Modules in one text of the order are no exception.
        assert_eq!(
            faults_in(&strict, &files),
            [
                "src: agent, task import each other in a circle",
                "src: store/keys, store/log, store/rows import each other in a circle",
            ]
        );
    }

    #[test]
    fn a_crate_depends_only_on_the_crates_that_are_listed_for_it() {
        let package = |name: &str, on: &[&str]| {
            let on = on.iter().map(|name| (*name).to_owned()).collect();
            (name.to_owned(), on)
        };
        let valid = [
            package("tasktree-protocol", &[]),
            package("tasktree-domain", &["tasktree-protocol", "tasktree-store"]),
        ];
        assert_eq!(crate_faults(&valid), Vec::<String>::new());
        let invalid = [
            package("tasktree-store", &["tasktree-domain"]),
            package("tasktree-new", &[]),
        ];
        assert_eq!(
            crate_faults(&invalid),
            [
                "tasktree-store may not depend on tasktree-domain",
                "tasktree-new is missing in CRATES of layers/order.rs",
            ]
        );
    }
}
