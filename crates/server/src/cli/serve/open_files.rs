//! Each connection is an open file, and many systems let a program have 1,024 of them unless it asks for more.

use crate::config::Config;

/// Files besides connections: the database, its readers, git.
const OTHERS: usize = 100;

/// Has the system allow as many open files as the limits of connections need; logs where it allows fewer, for then connections wait
/// before those limits are reached.
pub(super) fn make_room(config: &Config) {
    let wanted = config.sockets.max_connections + config.http.max_connections + OTHERS;
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
