//! Which server the tasks go to: one that runs, or one for the time of the import.

use anyhow::{Result, bail};
use tokio::sync::oneshot;

use super::Options;
use crate::cli::client::DEFAULT_SERVER;
use crate::cli::{Client, say};
use crate::config::{Config, Database};
use crate::server::Server;

/// The way to the data: a running server, or one for the time of the import.
pub(super) struct Door {
    /// Speaks to it.
    pub(super) client: Client,
    own: Option<(
        oneshot::Sender<()>,
        tokio::task::JoinHandle<std::io::Result<()>>,
    )>,
}

impl Door {
    /// Finds or starts it.
    pub(super) async fn open(options: &Options) -> Result<Self> {
        if options.db.is_none() {
            let address = options.server.as_deref().unwrap_or(DEFAULT_SERVER);
            let client = Client::new(address, options.token.as_ref())?;
            if client.answers().await? {
                say(format_args!("Using the server at {address}"));
                return Ok(Self { client, own: None });
            }
            if options.server.is_some() {
                bail!("no server answers at {address}");
            }
        }
        let mut database = match &options.db {
            Some(database) => database.clone(),
            None => Database::of_environment()?,
        };
        // To say what would be done is no reason to make a file.
        let missing = matches!(&database, Database::File(path) if !path.exists());
        if options.dry_run && missing {
            database = Database::Memory;
        }
        say(format_args!("Using the database {database}"));
        let config = Config::new(([127, 0, 0, 1], 0).into(), database);
        let server = Server::bind(config).await?;
        let client = Client::new(&format!("http://{}", server.address()), None)?;
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
            running.await??;
        }
        Ok(())
    }
}
