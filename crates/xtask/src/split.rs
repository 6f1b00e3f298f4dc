//! Splits the board that trunk has built into two modules: the live board, and the views that it
//! fetches afterwards. trunk calls this as the hook of its release build (`Trunk.toml`).
//!
//! `lazy_view!` (`src/components/lazy.rs`) declares the entry points of these views. Code that is
//! reachable only from them moves to a module of its own, according to the linker's relocations;
//! the two modules share memory and tables. `wasm-bindgen` then generates the JavaScript of the
//! board, `wasm-opt` shrinks both, and the page that trunk made is changed to name them.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context as _, Result, anyhow, ensure};

use crate::setup::{self, BuildTools};
use crate::stamp::Digest;
use crate::workspace::{WASM, Workspace};
use crate::{compress, process, wasm};

/// Name of the program, and prefix of its files' names.
const PROGRAM: &str = "tasktree-board";

/// Placeholder name of the JavaScript that fetches the rest, until its content is known.
const LOADER: &str = "./__wasm_split.js";

/// Arguments of `wasm-opt`, with the WebAssembly features that the compiler's output uses.
///
/// Functions are sorted by name: those that a generic one became stand side by side, which brotli
/// compresses better (by one percent).
const WASM_OPT: [&str; 11] = [
    "-Oz",
    "--reorder-functions-by-name",
    "--quiet",
    "--strip-debug",
    "--strip-producers",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// Part of the names of unused exports: a library of Leptos makes streams of requests for server
/// functions, which the board does not have.
const UNUSED: &str = "intounderlying";

/// Placeholder for the digest in names, until it is known.
const DIGEST: &str = "DIGEST-OF-ALL-PARTS";

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
    !name.ends_with("-lazy.wasm")
}

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

fn make_smaller(workspace: &Workspace, wasm: &Path) -> Result<()> {
    let mut command = workspace.command("wasm-opt")?;
    process::run(command.args(WASM_OPT).arg(wasm).arg("-o").arg(wasm))
}

/// Replaces the names by which the program imports functions of its script, such as
/// `__wbg_close_150f701b1a60e0ac`, by short ones. A browser downloads each name twice, and digests
/// compress worst.
fn shorten_names(script: &Path, program: &Path) -> Result<()> {
    let wasm = fs::read(program)?;
    let names = shorter(wasm::import_names(&wasm)?);
    let name = |long: &str| names.get(long).cloned().unwrap_or_else(|| long.to_owned());
    fs::write(program, wasm::with_import_names(&wasm, name)?)?;
    let mut text = fs::read_to_string(script)?;
    for (long, short) in &names {
        ensure!(
            text.contains(&format!(" {long}: ")),
            "the script of the board has no {long}"
        );
        text = text.replace(&format!(" {long}: "), &format!(" {short}: "));
    }
    fs::write(script, text)?;
    Ok(())
}

/// Removes comments and indentation from the script that `wasm-bindgen` wrote, with one statement a
/// line.
fn without_comments(script: &str) -> String {
    let lines = script.lines().map(str::trim_start);
    let is_code = |line: &&str| {
        let is_comment = ["//", "/*", "*"].iter().any(|mark| line.starts_with(mark));
        !line.is_empty() && !is_comment
    };
    let kept: Vec<&str> = lines.filter(is_code).collect();
    kept.join("\n")
}

/// Maps each name that ends in `_` and a digest of 16 digits to a short one.
fn shorter(names: Vec<String>) -> HashMap<String, String> {
    let has_digest = |name: &String| {
        name.rsplit_once('_').is_some_and(|(_, digest)| {
            digest.len() == 16 && digest.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    };
    let numbered = names.into_iter().filter(has_digest).enumerate();
    numbered
        .map(|(number, name)| (name, format!("_{number:x}")))
        .collect()
}

/// Replaces trunk's undivided program with the parts, under names that change with the content of
/// any of them.
fn put_in_place(work: &Path, dist: &Path) -> Result<()> {
    // The scripts contain the names, and are digested with them. A digest cannot contain itself, so
    // they have a placeholder for it.
    let mut scripts = Vec::new();
    for (file, name) in FILES.iter().filter(|(file, _)| file.ends_with(".js")) {
        let script = with_names(&fs::read_to_string(work.join(file))?);
        // Each script names one or two of the other files, and no file that will not exist.
        ensure!(
            script.contains(DIGEST) && !script.contains(&format!("\"./{PROGRAM}.js\"")),
            "{file} does not name the other parts as expected"
        );
        scripts.push((*name, script));
    }
    let texts: Vec<String> = scripts.iter().map(|(_, text)| text.clone()).collect();
    let wasm = FILES
        .map(|(file, _)| file)
        .into_iter()
        .filter(|file| file.ends_with(".wasm"));
    let digest = Digest::of(work, &wasm.collect::<Vec<_>>(), &texts)?.to_string();

    let page = dist.join("index.html");
    let html = fs::read_to_string(&page)?;
    let whole = digest_in(&html)?.to_owned();
    for (_, name) in [FILES[0], FILES[1]] {
        fs::remove_file(dist.join(name.replace(DIGEST, &whole)))?;
    }
    for (name, text) in scripts {
        fs::write(
            dist.join(name.replace(DIGEST, &digest)),
            text.replace(DIGEST, &digest),
        )?;
    }
    for (file, name) in FILES.iter().filter(|(file, _)| file.ends_with(".wasm")) {
        fs::rename(work.join(file), dist.join(name.replace(DIGEST, &digest)))?;
    }
    fs::write(page, page_of_parts(&html, &whole, &digest)?)?;
    Ok(())
}

/// Returns the digest that trunk has put into the names of the program's files.
fn digest_in(html: &str) -> Result<&str> {
    let begin = format!("/{PROGRAM}-");
    html.split_once(begin.as_str())
        .and_then(|(_, rest)| rest.split_once(".js"))
        .map(|(digest, _)| digest)
        .with_context(|| format!("trunk's page does not refer to {begin}*.js"))
}

/// Changes a script to name the other files as in the built board, with a placeholder for the
/// digest.
fn with_names(script: &str) -> String {
    let name = |at: usize| format!("\"./{}\"", FILES[at].1);
    script
        // Only in the import: the program refers to its loader by the name that it was linked with.
        .replace(&format!("from \"{LOADER}\""), &format!("from {}", name(2)))
        .replace(&format!("\"./{PROGRAM}.js\""), &name(0))
        .replace("\"./split_lazy.wasm\"", &name(3))
}

/// Changes the page to name the parts instead of the undivided program, and to preload the loader
/// along with the program.
fn page_of_parts(html: &str, whole: &str, digest: &str) -> Result<String> {
    let html = html.replace(whole, digest);
    let preload = format!("<link crossorigin href=/{PROGRAM}-{digest}.js rel=modulepreload>");
    ensure!(html.contains(&preload), "trunk's page has no {preload}");
    let loader = preload.replace(".js", "-loader.js");
    Ok(html.replace(&preload, &(preload.clone() + &loader)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<script type=module>import init from '/tasktree-board-aa00.js';\
        await init({ module_or_path: '/tasktree-board-aa00_bg.wasm' });</script>\
        <link crossorigin href=/tasktree-board-aa00.js rel=modulepreload>";

    fn dist_and_work() -> (tempfile::TempDir, tempfile::TempDir) {
        let (work, dist) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir(work.path().join("first")).unwrap();
        for (file, _) in FILES {
            fs::write(work.path().join(file), "").unwrap();
        }
        fs::write(
            work.path().join(FILES[0].0),
            "import * as a from \"./__wasm_split.js\"\nconst i = {\"./__wasm_split.js\": a};",
        )
        .unwrap();
        fs::write(
            work.path().join(FILES[2].0),
            "import {b} from \"./tasktree-board.js\"; fetch(\"./split_lazy.wasm\");",
        )
        .unwrap();
        for name in ["tasktree-board-aa00.js", "tasktree-board-aa00_bg.wasm"] {
            fs::write(dist.path().join(name), "").unwrap();
        }
        fs::write(dist.path().join("index.html"), PAGE).unwrap();
        (work, dist)
    }

    #[test]
    fn the_parts_stand_in_the_place_of_the_whole_and_name_each_other() {
        let (work, dist) = dist_and_work();
        put_in_place(work.path(), dist.path()).unwrap();
        let mut names: Vec<String> = fs::read_dir(&dist)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let digest = names[1].split(['-', '.']).nth(2).unwrap().to_owned();
        let read = |name: &str| {
            let content = fs::read_to_string(dist.path().join(name)).unwrap();
            content.replace(&digest, "D")
        };
        let expected = FILES.map(|(_, name)| name.replace(DIGEST, &digest));
        for name in &expected {
            assert!(names.contains(name), "{names:?} lacks {name}");
        }
        assert_eq!(names.len(), 5);
        assert_eq!(
            read("index.html"),
            "<script type=module>import init from '/tasktree-board-D.js';\
            await init({ module_or_path: '/tasktree-board-D_bg.wasm' });</script>\
            <link crossorigin href=/tasktree-board-D.js rel=modulepreload>\
            <link crossorigin href=/tasktree-board-D-loader.js rel=modulepreload>"
        );
        assert_eq!(
            read(&expected[0]),
            "import * as a from \"./tasktree-board-D-loader.js\"\nconst i = {\"./__wasm_split.js\": a};"
        );
        assert_eq!(
            read(&expected[2]),
            "import {b} from \"./tasktree-board-D.js\"; fetch(\"./tasktree-board-D-lazy.wasm\");"
        );
    }

    #[test]
    fn the_names_change_with_any_part() {
        let digest_of = |change: &dyn Fn(&Path)| {
            let (work, dist) = dist_and_work();
            change(work.path());
            put_in_place(work.path(), dist.path()).unwrap();
            let html = fs::read_to_string(dist.path().join("index.html")).unwrap();
            digest_in(&html).unwrap().to_owned()
        };
        let before = digest_of(&|_| ());
        for (file, _) in FILES {
            let after = digest_of(&|work| {
                let other = fs::read_to_string(work.join(file)).unwrap() + "other";
                fs::write(work.join(file), other).unwrap();
            });
            assert_ne!(before, after, "{file}");
        }
    }

    #[test]
    fn names_with_a_digest_become_short_and_stay_different() {
        let names = [
            "__wbg_open_0123456789abcdef",
            "__wbg_send_0123456789abcdef",
            "__wbg_send_fedcba9876543210",
            "__wbg_log_0123",
            "__wbindgen_throw",
        ];
        let names = names.map(str::to_owned);
        let shorter = shorter(names.to_vec());
        assert_eq!(shorter.len(), 3, "{shorter:?}");
        for (at, name) in names[..3].iter().enumerate() {
            assert_eq!(shorter[name], format!("_{at}"));
        }
    }

    #[test]
    fn comments_and_indentation_of_the_script_are_removed() {
        let script =
            "/**\n * A comment.\n */\nfunction a() {\n    // why\n    return 2 * 3; // rest\n}\n\n";
        let expected = "function a() {\nreturn 2 * 3; // rest\n}";
        assert_eq!(without_comments(script), expected);
    }

    #[test]
    fn a_page_that_names_no_program_is_an_error() {
        assert!(digest_in("<html></html>").is_err());
        assert!(page_of_parts("<html></html>", "aa00", "bb11").is_err());
    }
}
