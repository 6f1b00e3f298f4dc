//! Whom a request came from, where a reverse proxy speaks for others; and what counts as one address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap, HeaderName, header};

use crate::listener::Peer;

/// Where a proxy writes from where a request came, the last entry being its own.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The same by the standard (RFC 7239), with the scheme.
const FORWARDED: HeaderName = header::FORWARDED;

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
        let is_trusted = |address: IpAddr| {
            let mut trusted = trusted.iter();
            trusted.any(|trusted| trusted.to_canonical() == address)
        };
        if !peer.is_some_and(is_trusted) {
            return Self {
                from: peer,
                tls: false,
            };
        }
        // The proxy's own header before the standard one, which it may pass on as it came.
        let told: Vec<Hop<'_>> = if headers.contains_key(FORWARDED_FOR) {
            let nodes = entries(headers, FORWARDED_FOR).map(Hop::of);
            nodes.collect()
        } else {
            entries(headers, FORWARDED).map(Hop::forwarded).collect()
        };
        let scheme = entries(headers, FORWARDED_PROTO)
            .last()
            .or_else(|| told.last()?.scheme);
        Self {
            from: visitor(&told, is_trusted).or(peer),
            tls: scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("https")),
        }
    }
}

/// Returns the last address that is no trusted proxy's: each proxy adds the one before it. Where
/// all are, it is the first.
fn visitor(told: &[Hop<'_>], is_trusted: impl Fn(IpAddr) -> bool) -> Option<IpAddr> {
    let mut visitor = None;
    for hop in told.iter().rev() {
        let Some(address) = hop.node.and_then(node) else {
            break;
        };
        visitor = Some(address);
        if !is_trusted(address) {
            break;
        }
    }
    visitor
}

/// One proxy's word on the request that came to it.
struct Hop<'a> {
    node: Option<&'a str>,
    scheme: Option<&'a str>,
}

impl<'a> Hop<'a> {
    const fn of(node: &'a str) -> Self {
        Self {
            node: Some(node),
            scheme: None,
        }
    }

    /// Reads an element of `Forwarded` (RFC 7239): `for="[2001:db8::1]:4711";proto=https`.
    fn forwarded(element: &'a str) -> Self {
        let value = |wanted: &str| {
            let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
            let mut values = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case(wanted));
            values.next().map(|(_, value)| unquoted(value))
        };
        Self {
            node: value("for"),
            scheme: value("proto"),
        }
    }
}

/// The entries of a list that may be in several headers of the same name.
fn entries(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let lists = headers.get_all(name).into_iter();
    // One that cannot be read ends the trust in those before it.
    lists
        .flat_map(|list| list.to_str().unwrap_or_default().split(','))
        .map(str::trim)
}

/// Reads an address as proxies write it: alone or with a port, IPv6 with brackets or without.
fn node(text: &str) -> Option<IpAddr> {
    let text = unquoted(text);
    if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        let address: Ipv6Addr = address.parse().ok()?;
        let is_end = port.is_empty() || port.starts_with(':');
        return is_end.then(|| IpAddr::V6(address).to_canonical());
    }
    let alone = text.parse::<IpAddr>().ok();
    alone.map(|address| address.to_canonical()).or_else(|| {
        let (address, _) = text.rsplit_once(':')?;
        address.parse::<Ipv4Addr>().ok().map(IpAddr::V4)
    })
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches('"')
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

    #[test]
    fn an_address_is_read_with_and_without_port_and_brackets() {
        for (text, expected) in [
            ("198.51.100.7", "198.51.100.7"),
            ("198.51.100.7:4711", "198.51.100.7"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("\"[2001:db8::1]:4711\"", "2001:db8::1"),
            ("::ffff:198.51.100.7", "198.51.100.7"),
            ("[::ffff:198.51.100.7]:1", "198.51.100.7"),
        ] {
            let seen = way("192.0.2.1", &[("x-forwarded-for", text)]).from;
            assert_eq!(seen, Some(expected.parse().unwrap()), "{text}");
        }
        for text in ["unknown", "_hidden", "", "[::1", "198.51.100.7:1:2"] {
            let seen = way("192.0.2.1", &[("x-forwarded-for", text)]).from;
            assert_eq!(seen, Some("192.0.2.1".parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn the_standard_header_counts_where_the_usual_one_is_missing() {
        let standard = (
            "forwarded",
            "for=10.0.0.1, For=\"[2001:db8::1]:4711\";proto=https;by=192.0.2.1",
        );
        let expected = Way {
            from: Some("2001:db8::1".parse().unwrap()),
            tls: true,
        };
        assert_eq!(way("192.0.2.1", &[standard]), expected);
        let both = way(
            "192.0.2.1",
            &[standard, ("x-forwarded-for", "198.51.100.7")],
        );
        assert_eq!(both.from, Some("198.51.100.7".parse().unwrap()));
        assert!(!both.tls);
    }

    #[test]
    fn behind_two_trusted_proxies_it_is_the_visitor_that_counts() {
        let told = [("x-forwarded-for", "10.9.9.9, 198.51.100.7:80, 192.0.2.1")];
        let seen = way("192.0.2.1", &told).from;
        assert_eq!(seen, Some("198.51.100.7".parse().unwrap()));
    }
}
