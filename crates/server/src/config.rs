//! Settings of a server at its start: address, database, sign-in, and trusted origins and proxies.
//!
//! Every setting is a command-line option and an environment variable of the same meaning; there is
//! no configuration file.

mod http;
mod sockets;

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use clap::ValueEnum;
use serde::Serialize;
use subtle::ConstantTimeEq as _;

use crate::base_path::BasePath;
use crate::limits::Limits;
use crate::origin::Origin;
pub use http::HttpLimits;
pub use sockets::SocketLimits;

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

/// Location of the data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// A file (SQLite), created if missing.
    File(PathBuf),
    /// Memory, lost when the server ends: for tests.
    Memory,
}

impl Database {
    /// Returns the file in the user's data directory, as the system names it (`XDG_DATA_HOME` and
    /// its relatives).
    ///
    /// # Errors
    /// [`ConfigError::NoDataFolder`] if the system names none.
    pub fn in_data_folder() -> Result<Self, ConfigError> {
        directories::ProjectDirs::from("", "", "tasktree")
            .map(|folders| Self::File(folders.data_dir().join("tasktree.db")))
            .ok_or(ConfigError::NoDataFolder)
    }

    /// Returns the database that a server would use by default.
    ///
    /// It is the one that `TASKTREE_DB` names, else the one in the user's data directory.
    ///
    /// # Errors
    /// [`ConfigError::NoDataFolder`] if the system names none, [`ConfigError::DatabaseScheme`] if
    /// it is no file.
    pub fn of_environment() -> Result<Self, ConfigError> {
        match std::env::var("TASKTREE_DB") {
            Ok(path) => path.parse(),
            Err(_) => Self::in_data_folder(),
        }
    }

    /// Creates the folder of the file.
    ///
    /// # Errors
    /// [`ConfigError::Folder`] if it cannot be created.
    pub fn make_folder(&self) -> Result<(), ConfigError> {
        let Self::File(path) = self else {
            return Ok(());
        };
        match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => std::fs::create_dir_all(folder)
                .map_err(|source| ConfigError::Folder {
                    folder: folder.to_owned(),
                    source,
                }),
            _ => Ok(()),
        }
    }
}

impl FromStr for Database {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == ":memory:" {
            return Ok(Self::Memory);
        }
        match scheme(text) {
            // Without the rest of it, which may have a password.
            Some(scheme) => Err(ConfigError::DatabaseScheme(scheme.to_ascii_lowercase())),
            None => Ok(Self::File(text.into())),
        }
    }
}

/// Returns the scheme of a text that is an address, not a path.
///
/// `C:\data` is a path, and so is a file with a colon in its name if it is written as `./a:b`.
fn scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.trim_start().split_once(':')?;
    let mut letters = scheme.bytes();
    // One letter is a drive, on systems that have them.
    let is_drive = scheme.len() == 1 && (cfg!(windows) || !rest.starts_with("//"));
    let is_scheme = letters
        .next()
        .is_none_or(|first| first.is_ascii_alphabetic())
        && letters.all(|letter| letter.is_ascii_alphanumeric() || b"+-.".contains(&letter));
    (is_scheme && !is_drive).then_some(scheme)
}

impl fmt::Display for Database {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(formatter, "{}", path.display()),
            Self::Memory => formatter.write_str("in memory (not saved)"),
        }
    }
}

/// A shared secret. It is never printed.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// Returns true if `presented` is this secret, in a time that depends on its length only.
    pub fn matches(&self, presented: &str) -> bool {
        self.0.as_bytes().ct_eq(presented.as_bytes()).into()
    }

    /// Returns the secret, to be sent.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromStr for Token {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // It is sent in a header and in a cookie, where other characters would have to be quoted.
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
        if text.len() < 8 {
            Err("a token must have at least 8 characters".into())
        } else if text.bytes().all(allowed) {
            Ok(Self(text.into()))
        } else {
            Err("a token may contain only letters, digits and - . _ ~ + / =".into())
        }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(..)")
    }
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
    fn a_database_is_a_path_and_no_address_of_another_kind() {
        for text in [
            "postgres://ann:secret@db/board",
            "POSTGRES://db",
            " mysql://db",
            "sqlite:board.db",
            "file:board.db?mode=ro",
            "duckdb:board",
            "mssql+pyodbc:board",
            ":MEMORY:",
            "://board",
            "s3+http://bucket/board.db",
            #[cfg(not(windows))]
            "x://y",
        ] {
            let refusal = text.parse::<Database>().unwrap_err().to_string();
            assert!(
                refusal.contains("SQLite") && !refusal.contains("secret"),
                "{refusal}"
            );
        }
        for path in [
            "board.db",
            "/var/lib/board.db",
            "a:b.db",
            "./board:old.db",
            "C:\\board.db",
            "C:/board.db",
            "10:30.db",
        ] {
            assert_eq!(
                path.parse::<Database>().unwrap(),
                Database::File(path.into())
            );
        }
        assert_eq!(":memory:".parse::<Database>().unwrap(), Database::Memory);
    }

    #[test]
    fn with_a_token_everybody_signs_in() {
        let mut config = at("127.0.0.1:8000");
        config.token = Some("long-enough".parse().unwrap());
        config.sign_in = Some(SignIn::Off);
        assert_eq!(config.sign_in(), SignIn::Required);
    }

    #[test]
    fn only_the_whole_token_matches() {
        let token: Token = "correct-horse".parse().unwrap();
        assert!(token.matches("correct-horse"));
        for wrong in [
            "",
            "correct-hors",
            "correct-horse-",
            "correct-horsf",
            "correct-horse\0",
        ] {
            assert!(!token.matches(wrong), "{wrong:?}");
        }
        assert_eq!(format!("{token:?}"), "Token(..)");
        assert!("short".parse::<Token>().is_err());
        assert!("with a space".parse::<Token>().is_err());
    }
}
