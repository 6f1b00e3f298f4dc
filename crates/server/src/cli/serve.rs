//! `tasktree serve`: the server, until it is asked to end.

mod browser;
mod limits;
mod open_files;

use std::io::IsTerminal as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use anyhow::Result;
use clap::{Args, ValueEnum};
use tracing_subscriber::EnvFilter;

use super::say;
use crate::assets::Assets;
use crate::base_path::BasePath;
use crate::config::{
    AttentionWebhook, Config, DEFAULT_LISTEN, Database, SignIn, Token, WebhookUrl,
};
use crate::origin::Origin;
use crate::server::Server;
use crate::shutdown;

/// Options of `tasktree serve`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Address and port to listen on. If other machines can reach it, sign-in is required.
    #[arg(long, env = "TASKTREE_LISTEN", default_value = DEFAULT_LISTEN, value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// Database file, created if missing; `:memory:` saves nothing. [default: in the user's data
    /// folder]
    #[arg(long, env = "TASKTREE_DB", value_name = "PATH")]
    db: Option<Database>,
    /// Sign-in policy. [default: off if only this machine can reach the server, otherwise required]
    #[arg(long, env = "TASKTREE_SIGN_IN", value_enum, value_name = "WHEN")]
    sign_in: Option<SignIn>,
    /// Secret token of an administrator, at least 8 characters. If it is set, sign-in is required.
    #[arg(long, env = "TASKTREE_TOKEN", hide_env_values = true)]
    token: Option<Token>,
    /// Origin of another site whose pages may use this server, or public origin of this server. Can
    /// be repeated.
    #[arg(
        long = "allowed-origin",
        env = "TASKTREE_ALLOWED_ORIGINS",
        value_delimiter = ',',
        value_name = "ORIGIN"
    )]
    allowed_origins: Vec<Origin>,
    /// Address of a reverse proxy whose forwarding headers are trusted. Can be repeated.
    #[arg(
        long = "trusted-proxy",
        env = "TASKTREE_TRUSTED_PROXIES",
        value_delimiter = ',',
        value_name = "IP"
    )]
    trusted_proxies: Vec<IpAddr>,
    /// URL path under which a reverse proxy serves this server: /board for
    /// https://example.com/board.
    #[arg(
        long,
        env = "TASKTREE_BASE_PATH",
        default_value = "/",
        value_name = "PATH"
    )]
    base_path: BasePath,
    /// Address that is told of what needs attention while no page is open that shows it.
    #[arg(
        long,
        env = "TASKTREE_ATTENTION_WEBHOOK",
        hide_env_values = true,
        value_name = "URL"
    )]
    attention_webhook: Option<WebhookUrl>,
    /// Secret that signs the requests of the webhook, at least 8 characters.
    #[arg(
        long,
        env = "TASKTREE_ATTENTION_WEBHOOK_SECRET",
        hide_env_values = true,
        value_name = "SECRET",
        requires = "attention_webhook"
    )]
    attention_webhook_secret: Option<Token>,
    /// Tell the webhook even while a page is open.
    #[arg(
        long,
        env = "TASKTREE_ATTENTION_WEBHOOK_ALWAYS",
        requires = "attention_webhook"
    )]
    attention_webhook_always: bool,
    /// Time to open the board in a browser. Only on a desktop, from a terminal.
    #[arg(long, env = "TASKTREE_OPEN", value_enum, default_value_t = browser::When::First, value_name = "WHEN")]
    open: browser::When,
    /// Format of the log on standard error. `RUST_LOG` sets the log level.
    #[arg(long, env = "TASKTREE_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
    #[command(flatten, next_help_heading = "Limits")]
    limits: limits::LimitOptions,
}

/// Format of log lines.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogFormat {
    /// Human-readable text.
    Text,
    /// One JSON object per line.
    Json,
}

/// Runs until SIGINT or SIGTERM.
pub(super) async fn run(options: Options, board: Assets) -> Result<()> {
    start_log(options.log_format);
    let database = match options.db {
        Some(database) => database,
        None => Database::in_data_folder()?,
    };
    let is_first_start = database.is_missing();
    let mut config = Config {
        sign_in: options.sign_in,
        token: options.token,
        trusted_proxies: options.trusted_proxies,
        allowed_origins: options.allowed_origins,
        base_path: options.base_path,
        attention_webhook: options.attention_webhook.map(|url| AttentionWebhook {
            url,
            secret: options.attention_webhook_secret,
            always: options.attention_webhook_always,
        }),
        ..Config::new(options.listen, database)
    };
    options.limits.apply(&mut config);
    open_files::make_room(&config);
    let data = config.database.to_string();
    let (sign_in, site) = (config.sign_in(), config.allowed_origins.first().cloned());
    let path = config.base_path.clone();
    let server = Server::bind(config, board).await?;
    let address = server.address();
    say(format_args!(
        "TaskTree listens on http://{address}{}",
        path.prefix().unwrap_or_default()
    ));
    say(format_args!("Data: {data}"));
    say("Connect an agent with `tasktree connect claude`; `tasktree connect --help` lists others");
    if sign_in == SignIn::Required {
        let base = site.map_or_else(|| base_of(address), |site| site.to_string());
        match server.state().accounts.first_admin().await? {
            Some(secret) => say(format_args!(
                "Created the first administrator token. This link signs a browser in; it is shown only once:\n  {base}{path}sign-in#{}",
                secret.reveal()
            )),
            None => say(format_args!("Sign in at {base}{path}sign-in")),
        }
    }
    if !board.has_board() {
        say("This binary does not include the board; `cargo xtask run` builds it");
    }
    if board.has_board() {
        let url = format!("{}{path}", base_of(address));
        browser::open(options.open, is_first_start, &url);
    }
    server.run(shutdown::signal()).await;
    say("TaskTree stopped");
    Ok(())
}

/// Returns an address that a browser can open.
///
/// If the server listens on all of the machine's addresses, it is the one that the machine has on
/// its network.
fn base_of(mut address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        let outward = || {
            let probe = UdpSocket::bind((address.ip(), 0)).ok()?;
            // Sends nothing: it asks the system which way it would go, to an address for
            // documentation.
            let far = if address.is_ipv4() {
                "192.0.2.1:9"
            } else {
                "[2001:db8::1]:9"
            };
            probe.connect(far).ok()?;
            Some(probe.local_addr().ok()?.ip())
        };
        let here = if address.is_ipv4() {
            IpAddr::V4(Ipv4Addr::LOCALHOST)
        } else {
            IpAddr::V6(Ipv6Addr::LOCALHOST)
        };
        address.set_ip(outward().unwrap_or(here));
    }
    format!("http://{address}")
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
