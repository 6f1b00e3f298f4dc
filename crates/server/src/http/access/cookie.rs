//! Cookie of a signed-in browser. No script can read it, no other site can use it, and browsers
//! that use TLS send it only over TLS.
//!
//! Cookies ignore ports, and with the prefix `__Host-` also paths. The name therefore includes the
//! instance, so that two servers on one host do not sign out each other's browsers.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, header};

use crate::accounts::SESSION_SECONDS;
use crate::address::RequestSource;

const NAME: &str = "tasktree_session";

/// Name prefix with which a browser accepts the cookie only over TLS, for all paths of this host,
/// and from this host itself.
const BY_TLS: &str = "__Host-";

/// Name and attributes of the cookie for the connection of a request. Cheap to clone.
#[derive(Clone, Debug)]
pub(in crate::http) struct Cookie {
    name: Arc<str>,
    tls: bool,
}

impl Cookie {
    /// Returns the cookie of an instance.
    pub(in crate::http) fn of(way: RequestSource, instance: &str) -> Self {
        let prefix = if way.tls { BY_TLS } else { "" };
        Self {
            name: format!("{prefix}{NAME}_{instance}").into(),
            tls: way.tls,
        }
    }

    /// Returns the cookie's value in a request.
    pub(in crate::http) fn value<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        headers
            .get_all(header::COOKIE)
            .into_iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| *name == &*self.name)
            .map(|(_, value)| value)
    }

    /// Returns the header that sets the cookie.
    pub(in crate::http) fn given(&self, value: &str) -> Option<HeaderValue> {
        let mut header = HeaderValue::try_from(self.written(value, SESSION_SECONDS)).ok()?;
        header.set_sensitive(true);
        Some(header)
    }

    /// Returns the header that extends the cookie's lifetime.
    pub(super) fn again(&self, request: &HeaderMap) -> Option<HeaderValue> {
        self.given(self.value(request)?)
    }

    /// Returns the header that removes the cookie.
    pub(in crate::http) fn removed(&self) -> HeaderValue {
        let header = HeaderValue::try_from(self.written("", 0));
        header.unwrap_or_else(|_| HeaderValue::from_static(""))
    }

    fn written(&self, value: &str, seconds: i64) -> String {
        let (name, secure) = (&self.name, if self.tls { "; Secure" } else { "" });
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}")
    }
}
