//! Whom a request came from, where a reverse proxy speaks for others; and what counts as one address.

use std::net::IpAddr;

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap, HeaderName};

use crate::listener::Peer;

/// Where a proxy writes from where a request came, the last entry being its own.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Where a proxy writes whether a request came by TLS.
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// What is known of the way that a request took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    /// Where it came from, where that is known.
    pub(crate) from: Option<IpAddr>,
    /// Whether the browser spoke TLS.
    pub(crate) tls: bool,
}

impl Way {
    /// Reads it. What a peer says of others counts only where it is one of the `trusted` proxies.
    pub(crate) fn of(headers: &HeaderMap, extensions: &Extensions, trusted: &[IpAddr]) -> Self {
        let peer = extensions
            .get::<ConnectInfo<Peer>>()
            .map(|ConnectInfo(Peer(address))| address.ip().to_canonical());
        let speaks_for_others =
            peer.is_some_and(|peer| trusted.iter().any(|trusted| trusted.to_canonical() == peer));
        if !speaks_for_others {
            return Self {
                from: peer,
                tls: false,
            };
        }
        let last = |name| {
            let value = headers.get_all(name).into_iter().next_back()?;
            value.to_str().ok()?.rsplit(',').next().map(str::trim)
        };
        Self {
            from: last(FORWARDED_FOR)
                .and_then(|text| text.parse().ok())
                .or(peer),
            tls: last(FORWARDED_PROTO).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https")),
        }
    }
}

/// What counts as one address: an IPv6 address with its /64, which is what one subscriber of a network has.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(peer: &str, headers: &[(&'static str, &str)]) -> Way {
        let mut extensions = Extensions::new();
        let peer = Peer(format!("{peer}:4000").parse().unwrap());
        extensions.insert(ConnectInfo(peer));
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        Way::of(&headers, &extensions, &["192.0.2.1".parse().unwrap()])
    }

    #[test]
    fn a_trusted_proxy_says_where_a_request_came_from_and_whether_by_tls() {
        let told = [
            ("x-forwarded-for", "10.0.0.1, 198.51.100.7"),
            ("x-forwarded-proto", "https"),
        ];
        let expected = Way {
            from: Some("198.51.100.7".parse().unwrap()),
            tls: true,
        };
        assert_eq!(way("192.0.2.1", &told), expected);
    }

    #[test]
    fn anybody_else_is_not_believed() {
        let told = [
            ("x-forwarded-for", "198.51.100.7"),
            ("x-forwarded-proto", "https"),
        ];
        let expected = Way {
            from: Some("192.0.2.9".parse().unwrap()),
            tls: false,
        };
        assert_eq!(way("192.0.2.9", &told), expected);
        let plain = way("192.0.2.1", &[("x-forwarded-proto", "http")]);
        assert_eq!(
            (plain.tls, plain.from),
            (false, Some("192.0.2.1".parse().unwrap()))
        );
    }
}
