//! `/api/projects/{id}/coordination/live`: the older dashboard's coordination monitor.
//!
//! It gets the whole state immediately, every two seconds, and when something in the project
//! changes. Its messages are ignored. All monitors of a project get the same bytes ([`shared`]).

mod shared;

use std::time::Duration;

use bytes::Bytes;
use tasktree_protocol::frame::close;
use tasktree_protocol::{ProjectId, StreamId};
use tokio::time::{Instant, sleep_until};

use super::connection::count_frame;
use super::heartbeat::{Deadlines, Due};
use super::rate::Rate;
use super::transport::{Socket, SocketEvent};
use super::{Close, Realtime};
use crate::auth::{Permission, Target};
use crate::domain::coordination::CoordinationStats;
use crate::error::Error;
use crate::hub::{ConnectionGuard, Stream};
pub(super) use shared::Monitors;
use shared::{Monitor, State};

/// Interval within which several changes are sent together.
const SETTLE: Duration = Duration::from_millis(100);

/// Serves the monitor until it ends.
pub(super) async fn run(
    realtime: Realtime,
    guard: ConnectionGuard,
    project: ProjectId,
    mut socket: Socket,
) {
    let stream = guard.subscribe(&StreamId::project(&project));
    let monitor = realtime.monitors.of(&project);
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
    let (mut seen, first) = watch.state(State::first).await?;
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
            let (top, update) = watch.state(State::update).await?;
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
    async fn state(&self, message: fn(&State) -> Bytes) -> Result<(u64, Bytes), Close> {
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
