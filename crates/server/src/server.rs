//! A server built from its settings: bound, running, ended.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use crate::accounts::{AccessMetrics, Accounts};
use crate::assets::Assets;
use crate::config::{Config, ConfigError, Database};
use crate::error::Error;
use crate::hub::WebSocketManager;
use crate::listener::{CountingListener, NetworkMetrics};
use crate::metrics::Metrics;
use crate::pages::Pages;
use crate::service::{Service, SystemClock};
use crate::state::AppState;
use crate::store;
use crate::{app, serving, shutdown};

/// Reason why a server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The settings are refused.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Another program listens there.
    #[error(
        "port in use: another program, perhaps another TaskTree, listens on {0}. Choose another port with --listen"
    )]
    PortTaken(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's error.
        source: std::io::Error,
    },
    /// The data cannot be opened.
    #[error("cannot open the database {database}: {source}")]
    Store {
        /// The database.
        database: Database,
        /// The store's error.
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
    /// Binds the address and opens the data; `assets` is the board.
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
        let path = match &config.database {
            Database::Memory => None,
            Database::File(path) => Some(path.as_path()),
        };
        let opened = store::open(path).map_err(|source| StartError::Store {
            database: config.database.clone(),
            source,
        })?;
        let (hub, network) = (WebSocketManager::new(), NetworkMetrics::default());
        let access = AccessMetrics::default();
        let metrics = Metrics::new(&opened.metrics, hub.metrics(), &network, &access);
        let service = Service::with(
            opened.store,
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
            listener: CountingListener::new(listener, network, config.http.unread_timeout),
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

    /// Returns the address that it listens on, with the port that the system chose.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the state shared by its handlers.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Serves until `stop` completes, then lets requests and connections end, for at most
    /// [`shutdown::GRACE`].
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let Self {
            listener, state, ..
        } = self;
        let sweeper = tokio::spawn(state.service.clone().run_sweeper());
        let sessions = tokio::spawn(state.accounts.clone().run_sweeper());
        let (stopping, stopped) = oneshot::channel();
        let router = app::router(state.clone());
        let stop = async move {
            stop.await;
            let _ = stopping.send(());
        };
        let mut serving = pin!(serving::serve(listener, router, &state.config, stop));
        // WebSockets are served elsewhere: if there is no other connection, this ends the moment
        // `stop` completes.
        let ended = tokio::select! {
            () = &mut serving => true,
            _ = stopped => false,
        };
        tracing::info!("ending");
        let deadline = Instant::now() + shutdown::GRACE;
        let left = shutdown::drain(&state.hub, deadline).await;
        let ended = ended || timeout_at(deadline, serving).await.is_ok();
        if left > 0 || !ended {
            tracing::warn!(
                connections = left,
                "stopped before all connections were closed"
            );
        }
        state.service.finish_git().await;
        sweeper.abort();
        sessions.abort();
    }
}
