//! A server that is upgraded while pages of the earlier release stay open.
//!
//! An upgrade replaces the files of the board: the page names another program, and the files of the
//! earlier one are gone. Both releases would have to be built, so a front of one server shows that
//! difference instead. Everything else passes through it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Beginning of the names of the program's files, before the digest of their content.
const PROGRAM: &str = "/tasktree-board-";

/// Longest head of a request, in bytes.
const LONGEST_HEAD: usize = 64 * 1024;

/// A front of a server. It ends when this value is dropped.
#[derive(Debug)]
pub struct Upgradable {
    address: SocketAddr,
    is_upgraded: Arc<AtomicBool>,
    accepting: JoinHandle<()>,
}

impl Upgradable {
    /// Starts a front of `server`, which shows its first release.
    ///
    /// # Errors
    /// There is no free port.
    pub async fn before(server: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let is_upgraded = Arc::new(AtomicBool::new(false));
        let upgraded = Arc::clone(&is_upgraded);
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let upgraded = Arc::clone(&upgraded);
                // A link that breaks concerns its client only.
                tokio::spawn(async move { serve(client, server, &upgraded).await });
            }
        });
        Ok(Self {
            address,
            is_upgraded,
            accepting,
        })
    }

    /// Upgrades the server.
    pub fn upgrade(&self) {
        self.is_upgraded.store(true, Ordering::SeqCst);
    }

    /// Returns the full address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Upgradable {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Serves the one request of a connection, or the socket that it opens.
async fn serve(mut client: TcpStream, server: SocketAddr, is_upgraded: &AtomicBool) -> Result<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") && head.len() < LONGEST_HEAD {
        anyhow::ensure!(client.read_buf(&mut head).await? > 0, "the client has left");
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    let path = text.split(' ').nth(1).context("this is no request")?;
    if is_upgraded.load(Ordering::SeqCst) {
        if path.starts_with(PROGRAM) && path.contains("-lazy.wasm") {
            let gone = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            return Ok(client.write_all(gone.as_bytes()).await?);
        }
        if path == "/" {
            return answer_page(client, server).await;
        }
    }
    let mut upstream = TcpStream::connect(server).await?;
    if text.to_ascii_lowercase().contains("\r\nupgrade: websocket") {
        upstream.write_all(&head).await?;
    } else {
        // One request a connection, so that each one's path is seen.
        let lines = text.split("\r\n");
        let kept = lines.filter(|line| !line.to_ascii_lowercase().starts_with("connection:"));
        let head = kept.collect::<Vec<_>>().join("\r\n");
        let head = head.replacen("\r\n", "\r\nConnection: close\r\n", 1);
        upstream.write_all(head.as_bytes()).await?;
    }
    copy_bidirectional(&mut client, &mut upstream).await?;
    Ok(())
}

/// Answers with the server's page, which names another program.
async fn answer_page(mut client: TcpStream, server: SocketAddr) -> Result<()> {
    let page = reqwest::get(format!("http://{server}/")).await?;
    let page = page.text().await?.replace(PROGRAM, "/tasktree-board-0");
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}",
        page.len()
    );
    Ok(client.write_all(answer.as_bytes()).await?)
}
