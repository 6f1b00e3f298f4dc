//! `trunk serve` in front of a server, as developers run it to work on the board.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::wait::until;

/// The project's own settings, with which developers run it.
const DOCUMENTED: &str = include_str!("../../../Trunk.toml");

/// Time limit for building the board from scratch alongside other work.
const BUILD: Duration = Duration::from_secs(900);

/// A running `trunk serve`. It ends when this value is dropped.
#[derive(Debug)]
pub struct Trunk {
    address: SocketAddr,
    _folder: TempDir,
    _process: Child,
}

impl Trunk {
    /// Builds the board and serves it with the project's settings, except for the addresses: in
    /// front of `server`, on a free port.
    ///
    /// # Errors
    /// There is no trunk, or the board does not build.
    pub async fn before(server: SocketAddr) -> Result<Self> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let root = root.canonicalize()?;
        // trunk runs hooks in the folder of its settings, where cargo has to find the project.
        let scratch = root.join("target/tmp");
        std::fs::create_dir_all(&scratch)?;
        let folder = tempfile::tempdir_in(scratch)?;
        let config = folder.path().join("Trunk.toml");
        std::fs::write(&config, settings(&root, folder.path(), address, server)?)?;
        let mut process = Command::new("trunk")
            .arg("serve")
            .args(["--offline=true", "--skip-version-check", "--config"])
            .arg(&config)
            .current_dir(&root)
            // trunk reads this variable as one of its own options, which accepts only true and
            // false.
            .env_remove("NO_COLOR")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("trunk cannot be started; cargo xtask setup installs it")?;
        let page = format!("http://{address}/");
        let http = reqwest::Client::new();
        until("trunk serves the board", BUILD, || {
            let ended = process.try_wait();
            let asked = http.get(&page).send();
            async move {
                ensure!(ended?.is_none(), "trunk has ended");
                Ok(asked.await?.status().is_success().then_some(()))
            }
        })
        .await?;
        Ok(Self {
            address,
            _folder: folder,
            _process: process,
        })
    }

    /// Returns the full address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

/// Returns the project's settings with other addresses, for a folder below the project's root.
fn settings(root: &Path, folder: &Path, own: SocketAddr, server: SocketAddr) -> Result<String> {
    let path = |path: &Path| format!("{:?}", path.display().to_string());
    let target = path(&root.join("index.html"));
    let dist = path(&folder.join("dist"));
    let port = format!("port = {}", own.port());
    let backend = server.to_string();
    let ignored = path(&root.join("target"));
    let ignore = DOCUMENTED
        .lines()
        .find(|line| line.starts_with("ignore = "))
        .context("Trunk.toml ignores nothing")?;
    let changes = [
        ("target = \"index.html\"", format!("target = {target}")),
        ("dist = \"dist\"", format!("dist = {dist}")),
        ("port = 8080", port),
        ("127.0.0.1:8000", backend),
        (ignore, format!("ignore = [{ignored}]")),
    ];
    changes
        .into_iter()
        .try_fold(DOCUMENTED.to_owned(), |text, (old, new)| {
            ensure!(text.contains(old), "Trunk.toml has no {old:?} any more");
            Ok(text.replace(old, &new))
        })
}
