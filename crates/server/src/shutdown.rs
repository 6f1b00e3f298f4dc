//! Graceful shutdown: no new connections, a goodbye to every client, and a bounded wait for work in
//! progress.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use crate::hub::WebSocketManager;

/// Time that requests and connections have to end by themselves.
pub const GRACE: Duration = Duration::from_secs(5);

/// Time in which the events are applied that harnesses sent before the end.
pub const HOOKS: Duration = Duration::from_secs(2);

/// Interval at which connections are counted while they end.
const COUNT_EVERY: Duration = Duration::from_millis(20);

/// Completes when the process is asked to end: Ctrl-C (SIGINT), or SIGTERM as service managers send
/// it.
pub async fn signal() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            tracing::warn!("cannot handle Ctrl-C; stop the server in another way");
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}

/// Says goodbye to every connection and waits until they are gone, at most until `deadline`.
/// Returns the number that were left.
pub async fn drain(hub: &WebSocketManager, deadline: Instant) -> usize {
    hub.drain();
    let all_gone = async {
        while hub.counts().total() > 0 {
            sleep(COUNT_EVERY).await;
        }
    };
    let _ = timeout_at(deadline, all_gone).await;
    hub.counts().total()
}
