//! A server built from its settings: bound, running, ended.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};

use crate::accounts::{AccessMetrics, Accounts};
use crate::assets::Assets;
use crate::auth::Principal;
use crate::config::{Config, ConfigError, Database};
use crate::demo::Simulation;
use crate::error::Error;
use crate::hooks::{HookMetrics, Hooks, QuestionWatch};
use crate::hub::WebSocketManager;
use crate::listener::{CountingListener, NetworkMetrics};
use crate::metrics::Metrics;
use crate::pages::Pages;
use crate::service::{Publisher, Service, SystemClock};
use crate::state::AppState;
use crate::store;
use crate::webhook::{Webhook, WebhookMetrics};
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
    /// The system provides no HTTP client for the webhook.
    #[error("cannot prepare the webhook for attention items: {0}")]
    Webhook(#[source] reqwest::Error),
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
    webhook: Option<Webhook>,
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
        let (access, sent) = (AccessMetrics::default(), WebhookMetrics::default());
        let heard = HookMetrics::default();
        let mut metrics = Metrics::new(&opened.metrics, hub.metrics(), &network, &access, &heard);
        metrics.add_webhook(&sent);
        let (publisher, webhook) = publisher(&config, address, &hub, sent)?;
        let questions = QuestionWatch::default();
        let service = Service::with(
            opened.store,
            questions.over(publisher),
            Arc::new(SystemClock),
            config.limits.clone(),
        );
        let accounts = Accounts::open(service.clone(), hub.clone(), &config, access).await;
        let accounts = accounts.map_err(|source| StartError::Store {
            database: config.database.clone(),
            source,
        })?;
        let hooks = Hooks::open(service.clone(), questions, heard).await;
        let hooks = hooks.map_err(|source| StartError::Store {
            database: config.database.clone(),
            source,
        })?;
        Ok(Self {
            listener: CountingListener::new(listener, network, config.http.unread_timeout),
            address,
            webhook,
            state: AppState {
                demo: Simulation::new(&service),
                service,
                hub,
                accounts,
                hooks,
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
            listener,
            state,
            webhook,
            ..
        } = self;
        let webhook = start(webhook, &state.service).await;
        let sweeper = tokio::spawn(state.service.clone().run_sweeper());
        let sessions = tokio::spawn(state.accounts.clone().run_sweeper());
        let hooks = tokio::spawn(state.hooks.clone().run());
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
        if let Err(error) = state.demo.stop(&Principal::server()).await {
            tracing::warn!(%error, "cannot stop the simulation");
        }
        let deadline = Instant::now() + shutdown::GRACE;
        // Requests that wait for a decision end at once.
        state.hooks.stop_waiting();
        let left = shutdown::drain(&state.hub, deadline).await;
        let ended = ended || timeout_at(deadline, serving).await.is_ok();
        if left > 0 || !ended {
            tracing::warn!(
                connections = left,
                "stopped before all connections were closed"
            );
        }
        if let Some((stop, running)) = webhook {
            let _ = stop.send(());
            let _ = running.await;
        }
        if timeout(shutdown::HOOKS, state.hooks.finish())
            .await
            .is_err()
        {
            tracing::warn!("stopped before all events of harnesses were applied");
        }
        hooks.abort();
        state.service.finish_git().await;
        sweeper.abort();
        sessions.abort();
    }
}

/// Returns the publisher of a server's commits, and the webhook that it feeds.
fn publisher(
    config: &Config,
    address: SocketAddr,
    hub: &WebSocketManager,
    metrics: WebhookMetrics,
) -> Result<(Arc<dyn Publisher>, Option<Webhook>), StartError> {
    let Some(settings) = &config.attention_webhook else {
        return Ok((Arc::new(hub.clone()), None));
    };
    let site = config.allowed_origins.first();
    let site = site.map_or_else(|| format!("http://{address}"), ToString::to_string);
    let base = format!("{site}{}", config.base_path);
    let (webhook, tap) =
        Webhook::new(settings, base, hub.clone(), metrics).map_err(StartError::Webhook)?;
    Ok((Arc::new(tap), Some(webhook)))
}

/// Starts the webhook; it stops when something is sent to it.
async fn start(
    webhook: Option<Webhook>,
    service: &Service,
) -> Option<(oneshot::Sender<()>, JoinHandle<()>)> {
    let mut webhook = webhook?;
    match service.attention(None).await {
        Ok(open) => {
            let numbers = open.items.iter().map(|item| item.id);
            webhook.begin_after(numbers.max().unwrap_or_default());
        }
        Err(error) => tracing::warn!(%error, "cannot read the open attention items"),
    }
    let (stop, stopped) = oneshot::channel();
    Some((stop, tokio::spawn(webhook.run(stopped))))
}
