//! Opens the board in the browser of the person who starts the server.

use std::env;
use std::io::{self, IsTerminal as _};

use clap::ValueEnum;

/// Variables that a Linux desktop sets for its programs.
const DISPLAYS: [&str; 2] = ["DISPLAY", "WAYLAND_DISPLAY"];

/// Variable that is set in a session over SSH, where a browser would open on another screen.
const REMOTE: &str = "SSH_CONNECTION";

/// Starts of the server at which the board is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    /// The start that creates the database.
    First,
    /// Every start.
    Always,
    /// No start.
    Never,
}

/// Opens `url` if the server was started on a desktop, from a terminal, at a start that `when`
/// names. A failure is logged: the server runs without a browser.
pub(super) fn open(when: When, is_first_start: bool, url: &str) {
    let is_wanted = match when {
        When::First => is_first_start,
        When::Always => true,
        When::Never => false,
    };
    if is_wanted && io::stdout().is_terminal() && is_desktop(|name| env::var_os(name).is_some()) {
        // Detached: the browser may run on after the server.
        if let Err(error) = open::that_detached(url) {
            tracing::warn!(%error, "cannot open a browser");
        }
    }
}

/// Returns true if a browser can open on the screen in front of the person.
fn is_desktop(is_set: impl Fn(&str) -> bool) -> bool {
    let has_screen =
        cfg!(any(target_os = "macos", windows)) || DISPLAYS.iter().any(|name| is_set(name));
    has_screen && !is_set(REMOTE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_over_ssh_is_no_desktop() {
        assert!(is_desktop(|name| name == "WAYLAND_DISPLAY"));
        assert!(!is_desktop(
            |name| ["DISPLAY", "SSH_CONNECTION"].contains(&name)
        ));
    }
}
