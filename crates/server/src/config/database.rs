//! The location of the data: a file or memory.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::ConfigError;

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

    /// Returns true for a file that does not exist yet.
    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Self::File(path) if !path.exists())
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
