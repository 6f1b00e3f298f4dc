//! `cargo xtask test`: runs the native tests, those in headless browsers, and the end-to-end tests
//! with server and browser.

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::workspace::{WASM, Workspace};
use crate::{process, server, setup};

/// Crates whose tests run natively; those of `tasktree-e2e` run last and separately.
pub(crate) const NATIVE: [&str; 8] = [
    "tasktree-protocol",
    "tasktree-terminal",
    "tasktree-cli",
    "tasktree-store",
    "tasktree-domain",
    "tasktree-server",
    "tasktree",
    "xtask",
];

/// Tests of the board that also run in Firefox: those of its connection, where browsers differ
/// most.
const IN_FIREFOX: [&str; 2] = ["--test", "hook"];

/// Tests to run.
#[derive(Debug, Default, Args)]
pub(crate) struct Options {
    /// Run one part only
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// Run only the tests whose name contains this
    #[arg(value_name = "FILTER")]
    filter: Option<String>,
}

/// A part of the tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Protocol, server and these commands
    Native,
    /// The board, in headless Chrome, and its connection in headless Firefox
    Wasm,
    /// The real server and the real board in a real browser
    E2e,
}

/// Runs the tests, fastest first.
///
/// # Errors
/// A test fails or does not build, or its tools cannot be installed.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let wanted = |part| options.only.is_none_or(|only| only == part);
    let filter = options.filter.as_deref();
    if wanted(Part::Native) {
        native(workspace, filter)?;
    }
    if wanted(Part::Wasm) {
        wasm(workspace, filter)?;
    }
    if wanted(Part::E2e) {
        e2e(workspace, filter)?;
    }
    println!("test: all passed");
    Ok(())
}

fn native(workspace: &Workspace, filter: Option<&str>) -> Result<()> {
    println!("test: native");
    let packages = NATIVE.iter().flat_map(|package| ["-p", package]);
    let mut command = test_command(workspace)?;
    process::run(command.arg("--locked").args(packages).args(filter))
}

/// Returns the test command: nextest if it is installed, since it runs the tests of all crates in
/// parallel.
fn test_command(workspace: &Workspace) -> Result<std::process::Command> {
    if workspace.find_program("cargo-nextest").is_some() {
        // A filter may leave a crate without tests.
        workspace.cargo(["nextest", "run", "--no-fail-fast", "--no-tests=pass"])
    } else {
        workspace.cargo(["test", "--no-fail-fast"])
    }
}

fn wasm(workspace: &Workspace, filter: Option<&str>) -> Result<()> {
    setup::build_tools(workspace)?;
    let chrome = setup::chrome(workspace)?;
    let firefox = setup::firefox(workspace)?;
    let of_the_board = || {
        let what = ["test", "--locked", "--no-fail-fast", "--target", WASM];
        let mut command = workspace.cargo(what)?;
        command.args(["-p", "tasktree-board"]);
        anyhow::Ok(command)
    };
    println!("test: board in headless Chrome");
    process::run(
        of_the_board()?
            .args(filter)
            .env("CHROMEDRIVER", chrome.driver)
            // The test runner would prefer it.
            .env_remove("GECKODRIVER"),
    )?;
    println!("test: the board's connection in headless Firefox");
    process::run(
        of_the_board()?
            .args(IN_FIREFOX)
            .args(filter)
            .env("GECKODRIVER", firefox.driver),
    )
}

fn e2e(workspace: &Workspace, filter: Option<&str>) -> Result<()> {
    println!("test: end to end");
    setup::build_tools(workspace)?;
    let chrome = setup::chrome(workspace)?;
    let firefox = setup::firefox(workspace)?;
    let nginx = setup::nginx(workspace)?;
    let harnesses = setup::harnesses(workspace)?;
    let mcp_tools = setup::mcp_tools(workspace)?;
    server::build_with_board(workspace)?;
    process::run(
        test_command(workspace)?
            .args(["--locked", "-p", "tasktree-e2e"])
            .args(filter)
            .env("TASKTREE_BIN", workspace.server_binary())
            .env("NGINX", nginx)
            .env("TASKTREE_HARNESSES", harnesses)
            .env("TASKTREE_MCP_TOOLS", mcp_tools)
            .env("CHROMEDRIVER", chrome.driver)
            .env("GECKODRIVER", firefox.driver),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stamp;

    /// The browser's test runner silently skips a plain `#[test]`.
    #[test]
    fn no_test_of_the_board_is_one_that_the_browser_does_not_run() {
        let workspace = Workspace::find().unwrap();
        let mut files = Vec::new();
        for folder in ["src", "tests"] {
            stamp::collect(&workspace.root.join(folder), &mut files).unwrap();
        }
        assert!(files.len() > 100, "{}", files.len());
        for file in files {
            let text = std::fs::read(&file).unwrap();
            let plain = String::from_utf8_lossy(&text).contains("#[test]");
            assert!(!plain, "{}", file.display());
        }
    }
}
