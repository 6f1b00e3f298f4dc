//! The limits that operators of a server may want to set.
//!
//! All others are in [`crate::limits`], [`HttpLimits`] and [`SocketLimits`].

use clap::Args;

use crate::config::{Config, HttpLimits, SocketLimits};
use crate::limits;

/// Limits with an option each.
#[derive(Debug, Args)]
pub(super) struct LimitOptions {
    /// Maximum number of WebSockets
    #[arg(long, env = "TASKTREE_MAX_CONNECTIONS", value_name = "NUMBER",
        default_value_t = SocketLimits::default().max_connections)]
    max_connections: usize,
    /// Maximum number of WebSockets from one address of another machine
    #[arg(long, env = "TASKTREE_MAX_CONNECTIONS_PER_ADDRESS", value_name = "NUMBER",
        default_value_t = SocketLimits::default().max_connections_per_address)]
    max_connections_per_address: usize,
    /// Maximum number of WebSockets with one token
    #[arg(long, env = "TASKTREE_MAX_CONNECTIONS_PER_USER", value_name = "NUMBER",
        default_value_t = SocketLimits::default().max_connections_per_user)]
    max_connections_per_user: usize,
    /// Maximum number of connections other than WebSockets
    #[arg(long, env = "TASKTREE_MAX_HTTP_CONNECTIONS", value_name = "NUMBER",
        default_value_t = HttpLimits::default().max_connections)]
    max_http_connections: usize,
    /// Maximum number of tasks in a project, including removed ones
    #[arg(long, env = "TASKTREE_MAX_TASKS", value_name = "NUMBER",
        default_value_t = limits::Limits::default().tasks_per_project)]
    max_tasks: u64,
    /// Maximum number of stored log lines per agent
    #[arg(long, env = "TASKTREE_MAX_LOG_LINES", value_name = "NUMBER",
        default_value_t = limits::Limits::default().log_lines_per_agent)]
    max_log_lines: u64,
    /// Number of days for which changes are stored with their values
    #[arg(long, env = "TASKTREE_KEEP_HISTORY", value_name = "DAYS",
        default_value_t = limits::Limits::default().history_days)]
    keep_history: u32,
    /// Number of minutes without progress after which a working agent needs attention
    #[arg(long, env = "TASKTREE_NO_PROGRESS_AFTER", value_name = "MINUTES",
        default_value_t = limits::Limits::default().no_progress_minutes,
        value_parser = clap::value_parser!(u32).range(1..))]
    no_progress_after: u32,
}

impl LimitOptions {
    /// Writes them into a server's settings.
    pub(super) fn apply(&self, config: &mut Config) {
        config.sockets.max_connections = self.max_connections;
        config.sockets.max_connections_per_address = self.max_connections_per_address;
        config.sockets.max_connections_per_user = self.max_connections_per_user;
        config.http.max_connections = self.max_http_connections;
        config.limits.tasks_per_project = self.max_tasks;
        config.limits.log_lines_per_agent = self.max_log_lines;
        config.limits.history_days = self.keep_history;
        config.limits.no_progress_minutes = self.no_progress_after;
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::config::Database;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        limits: LimitOptions,
    }

    fn configured(line: &[&str]) -> Config {
        let line = Line::try_parse_from([&["serve"], line].concat()).unwrap();
        let mut config = Config::new(([127, 0, 0, 1], 0).into(), Database::Memory);
        line.limits.apply(&mut config);
        config
    }

    #[test]
    fn what_is_not_said_stays_as_it_is_by_default() {
        let config = configured(&[]);
        let (sockets, limits) = (SocketLimits::default(), limits::Limits::default());
        assert_eq!(config.sockets.max_connections, sockets.max_connections);
        assert_eq!(config.limits.tasks_per_project, limits.tasks_per_project);
    }

    #[test]
    fn each_option_sets_its_limit() {
        let config = configured(&[
            "--max-connections=1",
            "--max-connections-per-address=2",
            "--max-connections-per-user=3",
            "--max-http-connections=4",
            "--max-tasks=5",
            "--max-log-lines=6",
            "--no-progress-after=7",
        ]);
        let sockets = config.sockets;
        assert_eq!(
            [
                sockets.max_connections,
                sockets.max_connections_per_address,
                sockets.max_connections_per_user,
                config.http.max_connections
            ],
            [1, 2, 3, 4]
        );
        let limits = config.limits;
        assert_eq!(
            (limits.tasks_per_project, limits.log_lines_per_agent),
            (5, 6)
        );
        assert_eq!(limits.no_progress_minutes, 7);
    }
}
