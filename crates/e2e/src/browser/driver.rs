//! The process of a driver, and the browsers that it started.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::process::{Child, Command};

use super::Engine;
use crate::wait::INTERVAL;

/// Time that a driver has to end its browsers before it is killed.
const SHUTDOWN: Duration = Duration::from_secs(10);

/// A running driver. It ends with its browsers when this value is dropped.
#[derive(Debug)]
pub(super) struct Driver {
    engine: Engine,
    address: SocketAddr,
    process: Child,
}

impl Driver {
    /// Starts a driver on a free port. It may not be listening yet.
    pub(super) fn start(engine: Engine) -> Result<Self> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let program = engine.driver();
        let process = Command::new(&program)
            .arg(format!("--port={}", address.port()))
            .args(engine.driver_arguments())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| {
                let program = program.display();
                let variable = engine.driver_variable();
                format!("could not start {program}, the driver of {engine:?} (`cargo xtask setup` installs it, {variable} names another)")
            })?;
        Ok(Self {
            engine,
            address,
            process,
        })
    }

    /// Returns the address that it listens on.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Asks the driver to exit, and waits until it has. If it were killed, its browsers would
    /// outlive it, and their profiles would stay on the disk.
    fn shut_down(&mut self) -> Result<()> {
        match self.engine {
            Engine::Chrome => self.request_shutdown()?,
            Engine::Firefox => self.terminate()?,
        }
        // A drop handler cannot await.
        let deadline = Instant::now() + SHUTDOWN;
        while self.process.try_wait()?.is_none() {
            ensure!(Instant::now() < deadline, "it does not end");
            sleep(INTERVAL);
        }
        Ok(())
    }

    /// Requests the shutdown over HTTP, as ChromeDriver expects.
    fn request_shutdown(&self) -> Result<()> {
        let mut connection = TcpStream::connect_timeout(&self.address, SHUTDOWN)?;
        connection.set_read_timeout(Some(SHUTDOWN))?;
        let address = self.address;
        write!(
            connection,
            "GET /shutdown HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        )?;
        connection.read_to_end(&mut Vec::new())?;
        Ok(())
    }

    /// Requests the shutdown with a signal, on which geckodriver ends its session first.
    fn terminate(&self) -> Result<()> {
        let id = self.process.id().context("it has ended already")?;
        let asked = std::process::Command::new("kill")
            .arg(id.to_string())
            .status()?;
        ensure!(asked.success(), "it cannot be asked to end");
        Ok(())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Err(error) = self.shut_down() {
            let engine = self.engine;
            eprintln!(
                "a browser may be left, since the driver of {engine:?} did not end it: {error:#}"
            );
        }
    }
}
