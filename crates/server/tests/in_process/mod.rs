//! The parts of a real server without its listening socket and its threads, for tests with a
//! network and a time of their own.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails where it goes wrong"
)]

pub(crate) mod seeds;

use std::net::SocketAddr;
use std::sync::Arc;

use tasktree_server::accounts::{AccessMetrics, Accounts};
use tasktree_server::assets::Assets;
use tasktree_server::config::{Config, Database};
use tasktree_server::demo::Simulation;
use tasktree_server::hooks::{HookMetrics, Hooks, QuestionWatch};
use tasktree_server::http::AppState;
use tasktree_server::hub::WebSocketManager;
use tasktree_server::limits::Limits;
use tasktree_server::listener::NetworkMetrics;
use tasktree_server::metrics::Metrics;
use tasktree_server::pages::Pages;
use tasktree_server::service::{Clock, Publisher, Service};
use tasktree_server::store::{Store, StoreMetrics};

/// Parts that a test provides.
pub(crate) struct Parts {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) metrics: StoreMetrics,
    pub(crate) hub: WebSocketManager,
    pub(crate) publisher: Arc<dyn Publisher>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Parts {
    /// Returns the state of a server that nobody signs in to. `change` changes its settings.
    pub(crate) async fn state(self, change: impl FnOnce(&mut Config)) -> AppState {
        let Self { store, hub, .. } = self;
        let metrics = Metrics::new(
            &self.metrics,
            hub.metrics(),
            &NetworkMetrics::default(),
            &AccessMetrics::default(),
            &HookMetrics::default(),
        );
        let questions = QuestionWatch::default();
        let publisher = questions.over(self.publisher);
        let service = Service::with(store, publisher, self.clock, Limits::default());
        let mut config = Config::new(SocketAddr::from(([127, 0, 0, 1], 0)), Database::Memory);
        // They are measured with a clock that is not simulated.
        config.sockets.upgrades_burst = u32::MAX;
        config.sockets.commands_burst = u32::MAX;
        config.sockets.frames_burst = u32::MAX;
        change(&mut config);
        let access = AccessMetrics::default();
        let accounts = Accounts::open(service.clone(), hub.clone(), &config, access).await;
        let hooks = Hooks::open(service.clone(), questions, HookMetrics::default()).await;
        AppState {
            demo: Simulation::new(&service),
            service,
            hooks: hooks.unwrap(),
            hub,
            accounts: accounts.unwrap(),
            pages: Arc::new(Pages::new(&config.base_path, Assets::none())),
            config: Arc::new(config),
            metrics: Arc::new(metrics),
        }
    }
}
