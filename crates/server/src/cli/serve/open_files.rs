//! Each connection is an open file, and many systems let a program have 1,024 of them unless it asks for more.

use crate::config::Config;
use crate::serving::FAREWELLS;

/// Files besides connections: the database, its readers, git.
const OTHERS: usize = 100 + FAREWELLS;

/// Has the system allow as many open files as the limits of connections need; logs where it allows fewer, for then connections wait
/// before those limits are reached.
pub(super) fn make_room(config: &Config) {
    let connections = config.sockets.max_connections;
    let wanted = connections
        .saturating_add(config.http.max_connections)
        .saturating_add(OTHERS);
    match rlimit::increase_nofile_limit(wanted as u64) {
        Ok(allowed) if allowed < wanted as u64 => tracing::warn!(
            allowed,
            wanted,
            "the system allows fewer open files than there may be connections: raise its limit (ulimit -n, LimitNOFILE=), or lower \
             --max-connections and --max-http-connections"
        ),
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "the limit of open files cannot be raised"),
    }
}
