//! `/api/projects/{id}/coordination/live`: the older dashboard's coordination monitor.
//!
//! It gets the whole state immediately, every two seconds, and when something in the project
//! changes. Its messages are ignored. All monitors of a project get the same bytes ([`shared`]).

mod shared;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use bytes::Bytes;
use tasktree_protocol::frame::close;
use tasktree_protocol::{ProjectId, StreamId};
use tokio::time::{Instant, sleep_until};

use crate::auth::{Permission, Target};
use crate::domain::compat::coordination::CoordinationStats;
use crate::error::Error;
use crate::http::socket_paths::{MONITOR, PROJECTS};
use crate::hub::{self, ConnectionGuard, Stream};
use crate::ws::heartbeat::{Deadlines, Due};
use crate::ws::rate::Rate;
use crate::ws::transport::{Socket, SocketEvent};
use crate::ws::upgrade::{Upgrade, Visit, accept, refuse, span, take_place, ticket};
use crate::ws::{Close, Realtime, count_frame};
use shared::{Monitor, MonitorState, Monitors};

/// Interval within which several changes are sent together.
const SETTLE: Duration = Duration::from_millis(100);

/// Returns the route of the monitor.
pub(crate) fn router() -> Router<Realtime> {
    let path = format!("{PROJECTS}{{project}}{MONITOR}");
    Router::new()
        .route(&path, get(connect))
        .layer(Extension(Arc::<Monitors>::default()))
}

async fn connect(
    State(realtime): State<Realtime>,
    Extension(monitors): Extension<Arc<Monitors>>,
    Visit { from, entered }: Visit,
    Path(project): Path<ProjectId>,
    headers: HeaderMap,
    Upgrade(upgrade): Upgrade,
) -> Response {
    let answer = ticket(&headers);
    let entered = entered.and_then(|principal| {
        // Do not reveal to callers without access whether the project exists.
        let may = principal.check(Permission::Read, Target::Project(&project));
        may.map_err(|_| {
            Close::new(
                close::INVALID_TOKEN,
                "the token is not valid for this project",
            )
        })?;
        take_place(&realtime, hub::Mode::Coordination, &principal, from)
    });
    match entered {
        Ok(guard) => {
            let (limits, span) = (realtime.limits.clone(), span(&guard));
            accept(upgrade, &limits, answer, span, move |socket| {
                run(realtime, monitors, guard, project, socket)
            })
        }
        Err(close) => refuse(upgrade, &realtime, answer, close),
    }
}

/// Serves the monitor until it ends.
async fn run(
    realtime: Realtime,
    monitors: Arc<Monitors>,
    guard: ConnectionGuard,
    project: ProjectId,
    mut socket: Socket,
) {
    let stream = guard.subscribe(&StreamId::project(&project));
    let monitor = monitors.of(&project);
    let watch = Watch {
        realtime: &realtime,
        guard: &guard,
        project: &project,
        stream: &stream,
        monitor: &monitor,
    };
    let close = match serve(&watch, &mut socket).await {
        Ok(never) => never,
        Err(close) => close,
    };
    guard.unsubscribe(&stream);
    realtime.finish(&mut socket, close).await;
}

/// Monitor connection with the project it watches.
#[derive(Clone, Copy)]
struct Watch<'a> {
    realtime: &'a Realtime,
    guard: &'a ConnectionGuard,
    project: &'a ProjectId,
    stream: &'a Stream,
    monitor: &'a Monitor,
}

async fn serve(watch: &Watch<'_>, socket: &mut Socket) -> Result<Close, Close> {
    let Watch {
        realtime,
        guard,
        stream,
        ..
    } = *watch;
    let limits = &realtime.limits;
    let mut deadlines = Deadlines::new(limits, false);
    let frames = Rate::new(limits.frames_per_second, limits.frames_burst);
    let (mut seen, first) = watch.state(MonitorState::first).await?;
    socket.send(first);
    let mut sent_at = Instant::now();
    let mut next_update = sent_at;
    loop {
        if let Due::Ping(_) = deadlines.check(limits, true)? {
            socket.ping();
        }
        if guard.take_ring()
            && let Some(code) = guard.asked_to_close()
        {
            return Err(match code {
                close::DRAIN => Close::new(1012, "the server is shutting down"),
                code => Close::new(code, "closed by the server"),
            });
        }
        if stream.top() != seen {
            next_update = next_update.min(sent_at + SETTLE);
        }
        // A monitor that does not read is sent nothing more until it does.
        if socket.has_room() && next_update <= Instant::now() {
            let (top, update) = watch.state(MonitorState::update).await?;
            seen = top;
            socket.send(update);
            sent_at = Instant::now();
            next_update = sent_at + limits.coordination_interval;
        }
        deadlines.writing(limits, socket.is_writing());
        let wake = if socket.has_room() {
            deadlines.next().min(next_update)
        } else {
            deadlines.next()
        };
        tokio::select! {
            event = socket.event(true) => match event {
                SocketEvent::Pong => {
                    count_frame(&frames)?;
                    deadlines.pong();
                }
                SocketEvent::Written => deadlines.progress(),
                SocketEvent::Closed(code) => return Ok(Close::by_peer(code)),
                SocketEvent::Violation(code) => return Err(Close::new(code, "invalid frame")),
                SocketEvent::Text(_)
                | SocketEvent::Binary
                | SocketEvent::Ping
                | SocketEvent::Fragment => count_frame(&frames)?,
            },
            () = guard.rung() => {}
            () = sleep_until(wake) => {}
        }
    }
}

impl Watch<'_> {
    /// Returns the message built from the state, and the stream position that the state includes.
    async fn state(&self, message: fn(&MonitorState) -> Bytes) -> Result<(u64, Bytes), Close> {
        // The state is read once for all, but this token is checked for each connection.
        let allowed = self
            .guard
            .principal()
            .check(Permission::Read, Target::Project(self.project));
        let interval = self.realtime.limits.coordination_interval;
        let service = &self.realtime.service;
        let state = match allowed {
            Ok(()) => self.monitor.state(service, self.stream, interval).await,
            Err(error) => Err(error),
        };
        match state {
            Ok(state) => Ok((state.top, message(&state))),
            Err(Error::Unauthorized(_)) => Err(Close::new(
                close::INVALID_TOKEN,
                "the token is no longer valid",
            )),
            Err(error) => {
                tracing::error!(%error, "cannot read the coordination state");
                Err(Close::new(
                    close::SERVER_ERROR,
                    "cannot read the coordination state",
                ))
            }
        }
    }
}

fn nothing(project: &ProjectId) -> CoordinationStats {
    CoordinationStats {
        project_id: project.clone(),
        total_agents: 0,
        active_agents: 0,
        total_todos: 0,
        completed_todos: 0,
        todo_completion_rate: 0.0,
        active_file_locks: 0,
        agents: Default::default(),
        file_locks: Default::default(),
        communication_graph: Default::default(),
    }
}
