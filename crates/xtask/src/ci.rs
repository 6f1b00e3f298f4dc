//! `cargo xtask ci`: runs all checks that must pass before a change is merged. `.ci/run` calls it.
//!
//! All checks run, so that one report names every failure.

use std::time::Instant;

use anyhow::{Result, bail};

use crate::workspace::{WASM, Workspace};
use crate::{comments, dist, layers, process, readme, setup, size, test};

/// Libraries that `tasktree-protocol` must never depend on: it is compiled for server, browser and
/// tools alike.
const FRAMEWORKS: [&str; 7] = [
    "leptos",
    "tokio",
    "web-sys",
    "wasm-bindgen",
    "js-sys",
    "gloo",
    "axum",
];

/// Name and function of a check.
type Check = (&'static str, fn(&Workspace) -> Result<()>);

const CHECKS: [Check; 11] = [
    ("format", format),
    ("comments", comments::check),
    ("clippy, native", clippy_native),
    ("clippy, wasm", clippy_wasm),
    ("protocol is framework-free", framework_free),
    ("order of layers", layers::check),
    ("licenses, sources, advisories", deny),
    ("both languages of documents", readme::check),
    ("tests", |workspace| {
        test::run(workspace, &test::Options::default())
    }),
    ("bundle size", size::run),
    ("release", dist::check),
];

/// Runs all checks and prints their results.
///
/// # Errors
/// A check failed.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    setup::all(workspace)?;
    let mut report = Vec::new();
    for (name, check) in CHECKS {
        println!("\nci: {name}");
        let started = Instant::now();
        let outcome = check(workspace);
        if let Err(why) = &outcome {
            println!("ci: {name} FAILED: {why:#}");
        }
        report.push((name, outcome.is_ok(), started.elapsed().as_secs()));
    }
    println!();
    for (name, passed, seconds) in &report {
        println!(
            "ci: {} {name} ({seconds} s)",
            if *passed { "ok    " } else { "FAILED" }
        );
    }
    let failed = report.iter().filter(|(_, passed, _)| !passed).count();
    if failed > 0 {
        bail!("{failed} of {} checks failed", report.len());
    }
    Ok(())
}

fn format(workspace: &Workspace) -> Result<()> {
    process::run(&mut workspace.cargo(["fmt", "--all", "--check"])?)
}

fn clippy_native(workspace: &Workspace) -> Result<()> {
    let packages = test::NATIVE.iter().chain(&["tasktree-e2e"]);
    let packages: Vec<_> = packages.flat_map(|package| ["-p", package]).collect();
    clippy(workspace, &["--all-targets"], &packages)
}

fn clippy_wasm(workspace: &Workspace) -> Result<()> {
    let board = ["--target", WASM, "-p", "tasktree-board"];
    clippy(workspace, &["--all-targets"], &board)?;
    // As in the release build; the tests run undivided.
    let mut command = workspace.cargo(["clippy", "--locked", "--lib", "--bins"])?;
    command.args(board).args(["--features=split", "--"]);
    process::run(command.args(["--cfg", "divided", "-D", "warnings"]))?;
    // The protocol's tests run natively, with libraries that do not compile for the browser.
    let protocol = ["--target", WASM, "-p", "tasktree-protocol"];
    clippy(workspace, &["--lib"], &protocol)
}

fn clippy(workspace: &Workspace, what: &[&str], of: &[&str]) -> Result<()> {
    let mut command = workspace.cargo(["clippy", "--locked"])?;
    process::run(command.args(what).args(of).args(["--", "-D", "warnings"]))
}

fn framework_free(workspace: &Workspace) -> Result<()> {
    let tree = [
        "tree",
        "--locked",
        "-p",
        "tasktree-protocol",
        "-e",
        "normal",
        "--target",
        "all",
        "--prefix",
        "none",
    ];
    let tree = process::output(&mut workspace.cargo(tree)?)?;
    let found = frameworks(&tree);
    if !found.is_empty() {
        bail!("tasktree-protocol depends on {}", found.join(", "));
    }
    Ok(())
}

/// Returns the lines of `cargo tree` that name a framework or one of its parts (`gloo-net`,
/// `tokio-util`).
fn frameworks(tree: &str) -> Vec<&str> {
    let names = tree
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    names
        .filter(|name| {
            FRAMEWORKS
                .iter()
                .any(|framework| is_or_is_part_of(name, framework))
        })
        .collect()
}

fn is_or_is_part_of(name: &str, framework: &str) -> bool {
    name.strip_prefix(framework)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
}

/// Checks licenses, sources and known vulnerabilities of dependencies. The list of advisories comes
/// from the network: if it cannot be fetched, a message says so, and the rest is checked.
fn deny(workspace: &Workspace) -> Result<()> {
    setup::deny(workspace)?;
    let mut checks = vec!["bans", "licenses", "sources"];
    if process::output(&mut workspace.cargo(["deny", "fetch", "db"])?).is_ok() {
        checks.push("advisories");
    } else {
        println!("cannot fetch the advisory database: advisories are NOT checked");
    }
    process::run(workspace.cargo(["deny", "--locked", "check"])?.args(checks))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_framework_and_its_parts_are_found_but_not_a_name_that_only_begins_alike() {
        let tree = "tasktree-protocol v0.1.0 (/x)\nserde v1.0.2\ngloo-net v0.6.0\ntokio v1.5 (*)\naxumatic v1\nspeedate v0.18\n\n";
        assert_eq!(frameworks(tree), ["gloo-net", "tokio"]);
    }
}
