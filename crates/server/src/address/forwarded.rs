//! Parser of the headers in which reverse proxies report the requests that they received.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::http::{HeaderMap, HeaderName};

/// Entry of one proxy about the request that it received.
pub(super) struct Hop {
    /// Address, or `None` if it is missing or cannot be read.
    pub(super) node: Option<IpAddr>,
    pub(super) scheme: Option<Vec<u8>>,
}

impl Hop {
    /// Reads an element of `X-Forwarded-For`.
    pub(super) fn of(element: &[u8]) -> Self {
        Self {
            node: node(&unquoted(element)),
            scheme: None,
        }
    }

    /// Reads an element of `Forwarded` (RFC 7239): `for="[2001:db8::1]:4711";proto=https`.
    pub(super) fn forwarded(element: &[u8]) -> Self {
        let value = |wanted: &str| {
            let mut pairs = FromTheEnd::new(element, b';').filter_map(|pair| {
                let equals = pair.iter().position(|byte| *byte == b'=')?;
                Some((pair.get(..equals)?.trim_ascii(), pair.get(equals + 1..)?))
            });
            let found = pairs.find(|(name, _)| name.eq_ignore_ascii_case(wanted.as_bytes()));
            found.map(|(_, value)| unquoted(value).into_owned())
        };
        Self {
            node: value("for").as_deref().and_then(node),
            scheme: value("proto"),
        }
    }
}

/// Returns the elements of a list that may be in several headers of the same name, last one first.
///
/// Empty elements are skipped (RFC 9110, 5.6.1).
pub(super) fn elements<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> impl Iterator<Item = &'a [u8]> {
    let lists = headers.get_all(name).into_iter().rev();
    lists
        .flat_map(|list| FromTheEnd::new(list.as_bytes(), b','))
        .filter(|element| !element.is_empty())
}

/// Iterator over the parts of a text between separators outside of quotes, last part first.
///
/// The text is read from its end, since a proxy adds what it knows there. So anything that somebody
/// wrote before that, such as a quote that never ends, does not change how it is read.
struct FromTheEnd<'a> {
    rest: Option<&'a [u8]>,
    separator: u8,
}

impl<'a> FromTheEnd<'a> {
    const fn new(text: &'a [u8], separator: u8) -> Self {
        Self {
            rest: Some(text),
            separator,
        }
    }
}

impl<'a> Iterator for FromTheEnd<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let text = self.rest.take()?;
        let mut is_quoted = false;
        for (index, byte) in text.iter().enumerate().rev() {
            let before = text.get(..index)?;
            if *byte == b'"' && !(is_quoted && is_escaped(before)) {
                is_quoted = !is_quoted;
            } else if *byte == self.separator && !is_quoted {
                self.rest = Some(before);
                return Some(text.get(index + 1..)?.trim_ascii());
            }
        }
        Some(text.trim_ascii())
    }
}

/// Returns true if the next character has a backslash of its own before it.
fn is_escaped(before: &[u8]) -> bool {
    let slashes = before.iter().rev().take_while(|byte| **byte == b'\\');
    slashes.count() % 2 == 1
}

/// Returns the content of a quoted string (RFC 9110, 5.6.4); any other text as it is.
pub(super) fn unquoted(text: &[u8]) -> Cow<'_, [u8]> {
    let text = text.trim_ascii();
    let quoted = text
        .strip_prefix(b"\"")
        .and_then(|text| text.strip_suffix(b"\""));
    let Some(quoted) = quoted else {
        return text.into();
    };
    let mut plain = Vec::with_capacity(quoted.len());
    let mut bytes = quoted.iter();
    while let Some(byte) = bytes.next() {
        let byte = match byte {
            b'\\' => bytes.next().unwrap_or(byte),
            byte => byte,
        };
        plain.push(*byte);
    }
    plain.into()
}

/// Reads an address as proxies write it.
///
/// That is: alone or with a port, IPv6 with brackets or without, with the network card that it is
/// reached by (`fe80::1%eth0`) or without.
fn node(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let without_card = |text: &str| {
        text.split_once('%')
            .map_or(text, |(address, _)| address)
            .parse()
    };
    if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        let address: Ipv6Addr = without_card(address).ok()?;
        let is_end = port.is_empty() || port.starts_with(':');
        return is_end.then(|| IpAddr::V6(address).to_canonical());
    }
    if let Ok(address) = without_card(text) {
        return Some(IpAddr::V6(address).to_canonical());
    }
    let alone = text.parse::<Ipv4Addr>().ok();
    let address = alone.or_else(|| text.rsplit_once(':')?.0.parse().ok())?;
    Some(IpAddr::V4(address))
}
