//! The sockets: `/ws/updates` in its two modes, and the older coordination monitor.
//!
//! A client that asks for the subprotocol `board.v1` gets the frames of [`tasktree_protocol::frame`]; one that asks for none gets
//! legacy mode. What a client may send wrongly, and what happens then (its neighbours notice nothing of it):
//!
//! | sent | `board.v1` | legacy mode |
//! |---|---|---|
//! | text that is not JSON, or nested deeper than 128 levels | `sys.error` with code `invalid` | ignored |
//! | JSON that is not an object with a `type` (an array, a number) | `sys.error`, `invalid` | ignored |
//! | an unknown `type`, or data of the wrong types | `sys.error`, `invalid`, with the request's id where it has one | ignored |
//! | another frame before `sys.hello`, or a second `sys.hello` | `sys.error`, `invalid` | ignored |
//! | no `sys.hello` within 10 s | close 4008 | nothing is expected |
//! | a binary frame | close 4501 | ignored |
//! | text that is not UTF-8 | close 1007 | close 1007 |
//! | a frame over 64 KiB, also after decompression | close 1009 | close 1009 |
//! | another violation of RFC 6455 | close 1002 | close 1002 |
//! | more than 50 frames a second (100 at once) | close 4005 | close 4005 |
//! | no answer to a ping within 8 s | close 4002 | close 4002 |
//! | nothing is read for 30 s while something waits | close 4001 | close 4001 |
//! | an unknown stream | `sys.error`, `not_found`, the id of the request, or the stream's name where it was in `sys.hello` | |
//! | a 129th subscription | `sys.error`, `rate_limited` | |
//! | a subprotocol `board.v2` | close 4505 | |
//! | the connection after the 10,000th | close 4503 | close 4503 |
//! | an upgrade while the server goes down | close 4000 | close 1012 |
//! | an `Origin` of another site | 403, no upgrade | 403, no upgrade |

mod connection;
mod coordination;
mod heartbeat;
mod legacy;
mod limits;
mod transport;
mod v1;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tasktree_protocol::ProjectId;
use tasktree_protocol::frame::{SUBPROTOCOL, close};
use yawc::IncomingUpgrade;

pub use limits::Limits;

use crate::http::AppState;
use crate::hub::{self, WebSocketManager};
use crate::service::Service;
use connection::{Connection, Mode};
use transport::{Accepting, Socket};

/// The user of every connection, as long as there are no accounts.
const USER: &str = "local";

/// What every connection can reach.
#[derive(Clone, Debug)]
struct Realtime {
    service: Service,
    hub: WebSocketManager,
    limits: Arc<Limits>,
}

/// Why a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Close {
    code: u16,
    reason: &'static str,
    /// Whether the peer began.
    peer: bool,
}

impl Close {
    const fn new(code: u16, reason: &'static str) -> Self {
        Self {
            code,
            reason,
            peer: false,
        }
    }

    const fn by_peer(code: u16) -> Self {
        Self {
            code,
            reason: "closed by the client",
            peer: true,
        }
    }
}

/// The routes of the sockets. Origin and Host are checked by the layers around it.
pub fn router(state: AppState) -> Router {
    let realtime = Realtime {
        service: state.service,
        hub: state.hub,
        limits: Arc::new(state.config.sockets.clone()),
    };
    Router::new()
        .route("/ws/updates", get(updates))
        .route(
            "/api/projects/{project}/coordination/live",
            get(coordination_live),
        )
        .with_state(realtime)
}

/// What the client asked for.
enum Wanted {
    Legacy,
    V1,
    /// A version that is not spoken here, by its name.
    Unknown(HeaderValue),
}

fn wanted(headers: &HeaderMap) -> Wanted {
    let offered = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL);
    let names = || {
        let lists = offered.iter().filter_map(|list| list.to_str().ok());
        lists.flat_map(|list| list.split(',')).map(str::trim)
    };
    if names().any(|name| name == SUBPROTOCOL) {
        return Wanted::V1;
    }
    let newer = names().find(|name| name.starts_with("board."));
    match newer.map(HeaderValue::from_str) {
        Some(Ok(name)) => Wanted::Unknown(name),
        _ => Wanted::Legacy,
    }
}

async fn updates(
    State(realtime): State<Realtime>,
    headers: HeaderMap,
    upgrade: IncomingUpgrade,
) -> Response {
    let (shown, answer) = match wanted(&headers) {
        Wanted::Legacy => (hub::Mode::Legacy, None),
        Wanted::V1 => (hub::Mode::V1, Some(HeaderValue::from_static(SUBPROTOCOL))),
        Wanted::Unknown(name) => {
            let close = Close::new(close::VERSION, "this version is not spoken here; reload");
            return refuse(upgrade, &realtime, Some(name), close);
        }
    };
    let legacy = shown == hub::Mode::Legacy;
    let place = match take_place(&realtime, shown, legacy) {
        Ok(place) => place,
        Err(close) => return refuse(upgrade, &realtime, answer, close),
    };
    let start = if legacy {
        legacy::start(&place)
    } else {
        (
            Mode::V1 {
                greeted: false,
                batch: false,
            },
            Vec::new(),
        )
    };
    accept(upgrade, &realtime.limits.clone(), answer, move |socket| {
        Connection::new(realtime, place, start, socket).run()
    })
}

async fn coordination_live(
    State(realtime): State<Realtime>,
    Path(project): Path<ProjectId>,
    upgrade: IncomingUpgrade,
) -> Response {
    match take_place(&realtime, hub::Mode::Coordination, true) {
        Ok(place) => accept(upgrade, &realtime.limits.clone(), None, move |socket| {
            coordination::run(realtime, place, project, socket)
        }),
        Err(close) => refuse(upgrade, &realtime, None, close),
    }
}

fn take_place(realtime: &Realtime, mode: hub::Mode, legacy: bool) -> Result<hub::Connected, Close> {
    if realtime.hub.is_draining() {
        let code = if legacy { 1012 } else { close::DRAIN };
        return Err(Close::new(code, "the server is going down"));
    }
    let place = realtime
        .hub
        .connect(mode, USER, realtime.limits.max_connections);
    place.map_err(|_| {
        Close::new(
            close::TOO_MANY_CONNECTIONS,
            "there are too many connections",
        )
    })
}

/// Answers the upgrade, and serves the socket in a task of its own.
fn accept<Served>(
    upgrade: IncomingUpgrade,
    limits: &Limits,
    subprotocol: Option<HeaderValue>,
    serve: impl FnOnce(Socket) -> Served + Send + 'static,
) -> Response
where
    Served: Future<Output = ()> + Send + 'static,
{
    let (mut response, accepting): (Response, Accepting) = match transport::accept(upgrade, limits)
    {
        Ok(accepted) => accepted,
        Err(error) => return (StatusCode::BAD_REQUEST, error).into_response(),
    };
    if let Some(name) = subprotocol {
        response
            .headers_mut()
            .insert(header::SEC_WEBSOCKET_PROTOCOL, name);
    }
    tokio::spawn(async move {
        if let Some(socket) = accepting.socket().await {
            // Boxed, so that what the upgrade needed is given back while the connection lives.
            let served: std::pin::Pin<Box<dyn Future<Output = ()> + Send>> =
                Box::pin(serve(socket));
            tokio::spawn(served);
        }
    });
    response
}

/// Accepts and closes: a browser shows no page why an upgrade was refused, but it shows a close code.
fn refuse(
    upgrade: IncomingUpgrade,
    realtime: &Realtime,
    subprotocol: Option<HeaderValue>,
    close: Close,
) -> Response {
    let within = realtime.limits.close_timeout;
    accept(
        upgrade,
        &realtime.limits,
        subprotocol,
        move |mut socket| async move {
            transport::finish(&mut socket, close, within).await;
        },
    )
}

fn millis(duration: Duration) -> u64 {
    duration.as_millis().try_into().unwrap_or(u64::MAX)
}
