//! `tasktree serve`: the server, until it is asked to end.

mod limits;

use std::io::IsTerminal as _;
use std::net::SocketAddr;

use anyhow::Result;
use clap::{Args, ValueEnum};
use tracing_subscriber::EnvFilter;

use super::say;
use crate::config::{Config, DEFAULT_LISTEN, Database, Token};
use crate::origin::Origin;
use crate::server::Server;
use crate::{assets, shutdown};

/// What `tasktree serve` can be told.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Address and port to listen on. One that other machines can reach needs a token.
    #[arg(long, env = "TASKTREE_LISTEN", default_value = DEFAULT_LISTEN, value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// The database file, made when it is missing; `:memory:` keeps nothing. [default: in the user's data folder]
    #[arg(long, env = "TASKTREE_DB", value_name = "PATH")]
    db: Option<Database>,
    /// A secret that every caller must present, 8 characters or more.
    #[arg(long, env = "TASKTREE_TOKEN", hide_env_values = true)]
    token: Option<Token>,
    /// Origin of another site whose pages may use this server, or the name under which this server is reached. Can be repeated.
    #[arg(
        long = "allowed-origin",
        env = "TASKTREE_ALLOWED_ORIGINS",
        value_delimiter = ',',
        value_name = "ORIGIN"
    )]
    allowed_origins: Vec<Origin>,
    /// How log lines are written to standard error. `RUST_LOG` says which.
    #[arg(long, env = "TASKTREE_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
    #[command(flatten, next_help_heading = "Limits")]
    limits: limits::LimitOptions,
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Runs until SIGINT or SIGTERM.
pub(super) async fn run(options: Options) -> Result<()> {
    start_log(options.log_format);
    let database = match options.db {
        Some(database) => database,
        None => Database::in_data_folder()?,
    };
    let mut config = Config {
        token: options.token,
        allowed_origins: options.allowed_origins,
        ..Config::new(options.listen, database)
    };
    options.limits.apply(&mut config);
    let (asks_for_token, data) = (config.token.is_some(), config.database.to_string());
    let server = Server::bind(config).await?;
    let address = server.address();
    say(format_args!("TaskTree listens on http://{address}"));
    say(format_args!("Data: {data}"));
    if asks_for_token {
        say(format_args!(
            "To sign a browser in, open http://{address}/?token=YOUR_TOKEN once"
        ));
    }
    if !assets::is_built() {
        say("This binary has no board in it; `cargo xtask run` builds it");
    }
    server.run(shutdown::signal()).await?;
    say("TaskTree has ended");
    Ok(())
}

fn start_log(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // A second start in one process keeps the first log.
    let _ = match format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().try_init(),
    };
}
