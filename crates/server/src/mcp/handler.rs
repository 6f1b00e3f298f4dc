//! Requests of the protocol, as rmcp hands them over.

use std::borrow::Cow;

use rmcp::model::{
    CacheScope, CallToolRequestParams, CallToolResponse, ErrorData, Implementation,
    InitializeRequestParams, InitializeResult, ListResourceTemplatesResult, ListResourcesResult,
    ListToolsResult, PaginatedRequestParams, ProtocolVersion, ReadResourceRequestParams,
    ReadResourceResponse, ReadResourceResult, ResourceContents, ServerCapabilities, ServerConfig,
    SubscriptionFilter, Tool,
};
use rmcp::service::{RequestContext, SubscriptionContext};
use rmcp::{RoleServer, ServerHandler};

use super::caller::Caller;
use super::catalog::{INSTRUCTIONS, TOOLS};
use super::refusal::Refusal;
use super::resources::{self, Address, MARKDOWN};
use super::{listen, tools};
use crate::state::AppState;

/// Time for which clients may keep what only an upgrade of the server changes, in milliseconds.
const STABLE_MS: u64 = 60 * 60 * 1000;

/// Newest revision with a handshake, for clients that ask for an unknown one.
const NEWEST_WITH_HANDSHAKE: ProtocolVersion = ProtocolVersion::V_2025_11_25;

/// Handler of one request. Cloning returns another handle.
#[derive(Clone, Debug)]
pub(super) struct Handler {
    state: AppState,
}

impl Handler {
    pub(super) const fn new(state: AppState) -> Self {
        Self { state }
    }
}

impl ServerHandler for Handler {
    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        // The one before has another transport.
        let known = ProtocolVersion::KNOWN_VERSIONS;
        Cow::Borrowed(known.get(1..).unwrap_or(known))
    }

    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_resources()
            .enable_resources_subscribe()
            .enable_resources_list_changed()
            .build();
        let version = env!("CARGO_PKG_VERSION");
        let server = Implementation::new("tasktree", version).with_title("TaskTree");
        ServerConfig::new(capabilities)
            .with_server_info(server)
            .with_instructions(INSTRUCTIONS)
            .with_protocol_version(NEWEST_WITH_HANDSHAKE)
    }

    async fn initialize(
        &self,
        request: InitializeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<InitializeResult, ErrorData> {
        context.peer.set_peer_info(request.clone());
        let mut answer = self.negotiate_initialize(&request)?;
        // Revisions with a handshake push in a stream of a session, and there are no sessions.
        if let Some(resources) = &mut answer.capabilities.resources {
            resources.subscribe = None;
            resources.list_changed = None;
        }
        Ok(answer)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(TOOLS.clone())
            .with_ttl_ms(STABLE_MS)
            .with_cache_scope(CacheScope::Public))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        TOOLS.iter().find(|tool| tool.name == name).cloned()
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let caller = Caller::of(&self.state, &context).await;
        match tools::call(caller, &request.name, request.arguments).await {
            Some(result) => Ok(result.into()),
            None => {
                let message = format!("There is no tool {:?}", request.name);
                Err(ErrorData::invalid_params(message, None))
            }
        }
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let caller = Caller::of(&self.state, &context)
            .await
            .map_err(|refused| fault(&refused))?;
        let list = resources::list(&caller)
            .await
            .map_err(|refused| fault(&refused))?;
        Ok(ListResourcesResult::with_all_items(list)
            .with_ttl_ms(0)
            .with_cache_scope(CacheScope::Private))
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let list = vec![resources::template()];
        Ok(ListResourceTemplatesResult::with_all_items(list)
            .with_ttl_ms(STABLE_MS)
            .with_cache_scope(CacheScope::Public))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let uri = request.uri;
        let address = Address::parse(&uri).ok_or_else(|| fault(&resources::unknown(&uri)))?;
        let caller = Caller::of(&self.state, &context)
            .await
            .map_err(|refused| fault(&refused))?;
        let text = resources::read(&caller, &address)
            .await
            .map_err(|refused| fault(&refused))?;
        let contents = ResourceContents::text(text, uri).with_mime_type(MARKDOWN);
        let result = ReadResourceResult::new(vec![contents])
            .with_ttl_ms(0)
            .with_cache_scope(CacheScope::Private);
        Ok(result.into())
    }

    fn accepted_subscription_filter(
        &self,
        requested: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        let uris = requested.resource_subscriptions.iter().flatten();
        let known = uris.filter(|uri| Address::parse(uri).is_some()).cloned();
        let filter = SubscriptionFilter::builder()
            .resources_list_changed()
            .resource_subscriptions(known);
        Some(filter.build())
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        let caller = Caller::of(&self.state, context.request_context()).await;
        let caller = caller.map_err(|refused| fault(&refused))?;
        listen::run(&self.state, &caller, &context).await
    }
}

/// Returns a refusal as an error of the protocol, where there is no tool to answer.
pub(super) fn fault(refused: &Refusal) -> ErrorData {
    let message = refused.message().to_owned();
    match refused.is_not_found() {
        true => ErrorData::resource_not_found(message, None),
        false => ErrorData::invalid_params(message, None),
    }
}
