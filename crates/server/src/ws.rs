//! WebSocket endpoints: `/ws/updates` in its two modes, and those that are added.
//!
//! A client that requests `board.v1`, as subprotocol or as `?protocol=board.v1` in the URL, gets
//! the frames of [`tasktree_protocol::frame`]; one that requests neither gets legacy mode.
//! Violations by a client, and their consequences (no other connection notices them):
//!
//! | sent | `board.v1` | legacy mode |
//! |---|---|---|
//! | text that is not JSON, or nested deeper than 128 levels | `sys.error`, `invalid` | ignored |
//! | JSON that is not an object with a `type` (array, number) | `sys.error`, `invalid` | ignored |
//! | an unknown `type`, or data of the wrong types | `sys.error`, `invalid` (1) | ignored |
//! | another frame before `sys.hello`, or a second `sys.hello` | `sys.error`, `invalid` | ignored |
//! | no `sys.hello` within 10 s | close 4008 | not expected |
//! | a binary frame | close 4501 | ignored |
//! | text that is not UTF-8 | close 1007 | close 1007 |
//! | a compressed message that cannot be inflated | close 1011 | close 1011 |
//! | a frame over 64 KiB, also after decompression | close 1009 | close 1009 |
//! | another violation of RFC 6455 | close 1002 | close 1002 |
//! | more than 50 frames a second (400 at once) (2) | close 4005 | close 4005 |
//! | more than 25 commands a second (300 at once) | `sys.result`, `rate_limited` (3) | |
//! | no answer to a ping within 8 s | close 4002 | close 4002 |
//! | nothing read for 30 s while something waits | close 4001 | close 4001 |
//! | an unknown stream | `sys.error`, `not_found` (4) | |
//! | a 129th subscription | `sys.error`, `rate_limited` | |
//! | `board.v2`, as subprotocol or in the URL | close 4505 | |
//! | a connection after the 10,000th, or 500th of an address or token | close 4503 | close 4503 |
//! | no token although one is needed, or a wrong one | close 4500 | close 4500 |
//! | more than 1,000 upgrades a second (5,000 at once) | 503, no upgrade | 503, no upgrade |
//! | an upgrade while the server shuts down | close 4000 | close 1012 |
//! | a token or a sign-in that ends while connected | close 4500 | close 4500 |
//! | a stream of a project that the token is not for | `sys.error`, `not_found` | not sent (5) |
//! | an `Origin` of another site | 403, no upgrade | 403, no upgrade |
//!
//! 1. With the id of the request if it has one.
//! 2. Pongs and fragments of messages count.
//! 3. With the time to wait.
//! 4. With the id of the request, or with the stream's name if it was in `sys.hello`.
//! 5. Messages of the project are left out.

mod connection;
pub(crate) mod heartbeat;
pub(crate) mod rate;
pub(crate) mod transport;
pub(crate) mod upgrade;
mod v1;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware;
use axum::routing::get;

use crate::accounts::Accounts;
use crate::buffers::Buffers;
use crate::config::SocketLimits;
use crate::http::socket_paths::UPDATES;
use crate::hub::{SocketMetrics, WebSocketManager};
use crate::service::Service;
use crate::state::AppState;
pub(crate) use connection::count_frame;
use rate::Rate;
use transport::Socket;

/// Server state that every connection uses.
#[derive(Clone, Debug)]
pub(crate) struct Realtime {
    pub(crate) service: Service,
    hub: WebSocketManager,
    accounts: Accounts,
    pub(crate) limits: Arc<SocketLimits>,
    upgrades: Arc<Rate>,
    /// Memory budget for large answers, shared with HTTP.
    answers: Buffers,
}

impl Realtime {
    fn metrics(&self) -> &SocketMetrics {
        self.hub.metrics()
    }

    /// Ends a connection and records it in the log and in the metrics.
    pub(crate) async fn finish(&self, socket: &mut Socket, close: Close) {
        self.metrics().closed(close.code);
        tracing::info!(code = close.code, reason = close.reason, "disconnected");
        transport::finish(socket, close, self.limits.close_timeout).await;
    }
}

/// Reason for which a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Close {
    code: u16,
    reason: &'static str,
    /// True if the peer started the closing handshake.
    peer: bool,
}

impl Close {
    pub(crate) const fn new(code: u16, reason: &'static str) -> Self {
        Self {
            code,
            reason,
            peer: false,
        }
    }

    pub(crate) const fn by_peer(code: u16) -> Self {
        Self {
            code,
            reason: "closed by the client",
            peer: true,
        }
    }
}

/// Returns the routes of the sockets, with those of `more`; `answers` is the memory budget of large
/// answers. Origin and Host are checked by the layers around them.
pub(crate) fn router(state: AppState, answers: Buffers, more: Router<Realtime>) -> Router {
    let limits = state.config.sockets.clone();
    let realtime = Realtime {
        service: state.service,
        hub: state.hub,
        accounts: state.accounts,
        upgrades: Arc::new(Rate::new(limits.upgrades_per_second, limits.upgrades_burst)),
        limits: Arc::new(limits),
        answers,
    };
    Router::new()
        .route(UPDATES, get(upgrade::updates))
        .merge(more)
        .layer(middleware::from_fn(transport::offer::choose))
        .layer(middleware::from_fn_with_state(
            realtime.clone(),
            upgrade::limit_upgrade_rate,
        ))
        .with_state(realtime)
}

fn millis(duration: Duration) -> u64 {
    duration.as_millis().try_into().unwrap_or(u64::MAX)
}
