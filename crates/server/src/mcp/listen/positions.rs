//! Positions of projects when a request arrives.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rmcp::model::SubscriptionFilter;
use serde::Deserialize;
use serde_json::value::RawValue;
use tasktree_protocol::{Cursor, ProjectId, StreamId};

use super::PROJECTS;
use crate::mcp::resources::Address;
use crate::service::Service;

/// Positions of projects at the time of a request, before its acknowledgement.
#[derive(Clone, Debug, Default)]
pub(in crate::mcp) struct Positions(Arc<BTreeMap<ProjectId, Cursor>>);

/// Parts of a request that listens.
#[derive(Deserialize)]
struct Request<'a> {
    #[serde(borrow)]
    method: Cow<'a, str>,
    #[serde(borrow)]
    params: &'a RawValue,
}

#[derive(Deserialize)]
struct Params {
    notifications: SubscriptionFilter,
}

/// Returns the positions of the projects of a request that listens; none for any other request.
pub(in crate::mcp) async fn positions(service: &Service, body: &[u8]) -> Option<Positions> {
    let request: Request<'_> = serde_json::from_slice(body).ok()?;
    if request.method != "subscriptions/listen" {
        return None;
    }
    let params: Params = serde_json::from_str(request.params.get()).ok()?;
    let uris = params.notifications.resource_subscriptions.into_iter();
    let projects: BTreeSet<ProjectId> = uris
        .flatten()
        .filter_map(|uri| Some(Address::parse(&uri)?.project().clone()))
        .collect();
    let mut found = BTreeMap::new();
    for project in projects.into_iter().take(PROJECTS) {
        let stream = StreamId::project(&project);
        if let Ok(Some(position)) = service.stream_position(&stream).await {
            found.insert(project, position);
        }
    }
    Some(Positions(Arc::new(found)))
}

impl Positions {
    /// Returns the position of a project, if it was looked up.
    pub(super) fn of(&self, project: &ProjectId) -> Option<&Cursor> {
        self.0.get(project)
    }
}
