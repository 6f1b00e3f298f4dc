//! nginx, for the tests of a server behind a reverse proxy.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::{apt, say};
use crate::workspace::Workspace;

/// Path of nginx on Debian, which is not on everybody's PATH.
const DEBIAN: &str = "/usr/sbin/nginx";

/// Finds nginx, or unpacks it into `target/tools`; an installed nginx would run as a service.
///
/// # Errors
/// There is none and it cannot be downloaded; the message says what to install.
pub(super) fn ensure(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.tools().join("nginx");
    let unpacked = folder.join("usr/sbin/nginx");
    let known = [PathBuf::from(DEBIAN), unpacked.clone()];
    let found = workspace
        .find_program("nginx")
        .or_else(|| known.into_iter().find(|path| path.is_file()));
    if workspace.find_program("openssl").is_none() {
        say("openssl", "apt-get install openssl ...");
        if let Err(why) = apt::install(&["openssl"]) {
            bail!("the tests need openssl on your PATH: {why:#}");
        }
    }
    if let Some(nginx) = found {
        say("nginx", &format!("found ({})", nginx.display()));
        return Ok(nginx);
    }
    say("nginx", "apt-get download nginx ...");
    match apt::unpack("nginx", &folder) {
        Ok(()) if unpacked.is_file() => {
            say("nginx", "unpacked");
            Ok(unpacked)
        }
        Ok(()) => {
            bail!("the nginx package contains no program; install nginx on your PATH")
        }
        Err(why) => bail!("the tests need nginx on your PATH: {why:#}"),
    }
}
