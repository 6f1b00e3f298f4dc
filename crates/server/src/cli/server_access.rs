//! Connection of a tool to the data.
//!
//! The tool talks to a running server, or starts one over the database for as long as it works.

use anyhow::{Result, bail};
use tokio::sync::oneshot;

use super::client::{Client, DEFAULT_SERVER};
use super::note;
use crate::assets::Assets;
use crate::auth::Secret;
use crate::config::{Config, Database, Token};
use crate::server::Server;

/// Options that choose the server.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    /// Address of a running server.
    pub(super) server: Option<&'a str>,
    /// Token for the server, if it requires one.
    pub(super) token: Option<&'a Token>,
    /// Database to use, whichever servers run.
    pub(super) db: Option<&'a Database>,
    /// True if a missing file is created.
    pub(super) make_file: bool,
}

/// Server that a tool uses: one that runs already, or one for the duration of the tool.
pub(super) struct ServerAccess {
    /// Client of that server.
    pub(super) client: Client,
    own: Option<(oneshot::Sender<()>, tokio::task::JoinHandle<()>)>,
}

/// Finds a running server, or starts one.
pub(super) async fn open_or_spawn_server(wanted: Wanted<'_>) -> Result<ServerAccess> {
    if wanted.db.is_none() {
        let address = wanted.server.unwrap_or(DEFAULT_SERVER);
        let client = Client::new(address, wanted.token)?;
        if client.answers().await? {
            note(format_args!("Using the server at {address}"));
            return Ok(ServerAccess { client, own: None });
        }
        if wanted.server.is_some() {
            bail!("no server responds at {address}");
        }
    }
    let mut database = match wanted.db {
        Some(database) => database.clone(),
        None => Database::of_environment()?,
    };
    if !wanted.make_file && database.is_missing() {
        database = Database::Memory;
    }
    note(format_args!("Using the database {database}"));
    // Others on this machine reach the address too: only this tool knows the token.
    let token: Token = Secret::token()?
        .reveal()
        .parse()
        .map_err(anyhow::Error::msg)?;
    let config = Config {
        token: Some(token.clone()),
        ..Config::new(([127, 0, 0, 1], 0).into(), database)
    };
    let server = Server::bind(config, Assets::none()).await?;
    let client = Client::new(&format!("http://{}", server.address()), Some(&token))?;
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(server.run(async {
        let _ = stopped.await;
    }));
    Ok(ServerAccess {
        client,
        own: Some((stop, running)),
    })
}

impl ServerAccess {
    /// Ends the server, if it was started here.
    pub(super) async fn close(self) -> Result<()> {
        if let Some((stop, running)) = self.own {
            drop(stop);
            running.await?;
        }
        Ok(())
    }
}
