//! The check of `Host` and `Origin` that every request passes.
//!
//! The server often runs without a password on the machine of a person who also visits web pages. A
//! page of another site must neither write nor read here. So `Origin` has to be the server's own,
//! one of this machine, or one that was configured.
//!
//! A page whose own name resolves to this machine (DNS rebinding) would pass for "own". `Host`
//! catches it: it has to be an address, a name of this machine, or a configured one. Programs that
//! are not browsers send no `Origin`, and are not affected.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use axum::http::{HeaderMap, HeaderValue, Method, header, uri::Authority};

/// Scheme, host and port of a web page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unusable = || {
            format!("invalid origin {text:?}: expected an origin such as https://board.example.com")
        };
        let (scheme, rest) = text
            .trim_end_matches('/')
            .split_once("://")
            .ok_or_else(unusable)?;
        let default_port = match scheme {
            "http" => 80,
            "https" => 443,
            _ => return Err(unusable()),
        };
        let authority: Authority = rest.parse().map_err(|_| unusable())?;
        if authority.as_str().contains('@') || authority.host().is_empty() {
            return Err(unusable());
        }
        Ok(Self {
            scheme: scheme.into(),
            host: authority.host().to_ascii_lowercase(),
            port: authority.port_u16().unwrap_or(default_port),
        })
    }
}

impl Origin {
    /// Returns true if it is a page of that host.
    ///
    /// The port of `Host` may be left out; the default depends on the scheme that the browser used.
    fn is_at(&self, host: &Authority) -> bool {
        let default_port = if self.scheme == "https" { 443 } else { 80 };
        self.host == host.host().to_ascii_lowercase()
            && self.port == host.port_u16().unwrap_or(default_port)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}://{}:{}", self.scheme, self.host, self.port)
    }
}

/// Reason why a request was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The request names another host than this server's.
    #[error(
        "The host '{0}' is not allowed. Use the server's address, or start it with --allowed-origin http://{0}"
    )]
    Host(String),
    /// The request comes from a page of another site.
    #[error(
        "The origin '{0}' is not allowed. To allow it, start the server with --allowed-origin {0}"
    )]
    Origin(String),
    /// The browser reports that a page of another site sent the request.
    #[error("Requests from pages of other sites are not allowed")]
    CrossSite,
}

/// Checks one request's headers against what is allowed.
///
/// # Errors
/// The [`Refusal`] to answer with 403.
pub fn check(
    method: &Method,
    uri_authority: Option<&str>,
    headers: &HeaderMap,
    allowed: &[Origin],
) -> Result<(), Refusal> {
    let text = |name| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or("(unreadable)"))
    };
    let host = text(header::HOST).or(uri_authority).unwrap_or_default();
    let authority = host
        .parse::<Authority>()
        .ok()
        .filter(|authority| !authority.as_str().contains('@'))
        .ok_or_else(|| Refusal::Host(host.into()))?;
    let name = authority.host().to_ascii_lowercase();
    if !is_address_or_local(&name) && !allowed.iter().any(|origin| origin.host == name) {
        return Err(Refusal::Host(host.into()));
    }
    if let Some(origin) = text(header::ORIGIN) {
        let parsed: Origin = origin.parse().map_err(|_| Refusal::Origin(origin.into()))?;
        if !parsed.is_at(&authority) && !is_local(&parsed.host) && !allowed.contains(&parsed) {
            return Err(Refusal::Origin(origin.into()));
        }
        return Ok(());
    }
    // No `Origin`: not a browser, or one that reads. A link from elsewhere may open a page here,
    // but nothing else.
    let opens_page = method == Method::GET
        && text(header::HeaderName::from_static("sec-fetch-mode")) == Some("navigate");
    match text(header::HeaderName::from_static("sec-fetch-site")) {
        Some("cross-site") if !opens_page => Err(Refusal::CrossSite),
        _ => Ok(()),
    }
}

/// Returns true if the requesting page is the server's own or a configured one; `None` if the
/// request names no page.
pub(crate) fn is_own_page(headers: &HeaderMap, allowed: &[Origin]) -> Option<bool> {
    let origin = headers.get(header::ORIGIN)?;
    let parsed = origin
        .to_str()
        .ok()
        .and_then(|text| text.parse::<Origin>().ok());
    let host = headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<Authority>().ok());
    Some(
        parsed.is_some_and(|page| {
            allowed.contains(&page) || host.is_some_and(|host| page.is_at(&host))
        }),
    )
}

/// Returns true if a request that changes a sign-in comes from a foreign page.
///
/// That is a page of another port, of another site, or one that was not configured.
pub(crate) fn is_from_elsewhere(headers: &HeaderMap, allowed: &[Origin]) -> bool {
    if let Some(own) = is_own_page(headers, allowed) {
        return !own;
    }
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    // Only browsers send it; "none" is a person's own doing.
    site.is_some_and(|site| site != b"same-origin" && site != b"none")
}

/// Returns true for an address or a name that is known to mean this machine.
///
/// An address cannot be rebound, whichever it is; any other name can.
fn is_address_or_local(host: &str) -> bool {
    address(host).is_some() || is_local(host)
}

fn is_local(host: &str) -> bool {
    host == "localhost"
        || host.ends_with(".localhost")
        || address(host).is_some_and(|address| address.is_loopback())
}

fn address(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[')
        .trim_end_matches(']')
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ask(method: &Method, headers: &[(&'static str, &str)]) -> Result<(), Refusal> {
        let headers = headers
            .iter()
            .map(|(name, value)| {
                (
                    header::HeaderName::from_static(name),
                    value.parse().unwrap(),
                )
            })
            .collect();
        check(
            method,
            None,
            &headers,
            &["https://board.example.com".parse().unwrap()],
        )
    }

    #[test]
    fn programs_without_an_origin_may_write() {
        for host in [
            "127.0.0.1:8000",
            "localhost:8000",
            "[::1]:8000",
            "192.168.1.7:8000",
            "board.example.com",
        ] {
            assert_eq!(ask(&Method::POST, &[("host", host)]), Ok(()), "{host}");
        }
    }

    #[test]
    fn a_rebound_name_is_refused_even_for_reading() {
        for host in [
            "evil.example:8000",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "",
            "a@localhost",
        ] {
            assert!(
                matches!(ask(&Method::GET, &[("host", host)]), Err(Refusal::Host(_))),
                "{host}"
            );
        }
        assert!(matches!(ask(&Method::GET, &[]), Err(Refusal::Host(_))));
    }

    #[test]
    fn own_local_and_configured_pages_may_write() {
        for (host, origin) in [
            ("127.0.0.1:8000", "http://127.0.0.1:8000"),
            ("127.0.0.1:8000", "http://localhost:8080"),
            ("192.168.1.7:8000", "http://192.168.1.7:8000"),
            ("192.168.1.7", "https://192.168.1.7"),
            ("127.0.0.1:8000", "https://board.example.com"),
            ("board.example.com", "https://board.example.com:443"),
        ] {
            assert_eq!(
                ask(&Method::POST, &[("host", host), ("origin", origin)]),
                Ok(()),
                "{host} {origin}"
            );
        }
    }

    #[test]
    fn pages_of_other_sites_may_neither_write_nor_read() {
        for origin in [
            "http://evil.example",
            "null",
            "http://192.168.1.7:9000",
            "http://board.example.com",
            "https://board.example.com:444",
            "https://127.0.0.1.evil.example",
            "http://user@127.0.0.1:8000",
            "file://",
        ] {
            for method in [Method::GET, Method::PUT] {
                let answer = ask(&method, &[("host", "192.168.1.7:8000"), ("origin", origin)]);
                assert!(
                    matches!(answer, Err(Refusal::Origin(_))),
                    "{origin}: {answer:?}"
                );
            }
        }
    }

    #[test]
    fn an_image_of_another_page_cannot_read_but_a_link_can_open() {
        let host = ("host", "127.0.0.1:8000");
        let cross = ("sec-fetch-site", "cross-site");
        assert_eq!(
            ask(&Method::GET, &[host, cross, ("sec-fetch-mode", "no-cors")]),
            Err(Refusal::CrossSite)
        );
        assert_eq!(
            ask(&Method::GET, &[host, cross, ("sec-fetch-mode", "navigate")]),
            Ok(())
        );
        assert_eq!(
            ask(
                &Method::POST,
                &[host, cross, ("sec-fetch-mode", "navigate")]
            ),
            Err(Refusal::CrossSite)
        );
    }

    proptest! {
        #[test]
        fn no_foreign_name_ever_passes(label in "[a-z]{1,12}", tail in "(com|localhost\\.com|1)") {
            let host = format!("{label}.{tail}");
            let refused = ask(&Method::POST, &[("host", "127.0.0.1:8000"), ("origin", &format!("http://{host}"))]);
            prop_assert!(refused.is_err());
            prop_assert!(ask(&Method::GET, &[("host", &host)]).is_err());
        }
    }
}
