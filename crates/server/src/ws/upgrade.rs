//! Upgrades from an HTTP request to a socket: rate limit, protocol version, connection limits, and
//! refusals.

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::Pin;

use axum::extract::{FromRequestParts, RawQuery, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tasktree_protocol::frame::{PROTOCOL_PARAMETER, SUBPROTOCOL, close};
use tracing::{Instrument as _, Span};
use yawc::IncomingUpgrade;

use super::connection::{Connection, Mode};
use super::transport::{self, Accepting, Socket};
use super::{Close, Realtime};
use crate::accounts::Refusal;
use crate::address::RequestSource;
use crate::auth::Principal;
use crate::compat::legacy::LegacyStreams;
use crate::config::SocketLimits;
use crate::http::{ApiError, OfferedTicket, TICKET, parameter};
use crate::hub;

/// Refuses upgrades above the rate limit before they cost anything. Clients may retry a little
/// later.
pub(super) async fn limit_upgrade_rate(
    State(realtime): State<Realtime>,
    request: Request,
    next: Next,
) -> Response {
    match realtime.upgrades.check() {
        Ok(()) => next.run(request).await,
        Err(wait) => {
            let seconds = wait.as_secs() + 1;
            ApiError::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "Too many new connections at once; try again later",
            )
            .with_header(header::RETRY_AFTER, seconds.into())
            .into_response()
        }
    }
}

/// Protocol version that the client requests.
enum Wanted {
    Legacy,
    V1 {
        /// True if the version is among the subprotocols. If it is only in the URL, the answer must
        /// not choose a subprotocol that was never offered.
        is_offered: bool,
    },
    /// A version that this server does not speak, with its name.
    Unknown(Option<HeaderValue>),
}

/// Returns the version that the client requests, among the subprotocols or in the URL, since some
/// proxies drop the former.
fn wanted(headers: &HeaderMap, query: Option<&str>) -> Wanted {
    let in_address = parameter(query, PROTOCOL_PARAMETER);
    let asked = || offered(headers).chain(in_address.as_deref());
    if asked().any(|name| name == SUBPROTOCOL) {
        let is_offered = offered(headers).any(|name| name == SUBPROTOCOL);
        return Wanted::V1 { is_offered };
    }
    match asked().find(|name| name.starts_with("board.")) {
        Some(newer) => Wanted::Unknown(HeaderValue::from_str(newer).ok()),
        None => Wanted::Legacy,
    }
}

/// Returns the subprotocols that the client offers.
fn offered(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let lists = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL);
    let lists = lists.into_iter().filter_map(|list| list.to_str().ok());
    lists.flat_map(|list| list.split(',')).map(str::trim)
}

/// Returns the ticket among the offered subprotocols. The server chooses it if no other is spoken:
/// browsers fail a connection if they offered subprotocols and none was chosen.
pub(crate) fn ticket(headers: &HeaderMap) -> Option<HeaderValue> {
    let ticket = offered(headers).find(|name| name.starts_with(TICKET))?;
    HeaderValue::from_str(ticket).ok()
}

/// Client that wants to connect: its address, and its principal or the reason for the refusal.
pub(crate) struct Visit {
    pub(crate) from: Option<IpAddr>,
    pub(crate) entered: Result<Principal, Close>,
}

impl FromRequestParts<Realtime> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        realtime: &Realtime,
    ) -> Result<Self, Infallible> {
        let extensions = &parts.extensions;
        let entered = match extensions.get::<OfferedTicket>() {
            Some(ticket) => ticket.redeem(&realtime.accounts),
            None => extensions.get::<Principal>().cloned().ok_or_else(|| {
                let refusal = extensions.get::<Refusal>().copied();
                refusal.unwrap_or(Refusal::Missing)
            }),
        };
        Ok(Self {
            from: extensions.get::<RequestSource>().and_then(|way| way.from),
            entered: entered.map_err(refused),
        })
    }
}

fn refused(refusal: Refusal) -> Close {
    match refusal {
        Refusal::TooMany(_) => Close::new(
            close::RATE_LIMITED,
            "too many invalid tokens from your address",
        ),
        _ => Close::new(
            close::INVALID_TOKEN,
            "authentication required: sign in, or send a valid token",
        ),
    }
}

/// Upgrade that a request asks for.
pub(crate) struct Upgrade(pub(crate) IncomingUpgrade);

impl<S: Send + Sync> FromRequestParts<S> for Upgrade {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let upgrade = IncomingUpgrade::from_request_parts(parts, state).await;
        upgrade.map(Self).map_err(|status| {
            let detail = "This endpoint accepts only WebSocket connections (RFC 6455, version 13), \
                          and the request is not a WebSocket upgrade";
            ApiError::new(status, detail)
                .with_header(header::UPGRADE, HeaderValue::from_static("websocket"))
                .with_header(
                    header::SEC_WEBSOCKET_VERSION,
                    HeaderValue::from_static("13"),
                )
        })
    }
}

pub(super) async fn updates(
    State(realtime): State<Realtime>,
    Visit { from, entered }: Visit,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    Upgrade(upgrade): Upgrade,
) -> Response {
    let (shown, answer) = match wanted(&headers, query.as_deref()) {
        Wanted::Legacy => (hub::Mode::Legacy, ticket(&headers)),
        Wanted::V1 { is_offered: true } => {
            (hub::Mode::V1, Some(HeaderValue::from_static(SUBPROTOCOL)))
        }
        Wanted::V1 { is_offered: false } => (hub::Mode::V1, ticket(&headers)),
        Wanted::Unknown(name) => {
            let offered = name.filter(|name| offered(&headers).any(|one| name == one));
            let close = Close::new(
                close::VERSION,
                "unsupported protocol version; reload the page",
            );
            return refuse(upgrade, &realtime, offered, close);
        }
    };
    let legacy = shown == hub::Mode::Legacy;
    let guard = match entered.and_then(|principal| take_place(&realtime, shown, &principal, from)) {
        Ok(guard) => guard,
        Err(close) => return refuse(upgrade, &realtime, answer, close),
    };
    let start = if legacy {
        let (streams, cursors) = LegacyStreams::start(&guard);
        (Mode::Legacy(streams), cursors)
    } else {
        (
            Mode::V1 {
                greeted: false,
                batch: false,
            },
            Vec::new(),
        )
    };
    let (limits, span) = (realtime.limits.clone(), span(&guard));
    accept(upgrade, &limits, answer, span, move |socket| {
        Connection::new(realtime, guard, start, socket).run()
    })
}

pub(crate) fn take_place(
    realtime: &Realtime,
    mode: hub::Mode,
    principal: &Principal,
    address: Option<IpAddr>,
) -> Result<hub::ConnectionGuard, Close> {
    if realtime.hub.is_draining() {
        let code = match mode {
            hub::Mode::V1 => close::DRAIN,
            hub::Mode::Legacy | hub::Mode::Coordination | hub::Mode::Mcp => 1012,
        };
        return Err(Close::new(code, "the server is shutting down"));
    }
    let visitor = hub::Visitor {
        mode,
        principal,
        address,
    };
    let room = hub::ConnectionLimits {
        in_all: realtime.limits.max_connections,
        per_address: realtime.limits.max_connections_per_address,
        per_user: realtime.limits.max_connections_per_user,
    };
    let guard = realtime
        .hub
        .connect(visitor, room)
        .map_err(|full| Close::new(close::TOO_MANY_CONNECTIONS, full.as_str()))?;
    // The token may end between its check and this point, after the hub went through its
    // connections.
    if principal.is_ended() {
        return Err(Close::new(
            close::INVALID_TOKEN,
            "the token is no longer valid",
        ));
    }
    let address = guard.address().map(tracing::field::display);
    let user = principal.actor();
    tracing::info!(session = guard.session(), ?mode, %user, address, "connected");
    Ok(guard)
}

/// Returns the span of a connection's log lines. It names the session at every level.
pub(crate) fn span(guard: &hub::ConnectionGuard) -> Span {
    tracing::error_span!("socket", session = guard.session())
}

/// Answers the upgrade and serves the socket in its own task.
pub(crate) fn accept<Served>(
    upgrade: IncomingUpgrade,
    limits: &SocketLimits,
    subprotocol: Option<HeaderValue>,
    span: Span,
    serve: impl FnOnce(Socket) -> Served + Send + 'static,
) -> Response
where
    Served: Future<Output = ()> + Send + 'static,
{
    let (mut response, accepting): (Response, Accepting) = match transport::accept(upgrade, limits)
    {
        Ok(accepted) => accepted,
        Err(error) => return ApiError::new(StatusCode::BAD_REQUEST, error).into_response(),
    };
    if let Some(name) = subprotocol {
        response
            .headers_mut()
            .insert(header::SEC_WEBSOCKET_PROTOCOL, name);
    }
    tokio::spawn(async move {
        if let Some(socket) = accepting.socket().await {
            // Boxed, so that the memory of the upgrade is freed while the connection lives.
            let served: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(serve(socket));
            tokio::spawn(served.instrument(span));
        }
    });
    response
}

/// Accepts and closes immediately: browsers do not show the reason for a refused upgrade, but they
/// show a close code.
pub(crate) fn refuse(
    upgrade: IncomingUpgrade,
    realtime: &Realtime,
    subprotocol: Option<HeaderValue>,
    close: Close,
) -> Response {
    let within = realtime.limits.close_timeout;
    realtime.metrics().closed(close.code);
    tracing::info!(
        code = close.code,
        reason = close.reason,
        "connection refused"
    );
    accept(
        upgrade,
        &realtime.limits,
        subprotocol,
        Span::none(),
        move |mut socket| async move {
            transport::finish(&mut socket, close, within).await;
        },
    )
}
