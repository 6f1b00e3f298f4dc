//! The cookie of a signed-in browser: no script can read it, no other site can use it, and where the browser speaks TLS it goes no other way.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::address::Way;
use crate::auth::SESSION_SECONDS;

const NAME: &str = "tasktree_session";

/// With this prefix a browser takes the cookie only by TLS, for the whole of this host, and from this host itself.
const NAME_BY_TLS: &str = "__Host-tasktree_session";

/// How the cookie is called and marked, by the way of a request.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct Cookie {
    tls: bool,
}

impl Cookie {
    pub(in crate::http) const fn of(way: Way) -> Self {
        Self { tls: way.tls }
    }

    /// The value that a request has.
    pub(super) fn value(self, headers: &HeaderMap) -> Option<&str> {
        headers
            .get_all(header::COOKIE)
            .into_iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| *name == self.name())
            .map(|(_, value)| value)
    }

    /// The header that gives a browser its cookie.
    pub(in crate::http) fn given(self, value: &str) -> Option<HeaderValue> {
        let mut header = HeaderValue::try_from(self.written(value, SESSION_SECONDS)).ok()?;
        header.set_sensitive(true);
        Some(header)
    }

    /// The header that gives it for another while.
    pub(super) fn again(self, request: &HeaderMap) -> Option<HeaderValue> {
        self.given(self.value(request)?)
    }

    /// The header that takes it away.
    pub(in crate::http) fn removed(self) -> HeaderValue {
        let header = HeaderValue::try_from(self.written("", 0));
        header.unwrap_or_else(|_| HeaderValue::from_static(""))
    }

    const fn name(self) -> &'static str {
        if self.tls { NAME_BY_TLS } else { NAME }
    }

    fn written(self, value: &str, seconds: i64) -> String {
        let (name, secure) = (self.name(), if self.tls { "; Secure" } else { "" });
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}")
    }
}
