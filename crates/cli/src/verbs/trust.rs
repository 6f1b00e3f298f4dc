//! `tasktree trust`: allows `.tasktree.toml` files to name a server.

use clap::Args;
use serde_json::json;

use crate::failure::Result;
use crate::output::Report;
use crate::settings::{Address, user};
use crate::surroundings::Surroundings;

/// Options of the verb.
#[derive(Debug, Args)]
pub(crate) struct Trust {
    /// Address of the server.
    #[arg(value_name = "URL")]
    address: String,
}

impl Trust {
    /// Stores the server in the person's configuration.
    ///
    /// # Errors
    /// Returns a failure if the address is invalid or the file cannot be written.
    pub(crate) fn run(self, around: &Surroundings) -> Result<Report> {
        let server = Address::parse(&self.address)?;
        user::trust(around, &server)?;
        let text = format!("Repositories may now name {server}");
        Ok(Report::new(json!({"server": server.as_str()}), text))
    }
}
