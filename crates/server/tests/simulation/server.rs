//! The server's machine: the real sockets, hub and service, over a store that outlives a crash, and
//! a writer.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::serve::Listener;
use axum::{Extension, Json, Router};
use tasktree_protocol::project::NewProject;
use tasktree_protocol::{Cursor, Message, NewTask, ProjectId, StreamId, TaskPatch};
use tasktree_server::actor::Actor;
use tasktree_server::app;
use tasktree_server::auth::Principal;
use tasktree_server::http::AppState;
use tasktree_server::hub::WebSocketManager;
use tasktree_server::service::{Ephemeral, Publisher, Service, WriteContext};
use tasktree_server::store::{InlineStore, LoggedEvent, ReadJob, Store, WriteJob};
use tokio::time::sleep;
use turmoil::net::{TcpListener, TcpStream};

use crate::in_process::Parts;
use crate::shared::{Shared, SimulatedClock};

pub(crate) const PROJECT: &str = "p";
pub(crate) const PORT: u16 = 8000;
/// Path of the cards, with their position.
pub(crate) const SNAPSHOT: &str = "/api/projects/p/tasks";
/// Probability that a wake-up is lost.
const LOST_WAKES: f64 = 0.05;
/// Events that a client may be behind before it must fetch a snapshot: few, so that some clients
/// are.
const MAX_REPLAY: u64 = 120;

/// Runs the server until the machine crashes.
pub(crate) async fn serve(shared: Arc<Shared>) -> turmoil::Result {
    let hub = WebSocketManager::new();
    let publisher = Forgetful {
        hub: hub.clone(),
        shared: Arc::clone(&shared),
    };
    let store = Slow {
        inner: shared.store.clone(),
        shared: Arc::clone(&shared),
    };
    let parts = Parts {
        store: Arc::new(store),
        metrics: shared.store.metrics().clone(),
        hub,
        publisher: Arc::new(publisher),
        clock: Arc::new(SimulatedClock),
    };
    let state = parts
        .state(|config| config.sockets.max_replay = MAX_REPLAY)
        .await;
    let service = &state.service;
    tokio::spawn(service.clone().run_sweeper());
    tokio::spawn(write(service.clone(), Arc::clone(&shared)));
    let address = SocketAddr::from(([0, 0, 0, 0], PORT));
    let listener = Simulated(TcpListener::bind(address).await?);
    axum::serve(listener, router(state)).await?;
    Ok(())
}

/// Returns the real sockets, and of the other routes only those that the simulated boards need.
///
/// Describing the whole API would take longer than the whole simulation.
fn router(state: AppState) -> Router {
    let cards = get(async |State(state): State<AppState>| {
        let snapshot = state.service.list_cards(&PROJECT.into()).await;
        snapshot
            .map(|snapshot| {
                let Cursor { epoch, seq } = snapshot.cursor;
                let position = [
                    ("stream-epoch", epoch.to_string()),
                    ("stream-seq", seq.to_string()),
                ];
                (position, Json(snapshot.value))
            })
            .map_err(|_| StatusCode::NOT_FOUND)
    });
    Router::new()
        .route(SNAPSHOT, cards)
        .with_state(state.clone())
        .merge(app::sockets(state))
        .layer(Extension(Principal::local()))
}

/// A listening socket of the simulated network.
struct Simulated(TcpListener);

impl Listener for Simulated {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            if let Ok(accepted) = self.0.accept().await {
                return accepted;
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// A disk that takes its time: a machine may crash before a commit, and after it.
struct Slow {
    inner: InlineStore,
    shared: Arc<Shared>,
}

impl Slow {
    async fn wait(&self) {
        let millis = self.shared.random().u64(0..25);
        sleep(Duration::from_millis(millis)).await;
    }
}

#[async_trait]
impl Store for Slow {
    async fn write(&self, job: Box<dyn WriteJob>) {
        self.wait().await;
        self.inner.write(job).await;
        self.wait().await;
    }

    async fn read(&self, job: ReadJob) {
        self.wait().await;
        self.inner.read(job).await;
    }
}

/// Publisher that hands commits to the hub, records the executed commands, and at times forgets to
/// wake anybody.
struct Forgetful {
    hub: WebSocketManager,
    shared: Arc<Shared>,
}

impl Publisher for Forgetful {
    fn published(&self, events: Vec<LoggedEvent>) {
        let message: Message = serde_json::from_slice(&events[0].v1).unwrap();
        if let Some(cause) = message.cause {
            *self
                .shared
                .executed
                .lock()
                .unwrap()
                .entry(cause)
                .or_default() += 1;
        }
        let woken = self.hub.take_in(&events);
        if self.shared.breaks(LOST_WAKES) {
            return self.shared.count(|counts| counts.wakes_lost += 1);
        }
        for stream in woken {
            stream.wake();
        }
    }

    fn stream_reset(&self, stream: &StreamId, cursor: &Cursor) {
        self.hub.stream_reset(stream, cursor);
    }

    fn ephemeral(&self, stream: &StreamId, message: Ephemeral) {
        self.hub.ephemeral(stream, message);
    }

    fn stream_removed(&self, stream: &StreamId) {
        self.hub.stream_removed(stream);
    }
}

/// Writes while things break, and once afterwards for each of the last words.
async fn write(service: Service, shared: Arc<Shared>) {
    let project = ProjectId::from(PROJECT);
    let context = || WriteContext::new(Actor::local());
    // The project exists after a crash.
    let _ = service
        .create_project(context(), NewProject::new(PROJECT, PROJECT))
        .await;
    let mut said = 0;
    loop {
        let pause = shared.random().u64(50..1_200);
        sleep(Duration::from_millis(pause)).await;
        let act = shared.random().u32(0..100);
        if shared.is_healed() {
            while said < shared.last_words.load(Ordering::Relaxed) {
                said += 1;
                let _ = service
                    .create_task(context(), &project, task("a last word"))
                    .await;
            }
            continue;
        }
        match act {
            0..40 => {
                let _ = service
                    .create_task(context(), &project, task("a task"))
                    .await;
            }
            40..97 => {
                // Mostly one change, at times more than a client may be behind.
                let changes = if act < 90 {
                    1
                } else {
                    shared.random().u64(20..200)
                };
                change(&service, &shared, &project, changes).await;
            }
            _ => {
                shared.count(|counts| counts.resets += 1);
                let _ = service.reset_project(context(), &project).await;
            }
        }
    }
}

async fn change(service: &Service, shared: &Shared, project: &ProjectId, changes: u64) {
    let Ok(tasks) = service.list_cards(project).await else {
        return;
    };
    let Some(chosen) = shared.random().choice(tasks.value) else {
        return;
    };
    let all = (0..changes).map(|number| {
        let title = Some(format!(
            "change {number} at {}",
            crate::shared::elapsed_ms()
        ));
        let patch = TaskPatch {
            title: title.into(),
            ..TaskPatch::default()
        };
        service.update_task(
            WriteContext::new(Actor::local()),
            project,
            &chosen.id,
            patch,
            None,
        )
    });
    futures_util::future::join_all(all).await;
}

fn task(title: &str) -> NewTask {
    NewTask {
        title: title.into(),
        ..NewTask::default()
    }
}
