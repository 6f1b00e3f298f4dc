//! Firefox and its driver, for the tests that run in both browsers.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::{Browser, apt, cargo_tools, say};
use crate::workspace::Workspace;

/// Program name of the driver.
const DRIVER: &str = "geckodriver";

/// Instructions for the case that nothing can be installed for the user.
const BY_HAND: &str = "install Firefox so that `firefox` is on your PATH. \
    Debian: apt-get install firefox-esr. Ubuntu: snap install firefox, and set GECKODRIVER=/snap/bin/geckodriver. \
    Fedora: dnf install firefox. Arch: pacman -S firefox. macOS: brew install --cask firefox";

/// Debian packages of Firefox.
const DEBIAN_PACKAGES: [&str; 1] = ["firefox-esr"];

/// Finds or installs Firefox and its driver.
///
/// # Errors
/// There is none and none can be installed; the message says exactly what to install.
pub(super) fn ensure(workspace: &Workspace) -> Result<Browser> {
    // Trusted: a user who names a driver has a browser for it.
    if let Some(driver) = std::env::var_os("GECKODRIVER")
        .map(PathBuf::from)
        .filter(|path| path.is_file())
    {
        say("firefox", &format!("found ({})", driver.display()));
        return Ok(Browser { driver });
    }
    ensure_browser(workspace)?;
    cargo_tools::ensure_geckodriver(workspace)?;
    let driver = workspace.find_program(DRIVER);
    let driver = driver.with_context(|| format!("{DRIVER} was installed but is not found"))?;
    Ok(Browser { driver })
}

fn ensure_browser(workspace: &Workspace) -> Result<()> {
    if is_there(workspace) {
        say("firefox", "found");
        return Ok(());
    }
    if !apt::is_there() {
        bail!("the tests need Firefox: {BY_HAND}");
    }
    say("firefox", "apt-get install firefox-esr ...");
    if let Err(why) = apt::install(&DEBIAN_PACKAGES) {
        bail!("no Firefox for the tests: {why:#}; {BY_HAND}");
    }
    if !is_there(workspace) {
        bail!("firefox-esr was installed but `firefox` is not on PATH; {BY_HAND}");
    }
    say("firefox", "installed");
    Ok(())
}

/// Returns true if the driver will find a Firefox.
fn is_there(workspace: &Workspace) -> bool {
    workspace.find_program("firefox").is_some()
        || Path::new("/Applications/Firefox.app").exists()
        || cfg!(windows)
}
