//! Paths of the WebSockets, whose tickets this edge passes on: see [`super::access`].

/// Path of the main socket.
pub(crate) const UPDATES: &str = "/ws/updates";

/// Path of a project's monitor, before the project.
pub(crate) const PROJECTS: &str = "/api/projects/";
/// Path of the monitor, after the project.
pub(crate) const MONITOR: &str = "/coordination/live";

/// Returns true if `path` is that of a socket.
pub(super) fn is_socket(path: &str) -> bool {
    let project = path
        .strip_prefix(PROJECTS)
        .and_then(|rest| rest.strip_suffix(MONITOR));
    path == UPDATES || project.is_some_and(|name| !name.is_empty() && !name.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_paths_of_the_sockets_are_paths_of_sockets() {
        for path in ["/ws/updates", "/api/projects/alpha/coordination/live"] {
            assert!(is_socket(path), "{path}");
        }
        for path in [
            "/coordination/live",
            "/api/projects/coordination/live",
            "/api/projects//coordination/live",
            "/api/projects/a/b/coordination/live",
            "/ws/updates/",
            "/x/ws/updates",
        ] {
            assert!(!is_socket(path), "{path}");
        }
    }
}
