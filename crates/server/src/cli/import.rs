//! `tasktree import`: takes over tasks from another system.
//!
//! The file goes to the server unchanged, with its path. The server reads it, and reports the
//! result; open boards show it at once. The server is:
//!
//! - the one that `--server` names; without it, the one at the usual address, if it answers;
//! - else, or with `--db`, one that is started over the database for as long as the import takes,
//!   on a port of the system's choice. The store's lock refuses a database that another server has
//!   open.
//!
//! So there is one way into the data, with or without a running server.

mod report;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand, ValueEnum};

use super::server_access::{Wanted, open_or_spawn_server};
use super::{Client, say};
use crate::config::{Database, Token};
use crate::domain::import::FileReport;

/// System that the tasks come from.
#[derive(Debug, Subcommand)]
pub(super) enum Source {
    /// Import tasks from Task Master's tasks.json.
    Taskmaster(Options),
}

impl Source {
    /// Returns the name of the format in requests, and the options.
    fn split(self) -> (&'static str, Options) {
        match self {
            Self::Taskmaster(options) => ("task-master", options),
        }
    }
}

/// Form that subtasks take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Subtasks {
    /// A checklist in the prompt of the parent task.
    Checklist,
    /// Separate tasks, which the parent task depends on.
    Tasks,
}

/// Options of an import.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// File to import, usually .taskmaster/tasks/tasks.json.
    file: PathBuf,
    /// Project to import into, created if missing. [default: one for each tag, named after the
    /// folder and the tag]
    #[arg(long, value_name = "ID")]
    project: Option<String>,
    /// Import only the tasks of this tag.
    #[arg(long)]
    tag: Option<String>,
    /// Report the changes without making them.
    #[arg(long)]
    dry_run: bool,
    /// Confirm that the project's file was moved. Otherwise a project refuses files other than the
    /// one it was imported from.
    #[arg(long, requires = "project")]
    moved: bool,
    /// Form of the imported subtasks.
    #[arg(long, value_enum, default_value_t = Subtasks::Checklist)]
    subtasks: Subtasks,
    /// Address of the running server. [default: http://127.0.0.1:8000 if a server responds there,
    /// otherwise the database is used]
    #[arg(long, env = "TASKTREE_SERVER", value_name = "URL")]
    server: Option<String>,
    /// Token for the server, if it requires one.
    #[arg(long, env = "TASKTREE_TOKEN", hide_env_values = true)]
    token: Option<Token>,
    /// Use this database instead of a running server. [default: TASKTREE_DB, or in the user's data
    /// folder]
    #[arg(long, value_name = "PATH", conflicts_with = "server")]
    db: Option<Database>,
}

/// Sends the file, and prints the report.
pub(super) async fn run(source: Source) -> Result<()> {
    let (format, options) = source.split();
    let place = resolved(&options.file);
    let place = place.and_then(|place| Ok((std::fs::read(&place)?, place)));
    let (bytes, place) =
        place.with_context(|| format!("cannot read {}", options.file.display()))?;
    let access = open_or_spawn_server(Wanted {
        server: options.server.as_deref(),
        token: options.token.as_ref(),
        db: options.db.as_ref(),
        // A dry run is no reason to create a file.
        make_file: !options.dry_run,
    })
    .await?;
    let report = send(&access.client, format, &options, &place, bytes).await;
    // Also after a refusal, so that the database is left clean.
    let closed = access.close().await;
    let report = report.with_context(|| format!("cannot import {}", options.file.display()))?;
    say(report::shown(&report).trim_end());
    closed
}

/// Returns the file's path without links and `..`, so it is the same from every folder.
fn resolved(file: &Path) -> std::io::Result<PathBuf> {
    let path = std::fs::canonicalize(file)?;
    // Windows adds this prefix to such paths.
    let plain = path.to_str().and_then(|path| path.strip_prefix(r"\\?\"));
    let plain = plain.filter(|plain| !plain.starts_with("UNC"));
    Ok(plain.map_or_else(|| path.clone(), PathBuf::from))
}

async fn send(
    client: &Client,
    format: &str,
    options: &Options,
    place: &Path,
    bytes: Vec<u8>,
) -> Result<FileReport> {
    let place = place.to_string_lossy();
    let mut query = vec![("format", format), ("source", &*place)];
    if let Some(tag) = &options.tag {
        query.push(("list", tag));
    }
    if options.subtasks == Subtasks::Tasks {
        query.push(("subtasks", "tasks"));
    }
    if options.moved {
        query.push(("moved", "true"));
    }
    if options.dry_run {
        query.push(("dry_run", "true"));
    }
    let path = match &options.project {
        Some(project) => vec!["api", "projects", project, "imports"],
        None => vec!["api", "imports"],
    };
    client.post_file(&path, &query, bytes).await
}
