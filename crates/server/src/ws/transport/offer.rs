//! Which of the extensions that a client offers is put before the WebSocket library: permessage-deflate (RFC 7692), where its terms
//! can be kept.
//!
//! The library reads one offer, and does not decline a smaller window for what it sends, though it cannot use one:
//! such a client could not read its messages. So the offers are read here, and the library sees the first that it can keep, or none.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header::SEC_WEBSOCKET_EXTENSIONS};
use axum::middleware::Next;
use axum::response::Response;

const DEFLATE: &str = "permessage-deflate";

/// The terms that can be kept, as RFC 7692, 7.1 names them. `server_max_window_bits` is not among them.
const KEPT: [&str; 3] = [
    "server_no_context_takeover",
    "client_no_context_takeover",
    "client_max_window_bits",
];

/// The layer in front of every upgrade.
pub(in crate::ws) async fn choose(mut request: Request, next: Next) -> Response {
    let chosen = chosen(request.headers());
    let headers = request.headers_mut();
    headers.remove(SEC_WEBSOCKET_EXTENSIONS);
    if let Some(offer) = chosen {
        headers.insert(SEC_WEBSOCKET_EXTENSIONS, offer);
    }
    next.run(request).await
}

/// The first offer that can be kept: offers come in the order of the client's preference, in one header or many.
fn chosen(headers: &HeaderMap) -> Option<HeaderValue> {
    headers
        .get_all(SEC_WEBSOCKET_EXTENSIONS)
        .into_iter()
        .filter_map(|list| list.to_str().ok())
        .flat_map(|list| list.split(','))
        .map(str::trim)
        .find(|offer| can_be_kept(offer))
        .and_then(|offer| offer.parse().ok())
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
            // What Chrome, Firefox and Node send.
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
}
