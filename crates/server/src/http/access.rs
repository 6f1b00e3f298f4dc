//! Authentication of every request, as a middleware.
//!
//! | credential | sent by |
//! |---|---|
//! | `Authorization: Bearer TOKEN` | programs |
//! | the cookie that `POST /api/session` set | browsers |
//! | a ticket from `POST /api/tickets` | browsers and programs that can send neither |
//!
//! A ticket is sent as `ticket.VALUE` among a WebSocket's subprotocols, or as `?ticket=VALUE` in
//! its URL. It is only passed on to the handlers of the sockets, as an [`OfferedTicket`]; they
//! redeem it. A ticket on any other request is refused.
//!
//! A wrong credential is refused even if none is needed. URLs end up in logs, so tickets are the
//! only secrets read from one: some proxies drop a WebSocket's subprotocols, and a ticket opens one
//! socket within 30 seconds and nothing afterwards. Permissions are not checked here: see
//! [`crate::accounts`].

mod cookie;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use serde_json::Value;
use tasktree_protocol::AgentId;
use tasktree_protocol::frame::TICKET_PARAMETER;

use super::caller::agent_header;
use super::{ApiError, AppState, parameters, socket_paths};
use crate::accounts::{Accounts, Presented, Refusal};
use crate::address::RequestSource;
use crate::auth::Principal;
use crate::mcp::CredentialOwner;
use crate::origin;
pub(super) use cookie::Cookie;

/// Prefix of a ticket among the subprotocols.
pub(crate) const TICKET: &str = "ticket.";

/// Ticket that was offered with an upgrade and is not redeemed yet. It authenticates this one
/// upgrade and nothing else.
#[derive(Clone)]
pub(crate) struct OfferedTicket {
    value: String,
    /// Agent that the request names.
    agent: Option<AgentId>,
}

impl OfferedTicket {
    /// Redeems the ticket.
    ///
    /// # Errors
    /// Returns an error if the ticket was already used, has expired, or never existed.
    pub(crate) fn redeem(&self, accounts: &Accounts) -> Result<Principal, Refusal> {
        let entered = accounts.authenticate(Presented::Ticket(&self.value), None);
        entered.map(|entered| speaking(&entered.principal, self.agent.as_ref()))
    }
}

/// Returns the principal of the agent that the request names, with the permissions of the
/// credential. Without an agent, it is the credential's own principal.
fn speaking(principal: &Principal, agent: Option<&AgentId>) -> Principal {
    agent.map_or_else(|| principal.clone(), |agent| principal.as_agent(agent))
}

/// Paths that anybody may request: the health check and the sign-in.
const OPEN: [&str; 3] = ["/health", "/sign-in", "/api/session"];

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/sign-in", get(sign_in))
}

async fn sign_in(State(state): State<AppState>) -> Html<String> {
    Html(state.pages.sign_in.clone())
}

/// Authenticates a request. Stores the [`crate::auth::Principal`] in the request's extensions, or
/// the [`Refusal`] for upgrades and for the paths that anybody may request.
pub(super) async fn authenticate(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let way = RequestSource::of(
        request.headers(),
        request.extensions(),
        &state.config.trusted_proxies,
    );
    let cookie = Cookie::of(way, state.accounts.instance());
    request.extensions_mut().insert(way);
    request.extensions_mut().insert(cookie.clone());
    let agent = match agent_header(request.headers()) {
        Ok(agent) => agent,
        Err(refused) => return refused.into_response(),
    };
    let in_address = is_upgrade(&request)
        .then(|| parameter(request.uri().query(), TICKET_PARAMETER))
        .flatten();
    let presented = presented(request.headers(), in_address.as_deref(), &cookie);
    if let (Presented::Ticket(value), true) = (presented, is_upgrade(&request)) {
        let value = value.to_owned();
        let offered = OfferedTicket { value, agent };
        request.extensions_mut().insert(offered);
        return next.run(request).await;
    }
    let entered = match presented {
        Presented::Ticket(_) => Err(state.accounts.refused(Refusal::Misplaced)),
        Presented::Session(_) if !may_use_cookie(&state, &request) => {
            Err(state.accounts.refused(Refusal::Foreign))
        }
        presented => state.accounts.authenticate(presented, way.from),
    };
    match entered {
        Ok(entered) => {
            let principal = speaking(&entered.principal, agent.as_ref());
            request.extensions_mut().insert(principal.clone());
            let owner = CredentialOwner(entered.principal.clone());
            request.extensions_mut().insert(owner);
            let prolonged = entered.prolonged.then(|| cookie.again(request.headers()));
            let mut answer = next.run(request).await;
            // A browser that has just signed out keeps no cookie.
            if let Some(Some(value)) = prolonged.filter(|_| !principal.is_ended()) {
                answer.headers_mut().append(header::SET_COOKIE, value);
            }
            answer
        }
        Err(refusal) => {
            // Sockets are accepted and closed with a code, since browsers see no other answer.
            if OPEN.contains(&request.uri().path()) || is_upgrade(&request) {
                request.extensions_mut().insert(refusal);
                return next.run(request).await;
            }
            let ended = matches!(refusal, Refusal::Ended).then(|| cookie.removed());
            let mut answer = refuse(&state, request.headers(), refusal);
            if let Some(value) = ended {
                answer.headers_mut().append(header::SET_COOKIE, value);
            }
            answer
        }
    }
}

/// Returns the credential of a request. A program's token takes precedence over a ticket, and that
/// over a cookie.
fn presented<'a>(
    headers: &'a HeaderMap,
    ticket_in_address: Option<&'a str>,
    cookie: &Cookie,
) -> Presented<'a> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    if let Some((_, secret)) = bearer {
        return Presented::Token(secret.trim());
    }
    let ticket = headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .into_iter()
        .filter_map(|list| list.to_str().ok())
        .flat_map(|list| list.split(','))
        .find_map(|name| name.trim().strip_prefix(TICKET))
        .or(ticket_in_address);
    if let Some(ticket) = ticket {
        return Presented::Ticket(ticket);
    }
    cookie
        .value(headers)
        .map_or(Presented::Nothing, Presented::Session)
}

/// Returns the value of a query parameter, if the query can be decoded.
pub(crate) fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    match parameters::read(query?).ok()?.remove(name) {
        Some(Value::String(value)) => Some(value),
        _ => None,
    }
}

/// Returns true if the request may authenticate by cookie. Cookies ignore ports, so a page of
/// another program on this machine would send it too. A socket has to name the page that opens it.
fn may_use_cookie(state: &AppState, request: &Request) -> bool {
    match origin::is_own_page(request.headers(), &state.config.allowed_origins) {
        Some(own) => own,
        None => !is_upgrade(request),
    }
}

/// Returns true for an upgrade request to one of the sockets. Their handlers answer it.
fn is_upgrade(request: &Request) -> bool {
    let upgrade = request.headers().get(header::UPGRADE);
    request.method() == Method::GET
        && socket_paths::is_socket(request.uri().path())
        && upgrade.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// Returns the response to a refused request: the sign-in page for browsers that get 401, JSON
/// otherwise.
fn refuse(state: &AppState, headers: &HeaderMap, refusal: Refusal) -> Response {
    let wants_page = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accepted| accepted.contains("text/html"));
    let refused = ApiError::from(refusal).into_response();
    if !wants_page || refused.status() != StatusCode::UNAUTHORIZED {
        return refused;
    }
    let challenge = refused.headers().get(header::WWW_AUTHENTICATE).cloned();
    let page = Html(state.pages.sign_in.clone());
    let mut answer = (StatusCode::UNAUTHORIZED, page).into_response();
    if let Some(challenge) = challenge {
        answer
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, challenge);
    }
    answer
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::TooMany(wait) => Self::new(StatusCode::TOO_MANY_REQUESTS, refusal.to_string())
                .with_header(header::RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1)),
            Refusal::Missing
            | Refusal::Wrong
            | Refusal::Ended
            | Refusal::Misplaced
            | Refusal::Foreign => Self::unauthorized(refusal.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use tasktree_protocol::frame::SUBPROTOCOL;

    use super::*;

    fn seen(headers: &[(&'static str, &str)]) -> String {
        let headers = headers
            .iter()
            .map(|(name, value)| {
                let name = header::HeaderName::from_static(name);
                (name, value.parse().unwrap())
            })
            .collect();
        let way = RequestSource {
            from: None,
            tls: false,
        };
        let cookie = Cookie::of(way, "one");
        match presented(&headers, None, &cookie) {
            Presented::Nothing => "nothing".into(),
            Presented::Token(token) => format!("token {token}"),
            Presented::Session(session) => format!("session {session}"),
            Presented::Ticket(ticket) => format!("ticket {ticket}"),
        }
    }

    #[test]
    fn a_token_comes_before_a_ticket_and_a_ticket_before_a_cookie() {
        let token = ("authorization", "bearer  abc ");
        let ticket = ("sec-websocket-protocol", "board.v1, ticket.xyz");
        let cookie = (
            "cookie",
            "a=b; tasktree_session_other=1; tasktree_session_one=123; c=d",
        );
        assert_eq!(seen(&[token, ticket, cookie]), "token abc");
        assert_eq!(seen(&[ticket, cookie]), "ticket xyz");
        assert_eq!(seen(&[cookie]), "session 123");
        for other in [
            ("authorization", "Basic abc"),
            ("sec-websocket-protocol", SUBPROTOCOL),
            ("cookie", "tasktree_session_one2=1"),
            ("cookie", "tasktree_session=1"),
            ("cookie", "__Host-tasktree_session_one=1"),
        ] {
            assert_eq!(seen(&[other]), "nothing", "{other:?}");
        }
    }
}
