//! A ChromeDriver process, and the browsers that it started.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::process::{Child, Command};

use crate::wait::INTERVAL;

/// Names ChromeDriver; it is looked for on the PATH where this is not set.
pub const DRIVER_VARIABLE: &str = "CHROMEDRIVER";

/// How long a driver may take to end its browsers before it is killed.
const SHUTDOWN: Duration = Duration::from_secs(10);

/// A running ChromeDriver. It ends with its browsers when this is dropped.
#[derive(Debug)]
pub(super) struct Driver {
    address: SocketAddr,
    process: Child,
}

impl Driver {
    /// Starts one on a free port. It may not listen yet.
    pub(super) fn start() -> Result<Self> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let program = std::env::var_os(DRIVER_VARIABLE).unwrap_or_else(|| "chromedriver".into());
        let process = Command::new(&program)
            .arg(format!("--port={}", address.port()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("could not start {}", program.display()))?;
        Ok(Self { address, process })
    }

    /// Where it listens.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Asks it to end, and waits until it has. If it were only killed, its browsers would outlive it, and their profiles would
    /// stay on the disk.
    fn shut_down(&mut self) -> Result<()> {
        let mut connection = TcpStream::connect_timeout(&self.address, SHUTDOWN)?;
        connection.set_read_timeout(Some(SHUTDOWN))?;
        let address = self.address;
        write!(
            connection,
            "GET /shutdown HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        )?;
        connection.read_to_end(&mut Vec::new())?;
        // Whoever drops a handle cannot await.
        let deadline = Instant::now() + SHUTDOWN;
        while self.process.try_wait()?.is_none() {
            ensure!(Instant::now() < deadline, "it does not end");
            sleep(INTERVAL);
        }
        Ok(())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Err(error) = self.shut_down() {
            eprintln!("a browser may be left, since ChromeDriver did not end it: {error:#}");
        }
    }
}
