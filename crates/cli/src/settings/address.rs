//! Addresses of servers.

use std::fmt;
use std::net::IpAddr;

use ureq::http::Uri;

use crate::failure::{Failure, Result};

/// Server of a command that nobody told otherwise.
pub(crate) const DEFAULT_SERVER: &str = "http://127.0.0.1:8000";

/// Address of a server, without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    text: String,
    is_local: bool,
}

impl Address {
    /// Reads an address such as `https://example.com/board`.
    ///
    /// # Errors
    /// Returns a failure for anything but `http://` or `https://` with a host and a path.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let refused = |reason: &str| {
            let example = "expected an address such as";
            Failure::usage(format_args!(
                "invalid server address {text:?}: {reason}; {example} {DEFAULT_SERVER}"
            ))
        };
        let uri: Uri = text.trim().parse().map_err(|_| refused("not a URL"))?;
        let scheme = uri.scheme_str().unwrap_or_default();
        if scheme != "http" && scheme != "https" {
            return Err(refused("it has to begin with http:// or https://"));
        }
        let authority = uri.authority().ok_or_else(|| refused("no host"))?;
        if authority.as_str().contains('@') {
            return Err(refused("a name or a password is not part of it"));
        }
        if uri.query().is_some() {
            return Err(refused("a query is not part of it"));
        }
        let path = uri.path().trim_end_matches('/');
        Ok(Self {
            text: format!("{scheme}://{}{path}", authority.as_str().to_lowercase()),
            is_local: is_local(authority.host()),
        })
    }

    /// Returns the address as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns true for a server on this machine.
    pub(crate) const fn is_local(&self) -> bool {
        self.is_local
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

fn is_local(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let address: Option<IpAddr> = address.parse().ok();
    host.eq_ignore_ascii_case("localhost") || address.is_some_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_one_spelling_and_know_this_machine() {
        let cases = [
            ("http://127.0.0.1:8000/", "http://127.0.0.1:8000", true),
            ("http://LocalHost:1", "http://localhost:1", true),
            ("http://[::1]:8000", "http://[::1]:8000", true),
            (
                "https://Example.com/board/",
                "https://example.com/board",
                false,
            ),
            (
                "https://127.0.0.1.example.com",
                "https://127.0.0.1.example.com",
                false,
            ),
            ("http://192.168.0.2", "http://192.168.0.2", false),
        ];
        for (given, expected, is_local) in cases {
            let address = Address::parse(given);
            let found = address
                .as_ref()
                .map(|found| (found.as_str(), found.is_local()));
            assert_eq!(found.ok(), Some((expected, is_local)), "{given}");
        }
    }

    #[test]
    fn other_addresses_are_refused_with_an_example() {
        for given in [
            "",
            "127.0.0.1:8000",
            "ftp://x",
            "http://",
            "http://a:b@host",
            "http://host/?q",
            "/path",
        ] {
            let refused = Address::parse(given).err();
            let message = refused.map(|refused| refused.message).unwrap_or_default();
            assert!(message.contains(DEFAULT_SERVER), "{given}: {message}");
        }
    }
}
