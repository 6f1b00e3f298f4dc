//! The states of projects that monitors are sent: each is read and encoded once for all who watch the project.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use tasktree_protocol::ProjectId;
use tokio::time::Instant;

use super::{SETTLE, nothing};
use crate::error::{Error, Result};
use crate::hub::Stream;
use crate::service::Service;

/// The projects that are watched.
#[derive(Debug, Default)]
pub(in crate::ws) struct Monitors {
    projects: Mutex<HashMap<ProjectId, Weak<Monitor>>>,
}

/// One of them. It lives as long as somebody watches it.
#[derive(Debug)]
pub(super) struct Monitor {
    project: ProjectId,
    /// Held while the state is read, so that others wait for it instead of reading it too.
    latest: tokio::sync::Mutex<Option<State>>,
}

/// A state as it is sent.
#[derive(Clone, Debug)]
pub(super) struct State {
    /// The position of the project's stream before it was read.
    pub(super) top: u64,
    read_at: Instant,
    data: Bytes,
    update: Bytes,
}

impl Monitors {
    /// Returns what all who watch a project share.
    pub(super) fn of(&self, project: &ProjectId) -> Arc<Monitor> {
        let mut projects = self.projects.lock().unwrap_or_else(PoisonError::into_inner);
        projects.retain(|_, monitor| monitor.strong_count() > 0);
        if let Some(monitor) = projects.get(project).and_then(Weak::upgrade) {
            return monitor;
        }
        let monitor = Arc::new(Monitor {
            project: project.clone(),
            latest: tokio::sync::Mutex::new(None),
        });
        projects.insert(project.clone(), Arc::downgrade(&monitor));
        monitor
    }
}

impl Monitor {
    /// Returns the state as it is, or as another has read it a moment ago.
    ///
    /// # Errors
    /// Where the store fails.
    pub(super) async fn state(
        &self,
        service: &Service,
        stream: &Stream,
        interval: Duration,
    ) -> Result<State> {
        let mut latest = self.latest.lock().await;
        let top = stream.top();
        if let Some(state) = latest.as_ref() {
            let age = state.read_at.elapsed();
            // Heartbeats are in no log, so also a state without later events becomes old.
            if age < interval / 2 && (state.top == top || age < SETTLE) {
                return Ok(state.clone());
            }
        }
        let read_at = Instant::now();
        let stats = match service.coordination(&self.project).await {
            Ok(snapshot) => snapshot.value,
            // The older server had nothing against a project that is not there.
            Err(Error::NotFound(_)) => nothing(&self.project),
            Err(error) => return Err(error),
        };
        let data = Bytes::from(serde_json::to_vec(&stats)?);
        let state = State {
            top,
            read_at,
            update: frame("coordination_update", &data),
            data,
        };
        *latest = Some(state.clone());
        Ok(state)
    }
}

impl State {
    /// Returns the first message to a monitor.
    pub(super) fn first(&self) -> Bytes {
        frame("coordination_state", &self.data)
    }

    /// Returns each later one; all share its bytes.
    pub(super) fn update(&self) -> Bytes {
        self.update.clone()
    }
}

fn frame(kind: &str, data: &[u8]) -> Bytes {
    let head = format!(r#"{{"type":"{kind}","data":"#);
    [head.as_bytes(), data, b"}"].concat().into()
}
