//! State shared by the handlers of HTTP and WebSockets.

use std::sync::Arc;

use crate::accounts::Accounts;
use crate::config::Config;
use crate::demo::Simulation;
use crate::hooks::Hooks;
use crate::hub::WebSocketManager;
use crate::metrics::Metrics;
use crate::pages::Pages;
use crate::service::Service;

/// State shared by all handlers. Cloning returns another handle to the same state.
#[derive(Clone, Debug)]
pub struct AppState {
    /// Service with all operations on tasks and projects.
    pub service: Service,
    /// Hub of all WebSocket connections.
    pub hub: WebSocketManager,
    /// Accounts that requests authenticate against.
    pub accounts: Accounts,
    /// Doors for hooks of harnesses.
    pub hooks: Hooks,
    /// Settings of the server.
    pub config: Arc<Config>,
    /// Metrics of the process.
    pub metrics: Arc<Metrics>,
    /// Simulation of agents.
    pub demo: Simulation,
    /// HTML pages for people.
    pub pages: Arc<Pages>,
}
