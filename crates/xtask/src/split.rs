//! Splits the board that trunk has built into two modules: the live board, and the views that it
//! fetches afterwards. trunk calls this as the hook of its release build (`Trunk.toml`).
//!
//! `lazy_view!` (`src/components/lazy.rs`) declares the entry points of these views. Code that is
//! reachable only from them moves to a module of its own, according to the linker's relocations;
//! the two modules share memory and tables. `wasm-bindgen` then generates the JavaScript of the
//! board, `wasm-opt` shrinks both, and the page that trunk made is changed to name them.

mod place;
mod shrink;

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context as _, Result, anyhow, ensure};

use crate::setup::{self, BuildTools};
use crate::workspace::{WASM, Workspace};
use crate::{compress, process, wasm};
use place::put_in_place;
use shrink::{make_smaller, shorten_names, without_comments};

/// Name of the program, and prefix of its files' names.
const PROGRAM: &str = "tasktree-board";

/// Placeholder name of the JavaScript that fetches the rest, until its content is known.
const LOADER: &str = "./__wasm_split.js";

/// Part of the names of unused exports: a library of Leptos makes streams of requests for server
/// functions, which the board does not have.
const UNUSED: &str = "intounderlying";

/// Files of the divided program: their paths after the split, and their names in the built board.
const FILES: [(&str, &str); 4] = [
    (
        "first/tasktree-board.js",
        "tasktree-board-DIGEST-OF-ALL-PARTS.js",
    ),
    (
        "first/tasktree-board_bg.wasm",
        "tasktree-board-DIGEST-OF-ALL-PARTS_bg.wasm",
    ),
    (
        "__wasm_split.js",
        "tasktree-board-DIGEST-OF-ALL-PARTS-loader.js",
    ),
    (
        "split_lazy.wasm",
        "tasktree-board-DIGEST-OF-ALL-PARTS-lazy.wasm",
    ),
];

/// Returns true if a file of the built board is fetched before the board is live.
pub(crate) fn is_first(name: &str) -> bool {
    !name.ends_with("-lazy.wasm") && !name.starts_with(LAZY_STYLES)
}

/// Beginning of the name of the style sheet that only the lazy views use.
const LAZY_STYLES: &str = "board-lazy-";

/// Variables by which trunk tells a hook the profile of the build, and the folder with its output.
const TRUNK: [&str; 2] = ["TRUNK_PROFILE", "TRUNK_STAGING_DIR"];

/// Divides and compresses the board that trunk has just built for release: the hook of its build.
/// Leaves a debug build as it is.
///
/// # Errors
/// It was not called by trunk, a tool fails, or trunk's output is not as expected.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let [profile, staging] = TRUNK.map(|name| {
        let value = std::env::var_os(name);
        value.with_context(|| format!("{name} is not set: `trunk build` calls this command"))
    });
    if profile? != "release" {
        return Ok(());
    }
    let dist = PathBuf::from(staging?);
    divide(workspace, setup::build_tools(workspace)?, &dist)?;
    compress::folder(&dist)
}

/// Divides the board in `dist`.
fn divide(workspace: &Workspace, tools: BuildTools, dist: &Path) -> Result<()> {
    let work = workspace.target.join("split");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    let program = workspace
        .target
        .join(WASM)
        .join("release")
        .join(PROGRAM)
        .with_extension("wasm");
    let first = split(&program, &work)?;
    process::run(
        workspace
            .command("wasm-bindgen")?
            // The rest imports exports of the first part, which would be removed as unused.
            .args(["--target=web", "--keep-lld-exports", "--no-typescript"])
            // `wasm-opt` sorts by the names, and removes them.
            .args((!tools.wasm_opt).then_some("--remove-name-section"))
            .arg("--remove-producers-section")
            .arg(format!("--out-name={PROGRAM}"))
            .arg("--out-dir")
            .arg(work.join("first"))
            .arg(&first),
    )?;
    ensure!(
        !work.join("first/snippets").exists(),
        "a library has its own scripts, which have to be copied too"
    );
    let script = work.join(FILES[0].0);
    shorten_names(&script, &work.join(FILES[1].0))?;
    fs::write(&script, without_comments(&fs::read_to_string(&script)?))?;
    if tools.wasm_opt {
        let wasm = FILES.iter().filter(|(file, _)| file.ends_with(".wasm"));
        thread::scope(|scope| {
            let running: Vec<_> = wasm
                .map(|(file, _)| work.join(file))
                .map(|file| scope.spawn(move || make_smaller(workspace, &file)))
                .collect();
            running.into_iter().try_for_each(|thread| {
                let done = thread.join();
                done.map_err(|_| anyhow!("the thread that runs wasm-opt panicked"))?
            })
        })?;
    }
    put_in_place(&work, dist)
}

/// Writes the two parts and the loader into `work`. Returns the path of the first part.
fn split(program: &Path, work: &Path) -> Result<PathBuf> {
    let wasm = fs::read(program).with_context(|| format!("cannot read {}", program.display()))?;
    let wasm = wasm::without_exports(&wasm, |name| name.contains(UNUSED))?;
    let first = work.join("first.wasm");
    let main_module = format!("./{PROGRAM}.js");
    let mut options = wasm_split_cli_support::Options::new(&wasm);
    options.output_dir = work;
    options.main_out_path = &first;
    options.main_module = &main_module;
    options.link_name = LOADER;
    let parts = wasm_split_cli_support::transform(options)
        .map_err(|why| anyhow!("cannot split the board: {why:#}"))?;
    ensure!(
        parts.split_modules.len() == 1,
        "the board was split into {} parts, not two; was it built with the feature `split`?",
        parts.split_modules.len() + 1
    );
    Ok(first)
}
