//! A server from its settings: bound, running, ended.

use std::future::{Future, IntoFuture as _};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use crate::assets::Assets;
use crate::auth::Accounts;
use crate::config::{Config, ConfigError, Database};
use crate::error::Error;
use crate::http::{self, AppState};
use crate::hub::WebSocketManager;
use crate::listener::{CountingListener, Peer};
use crate::metrics::{AccessMetrics, Metrics, NetworkMetrics};
use crate::pages::Pages;
use crate::service::{Service, SystemClock};
use crate::shutdown;
use crate::store::SqliteStore;

/// Why a server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The settings are refused.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Another program listens there.
    #[error(
        "{0} is taken: another program listens there, perhaps another TaskTree. Choose another port with --listen"
    )]
    PortTaken(SocketAddr),
    /// The address cannot be listened on.
    #[error("{address} cannot be listened on: {source}")]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The data cannot be opened.
    #[error("the database {database} cannot be opened: {source}")]
    Store {
        /// Which.
        database: Database,
        /// What the store said.
        source: Error,
    },
}

/// A server that listens but does not answer yet.
#[derive(Debug)]
pub struct Server {
    listener: CountingListener,
    address: SocketAddr,
    state: AppState,
}

impl Server {
    /// Takes the address and opens the data; `assets` is the board.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn bind(config: Config, assets: Assets) -> Result<Self, StartError> {
        config.check()?;
        let requested = config.listen;
        let listener = TcpListener::bind(requested).await.map_err(|source| {
            if source.kind() == std::io::ErrorKind::AddrInUse {
                StartError::PortTaken(requested)
            } else {
                StartError::Listen {
                    address: requested,
                    source,
                }
            }
        })?;
        let address = listener.local_addr().map_err(|source| StartError::Listen {
            address: requested,
            source,
        })?;
        config.database.make_folder()?;
        let store = match &config.database {
            Database::Memory => SqliteStore::in_memory(),
            Database::File(path) => SqliteStore::open(path),
        };
        let store = store.map_err(|source| StartError::Store {
            database: config.database.clone(),
            source,
        })?;
        let (hub, network) = (WebSocketManager::new(), NetworkMetrics::default());
        let access = AccessMetrics::default();
        let metrics = Metrics::new(store.metrics(), hub.metrics(), &network, &access);
        let service = Service::with(
            Arc::new(store),
            Arc::new(hub.clone()),
            Arc::new(SystemClock),
            config.limits.clone(),
        );
        let accounts = Accounts::open(service.clone(), hub.clone(), &config, access).await;
        let accounts = accounts.map_err(|source| StartError::Store {
            database: config.database.clone(),
            source,
        })?;
        Ok(Self {
            listener: CountingListener::new(listener, network),
            address,
            state: AppState {
                service,
                hub,
                accounts,
                pages: Arc::new(Pages::new(&config.base_path, assets)),
                config: Arc::new(config),
                metrics: Arc::new(metrics),
            },
        })
    }

    /// Where it listens, with the port that the system chose.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What its handlers reach.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Answers until `stop` comes, then lets requests and connections end, for at most [`shutdown::GRACE`].
    ///
    /// # Errors
    /// Where the system refuses to go on listening.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
        let Self {
            listener, state, ..
        } = self;
        let sweeper = tokio::spawn(state.service.clone().run_sweeper());
        let sessions = tokio::spawn(state.accounts.clone().run_sweeper());
        let (stopping, stopped) = oneshot::channel();
        let router = http::router(state.clone());
        let router = router.into_make_service_with_connect_info::<Peer>();
        let serving = axum::serve(listener, router).with_graceful_shutdown(async move {
            stop.await;
            let _ = stopping.send(());
        });
        let mut serving = pin!(serving.into_future());
        // Upgraded connections are none of axum's: where there is no other, serving ends the moment `stop` comes.
        let ended = tokio::select! {
            outcome = &mut serving => Some(outcome),
            _ = stopped => None,
        };
        tracing::info!("ending");
        let deadline = Instant::now() + shutdown::GRACE;
        let left = shutdown::drain(&state.hub, deadline).await;
        let outcome = match ended {
            Some(outcome) => Ok(outcome),
            None => timeout_at(deadline, serving).await,
        };
        if left > 0 || outcome.is_err() {
            tracing::warn!(connections = left, "ended while some had not finished");
        }
        let outcome = outcome.unwrap_or(Ok(()));
        state.service.finish_git().await;
        sweeper.abort();
        sessions.abort();
        outcome
    }
}
