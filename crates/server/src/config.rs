//! Settings of a server at its start: address, database, sign-in, and trusted origins and proxies.
//!
//! Every setting is a command-line option and an environment variable of the same meaning; there is
//! no configuration file.

mod database;
mod http;
mod sockets;
mod token;
mod webhook;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::ValueEnum;
use serde::Serialize;

use crate::base_path::BasePath;
use crate::limits::Limits;
use crate::origin::Origin;
pub use database::Database;
pub use http::HttpLimits;
pub use sockets::SocketLimits;
pub use token::Token;
pub use webhook::{AttentionWebhook, WebhookUrl};

/// Default address of the server: reachable from this machine only.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:8000";

/// Settings of a running server.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address to listen on. With port 0 the system chooses one.
    pub listen: SocketAddr,
    /// Location of the data.
    pub database: Database,
    /// Sign-in policy; `None` requires it unless the address is this machine's own.
    pub sign_in: Option<SignIn>,
    /// Secret that makes its owner an administrator, beside the stored tokens. With it, everybody
    /// has to sign in.
    pub token: Option<Token>,
    /// Reverse proxies that are trusted to say where a request came from, and whether by TLS.
    pub trusted_proxies: Vec<IpAddr>,
    /// Origins of other web pages that may use the server, beyond its own and those of this
    /// machine.
    pub allowed_origins: Vec<Origin>,
    /// Path of the server within its site, if a proxy gives it only a part.
    pub base_path: BasePath,
    /// Limits and deadlines of HTTP connections.
    pub http: HttpLimits,
    /// Limits and deadlines of sockets.
    pub sockets: SocketLimits,
    /// Webhook that is told of attention items.
    pub attention_webhook: Option<AttentionWebhook>,
    /// Maximum sizes and numbers of things.
    pub limits: Limits,
}

impl Config {
    /// Returns the default settings for one address.
    pub fn new(listen: SocketAddr, database: Database) -> Self {
        Self {
            listen,
            database,
            sign_in: None,
            token: None,
            trusted_proxies: Vec::new(),
            allowed_origins: Vec::new(),
            base_path: BasePath::root(),
            http: HttpLimits::default(),
            sockets: SocketLimits::default(),
            attention_webhook: None,
            limits: Limits::default(),
        }
    }

    /// Returns the sign-in policy that applies.
    pub fn sign_in(&self) -> SignIn {
        if self.token.is_some() {
            return SignIn::Required;
        }
        self.sign_in.unwrap_or(if self.listen.ip().is_loopback() {
            SignIn::Off
        } else {
            SignIn::Required
        })
    }

    /// Refuses settings under which anyone on the network could change tasks.
    ///
    /// # Errors
    /// [`ConfigError::OpenToNetwork`] if the address is not this machine's own and nobody would
    /// have to sign in.
    pub fn check(&self) -> Result<(), ConfigError> {
        if self.listen.ip().is_loopback() || self.sign_in() == SignIn::Required {
            Ok(())
        } else {
            Err(ConfigError::OpenToNetwork(self.listen))
        }
    }
}

/// Sign-in policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum SignIn {
    /// Every caller has to authenticate.
    Required,
    /// Callers without a token are the person at this machine, with full access.
    Off,
}

impl SignIn {
    /// Returns the name used on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Off => "off",
        }
    }
}

/// Reason why settings were refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The address can be reached from other machines.
    #[error(
        "{0} is reachable from other machines, so sign-in is required: remove --sign-in off, or \
         listen on 127.0.0.1"
    )]
    OpenToNetwork(SocketAddr),
    /// The system names no folder for the user's data.
    #[error("cannot find the user's data folder: set the path of the database with --db PATH")]
    NoDataFolder,
    /// The database is given as an address with another scheme.
    #[error(
        "unsupported database scheme {0}: (the database is an SQLite file). Set --db to the path of a file, or to :memory:"
    )]
    DatabaseScheme(String),
    /// The folder of the database cannot be created.
    #[error("cannot create the folder {folder}: {source}")]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> Config {
        Config::new(address.parse().unwrap(), Database::Memory)
    }

    #[test]
    fn on_the_network_people_sign_in_and_that_cannot_be_switched_off() {
        let mut config = at("0.0.0.0:8000");
        assert_eq!(config.sign_in(), SignIn::Required);
        assert!(config.check().is_ok());
        config.sign_in = Some(SignIn::Off);
        let refusal = config.check().unwrap_err().to_string();
        assert!(refusal.contains("--sign-in"), "{refusal}");
    }

    #[test]
    fn at_this_machine_nobody_is_asked_unless_that_is_wanted() {
        for address in ["127.0.0.1:8000", "127.8.9.1:80", "[::1]:8000"] {
            let mut config = at(address);
            assert!(config.check().is_ok(), "{address}");
            assert_eq!(config.sign_in(), SignIn::Off, "{address}");
            config.sign_in = Some(SignIn::Required);
            assert_eq!(config.sign_in(), SignIn::Required, "{address}");
        }
    }

    #[test]
    fn with_a_token_everybody_signs_in() {
        let mut config = at("127.0.0.1:8000");
        config.token = Some("long-enough".parse().unwrap());
        config.sign_in = Some(SignIn::Off);
        assert_eq!(config.sign_in(), SignIn::Required);
    }
}
