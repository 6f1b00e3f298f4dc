//! `tasktree backup` and `tasktree restore`: the database as one file, and back.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;

use super::{note, say};
use crate::config::Database;
use crate::store;

/// Options of both commands.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Backup file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Database file. [default: TASKTREE_DB, or in the user's data folder]
    #[arg(long, value_name = "PATH")]
    db: Option<Database>,
}

impl Options {
    fn database(&self) -> Result<Database> {
        match &self.db {
            Some(database) => Ok(database.clone()),
            None => Ok(Database::of_environment()?),
        }
    }
}

fn file(database: &Database) -> Result<&Path> {
    match database {
        Database::File(path) => Ok(path),
        Database::Memory => bail!("an in-memory database cannot be backed up or restored"),
    }
}

pub(super) fn backup(options: &Options) -> Result<()> {
    let database = options.database()?;
    store::backup(file(&database)?, &options.file)?;
    say(format_args!(
        "Backed up {database} to {}",
        options.file.display()
    ));
    Ok(())
}

pub(super) fn restore(options: &Options) -> Result<()> {
    let database = options.database()?;
    database.make_folder()?;
    let restored = store::restore(&options.file, file(&database)?)?;
    say(format_args!(
        "Restored {database} from {}",
        options.file.display()
    ));
    if let Some(replaced) = restored.replaced {
        say(format_args!(
            "The previous database is now {}",
            replaced.display()
        ));
    }
    match restored.revoked {
        0 => {}
        1 => say("1 token that was revoked after the backup stays revoked"),
        number => say(format_args!(
            "{number} tokens that were revoked after the backup stay revoked"
        )),
    }
    if let Some(reason) = restored.unknown {
        note(format_args!(
            "Tokens that were revoked after the backup may be valid again, because the previous \
             database cannot be read: {reason} Check `tasktree token list`, and revoke the tokens \
             that should not be valid. Everybody has to sign in again"
        ));
    }
    Ok(())
}
