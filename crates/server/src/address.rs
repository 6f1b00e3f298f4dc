//! Client address of a request behind reverse proxies, and the key under which an address is
//! counted.

mod forwarded;

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap, HeaderName, header};

use forwarded::{Hop, elements, unquoted};

/// Header with the addresses that a request came from; each proxy appends the one before it.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The standard header for the same (RFC 7239), with the scheme.
const FORWARDED: HeaderName = header::FORWARDED;

/// Header with the scheme by which a request reached the proxy.
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Address of the next hop of a request, which may be a proxy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// Source of a request, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequestSource {
    /// Address of the client, if it is known.
    pub(crate) from: Option<IpAddr>,
    /// True if the browser used TLS.
    pub(crate) tls: bool,
}

impl RequestSource {
    /// Reads the source from a request's headers. A peer's statements count only if it is one of
    /// the `trusted` proxies.
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
        // The proxy's own header comes before the standard one, which it may pass on unchanged.
        let mut told: Vec<Hop> = elements(headers, &FORWARDED_FOR).map(Hop::of).collect();
        if told.is_empty() {
            told = elements(headers, &FORWARDED).map(Hop::forwarded).collect();
        }
        let scheme = elements(headers, &FORWARDED_PROTO)
            .next()
            .map(|element| unquoted(element).into_owned())
            .or_else(|| told.first()?.scheme.clone());
        Self {
            from: visitor(&told, is_trusted).or(peer),
            tls: scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"https")),
        }
    }
}

/// Returns the last address that is no trusted proxy's, or the first one if all of them are.
///
/// Each proxy adds the address before it, and `told` begins with the last. An entry that cannot be
/// read, and everything before it, comes from nobody who is trusted, so the proxy that added it
/// counts.
fn visitor(told: &[Hop], is_trusted: impl Fn(IpAddr) -> bool) -> Option<IpAddr> {
    let mut visitor = None;
    for hop in told {
        let Some(address) = hop.node else {
            break;
        };
        visitor = Some(address);
        if !is_trusted(address) {
            break;
        }
    }
    visitor
}

/// Returns the key under which an address is counted.
///
/// An IPv6 address counts with its /64, which is what one subscriber of a network has.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn way(peer: &str, headers: &[(&'static str, &str)]) -> RequestSource {
        let mut extensions = Extensions::new();
        let peer = Peer(format!("{peer}:4000").parse().unwrap());
        extensions.insert(ConnectInfo(peer));
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        RequestSource::of(&headers, &extensions, &["192.0.2.1".parse().unwrap()])
    }

    #[test]
    fn a_trusted_proxy_says_where_a_request_came_from_and_whether_by_tls() {
        let told = [
            ("x-forwarded-for", "10.0.0.1, 198.51.100.7"),
            ("x-forwarded-proto", "https"),
        ];
        let expected = RequestSource {
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
        let expected = RequestSource {
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
        let expected = RequestSource {
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

    #[test]
    fn what_stands_around_an_address_does_not_hide_it() {
        let real = Some("198.51.100.7".parse().unwrap());
        for text in [
            "198.51.100.7,",
            "198.51.100.7, , ",
            ",198.51.100.7",
            ", ,198.51.100.7\t",
            "unknown, 198.51.100.7",
            "\"10.0.0.1, 198.51.100.7",
            "\u{fc}, 198.51.100.7",
            "198.51.100.7, 192.0.2.1, ",
        ] {
            let seen = way("192.0.2.1", &[("x-forwarded-for", text)]).from;
            assert_eq!(seen, real, "{text}");
        }
        for text in [
            "for=198.51.100.7;ext=\"a,b\"",
            "for=\"198.51.100.7\";ext=\"a;for=10.0.0.1,\\\", for=10.0.0.2\"",
            "for=\"10.0.0.1, for=198.51.100.7",
            "for=10.0.0.1;x=\"\\\\\", for=198.51.100.7 ; proto = https,",
            "for=\"198.51.100.\\7:_port\"",
        ] {
            let seen = way("192.0.2.1", &[("forwarded", text)]).from;
            assert_eq!(seen, real, "{text}");
            // A proxy that sends nothing in one header does not hide its entries in the other.
            let both = way(
                "192.0.2.1",
                &[("x-forwarded-for", " ,"), ("forwarded", text)],
            );
            assert_eq!(both.from, real, "{text}");
        }
        assert!(way("192.0.2.1", &[("x-forwarded-proto", "http, https,")]).tls);
        assert!(way("192.0.2.1", &[("forwarded", "proto=\"https\",")]).tls);
        assert!(!way("192.0.2.1", &[("forwarded", "proto=https, proto=http")]).tls);
    }

    #[test]
    fn the_network_card_is_no_part_of_an_address() {
        for text in [
            "fe80::1%eth0",
            "[fe80::1%eth0]",
            "[fe80::1%25eth0]:443",
            "FE80::1%3",
        ] {
            let seen = way("192.0.2.1", &[("x-forwarded-for", text)]).from;
            assert_eq!(seen, Some("fe80::1".parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_the_proxy_that_told_it() {
        let told = [("x-forwarded-for", "198.51.100.7, unknown, 192.0.2.1")];
        assert_eq!(
            way("192.0.2.1", &told).from,
            Some("192.0.2.1".parse().unwrap())
        );
        let told = [("forwarded", "for=198.51.100.7, by=192.0.2.1")];
        assert_eq!(
            way("192.0.2.1", &told).from,
            Some("192.0.2.1".parse().unwrap())
        );
    }

    /// Returns the client address of a request whose header has these bytes.
    fn told(name: HeaderName, text: &[u8]) -> Option<IpAddr> {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(Peer("192.0.2.1:4000".parse().unwrap())));
        let headers = HeaderMap::from_iter([(name, HeaderValue::from_bytes(text).unwrap())]);
        RequestSource::of(&headers, &extensions, &["192.0.2.1".parse().unwrap()]).from
    }

    /// Returns bytes that a header may have.
    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        let any = prop_oneof![Just(b'\t'), 32_u8..127, 128_u8..=255];
        let telling = prop::sample::select(&b"\"\\,;=[]%: for."[..]);
        prop::collection::vec(prop_oneof![any, telling], 0..60)
    }

    proptest! {
        #[test]
        fn whatever_a_client_writes_the_address_that_the_proxy_adds_counts(
            before in bytes(), bits: u128, is_long: bool, port: Option<u16>,
        ) {
            let address = match is_long {
                true => IpAddr::V6(bits.into()).to_canonical(),
                false => IpAddr::V4(((bits >> 96) as u32).into()),
            };
            prop_assume!(address != IpAddr::from([192, 0, 2, 1]));
            let text = match (address, port) {
                (IpAddr::V6(address), None) => address.to_string(),
                (IpAddr::V6(address), Some(port)) => format!("[{address}]:{port}"),
                (IpAddr::V4(address), None) => address.to_string(),
                (IpAddr::V4(address), Some(port)) => format!("{address}:{port}"),
            };
            let usual = [&before[..], b",", text.as_bytes()].concat();
            prop_assert_eq!(told(FORWARDED_FOR, &usual), Some(address));
            let standard = format!(",proto=https;for=\"{text}\";ext=\"a,\\\"b;\"");
            let standard = [&before[..], standard.as_bytes()].concat();
            prop_assert_eq!(told(FORWARDED, &standard), Some(address));
        }

        #[test]
        fn no_header_breaks_the_reading(text in bytes()) {
            prop_assert!(told(FORWARDED_FOR, &text).is_some());
            prop_assert!(told(FORWARDED, &text).is_some());
        }
    }
}
