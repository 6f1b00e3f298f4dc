//! HTTP over the listening socket: what `axum::serve` does, with what it has no setting for. Whoever sends a request slowly, or none, loses
//! the connection, and there are only so many of them at once.

mod room;
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
use room::Room;
use wording::Worded;

/// The limits and deadlines of connections that speak HTTP, each with its default. Tests shorten the deadlines.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections in all that have not become WebSockets, which have a number of their own. One more is answered with 503, and
    /// closed.
    pub max_connections: usize,
    /// Those from one address of another machine that is no trusted proxy, an IPv6 address with its /64. One more likewise.
    pub max_connections_per_address: usize,
    /// Within what time a request's header must have come, from the answer before; else the connection is closed. So this is also how long
    /// one is kept on which nothing is asked: as long as by nginx (`keepalive_timeout`), and no interval at which programs like to call.
    pub header_timeout: Duration,
    /// Within what time all of a request's body must have come; else it is answered with 408.
    pub body_timeout: Duration,
    /// How long what was sent may wait because the other side does not take it; then the system
    /// closes the connection (Linux: `TCP_USER_TIMEOUT`). WebSockets have a shorter deadline of
    /// their own.
    pub unread_timeout: Duration,
    /// Bytes of answers in all that wait to be read, but for small ones: those of requests, and
    /// rows that sockets are answered with. A large answer for which there is no room is refused
    /// with 503; a socket's waits.
    pub buffered_bytes: usize,
    /// The same of one token, or of one address of another machine where there is none.
    pub buffered_bytes_per_caller: usize,
    /// Bytes of requests' bodies in all that were received, until what they ask for is done, but
    /// for those of up to 16 KiB. A request for which there is no room is refused with 503, and
    /// changes nothing.
    pub received_bytes: usize,
    /// The same of one token or address.
    pub received_bytes_per_caller: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_connections: 5_000,
            max_connections_per_address: 500,
            header_timeout: Duration::from_secs(75),
            body_timeout: Duration::from_secs(120),
            unread_timeout: Duration::from_secs(60),
            buffered_bytes: 64 << 20,
            buffered_bytes_per_caller: 32 << 20,
            received_bytes: 64 << 20,
            received_bytes_per_caller: 32 << 20,
        }
    }
}

/// What is answered where there is no room. Nothing of the request is read before.
static FULL: LazyLock<String> = LazyLock::new(|| {
    let detail = "The server has too many connections; try later";
    raw(
        StatusCode::SERVICE_UNAVAILABLE,
        "retry-after: 1\r\n",
        detail,
    )
});

/// How many are told why at the same moment; beyond that, a connection is closed without a word.
pub(crate) const FAREWELLS: usize = 100;

/// How long who is sent away has to read why.
const FAREWELL: Duration = Duration::from_secs(1);

/// Answers until `stop` comes, then lets the requests that have begun end, however long that takes.
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
    let room = Room::new(&config.http, &config.trusted_proxies, open);
    let farewells = Arc::new(Semaphore::new(FAREWELLS));
    let (ending, _) = watch::channel(());
    let mut stop = pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let Some(place) = room.take(peer.0.ip()) else {
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
                tracing::debug!(%error, "an HTTP connection failed");
            }
            drop(place);
        });
    }
    drop(listener);
    ending.send_replace(());
    // Until the last of them has dropped its end.
    ending.closed().await;
}

/// Says why, and reads what comes meanwhile: a socket that is closed with unread bytes takes back what was said on it.
async fn send_away(mut stream: CountingStream) -> io::Result<u64> {
    stream.write_all(FULL.as_bytes()).await?;
    stream.shutdown().await?;
    tokio::io::copy(&mut stream, &mut sink()).await
}
