//! The limit of open files, which bounds the number of connections.
//!
//! Each connection is an open file, and many systems let a program have 1,024 of them unless it
//! asks for more.

use crate::config::Config;
use crate::serving::FAREWELLS;

/// Open files other than connections: the database, its readers, git.
const OTHERS: usize = 100 + FAREWELLS;

/// Raises the limit of open files to the number that the limits of connections need.
///
/// Logs a warning if the system allows fewer, since connections then wait before those limits are
/// reached.
pub(super) fn make_room(config: &Config) {
    let connections = config.sockets.max_connections;
    let wanted = connections
        .saturating_add(config.http.max_connections)
        .saturating_add(OTHERS);
    match rlimit::increase_nofile_limit(wanted as u64) {
        Ok(allowed) if allowed < wanted as u64 => tracing::warn!(
            allowed,
            wanted,
            "the limit of open files is lower than the limits of connections: raise it (ulimit -n, \
             LimitNOFILE=), or lower --max-connections and --max-http-connections"
        ),
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "cannot raise the limit of open files"),
    }
}
