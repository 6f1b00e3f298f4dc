//! The npm packages: `tasktree`, which starts the program, and one package with the program for
//! each platform, of which npm installs only the fitting one.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::Release;
use crate::process;
use crate::workspace::Workspace;

/// Folder of the package `tasktree` in the repository.
const LAUNCHER: &str = "npm/tasktree";

/// Target triples of releases, each with the operating system and the processor in npm's words.
const PLATFORMS: [(&str, &str, &str); 5] = [
    ("x86_64-unknown-linux-musl", "linux", "x64"),
    ("aarch64-unknown-linux-musl", "linux", "arm64"),
    ("x86_64-apple-darwin", "darwin", "x64"),
    ("aarch64-apple-darwin", "darwin", "arm64"),
    ("x86_64-pc-windows-msvc", "win32", "x64"),
];

/// Packs the package for the platform and the package `tasktree`; returns the two files.
pub(super) fn pack(workspace: &Workspace, release: &Release) -> Result<Vec<PathBuf>> {
    let Some((_, system, processor)) = PLATFORMS
        .iter()
        .find(|(target, ..)| *target == release.target)
    else {
        bail!("there is no npm package for {}", release.target);
    };
    let work = release.folder.join("npm");
    let platform = work.join("platform");
    fs::create_dir_all(platform.join("bin"))?;
    fs::copy(
        &release.program,
        platform.join("bin").join(release.program_name()),
    )?;
    let own = manifest(workspace)?;
    let of_platform = json!({
        "name": platform_name(system, processor),
        "version": release.version,
        "description": format!("The program of the package tasktree for {system} {processor}"),
        "license": own["license"],
        "os": [system],
        "cpu": [processor],
        "files": ["bin"],
        "preferUnplugged": true,
    });
    write(&platform, &of_platform)?;

    let launcher = work.join("launcher");
    fs::create_dir_all(launcher.join("bin"))?;
    for file in ["README.md", "bin/tasktree.js"] {
        let from = workspace.root.join(LAUNCHER).join(file);
        fs::copy(&from, launcher.join(file))
            .with_context(|| format!("cannot read {}", from.display()))?;
    }
    write(&launcher, &with_version(own, release.version))?;

    let mut files = Vec::new();
    for folder in [&platform, &launcher] {
        files.push(pack_folder(workspace, folder, &work)?);
        fs::remove_dir_all(folder)?;
    }
    Ok(files)
}

/// Returns the package of a platform.
fn platform_name(system: &str, processor: &str) -> String {
    format!("@tasktree/{system}-{processor}")
}

fn manifest(workspace: &Workspace) -> Result<Value> {
    let file = workspace.root.join(LAUNCHER).join("package.json");
    let text =
        fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(serde_json::from_str(&text)?)
}

/// Returns the manifest of `tasktree` with its version, which is also that of the packages of the
/// platforms.
fn with_version(mut manifest: Value, version: &str) -> Value {
    manifest["version"] = json!(version);
    for (_, system, processor) in PLATFORMS {
        manifest["optionalDependencies"][platform_name(system, processor)] = json!(version);
    }
    manifest
}

fn write(folder: &Path, manifest: &Value) -> Result<()> {
    let text = serde_json::to_string_pretty(manifest)?;
    Ok(fs::write(folder.join("package.json"), format!("{text}\n"))?)
}

fn pack_folder(workspace: &Workspace, folder: &Path, into: &Path) -> Result<PathBuf> {
    let mut command = workspace.node_command("npm")?;
    command
        .args(["pack", "--json", "--loglevel=error", "--pack-destination"])
        .arg(into);
    let packed: Value = serde_json::from_str(&process::output(command.current_dir(folder))?)
        .context("npm pack returned no JSON")?;
    let name = packed[0]["filename"].as_str();
    let name = name.context("npm pack does not name its file")?;
    // Older versions of npm print the name of a scoped package instead of its file's.
    Ok(into.join(name.replace('@', "").replace('/', "-")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_packages_have_one_version_and_the_launcher_knows_every_platform() {
        let workspace = Workspace::find().unwrap();
        let manifest = with_version(manifest(&workspace).unwrap(), "1.2.3");
        let script = fs::read_to_string(workspace.root.join(LAUNCHER).join("bin/tasktree.js"));
        let script = script.unwrap();
        let packages = manifest["optionalDependencies"].as_object().unwrap();
        assert_eq!(packages.len(), PLATFORMS.len());
        for (name, version) in packages {
            assert_eq!(version, "1.2.3", "{name}");
        }
        assert!(script.contains("@tasktree/${process.platform}-${process.arch}"));
    }
}
