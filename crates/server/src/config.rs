//! What a server is told at its start: where it listens, where its data is, and whom it answers.
//!
//! Every setting is a command-line option and an environment variable of the same meaning; there is no configuration file.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use subtle::ConstantTimeEq as _;

use crate::origin::Origin;

/// Where the server listens unless it is told otherwise: reachable from this machine only.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:8000";

/// The settings of a running server.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where it listens. Port 0 has the system choose one.
    pub listen: SocketAddr,
    /// Where its data is.
    pub database: Database,
    /// What a caller must present; none asks for nothing.
    pub token: Option<Token>,
    /// Origins of other web pages that may use the server, beyond its own and those of this machine.
    pub allowed_origins: Vec<Origin>,
    /// Limits and deadlines of sockets.
    pub sockets: crate::ws::Limits,
    /// How large things may be, and how many of them there may be.
    pub limits: crate::limits::Limits,
}

impl Config {
    /// Settings for one address with everything else as it is by default, without a token.
    pub fn new(listen: SocketAddr, database: Database) -> Self {
        Self {
            listen,
            database,
            token: None,
            allowed_origins: Vec::new(),
            sockets: crate::ws::Limits::default(),
            limits: crate::limits::Limits::default(),
        }
    }

    /// Refuses settings under which anyone on the network could change tasks.
    ///
    /// # Errors
    /// [`ConfigError::OpenToNetwork`] where the address is not this machine's own and there is no token.
    pub fn check(&self) -> Result<(), ConfigError> {
        if self.listen.ip().is_loopback() || self.token.is_some() {
            Ok(())
        } else {
            Err(ConfigError::OpenToNetwork(self.listen))
        }
    }
}

/// Why settings were refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The address can be reached from other machines.
    #[error(
        "{0} can be reached from other machines, so a token is needed: start with --token SECRET or set TASKTREE_TOKEN, \
         or listen on 127.0.0.1"
    )]
    OpenToNetwork(SocketAddr),
    /// The system names no folder for the user's data.
    #[error(
        "this system names no folder for the user's data: say where the database is with --db PATH"
    )]
    NoDataFolder,
    /// The folder of the database cannot be made.
    #[error("the folder {folder} cannot be made: {source}")]
    Folder {
        /// Which folder.
        folder: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Where the data is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// In a file (SQLite), made when it is missing.
    File(PathBuf),
    /// In memory, lost when the server ends: for tests.
    Memory,
}

impl Database {
    /// The file in the user's data directory, as the system names it (`XDG_DATA_HOME` and its relatives).
    ///
    /// # Errors
    /// [`ConfigError::NoDataFolder`] where the system names none.
    pub fn in_data_folder() -> Result<Self, ConfigError> {
        directories::ProjectDirs::from("", "", "tasktree")
            .map(|folders| Self::File(folders.data_dir().join("tasktree.db")))
            .ok_or(ConfigError::NoDataFolder)
    }

    /// The database that `TASKTREE_DB` names, else the one in the user's data directory: what a server would use.
    ///
    /// # Errors
    /// [`ConfigError::NoDataFolder`] where the system names none.
    pub fn of_environment() -> Result<Self, ConfigError> {
        match std::env::var("TASKTREE_DB") {
            Ok(path) => Ok(if path == ":memory:" {
                Self::Memory
            } else {
                Self::File(path.into())
            }),
            Err(_) => Self::in_data_folder(),
        }
    }

    /// Makes the folder that the file is in.
    ///
    /// # Errors
    /// [`ConfigError::Folder`] where it cannot be made.
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
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(if text == ":memory:" {
            Self::Memory
        } else {
            Self::File(text.into())
        })
    }
}

impl fmt::Display for Database {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(formatter, "{}", path.display()),
            Self::Memory => formatter.write_str("memory (nothing is kept)"),
        }
    }
}

/// A shared secret. It is never printed.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// Whether `presented` is this secret, in a time that depends on its length only.
    pub fn matches(&self, presented: &str) -> bool {
        self.0.as_bytes().ct_eq(presented.as_bytes()).into()
    }

    /// The secret, to be sent.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromStr for Token {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // It travels in a header and in a cookie, where other characters would have to be quoted.
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
        if text.len() < 8 {
            Err("a token needs at least 8 characters".into())
        } else if text.bytes().all(allowed) {
            Ok(Self(text.into()))
        } else {
            Err("a token may have letters, digits and - . _ ~ + / = only".into())
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

    #[test]
    fn an_address_of_the_network_is_refused_without_a_token() {
        let mut config = Config::new("0.0.0.0:8000".parse().unwrap(), Database::Memory);
        let refusal = config.check().unwrap_err().to_string();
        assert!(refusal.contains("--token"), "{refusal}");
        config.token = Some("long-enough".parse().unwrap());
        assert!(config.check().is_ok());
    }

    #[test]
    fn this_machine_needs_no_token() {
        for address in ["127.0.0.1:8000", "127.8.9.1:80", "[::1]:8000"] {
            let config = Config::new(address.parse().unwrap(), Database::Memory);
            assert!(config.check().is_ok(), "{address}");
        }
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
