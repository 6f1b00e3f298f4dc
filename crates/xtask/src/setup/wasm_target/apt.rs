//! Downloads a Debian package with apt and checks its signature, without root and without changing
//! the system's apt configuration.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::apt_source;
use crate::process;
use crate::setup::say;

/// Suites in which Debian publishes several compilers side by side, that of the newest stable
/// release first.
const SUITES: [&str; 4] = ["trixie-backports", "sid", "forky", "trixie"];

/// Keys that Debian signs its archive with, from the package debian-archive-keyring.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// Downloads the newest packaging of `package` with upstream version `version` into `folder`.
/// Returns its path.
///
/// # Errors
/// This is not a Debian machine, or no suite of its mirrors has that version; the message lists the
/// attempts.
pub(super) fn download(package: &str, version: &str, folder: &Path) -> Result<PathBuf> {
    if !Path::new(KEYRING).is_file() {
        bail!("{KEYRING} is not there: this way works on Debian only");
    }
    let mirrors = apt_source::mirrors(Path::new("/etc/apt"));
    if mirrors.is_empty() {
        bail!("/etc/apt names no Debian mirror");
    }
    let mut tried = Vec::new();
    for mirror in &mirrors {
        for suite in SUITES {
            say(
                "wasm target",
                &format!("looking for {package} {version} in {suite} of {mirror}"),
            );
            match PrivateApt::new(folder, mirror, suite)
                .and_then(|apt| apt.download(package, version))
            {
                Ok(path) => return Ok(path),
                Err(why) => tried.push(format!("{suite} of {mirror}: {why:#}")),
            }
        }
    }
    bail!("no package {package} {version}; tried {}", tried.join("; "));
}

/// An apt with its own lists, cache and status, that knows a single suite of a single mirror.
#[derive(Debug)]
struct PrivateApt {
    folder: PathBuf,
}

impl PrivateApt {
    fn new(parent: &Path, mirror: &str, suite: &str) -> Result<Self> {
        let folder = parent.join(suite);
        for part in ["lists/partial", "cache/archives/partial"] {
            std::fs::create_dir_all(folder.join(part))?;
        }
        std::fs::write(folder.join("status"), "")?;
        std::fs::write(
            folder.join("sources.list"),
            format!("deb [signed-by={KEYRING}] {mirror} {suite} main\n"),
        )?;
        Ok(Self { folder })
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        for (option, value) in [
            ("State::Lists", "lists"),
            ("Cache", "cache"),
            ("State::status", "status"),
            ("Etc::sourcelist", "sources.list"),
        ] {
            command.arg(format!(
                "-oDir::{option}={}",
                self.folder.join(value).display()
            ));
        }
        // No other sources and no translated descriptions. As root, apt would drop to a user who
        // cannot enter this folder.
        command.args([
            "-oDir::Etc::sourceparts=/dev/null",
            "-oAcquire::Languages=none",
            "-oAcquire::Retries=2",
            "-oAPT::Sandbox::User=root",
            "-q",
        ]);
        command.env("LC_ALL", "C").current_dir(&self.folder);
        command
    }

    fn download(&self, package: &str, version: &str) -> Result<PathBuf> {
        // By default, apt-get update exits with 0 even if it had to skip a source.
        process::output(
            self.command("apt-get")
                .args(["-oAPT::Update::Error-Mode=any", "update"]),
        )?;
        let listed = process::output(self.command("apt-cache").args(["madison", package]))?;
        let chosen = choose(&listed, version).with_context(|| format!("{version} is not there"))?;
        process::run(
            self.command("apt-get")
                .arg("download")
                .arg(format!("{package}={chosen}")),
        )?;
        let files = std::fs::read_dir(&self.folder)?.filter_map(|entry| Some(entry.ok()?.path()));
        files
            .into_iter()
            .find(|path| path.extension().is_some_and(|extension| extension == "deb"))
            .context("apt-get download left no .deb file")
    }
}

/// Returns the first package version in the table of `apt-cache madison` (`name | version |
/// source`) with upstream version `wanted`.
fn choose<'a>(madison: &'a str, wanted: &str) -> Option<&'a str> {
    let versions = madison
        .lines()
        .filter_map(|line| line.split('|').nth(1))
        .map(str::trim);
    versions.into_iter().find(|version| {
        version
            .strip_prefix(wanted)
            .is_some_and(|rest| rest.starts_with(['+', '-', '~']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MADISON: &str = "\
  rust-src | 1.96.1+dfsg1-2~bpo13+1 | http://deb.example/debian trixie-backports/main amd64 Packages
  rust-src | 1.95.0+dfsg1-2~bpo13+1 | http://deb.example/debian trixie-backports/main amd64 Packages
  rust-src | 1.95.0+dfsg1-1~bpo13+1 | http://deb.example/debian trixie-backports/main amd64 Packages
  rust-src | 1.9.0-1 | http://deb.example/debian trixie-backports/main amd64 Packages
";

    #[test]
    fn the_newest_packaging_of_exactly_the_compilers_version_is_chosen() {
        assert_eq!(choose(MADISON, "1.95.0"), Some("1.95.0+dfsg1-2~bpo13+1"));
        assert_eq!(choose(MADISON, "1.9.0"), Some("1.9.0-1"));
    }

    #[test]
    fn a_version_that_only_begins_alike_is_not_chosen() {
        assert_eq!(choose(MADISON, "1.95"), None);
        assert_eq!(choose(MADISON, "1.96.10"), None);
        assert_eq!(choose("", "1.95.0"), None);
    }
}
