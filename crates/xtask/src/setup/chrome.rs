//! Chrome or Chromium and its driver, for the tests of the board.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::{Browser, apt, say};
use crate::workspace::Workspace;

/// Instructions for the case that nothing can be installed for the user.
const BY_HAND: &str = "install Chrome or Chromium and the chromedriver of the same version, on your PATH or named by the variable CHROMEDRIVER. \
    Debian: apt-get install chromium chromium-driver. Ubuntu: snap install chromium. Fedora: dnf install chromium chromedriver. \
    Arch: pacman -S chromium. macOS: brew install --cask google-chrome chromedriver. \
    Any system: npx @puppeteer/browsers install chrome@stable, and the same for chromedriver@stable";

/// Debian packages of Chromium and its driver.
const DEBIAN_PACKAGES: [&str; 2] = ["chromium", "chromium-driver"];

/// Program names of Chrome. The driver knows more places than `PATH` to look for it.
const BROWSERS: [&str; 5] = [
    "chromium",
    "google-chrome",
    "google-chrome-stable",
    "chromium-browser",
    "chrome",
];

/// Finds or installs Chrome and its driver.
///
/// # Errors
/// There is none and none can be installed; the message says exactly what to install.
pub(super) fn ensure(workspace: &Workspace) -> Result<Browser> {
    if let Some(browser) = find(workspace) {
        say("chrome", &format!("found ({})", browser.driver.display()));
        return Ok(browser);
    }
    if !apt::is_there() {
        bail!("the tests need Chrome: {BY_HAND}");
    }
    say("chrome", "apt-get install chromium chromium-driver ...");
    if let Err(why) = apt::install(&DEBIAN_PACKAGES) {
        bail!("no Chrome for the tests: {why:#}; {BY_HAND}");
    }
    let Some(browser) = find(workspace) else {
        bail!("chromium was installed but is not on PATH; {BY_HAND}");
    };
    say("chrome", "installed");
    Ok(browser)
}

/// Finds Chrome and its driver. A driver named by `CHROMEDRIVER` is trusted; one on `PATH` needs a
/// browser beside it.
fn find(workspace: &Workspace) -> Option<Browser> {
    if let Some(driver) = std::env::var_os("CHROMEDRIVER")
        .map(PathBuf::from)
        .filter(|path| path.is_file())
    {
        return Some(Browser { driver });
    }
    let driver = workspace.find_program("chromedriver")?;
    let on_path = BROWSERS
        .iter()
        .any(|name| workspace.find_program(name).is_some());
    let elsewhere = Path::new("/Applications/Google Chrome.app").exists() || cfg!(windows);
    (on_path || elsewhere).then_some(Browser { driver })
}
