//! Choice among the extensions that a client offers: permessage-deflate (RFC 7692) if its terms can
//! be kept.
//!
//! The WebSocket library reads one offer, and does not decline a smaller window for its output,
//! though it cannot use one: such a client could not read its messages. The offers are therefore
//! read here, and the library sees the first acceptable one, or none. Browsers that offer
//! compression but fail with it get none.

use axum::extract::Request;
use axum::http::header::{SEC_WEBSOCKET_EXTENSIONS, USER_AGENT};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

const DEFLATE: &str = "permessage-deflate";

/// Acceptable terms, as RFC 7692, 7.1 names them. `server_max_window_bits` is not among them.
const KEPT: [&str; 3] = [
    "server_no_context_takeover",
    "client_no_context_takeover",
    "client_max_window_bits",
];

/// Keeps only the chosen offer of a request. This middleware runs in front of every upgrade.
pub(in crate::ws) async fn choose(mut request: Request, next: Next) -> Response {
    let chosen = chosen(request.headers());
    let headers = request.headers_mut();
    headers.remove(SEC_WEBSOCKET_EXTENSIONS);
    if let Some(offer) = chosen {
        headers.insert(SEC_WEBSOCKET_EXTENSIONS, offer);
    }
    next.run(request).await
}

/// Returns the first acceptable offer. Offers come in the client's order of preference, in one
/// header or many.
fn chosen(headers: &HeaderMap) -> Option<HeaderValue> {
    if headers.get(USER_AGENT).is_some_and(cannot_inflate) {
        return None;
    }
    headers
        .get_all(SEC_WEBSOCKET_EXTENSIONS)
        .into_iter()
        .filter_map(|list| list.to_str().ok())
        .flat_map(|list| list.split(','))
        .map(str::trim)
        .find(|offer| can_be_kept(offer))
        .and_then(|offer| offer.parse().ok())
}

/// Returns true for Safari 15.0 to 15.3 and other browsers on the WebKit of that time. They offer
/// compression and ignore `client_no_context_takeover` (uWebSockets turns it off for them,
/// `src/App.h`).
fn cannot_inflate(user_agent: &HeaderValue) -> bool {
    let Ok(text) = user_agent.to_str() else {
        return false;
    };
    let minor_of = |before: &str| text.split_once(before).map(|(_, rest)| rest);
    let safari = minor_of(" Version/15.").filter(|_| text.contains(" Safari/"));
    // Every browser of these systems uses the system's WebKit, whatever version of its own it
    // names.
    let on_a_phone = minor_of(" OS 15_").filter(|rest| rest.contains(" like Mac OS X"));
    safari.or(on_a_phone).is_some_and(|rest| {
        let end = rest.find(|letter: char| !letter.is_ascii_digit());
        let minor = &rest[..end.unwrap_or(rest.len())];
        matches!(minor, "0" | "1" | "2" | "3")
    })
}

fn can_be_kept(offer: &str) -> bool {
    let mut parts = offer.split(';').map(str::trim);
    parts.next() == Some(DEFLATE)
        && parts.all(|term| {
            let name = term.split_once('=').map_or(term, |(name, _)| name.trim());
            KEPT.contains(&name)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_offer_that_can_be_kept_is_chosen() {
        let cases: [(&[&str], Option<&str>); 9] = [
            // Offers of Chrome, Firefox and Node.
            (
                &["permessage-deflate; client_max_window_bits"],
                Some("permessage-deflate; client_max_window_bits"),
            ),
            (&["permessage-deflate"], Some("permessage-deflate")),
            (
                &["permessage-deflate; server_no_context_takeover; client_max_window_bits=12"],
                Some("permessage-deflate; server_no_context_takeover; client_max_window_bits=12"),
            ),
            (&["permessage-deflate; server_max_window_bits=10"], None),
            (
                &["permessage-deflate; server_max_window_bits=10, permessage-deflate"],
                Some("permessage-deflate"),
            ),
            (
                &["x-webkit-deflate-frame", "permessage-deflate"],
                Some("permessage-deflate"),
            ),
            (
                &["permessage-deflated, permessage-deflate; unheard_of"],
                None,
            ),
            (&[""], None),
            (&[], None),
        ];
        for (lists, expected) in cases {
            let mut headers = HeaderMap::new();
            for list in lists {
                headers.append(SEC_WEBSOCKET_EXTENSIONS, list.parse().unwrap());
            }
            assert_eq!(
                chosen(&headers),
                expected.map(|offer| offer.parse().unwrap()),
                "{lists:?}"
            );
        }
    }

    #[test]
    fn a_browser_that_breaks_over_compression_gets_none() {
        const MAC: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/";
        const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 15_";
        const ON_PHONE: &str = " like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/99.0 Mobile/15E148 Safari/604.1";
        let cases = [
            (format!("{MAC}15.0 Safari/605.1.15"), false),
            (format!("{MAC}15.3 Safari/605.1.15"), false),
            (format!("{MAC}15.2.1 Safari/605.1.15"), false),
            (format!("{MAC}15.4 Safari/605.1.15"), true),
            (format!("{MAC}15.10 Safari/605.1.15"), true),
            (format!("{MAC}14.1 Safari/605.1.15"), true),
            (format!("{MAC}15"), true),
            (format!("{PHONE}1{ON_PHONE}"), false),
            (format!("{PHONE}3_1{ON_PHONE}"), false),
            (format!("{PHONE}4{ON_PHONE}"), true),
            ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36".into(), true),
            ("curl/8.5.0".into(), true),
        ];
        for (user_agent, gets_it) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(SEC_WEBSOCKET_EXTENSIONS, HeaderValue::from_static(DEFLATE));
            headers.insert(USER_AGENT, user_agent.parse().unwrap());
            assert_eq!(chosen(&headers).is_some(), gets_it, "{user_agent}");
        }
        let mut nameless = HeaderMap::new();
        nameless.insert(SEC_WEBSOCKET_EXTENSIONS, HeaderValue::from_static(DEFLATE));
        assert!(chosen(&nameless).is_some());
    }
}
