//! Second way to the wasm target: builds the standard library from source for exactly the compiler
//! in use.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use super::apt;
use crate::process;
use crate::setup::say;
use crate::workspace::{WASM, Workspace, cargo, rustc};

/// File beside a source tree that this program put into the sysroot. It contains the compiler
/// version that the source belongs to.
const SOURCE_MARK: &str = "tasktree-rust-src-version";

/// Option for the crates of the standard library that a program, its tests and its procedural
/// macros are linked with.
const BUILD_STD: &str = "-Zbuild-std=std,panic_abort,panic_unwind,test,proc_macro";

/// Builds the library and installs it where `rustup target add` would.
///
/// # Errors
/// There is no source for this compiler, it does not build, or the compiler's folder cannot be
/// written.
pub(super) fn install(workspace: &Workspace) -> Result<()> {
    let version = compiler_release()?;
    let sysroot =
        PathBuf::from(process::output(Command::new(rustc()).args(["--print", "sysroot"]))?.trim());
    let work = workspace.tools().join("wasm-std");
    if work.exists() {
        std::fs::remove_dir_all(&work)?;
    }
    std::fs::create_dir_all(&work)?;
    source(&sysroot, &version, &work)?;
    let built = build(&work)?;
    copy_libraries(&built, &sysroot.join("lib/rustlib").join(WASM).join("lib"))?;
    std::fs::remove_dir_all(&work)?;
    Ok(())
}

/// Returns the release of the compiler: `1.95.0`.
fn compiler_release() -> Result<String> {
    let said = process::output(Command::new(rustc()).arg("-vV"))?;
    release(&said)
        .map(str::to_owned)
        .context("`rustc -vV` names no release")
}

fn release(said: &str) -> Option<&str> {
    said.lines()
        .find_map(|line| line.strip_prefix("release: "))
        .map(str::trim)
}

/// Installs the source of the standard library into the sysroot, where cargo looks for it, unless
/// it exists.
fn source(sysroot: &Path, version: &str, work: &Path) -> Result<()> {
    let folder = sysroot.join("lib/rustlib/src/rust");
    let (library, mark) = (folder.join("library"), folder.join(SOURCE_MARK));
    if library.join("std/src/lib.rs").is_file() {
        let ours = std::fs::read_to_string(&mark).ok();
        // Without the file it is rustup's own component, which always belongs to the compiler
        // beside it.
        if ours.is_none_or(|of| of == version) {
            return Ok(());
        }
        std::fs::remove_dir_all(&library)?;
    }
    let package = apt::download("rust-src", version, &work.join("apt"))?;
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("{} cannot be written", folder.display()))?;
    unpack(&package, version, &folder)?;
    if !library.join("std/src/lib.rs").is_file() {
        bail!("{} holds no standard library", package.display());
    }
    std::fs::write(mark, version)?;
    Ok(())
}

/// Unpacks `usr/src/rustc-VERSION/library` of the package as `folder/library`.
fn unpack(package: &Path, version: &str, folder: &Path) -> Result<()> {
    let mut dpkg = Command::new("dpkg-deb")
        .arg("--fsys-tarfile")
        .arg(package)
        .stdout(Stdio::piped())
        .spawn()
        .context("`dpkg-deb` could not be started")?;
    let tarfile = dpkg.stdout.take().context("`dpkg-deb` has no output")?;
    process::run(
        Command::new("tar")
            .args(["-x", "--strip-components=4", "-C"])
            .arg(folder)
            .arg(format!("./usr/src/rustc-{version}/library"))
            .stdin(tarfile),
    )?;
    if !dpkg.wait()?.success() {
        bail!("`dpkg-deb` could not read {}", package.display());
    }
    Ok(())
}

/// Builds an empty crate together with the library. Returns the folder of the compiled crates.
fn build(work: &Path) -> Result<PathBuf> {
    let empty = work.join("empty");
    std::fs::create_dir_all(empty.join("src"))?;
    std::fs::write(empty.join("src/lib.rs"), "")?;
    std::fs::write(
        empty.join("Cargo.toml"),
        format!(
            "[package]\nname = \"{EMPTY_CRATE}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n"
        ),
    )?;
    say(
        "wasm target",
        "compiling the standard library, about half a minute ...",
    );
    let target = work.join("target");
    process::run(
        Command::new(cargo())
            .args(["build", "--release", BUILD_STD, "--target", WASM])
            .current_dir(&empty)
            .env("CARGO_TARGET_DIR", &target)
            // The library is the compiler's own source and may use its unstable features.
            .env("RUSTC_BOOTSTRAP", "1")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            // Without bitcode in the libraries, a build with `lto = true` fails.
            .env("RUSTFLAGS", "-Cembed-bitcode=yes"),
    )?;
    Ok(target.join(WASM).join("release/deps"))
}

/// Name of the crate that only serves to build the library.
const EMPTY_CRATE: &str = "tasktree_wasm_std";

/// Copies the compiled crates of the library. The folder gets its name only once it is complete.
fn copy_libraries(from: &Path, to: &Path) -> Result<()> {
    let new = to.with_extension("new");
    let writable = || {
        format!(
            "{} cannot be written: run this as the owner of the toolchain",
            to.display()
        )
    };
    if new.exists() {
        std::fs::remove_dir_all(&new)?;
    }
    std::fs::create_dir_all(&new).with_context(writable)?;
    let mut copied = 0;
    for entry in std::fs::read_dir(from)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        if is_library_of_std(name) {
            std::fs::copy(&path, new.join(name)).with_context(writable)?;
            copied += 1;
        }
    }
    if copied == 0 {
        bail!("{} holds no compiled library", from.display());
    }
    if to.exists() {
        std::fs::remove_dir_all(to).with_context(writable)?;
    }
    std::fs::rename(&new, to).with_context(writable)?;
    Ok(())
}

fn is_library_of_std(name: &str) -> bool {
    name.starts_with("lib")
        && name.ends_with(".rlib")
        && !name.starts_with(&format!("lib{EMPTY_CRATE}-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_release_is_read_from_what_the_compiler_says_about_itself() {
        let said = "rustc 1.95.0 (59807616e 2026-04-14)\nbinary: rustc\nrelease: 1.95.0\nLLVM version: 22.1.2\n";
        assert_eq!(release(said), Some("1.95.0"));
        assert_eq!(release("rustc 1.95.0"), None);
    }

    #[test]
    fn only_the_librarys_own_crates_are_copied_and_an_old_folder_is_replaced_whole() {
        let (from, sysroot) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for name in [
            "libstd-1.rlib",
            "libstd-1.rmeta",
            "libtasktree_wasm_std-2.rlib",
            "empty.d",
        ] {
            std::fs::write(from.path().join(name), name).unwrap();
        }
        let to = sysroot.path().join("wasm32-unknown-unknown/lib");
        std::fs::create_dir_all(&to).unwrap();
        std::fs::write(to.join("libstd-0.rlib"), "of another compiler").unwrap();
        copy_libraries(from.path(), &to).unwrap();
        let names: Vec<_> = std::fs::read_dir(&to)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names, ["libstd-1.rlib"]);
    }

    #[test]
    fn a_build_without_libraries_leaves_the_old_folder_alone() {
        let (from, sysroot) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let to = sysroot.path().join("lib");
        std::fs::create_dir(&to).unwrap();
        assert!(copy_libraries(from.path(), &to).is_err());
        assert!(to.is_dir());
    }
}
