//! An nginx in front of a server, with TLS, set up as `docs/nginx.conf` documents.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::wait::{PATIENCE, until};

/// Environment variable that names nginx; without it, nginx is looked up on the PATH.
pub const NGINX_VARIABLE: &str = "NGINX";

/// The documented configuration.
const DOCUMENTED: &str = include_str!("../../../docs/nginx.conf");

/// Name of the file with the certificate.
const CERTIFICATE: &str = "certificate.pem";

/// A running nginx. It ends when this value is dropped.
#[derive(Debug)]
pub struct Nginx {
    address: SocketAddr,
    folder: TempDir,
    _process: Child,
}

impl Nginx {
    /// Starts an nginx in front of `server`, with a self-signed certificate.
    ///
    /// # Errors
    /// There is no nginx or no openssl, or nginx does not start.
    pub async fn before(server: SocketAddr) -> Result<Self> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let folder = tempfile::tempdir()?;
        let path = |name: &str| folder.path().join(name).display().to_string();
        let (certificate, key) = (path(CERTIFICATE), path("key.pem"));
        let made = Command::new("openssl")
            .args([
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
            ])
            .args(["-addext", "subjectAltName=IP:127.0.0.1"])
            .args(["-addext", "basicConstraints=critical,CA:FALSE"])
            .args([
                "-subj",
                "/CN=127.0.0.1",
                "-keyout",
                &key,
                "-out",
                &certificate,
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .await
            .context("openssl cannot be started")?;
        ensure!(made.success(), "openssl made no certificate");
        let site = replaced(
            DOCUMENTED,
            &[
                ("listen 443 ssl", &format!("listen {address} ssl")),
                ("server_name board.example.com", "server_name _"),
                ("/etc/ssl/board.example.com.pem", &certificate),
                ("/etc/ssl/board.example.com.key", &key),
                ("http://127.0.0.1:8000", &format!("http://{server}")),
            ],
        )?;
        let kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let folders = kinds.map(|kind| format!("{kind}_temp_path {};\n", path(kind)));
        // A single process, so that killing it leaves nothing behind.
        let configuration = format!(
            "daemon off;\nmaster_process off;\npid {};\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{}{site}}}\n",
            path("pid"),
            folders.concat()
        );
        let file = path("nginx.conf");
        std::fs::write(&file, configuration)?;
        let program = std::env::var_os(NGINX_VARIABLE).unwrap_or_else(|| "nginx".into());
        let process = Command::new(program)
            .args(["-c", &file, "-e", "stderr"])
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("nginx cannot be started")?;
        until("nginx listens", PATIENCE, || async {
            Ok(TcpStream::connect(address).await.ok().map(drop))
        })
        .await?;
        Ok(Self {
            address,
            folder,
            _process: process,
        })
    }

    /// Returns the file with the certificate, for programs that are to trust it.
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join(CERTIFICATE)
    }

    /// Returns the full address of a path on the site.
    pub fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.address)
    }
}

/// Applies the replacements to the text; each must have something to replace.
fn replaced(text: &str, replacements: &[(&str, &str)]) -> Result<String> {
    let mut text = text.to_owned();
    for (from, to) in replacements {
        ensure!(text.contains(from), "docs/nginx.conf has no {from:?}");
        text = text.replace(from, to);
    }
    Ok(text)
}
