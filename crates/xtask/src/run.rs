//! `cargo xtask run`: gets from a checkout to a server that shows the board.

use std::ffi::OsString;
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use clap::Args;

use crate::workspace::Workspace;
use crate::{process, server};

/// Time that the browser waits for the server, which first checks a database that was not closed
/// cleanly.
const SERVER_START: Duration = Duration::from_secs(30);

/// Address and database of the server.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Address to listen on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8000")]
    listen: String,
    /// Database file [default: in your data folder]
    #[arg(long, value_name = "PATH")]
    db: Option<PathBuf>,
    /// Do not open a browser
    #[arg(long)]
    no_open: bool,
}

/// Sets up the tools, builds, and replaces this process with the server.
///
/// # Errors
/// A tool cannot be installed, a build fails, or the server does not start.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    server::build_with_board(workspace)?;
    if !options.no_open && has_display() {
        // The server is about to replace this process, so that it gets the signals: another process
        // has to wait for it.
        let waiting = Command::new(std::env::current_exe()?)
            .args(["open-when-ready", &options.listen])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn();
        if let Err(why) = waiting {
            eprintln!("run: cannot open a browser: {why}");
        }
    }
    become_server(Command::new(workspace.server_binary()).args(arguments(options)))
}

fn arguments(options: &Options) -> Vec<OsString> {
    let mut arguments: Vec<OsString> =
        vec!["serve".into(), "--listen".into(), (&options.listen).into()];
    if let Some(db) = &options.db {
        arguments.extend(["--db".into(), db.into()]);
    }
    arguments
}

/// Replaces this process with the server, which then gets the terminal's signals and sets the exit
/// code.
#[cfg(unix)]
fn become_server(command: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt as _;
    Err(command.exec()).with_context(|| format!("cannot start `{}`", process::shown(command)))
}

#[cfg(not(unix))]
fn become_server(command: &mut Command) -> Result<()> {
    process::run(command)
}

/// Returns true if there is a desktop to open a browser on.
fn has_display() -> bool {
    let session = ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some());
    session || cfg!(any(target_os = "macos", windows))
}

/// Waits until something listens on `address`, then opens it in the user's browser.
///
/// # Errors
/// Nothing listens there in time, or no browser can be opened.
pub(crate) fn open_when_ready(address: &str) -> Result<()> {
    let address = reachable(address).context("the address has no host and port")?;
    let started = Instant::now();
    while TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_err() {
        if started.elapsed() > SERVER_START {
            bail!("nothing listens on {address}");
        }
        thread::sleep(Duration::from_millis(100));
    }
    let url = format!("http://{address}/");
    let mut browser = if cfg!(target_os = "macos") {
        Command::new("open")
    } else if cfg!(windows) {
        Command::new("explorer")
    } else {
        Command::new("xdg-open")
    };
    process::run(browser.arg(url).stdin(Stdio::null()).stdout(Stdio::null()))
}

/// Returns the address under which this machine reaches a server that listens on `listen`.
fn reachable(listen: &str) -> Option<SocketAddr> {
    use std::net::{Ipv4Addr, Ipv6Addr, ToSocketAddrs as _};
    let mut address = listen.to_socket_addrs().ok()?.next()?;
    match address.ip() {
        ip if !ip.is_unspecified() => {}
        ip if ip.is_ipv4() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        _ => address.set_ip(Ipv6Addr::LOCALHOST.into()),
    }
    Some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_options_become_the_servers_own() {
        let mut options = Options {
            listen: "127.0.0.1:8000".to_owned(),
            db: None,
            no_open: true,
        };
        assert_eq!(arguments(&options), ["serve", "--listen", "127.0.0.1:8000"]);
        options.db = Some("a b.db".into());
        assert_eq!(
            arguments(&options),
            ["serve", "--listen", "127.0.0.1:8000", "--db", "a b.db"]
        );
    }

    #[test]
    fn a_server_on_every_interface_is_reached_on_this_machine() {
        assert_eq!(reachable("0.0.0.0:8000"), "127.0.0.1:8000".parse().ok());
        assert_eq!(reachable("[::]:80"), "[::1]:80".parse().ok());
        assert_eq!(reachable("127.0.0.1:9"), "127.0.0.1:9".parse().ok());
        assert_eq!(reachable("nonsense"), None);
    }
}
