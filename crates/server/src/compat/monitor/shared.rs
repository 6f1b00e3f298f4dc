//! States of watched projects. Each is read and encoded once for all monitors of the project.

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

/// Monitors of all watched projects.
#[derive(Debug, Default)]
pub(super) struct Monitors {
    projects: Mutex<HashMap<ProjectId, Weak<Monitor>>>,
}

/// Monitor of one project. It lives as long as somebody watches the project.
#[derive(Debug)]
pub(super) struct Monitor {
    project: ProjectId,
    /// Latest state. Locked while the state is read, so that other connections wait instead of
    /// reading it too.
    latest: tokio::sync::Mutex<Option<MonitorState>>,
}

/// Encoded state of a project.
#[derive(Clone, Debug)]
pub(super) struct MonitorState {
    /// Position of the project's stream before the state was read.
    pub(super) top: u64,
    read_at: Instant,
    data: Bytes,
    update: Bytes,
}

impl Monitors {
    /// Returns the monitor that all watchers of a project share.
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
    /// Returns the current state, or the one that another connection read a moment ago.
    ///
    /// # Errors
    /// Returns an error if the store fails.
    pub(super) async fn state(
        &self,
        service: &Service,
        stream: &Stream,
        interval: Duration,
    ) -> Result<MonitorState> {
        let mut latest = self.latest.lock().await;
        let top = stream.top();
        if let Some(state) = latest.as_ref() {
            let age = state.read_at.elapsed();
            // Heartbeats are in no log, so a state without later events also becomes outdated.
            if age < interval / 2 && (state.top == top || age < SETTLE) {
                return Ok(state.clone());
            }
        }
        let read_at = Instant::now();
        let stats = match service.coordination(&self.project).await {
            Ok(snapshot) => snapshot.value,
            // The older server accepted a project that does not exist.
            Err(Error::NotFound(_)) => nothing(&self.project),
            Err(error) => return Err(error),
        };
        let data = Bytes::from(serde_json::to_vec(&stats)?);
        let state = MonitorState {
            top,
            read_at,
            update: frame("coordination_update", &data),
            data,
        };
        *latest = Some(state.clone());
        Ok(state)
    }
}

impl MonitorState {
    /// Returns the first message to a monitor.
    pub(super) fn first(&self) -> Bytes {
        frame("coordination_state", &self.data)
    }

    /// Returns a later message to a monitor. All monitors share its bytes.
    pub(super) fn update(&self) -> Bytes {
        self.update.clone()
    }
}

fn frame(kind: &str, data: &[u8]) -> Bytes {
    let head = format!(r#"{{"type":"{kind}","data":"#);
    [head.as_bytes(), data, b"}"].concat().into()
}
