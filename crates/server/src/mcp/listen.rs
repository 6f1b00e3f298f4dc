//! Notices about changes: a client names resources, and is told when one of them changes.
//!
//! It is a connection of the hub: one task with a cursor in each project's stream. A client that
//! does not read holds nothing up, since its events wait in the log.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use http::request::Parts;
use rmcp::model::{ErrorData, SubscriptionFilter};
use rmcp::service::{SubscriptionContext, SubscriptionSink};
use serde::Deserialize;
use serde_json::value::RawValue;
use tasktree_protocol::event::Event;
use tasktree_protocol::{Cursor, Message, ProjectId, StreamId};

use super::caller::Caller;
use super::resources::Address;
use crate::address::RequestSource;
use crate::auth::{Permission, Target};
use crate::error::{Error, Result};
use crate::hub::{
    ConnectionGuard, ConnectionLimits, Encoded, Mode, PullOutcome, Subscription, Visitor,
};
use crate::service::Service;
use crate::state::AppState;

/// Number of events that are read at once.
const EVENTS: usize = 256;

/// Number of bytes of events that are read at once.
const BYTES: usize = 1 << 20;

/// Number of projects that one client follows.
const PROJECTS: usize = 20;

/// Resources of one project that a client follows.
#[derive(Debug, Default)]
struct Wanted {
    /// Addresses of the board as the client writes them.
    boards: BTreeSet<String>,
    /// Addresses of tasks by number.
    tasks: BTreeMap<u64, BTreeSet<String>>,
}

/// Positions of projects at the time of a request, before its acknowledgement.
#[derive(Clone, Debug, Default)]
pub(super) struct Positions(Arc<BTreeMap<ProjectId, Cursor>>);

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
pub(super) async fn positions(service: &Service, body: &[u8]) -> Option<Positions> {
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

/// Changes since the last notice.
#[derive(Debug, Default)]
struct Changes {
    uris: BTreeSet<String>,
    list: bool,
}

/// Follows the resources until the client hangs up, its credential ends or the server stops.
pub(super) async fn run(
    state: &AppState,
    caller: &Caller,
    context: &SubscriptionContext,
) -> std::result::Result<(), ErrorData> {
    let accepted = context.accepted();
    let wants_list = accepted.resources_list_changed == Some(true);
    let mut wanted: BTreeMap<ProjectId, Wanted> = BTreeMap::new();
    for uri in accepted.resource_subscriptions.iter().flatten() {
        let Some(address) = Address::parse(uri) else {
            continue;
        };
        let of_project = wanted.entry(address.project().clone()).or_default();
        match address {
            Address::Board(_) => of_project.boards.insert(uri.clone()),
            Address::Task(_, number) => of_project
                .tasks
                .entry(number)
                .or_default()
                .insert(uri.clone()),
        };
    }
    if wants_list && let Ok(project) = caller.project().await {
        wanted.entry(project).or_default();
    }
    // A project out of reach is as quiet as one that does not exist.
    let principal = caller.service.principal();
    wanted.retain(|project, _| {
        let target = Target::Project(project);
        principal.check(Permission::Read, target).is_ok()
    });
    let guard = connect(state, caller, context)?;
    let mut follower = Follower {
        service: &caller.service,
        guard: &guard,
        wants_list,
        cursors: Vec::new(),
        first: Changes::default(),
    };
    let parts = context.request_context().extensions.get::<Parts>();
    let positions = parts.and_then(|parts| parts.extensions.get::<Positions>());
    let positions = positions.cloned().unwrap_or_default();
    for (project, wanted) in wanted.into_iter().take(PROJECTS) {
        let since = positions.0.get(&project);
        follower
            .follow(project, wanted, since)
            .await
            .map_err(|error| failed(&error))?;
    }
    tokio::select! {
        () = context.cancelled() => Ok(()),
        ended = follower.run(context.sink()) => ended.map_err(|error| failed(&error)),
    }
}

/// Takes a place among the connections of the server.
fn connect(
    state: &AppState,
    caller: &Caller,
    context: &SubscriptionContext,
) -> std::result::Result<ConnectionGuard, ErrorData> {
    let refused = |message: &'static str| ErrorData::internal_error(message, None);
    if state.hub.is_draining() {
        return Err(refused("the server is shutting down"));
    }
    let parts = context.request_context().extensions.get::<Parts>();
    let source = parts.and_then(|parts| parts.extensions.get::<RequestSource>());
    let limits = &state.config.sockets;
    let room = ConnectionLimits {
        in_all: limits.max_connections,
        per_address: limits.max_connections_per_address,
        per_user: limits.max_connections_per_user,
    };
    let visitor = Visitor {
        mode: Mode::Mcp,
        principal: caller.service.principal(),
        address: source.and_then(|source| source.from),
    };
    let guard = state
        .hub
        .connect(visitor, room)
        .map_err(|full| refused(full.as_str()))?;
    if guard.principal().is_ended() {
        return Err(refused("the token is no longer valid"));
    }
    Ok(guard)
}

fn failed(error: &Error) -> ErrorData {
    tracing::warn!(%error, "a client that listens is disconnected");
    ErrorData::internal_error("the server cannot go on; listen again", None)
}

struct Follower<'a> {
    service: &'a Service,
    guard: &'a ConnectionGuard,
    wants_list: bool,
    cursors: Vec<(Wanted, Subscription)>,
    /// Changes to be told at once.
    first: Changes,
}

impl Follower<'_> {
    /// Starts at a position of a project, or at its current one.
    async fn follow(
        &mut self,
        project: ProjectId,
        wanted: Wanted,
        since: Option<&Cursor>,
    ) -> Result<()> {
        let id = StreamId::project(&project);
        let stream = self.guard.subscribe(&id);
        let Some(position) = self.service.stream_position(&id).await? else {
            self.guard.unsubscribe(&stream);
            return Ok(());
        };
        stream.learn(&position);
        let mut cursor = Subscription::new(stream);
        match since.filter(|since| since.epoch == position.epoch) {
            Some(since) => cursor.start(since.clone(), None),
            None => {
                // Something may have changed since the request.
                wanted.note_all(&mut self.first);
                cursor.start(position, None);
            }
        }
        self.cursors.push((wanted, cursor));
        Ok(())
    }

    async fn run(&mut self, sink: &SubscriptionSink) -> Result<()> {
        let progress = self
            .cursors
            .iter()
            .map(|(_, cursor)| cursor.progress().clone());
        self.guard.reads(progress.collect());
        loop {
            self.guard.take_ring();
            if self.guard.asked_to_close().is_some() {
                return Ok(());
            }
            let changes = self.pull().await?;
            // The client was promised nothing more once its token has ended.
            if self.guard.asked_to_close().is_some() || self.guard.principal().is_ended() {
                return Ok(());
            }
            for uri in changes.uris {
                if sink.notify_resource_updated(uri).await.is_err() {
                    return Ok(());
                }
            }
            if changes.list && sink.notify_resource_list_changed().await.is_err() {
                return Ok(());
            }
            self.guard.rung().await;
        }
    }

    /// Returns the changes since the last call.
    async fn pull(&mut self) -> Result<Changes> {
        let mut changes = std::mem::take(&mut self.first);
        let mut removed = Vec::new();
        for (index, (wanted, cursor)) in self.cursors.iter_mut().enumerate() {
            loop {
                match cursor.pull(EVENTS, BYTES) {
                    PullOutcome::Nothing => break,
                    PullOutcome::Events(events) => {
                        for event in &events {
                            wanted.note(event, &mut changes);
                        }
                    }
                    PullOutcome::Behind => {
                        let (stream, generation, seq) = cursor.page_needed();
                        match stream.read_page(self.service, generation, seq).await {
                            Ok(page) => {
                                if cursor.turn_to(page).is_some() {
                                    wanted.note_all(&mut changes);
                                }
                            }
                            Err(Error::Trimmed { .. }) => {
                                let position = self.service.stream_position(cursor.id()).await?;
                                wanted.note_all(&mut changes);
                                match position {
                                    Some(position) => {
                                        cursor.skip_to(position);
                                    }
                                    None => break,
                                }
                            }
                            Err(error) => return Err(error),
                        }
                    }
                    PullOutcome::Resync(..) => wanted.note_all(&mut changes),
                    PullOutcome::Removed => {
                        wanted.note_all(&mut changes);
                        removed.push(index);
                        break;
                    }
                    PullOutcome::Ephemeral(_) | PullOutcome::Missed | PullOutcome::Live(_) => {}
                }
            }
        }
        for index in removed.into_iter().rev() {
            self.cursors.remove(index);
        }
        changes.list &= self.wants_list;
        Ok(changes)
    }
}

impl Wanted {
    /// Notes that everything may have changed.
    fn note_all(&self, changes: &mut Changes) {
        changes.uris.extend(self.boards.iter().cloned());
        changes.uris.extend(self.tasks.values().flatten().cloned());
        changes.list = true;
    }

    fn note(&self, event: &Encoded, changes: &mut Changes) {
        let Ok(message) = serde_json::from_slice::<Message>(&event.v1) else {
            self.note_all(changes);
            return;
        };
        let Some(project) = &message.project_id else {
            return;
        };
        let mut numbers: BTreeSet<u64> = message
            .event
            .rows()
            .iter()
            .map(|card| card.number)
            .collect();
        match &message.event {
            Event::TasksReset(_) | Event::PlanGenerated(_) | Event::ProjectReset(_) => {
                self.note_all(changes);
                return;
            }
            Event::TaskCreated(_) => changes.list = true,
            Event::TaskDeleted(task) => {
                changes.list = true;
                numbers.extend(task.task_id.number_in(project));
            }
            Event::CommentsChanged(comments) => {
                numbers.extend(comments.task_id.number_in(project));
            }
            _ => {}
        }
        if numbers.is_empty() {
            return;
        }
        let of_tasks = numbers.iter().filter_map(|number| self.tasks.get(number));
        changes.uris.extend(of_tasks.flatten().cloned());
        changes.uris.extend(self.boards.iter().cloned());
    }
}
