//! Which server a tool talks to: one that runs, or one over the database for as long as the tool works.

use anyhow::{Result, bail};
use tokio::sync::oneshot;

use super::client::{Client, DEFAULT_SERVER};
use super::note;
use crate::assets::Assets;
use crate::auth::Secret;
use crate::config::{Config, Database, Token};
use crate::server::Server;

/// Where to look for the data.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    /// The address of a running server.
    pub(super) server: Option<&'a str>,
    /// The token that it asks for, if it does.
    pub(super) token: Option<&'a Token>,
    /// The database, whichever servers run.
    pub(super) db: Option<&'a Database>,
    /// Whether a file is made where there is none.
    pub(super) make_file: bool,
}

/// The way to the data: a running server, or one for the time of the work.
pub(super) struct Door {
    /// Speaks to it.
    pub(super) client: Client,
    own: Option<(oneshot::Sender<()>, tokio::task::JoinHandle<()>)>,
}

impl Door {
    /// Finds or starts it.
    pub(super) async fn open(wanted: Wanted<'_>) -> Result<Self> {
        if wanted.db.is_none() {
            let address = wanted.server.unwrap_or(DEFAULT_SERVER);
            let client = Client::new(address, wanted.token)?;
            if client.answers().await? {
                note(format_args!("Using the server at {address}"));
                return Ok(Self { client, own: None });
            }
            if wanted.server.is_some() {
                bail!("no server answers at {address}");
            }
        }
        let mut database = match wanted.db {
            Some(database) => database.clone(),
            None => Database::of_environment()?,
        };
        let missing = matches!(&database, Database::File(path) if !path.exists());
        if !wanted.make_file && missing {
            database = Database::Memory;
        }
        note(format_args!("Using the database {database}"));
        // Others of this machine reach the address too: only this tool knows the token.
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
        Ok(Self {
            client,
            own: Some((stop, running)),
        })
    }

    /// Ends what was started.
    pub(super) async fn close(self) -> Result<()> {
        if let Some((stop, running)) = self.own {
            drop(stop);
            running.await?;
        }
        Ok(())
    }
}
