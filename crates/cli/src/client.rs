//! Client of the HTTP API: one request at a time, with short timeouts.

mod call;
mod refusal;

use std::fmt;
use std::io;
use std::time::Duration;

use serde::Serialize;
use tasktree_protocol::AgentId;
use ureq::Body;
use ureq::http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use ureq::tls::{RootCerts, TlsConfig};

pub(crate) use call::{Answer, Call};

use crate::failure::{Exit, Failure, Result};
use crate::limits::{CONNECT_TIMEOUT, REQUEST_TIMEOUT, RESPONSE_BYTES};
use crate::settings::{Address, Settings};

/// Header with the agent that makes a request.
const TASKTREE_AGENT: HeaderName = HeaderName::from_static("tasktree-agent");

/// Reason why a request has no response.
#[derive(Debug)]
pub(crate) enum Unanswered {
    /// The server was not reached, so the request had no effect.
    Unsent(Failure),
    /// The response is missing. The request may have had its effect.
    Lost(Failure),
}

impl Unanswered {
    /// Returns the failure.
    pub(crate) fn into_failure(self) -> Failure {
        match self {
            Self::Unsent(failure) | Self::Lost(failure) => failure,
        }
    }
}

/// Returns true if the error came before the request was sent.
fn was_unsent(error: &ureq::Error) -> bool {
    use ureq::{Error, Timeout};

    match error {
        Error::ConnectionFailed
        | Error::HostNotFound
        | Error::Timeout(Timeout::Connect | Timeout::Resolve) => true,
        Error::Io(error) => error.kind() == io::ErrorKind::ConnectionRefused,
        _ => false,
    }
}

/// Time limits of requests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts {
    /// Time for the connection.
    pub(crate) connect: Duration,
    /// Time for everything; none for a stream that lasts.
    pub(crate) total: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: CONNECT_TIMEOUT,
            total: Some(REQUEST_TIMEOUT),
        }
    }
}

/// Client of one server.
#[derive(Clone)]
pub(crate) struct Client {
    http: ureq::Agent,
    base: Address,
    token: Option<HeaderValue>,
    agent: Option<HeaderValue>,
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Client({})", self.base)
    }
}

impl Client {
    /// Creates a client of the server in the settings.
    ///
    /// # Errors
    /// Returns a failure if the token cannot be sent.
    pub(crate) fn new(settings: &Settings, timeouts: Timeouts) -> Result<Self> {
        let token = match &settings.token {
            None => None,
            Some(token) => {
                let value = HeaderValue::from_str(&format!("Bearer {token}"));
                let mut value = value.map_err(|_| {
                    let message =
                        "the token has characters that no token has: check TASKTREE_TOKEN";
                    Failure::new(Exit::NotAllowed, "token", message)
                })?;
                value.set_sensitive(true);
                Some(value)
            }
        };
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier);
        let config = ureq::Agent::config_builder()
            .tls_config(tls.build())
            .http_status_as_error(false)
            // A redirect could lead the token to another server.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(concat!("tasktree/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(timeouts.connect))
            .timeout_global(timeouts.total);
        Ok(Self {
            http: config.build().new_agent(),
            base: settings.server.clone(),
            token,
            agent: None,
        })
    }

    /// Returns a client that speaks as an agent.
    ///
    /// # Errors
    /// Returns a failure if the name cannot be sent.
    pub(crate) fn speaking_as(&self, agent: &AgentId) -> Result<Self> {
        let value = HeaderValue::from_bytes(agent.as_str().as_bytes());
        let value = value
            .map_err(|_| Failure::usage(format_args!("invalid agent name {:?}", agent.as_str())))?;
        Ok(Self {
            agent: Some(value),
            ..self.clone()
        })
    }

    /// Sends a GET request.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub(crate) fn get(&self, path: &str) -> Result<Answer> {
        self.send(Call::new(Method::GET, path))
    }

    /// Sends a POST request.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub(crate) fn post(&self, path: &str, body: &impl Serialize) -> Result<Answer> {
        self.send(Call::new(Method::POST, path).json(body))
    }

    /// Sends a request.
    ///
    /// # Errors
    /// Returns a failure if the server cannot be reached in time, or refuses.
    pub(crate) fn send(&self, call: Call) -> Result<Answer> {
        let mut response = self.open(call).map_err(Unanswered::into_failure)?;
        let status = response.status();
        let body = response.body_mut().with_config().limit(RESPONSE_BYTES);
        let body = body
            .read_to_vec()
            .map_err(|error| self.unreachable(&error))?;
        let text = |name: &str| response.headers().get(name)?.to_str().ok();
        if status.is_redirection() {
            return Err(self.redirected(text(header::LOCATION.as_str())));
        }
        if status != StatusCode::NO_CONTENT && !status.is_success() {
            return Err(refusal::of(status, &body));
        }
        Ok(Answer {
            next_cursor: text("next-cursor").map(str::to_owned),
            seq: text("stream-seq").and_then(|seq| seq.parse().ok()),
            body,
        })
    }

    /// Sends a request, and returns the response before its body is read.
    ///
    /// # Errors
    /// Returns a failure if no response comes.
    pub(crate) fn open(&self, call: Call) -> Result<Response<Body>, Unanswered> {
        let target = format!("{}{}", self.base, call.target);
        let mut request = Request::builder().method(&call.method).uri(target);
        let own = [
            (header::AUTHORIZATION, &self.token),
            (TASKTREE_AGENT, &self.agent),
        ];
        for (name, value) in own {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        let response = if call.body.is_empty() {
            request.body(()).map(|request| self.http.run(request))
        } else {
            let request = request.header(header::CONTENT_TYPE, "application/json");
            request
                .body(call.body)
                .map(|request| self.http.run(request))
        };
        let invalid = |error| Unanswered::Lost(Failure::usage(format_args!("{error}")));
        let response = response.map_err(|error: ureq::http::Error| invalid(error))?;
        response.map_err(|error| {
            let failure = self.unreachable(&error);
            match was_unsent(&error) {
                true => Unanswered::Unsent(failure),
                false => Unanswered::Lost(failure),
            }
        })
    }

    /// Returns the failure that a response with an error stands for.
    pub(crate) fn refused(status: StatusCode, body: &[u8]) -> Failure {
        refusal::of(status, body)
    }

    /// Returns the failure of a request that the server answers with another address.
    pub(crate) fn redirected(&self, target: Option<&str>) -> Failure {
        let target = target.unwrap_or("another address");
        let message = format!("{} redirects to {target}: use that address", self.base);
        Failure::new(Exit::Failed, "redirect", message)
    }

    fn unreachable(&self, error: &ureq::Error) -> Failure {
        let base = &self.base;
        let remedy = match base.is_local() {
            true => "start it with `tasktree serve`, or name another one with --server",
            false => "check the address and the network",
        };
        let message = format!("no response from the server at {base} ({error}): {remedy}");
        Failure::new(Exit::Unreachable, "unreachable", message)
    }
}
