//! The baseline: a minimal server and page that do only what is measured. One static page has one
//! script and one card. A PUT of a title is sent to every socket unchanged, and the page writes it
//! into the card. It uses the same HTTP and WebSocket libraries as TaskTree's server.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Result;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, put};
use axum::serve::ListenerExt as _;
use axum::{Json, Router};
use futures_util::SinkExt;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tokio::task::JoinSet;
use yawc::frame::Frame;
use yawc::{IncomingUpgrade, Options};

use crate::Browser;

/// Task of the page's only card.
pub(super) const TASK: &str = "bare";

/// Path to which its title is written.
pub(super) const PATH: &str = "/title";

/// Number of titles that may wait for a socket; there is one, and it reads.
const QUEUE: usize = 64;

#[derive(Clone)]
struct Shared {
    titles: broadcast::Sender<String>,
}

#[derive(Deserialize)]
struct Change {
    title: String,
}

/// A server of the page, which stops when this value is dropped.
pub(super) struct BarePage {
    address: SocketAddr,
    _serving: JoinSet<()>,
}

impl BarePage {
    /// Starts the server on a free port.
    pub(super) async fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Shared {
            titles: broadcast::channel(QUEUE).0,
        };
        let script = [(header::CONTENT_TYPE, "text/javascript")];
        let router = Router::new()
            .route("/", get(Html(include_str!("bare_page.html"))))
            .route("/bare_page.js", get((script, include_str!("bare_page.js"))))
            .route("/socket", get(subscribe))
            .route(PATH, put(change))
            .with_state(shared);
        let listener = listener.tap_io(|connection| {
            // As in the server; if it fails, the figure is only worse.
            let _ = connection.set_nodelay(true);
        });
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            // Accepting connections on an open listener does not end by itself.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self {
            address,
            _serving: serving,
        })
    }

    /// Returns the page's address.
    pub(super) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }
}

/// Waits until the open page has its socket.
pub(super) async fn until_live(browser: &Browser) -> Result<()> {
    let live = "return document.body.dataset.live === 'true';";
    browser.until("the bare page is live", live, vec![]).await?;
    Ok(())
}

async fn change(State(shared): State<Shared>, Json(change): Json<Change>) -> StatusCode {
    // There is no receiver while the page has no socket yet.
    let _ = shared.titles.send(change.title);
    StatusCode::NO_CONTENT
}

async fn subscribe(State(shared): State<Shared>, upgrade: IncomingUpgrade) -> Response {
    let Ok((response, upgraded)) = upgrade.upgrade(Options::default()) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let mut titles = shared.titles.subscribe();
    tokio::spawn(async move {
        let Ok(mut socket) = upgraded.await else {
            return;
        };
        while let Ok(title) = titles.recv().await {
            if socket.send(Frame::text(title)).await.is_err() {
                return;
            }
        }
    });
    response.map(axum::body::Body::new)
}
