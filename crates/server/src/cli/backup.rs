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
    /// File of the backup.
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
        Database::Memory => bail!("a database in memory is in no file"),
    }
}

pub(super) fn backup(options: &Options) -> Result<()> {
    let database = options.database()?;
    store::backup(file(&database)?, &options.file)?;
    say(format_args!("{database} is in {}", options.file.display()));
    Ok(())
}

pub(super) fn restore(options: &Options) -> Result<()> {
    let database = options.database()?;
    database.make_folder()?;
    let restored = store::restore(&options.file, file(&database)?)?;
    say(format_args!(
        "{database} is as it was in {}",
        options.file.display()
    ));
    if let Some(replaced) = restored.replaced {
        say(format_args!("What was there is in {}", replaced.display()));
    }
    match restored.revoked {
        0 => {}
        1 => say("A token that was revoked since stays revoked"),
        number => say(format_args!(
            "{number} tokens that were revoked since stay revoked"
        )),
    }
    if let Some(reason) = restored.unknown {
        note(format_args!(
            "It is not known which tokens were revoked since, as what was there cannot be read: {reason} \
             See `tasktree token list`, and revoke what should not hold. Everybody has to sign in again"
        ));
    }
    Ok(())
}
