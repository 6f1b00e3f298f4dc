//! The baseline of requests: a server that answers each with 204 and does nothing else.

use std::net::Ipv4Addr;

use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A running server. It ends when this value is dropped.
pub(super) struct BareHttp {
    pub(super) url: String,
    task: JoinHandle<()>,
}

impl BareHttp {
    pub(super) async fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}/", listener.local_addr()?);
        // The body is read, as a server has to.
        let router = Router::new().fallback(|_: Bytes| async { StatusCode::NO_CONTENT });
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { url, task })
    }
}

impl Drop for BareHttp {
    fn drop(&mut self) {
        self.task.abort();
    }
}
