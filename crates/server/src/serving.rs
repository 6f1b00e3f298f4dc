//! HTTP over the listening socket: `axum::serve`, with deadlines and limits that it has no setting
//! for.
//!
//! A client that sends a request slowly, or none, loses the connection, and the number of
//! connections is limited.

mod connection_limiter;
mod wording;

use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncWriteExt as _, sink};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;
use tower::ServiceExt as _;

use crate::config::Config;
use crate::http::refusals::raw;
use crate::listener::{CountingListener, CountingStream};
use connection_limiter::ConnectionLimiter;
use wording::Worded;

/// Answer to a connection for which there is no room. Nothing of the request is read before.
static FULL: LazyLock<String> = LazyLock::new(|| {
    let detail = "Too many connections; try again later";
    raw(
        StatusCode::SERVICE_UNAVAILABLE,
        "retry-after: 1\r\n",
        detail,
    )
});

/// Maximum number of refused connections that get an answer at the same moment; any more are closed
/// silently.
pub(crate) const FAREWELLS: usize = 100;

/// Time that a refused client has to read the answer.
const FAREWELL: Duration = Duration::from_secs(1);

/// Serves until `stop` completes, then lets the requests that have begun end, however long that
/// takes.
pub(crate) async fn serve(
    mut listener: CountingListener,
    router: Router,
    config: &Config,
    stop: impl Future<Output = ()>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(config.http.header_timeout);
    let metrics = listener.metrics().clone();
    let open = metrics.http_connections.clone();
    let limiter = ConnectionLimiter::new(&config.http, &config.trusted_proxies, open);
    let farewells = Arc::new(Semaphore::new(FAREWELLS));
    let (ending, _) = watch::channel(());
    let mut stop = pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let Some(permit) = limiter.take(peer.0.ip()) else {
            metrics.sent_away.inc();
            if let Ok(permit) = Arc::clone(&farewells).try_acquire_owned() {
                tokio::spawn(async move {
                    let _ = timeout(FAREWELL, send_away(stream)).await;
                    drop(permit);
                });
            }
            continue;
        };
        let router = router.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            router.clone().oneshot(request.map(Body::new))
        });
        let stream = TokioIo::new(Worded::new(stream));
        let connection = http.serve_connection(stream, service);
        let mut ended = ending.subscribe();
        tokio::spawn(async move {
            let mut connection = pin!(connection.with_upgrades());
            let outcome = tokio::select! {
                outcome = &mut connection => outcome,
                _ = ended.changed() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = outcome {
                tracing::debug!(%error, "HTTP connection failed");
            }
            drop(permit);
        });
    }
    drop(listener);
    ending.send_replace(());
    // Waits until the last connection has dropped its end.
    ending.closed().await;
}

/// Sends the reason, and reads anything that comes meanwhile.
///
/// To close a socket with unread bytes would discard the answer that was sent on it.
async fn send_away(mut stream: CountingStream) -> io::Result<u64> {
    stream.write_all(FULL.as_bytes()).await?;
    stream.shutdown().await?;
    tokio::io::copy(&mut stream, &mut sink()).await
}
