//! Debian packages, for Debian machines on which we may install.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use crate::process;

/// Returns true if packages can be installed.
pub(super) fn is_there() -> bool {
    apt_get().is_some()
}

/// Installs packages.
///
/// # Errors
/// The packages cannot be installed.
pub(super) fn install(packages: &[&str]) -> Result<()> {
    update()?;
    let mut apt = apt_get().context("apt-get is missing, or not permitted")?;
    process::run(
        apt.args(["install", "-q", "-y", "--no-install-recommends"])
            .args(packages),
    )
}

/// Unpacks a package into a folder, so that nothing of it runs or is visible to others.
///
/// # Errors
/// The package cannot be downloaded or unpacked.
pub(super) fn unpack(package: &str, folder: &Path) -> Result<()> {
    update()?;
    std::fs::create_dir_all(folder)?;
    process::run(
        Command::new("apt-get")
            .args(["download", "-q", package])
            .current_dir(folder),
    )?;
    let archive = std::fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|kind| kind == "deb"))
        .context("apt-get downloaded nothing")?;
    process::run(Command::new("dpkg").arg("-x").arg(archive).arg(folder))
}

fn update() -> Result<()> {
    let mut apt = apt_get().context("apt-get is missing, or not permitted")?;
    process::run(apt.args(["update", "-q"]))
}

/// Returns `apt-get` with the permission to install, on Debian. Ubuntu's packages of these names
/// only point to a snap.
fn apt_get() -> Option<Command> {
    let about = std::fs::read_to_string("/etc/os-release").ok()?;
    if !is_debian(&about) {
        return None;
    }
    if silent_success(Command::new("sh").args(["-c", "test \"$(id -u)\" = 0"])) {
        let mut apt = Command::new("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive");
        return Some(apt);
    }
    if silent_success(Command::new("sudo").args(["-n", "true"])) {
        let mut apt = Command::new("sudo");
        apt.args(["-n", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        return Some(apt);
    }
    None
}

fn silent_success(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|s| s.success())
}

fn is_debian(os_release: &str) -> bool {
    os_release
        .lines()
        .any(|line| matches!(line.trim(), "ID=debian" | "ID=\"debian\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debian_is_told_from_its_descendants() {
        assert!(is_debian(
            "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n"
        ));
        assert!(!is_debian("NAME=\"Ubuntu\"\nID=ubuntu\nID_LIKE=debian\n"));
        assert!(!is_debian(""));
    }
}
