//! `/api/projects/{id}/coordination/live`: the older dashboard's coordination monitor. It is sent the whole state at once, every two
//! seconds, and when something in the project changed; nothing is read from it.

use std::time::Duration;

use tasktree_protocol::frame::close;
use tasktree_protocol::{ProjectId, StreamId};
use tokio::time::{Instant, sleep_until};

use super::heartbeat::{Deadlines, Due};
use super::transport::{Socket, SocketEvent};
use super::{Close, Realtime};
use crate::domain::coordination::CoordinationStats;
use crate::error::Error;
use crate::hub::{Connected, Stream};

/// Changes that come closer together than this are told together.
const SETTLE: Duration = Duration::from_millis(100);

/// Serves the monitor until it ends.
pub(super) async fn run(
    realtime: Realtime,
    place: Connected,
    project: ProjectId,
    mut socket: Socket,
) {
    let stream = place.subscribe(&StreamId::project(&project));
    // Each reading asks whether the token still holds.
    let realtime = Realtime {
        service: realtime.service.acting_for(place.principal().clone()),
        ..realtime
    };
    let close = match serve(&realtime, &place, &project, &stream, &mut socket).await {
        Ok(never) => never,
        Err(close) => close,
    };
    place.unsubscribe(&stream);
    realtime.finish(&mut socket, close).await;
}

async fn serve(
    realtime: &Realtime,
    place: &Connected,
    project: &ProjectId,
    stream: &Stream,
    socket: &mut Socket,
) -> Result<Close, Close> {
    let limits = &realtime.limits;
    let mut deadlines = Deadlines::new(limits, false);
    let mut seen = stream.top();
    socket.send(frame(realtime, project, "coordination_state").await?);
    let mut sent_at = Instant::now();
    let mut next_update = sent_at;
    loop {
        if let Due::Ping(_) = deadlines.check(limits, true)? {
            socket.ping();
        }
        if place.take_ring()
            && let Some(code) = place.asked_to_close()
        {
            return Err(match code {
                close::DRAIN => Close::new(1012, "the server is going down"),
                code => Close::new(code, "closed by the server"),
            });
        }
        if stream.top() != seen {
            next_update = next_update.min(sent_at + SETTLE);
        }
        // A monitor that does not read is sent nothing more until it does.
        if socket.has_room() && next_update <= Instant::now() {
            seen = stream.top();
            socket.send(frame(realtime, project, "coordination_update").await?);
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
                SocketEvent::Pong => deadlines.pong(),
                SocketEvent::Written => deadlines.progress(),
                SocketEvent::Closed(code) => return Ok(Close::by_peer(code)),
                SocketEvent::Violation(code) => return Err(Close::new(code, "the frame is not valid")),
                SocketEvent::Text(_) | SocketEvent::Binary | SocketEvent::Ping => {}
            },
            () = place.rung() => {}
            () = sleep_until(wake) => {}
        }
    }
}

async fn frame(
    realtime: &Realtime,
    project: &ProjectId,
    kind: &str,
) -> Result<bytes::Bytes, Close> {
    let stats = match realtime.service.coordination(project).await {
        Ok(snapshot) => snapshot.value,
        // The older server had nothing against a project that is not there.
        Err(Error::NotFound(_)) => nothing(project),
        Err(Error::Unauthorized(_)) => {
            return Err(Close::new(close::INVALID_TOKEN, "the token has ended"));
        }
        Err(error) => {
            tracing::error!(%error, "the coordination could not be read");
            return Err(Close::new(
                close::SERVER_ERROR,
                "the coordination could not be read",
            ));
        }
    };
    Ok(serde_json::json!({ "type": kind, "data": stats })
        .to_string()
        .into())
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
