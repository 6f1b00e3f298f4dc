//! Shrinks the parts: the programs, and the names and comments of the script.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};

use crate::workspace::Workspace;
use crate::{process, wasm};

/// Arguments of `wasm-opt`, with the WebAssembly features that the compiler's output uses.
///
/// Each saves a part of the compressed size:
/// - Control flow is built from scratch between two rounds of optimization (1 %).
/// - A function with one caller stays on its own if it is large: a brotli match is shorter than the
///   copied locals (1 %).
/// - The lowest kilobyte of memory is the end of the stack, which no valid pointer names. So
///   offsets move into loads and stores (0.5 %).
/// - Functions are sorted by name: those that a generic one became stand side by side (1 %).
const WASM_OPT: [&str; 16] = [
    "--one-caller-inline-max-function-size=40",
    "--low-memory-unused",
    "-Oz",
    "--flatten",
    "--rereloop",
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

/// Shrinks a WebAssembly module in its file with `wasm-opt`.
pub(super) fn make_smaller(workspace: &Workspace, wasm: &Path) -> Result<()> {
    let mut command = workspace.command("wasm-opt")?;
    process::run(command.args(WASM_OPT).arg(wasm).arg("-o").arg(wasm))
}

/// Replaces the names by which the program imports functions of its script, such as
/// `__wbg_close_150f701b1a60e0ac`, by short ones. A browser downloads each name twice, and digests
/// compress worst.
pub(super) fn shorten_names(script: &Path, program: &Path) -> Result<()> {
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
pub(super) fn without_comments(script: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
