//! MCP: the door for clients that speak the Model Context Protocol.
//!
//! The library rmcp reads and writes the protocol in each of its revisions. It stays behind this
//! module, which adds the tools, the resources and the notices about changes. The tools call the
//! operations of the [`Service`](crate::service::Service) that the HTTP API calls; no rule is
//! here.
//!
//! Nothing is remembered between two requests, so a restart of the server is not noticed: every
//! request names its caller, its project and its agent anew ([`caller`]).

mod arguments;
mod budget;
mod caller;
mod catalog;
mod claim;
mod handler;
mod listen;
mod meta;
mod refusal;
mod resources;
mod tools;

use std::convert::Infallible;
use std::fmt;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use http_body_util::Full;
use http_body_util::combinators::BoxBody;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};

use crate::auth::Principal;
use crate::service::Service;
use crate::state::AppState;
use handler::Handler;

/// Largest request, in bytes.
pub(crate) const MAX_REQUEST_BYTES: usize = 1 << 20;

/// Owner of the credential of a request, whatever agent the request names.
#[derive(Clone, Debug)]
pub(crate) struct CredentialOwner(pub(crate) Principal);

/// The door. Cloning returns another handle.
#[derive(Clone)]
pub(crate) struct Door {
    rmcp: StreamableHttpService<Handler, NeverSessionManager>,
    /// Service as the server itself.
    service: Service,
}

impl fmt::Debug for Door {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Door")
    }
}

impl Door {
    /// Creates the door to the tools of a server.
    pub(crate) fn new(state: AppState) -> Self {
        let config = StreamableHttpServerConfig::default()
            .with_legacy_session_mode(false)
            .with_json_response(true)
            // Host and Origin are checked for all routes: see `crate::origin`.
            .disable_allowed_hosts()
            .with_max_request_body_bytes(MAX_REQUEST_BYTES);
        let service = state.service.clone();
        let handler = Handler::new(state);
        let sessions = NeverSessionManager::default();
        let rmcp = StreamableHttpService::new(move || Ok(handler.clone()), sessions.into(), config);
        Self { rmcp, service }
    }

    /// Answers a request. Its extensions have the authenticated caller.
    pub(crate) async fn answer(
        &self,
        mut parts: Parts,
        body: Bytes,
    ) -> Response<BoxBody<Bytes, Infallible>> {
        // A client that listens is told of everything after its request, so the positions are read
        // before rmcp acknowledges it.
        if let Some(positions) = listen::positions(&self.service, &body).await {
            parts.extensions.insert(positions);
        }
        let request = Request::from_parts(parts, Full::new(body));
        self.rmcp.handle(request).await
    }
}
