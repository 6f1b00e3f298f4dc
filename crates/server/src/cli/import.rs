//! `tasktree import`: takes over tasks from another system.
//!
//! The file is read here; its tasks go to the server as one request a project, so that it is all or nothing, and open
//! boards show it at once. Which server:
//!
//! - the one that `--server` names; without it, the one at the usual address, if it answers;
//! - else, or with `--db`, one that is started over the database for as long as the import takes, on a port of the system's choice. A
//!   database that another server has open is refused by the store's lock.
//!
//! So there is one way into the data, with or without a running server.

mod place;
mod report;
mod taskmaster;

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::client::Refused;
use super::door::{Door, Wanted};
use super::{Client, say};
use crate::config::{Database, Token};
use crate::domain::import::ImportReport;
use place::Place;
use taskmaster::Tag;

/// Which system the tasks come from.
#[derive(Debug, Subcommand)]
pub(super) enum Source {
    /// Task Master's tasks.json.
    Taskmaster(Options),
}

/// What an import can be told.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The file, usually .taskmaster/tasks/tasks.json.
    file: PathBuf,
    /// The project that the tasks go into, made when it is missing. [default: one a tag, named after the folder and the tag]
    #[arg(long, value_name = "ID")]
    project: Option<String>,
    /// Only the tasks of this tag.
    #[arg(long)]
    tag: Option<String>,
    /// Only say what would be done.
    #[arg(long)]
    dry_run: bool,
    /// What subtasks become.
    #[arg(long, value_enum, default_value_t = SubtaskForm::Checklist)]
    subtasks: SubtaskForm,
    /// Address of the running server. [default: the one at the usual address if it answers, else the database is written]
    #[arg(long, env = "TASKTREE_SERVER", value_name = "URL")]
    server: Option<String>,
    /// The token that it asks for, if it does.
    #[arg(long, env = "TASKTREE_TOKEN", hide_env_values = true)]
    token: Option<Token>,
    /// Write to this database, whichever servers run. [default: TASKTREE_DB, or in the user's data folder]
    #[arg(long, value_name = "PATH", conflicts_with = "server")]
    db: Option<Database>,
}

/// What subtasks become.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SubtaskForm {
    /// A checklist in the prompt of their task.
    Checklist,
    /// Tasks of their own, which their task waits for.
    Tasks,
}

/// Reads the file, sends its tasks, and prints what became of them.
pub(super) async fn run(source: Source) -> Result<()> {
    let Source::Taskmaster(options) = source;
    let text = std::fs::read_to_string(&options.file)
        .with_context(|| format!("{} cannot be read", options.file.display()))?;
    let mut tags = taskmaster::read(&text, options.subtasks)
        .with_context(|| format!("{} is not a Task Master file", options.file.display()))?;
    if let Some(wanted) = &options.tag {
        let names = tags
            .iter()
            .map(|tag| tag.name.clone())
            .collect::<Vec<_>>()
            .join(", ");
        tags.retain(|tag| tag.name == *wanted);
        if tags.is_empty() {
            bail!("the file has no tag {wanted:?}; it has: {names}");
        }
    }
    let door = Door::open(Wanted {
        server: options.server.as_deref(),
        token: options.token.as_ref(),
        db: options.db.as_ref(),
        // To say what would be done is no reason to make a file.
        make_file: !options.dry_run,
    })
    .await?;
    for tag in tags {
        let place = Place::of(&options, &tag.name);
        let verb = if options.dry_run {
            "Would import"
        } else {
            "Importing"
        };
        say(format_args!(
            "{verb} tag {} into project {}",
            tag.name, place.project
        ));
        let tasks = tag.rows.len();
        match send(&door.client, &place, body(&tag), options.dry_run).await? {
            Some(report) => print_report(&report),
            None => say(format_args!(
                "  tasks     to be created in a new project: {tasks}"
            )),
        }
        say(tag.notes.to_string().trim_end());
    }
    door.close().await
}

/// What the server is asked to take over.
fn body(tag: &Tag) -> Value {
    json!({"tasks": tag.rows})
}

/// What the server would be asked for such a file, for the fuzz target: nothing where the file is refused.
#[cfg(fuzzing)]
pub fn bodies(text: &str, subtasks_as_tasks: bool) -> Vec<Value> {
    let form = if subtasks_as_tasks {
        SubtaskForm::Tasks
    } else {
        SubtaskForm::Checklist
    };
    let tags = taskmaster::read(text, form).unwrap_or_default();
    tags.iter().map(body).collect()
}

/// Sends tasks into their project, made before where it is missing. A dry run has nothing to say of a project that is not there.
async fn send(
    client: &Client,
    place: &Place,
    body: Value,
    dry_run: bool,
) -> Result<Option<ImportReport>> {
    let known = match client
        .get::<Value>(&["api", "projects", &place.project])
        .await
    {
        Ok(_) => true,
        Err(error) if is_missing(&error) => false,
        Err(error) => return Err(error),
    };
    if !known {
        if dry_run {
            return Ok(None);
        }
        let project = json!({
            "id": place.project,
            "name": place.name,
            "path": place.folder,
            "description": "Imported from Task Master",
        });
        client
            .post::<Value>(&["api", "projects"], &[], &project)
            .await
            .context("the project cannot be made")?;
    }
    let query: &[(&str, &str)] = if dry_run { &[("dry_run", "true")] } else { &[] };
    client
        .post(&["api", "projects", &place.project, "import"], query, &body)
        .await
        .map(Some)
        .context("the server refused the tasks")
}

fn is_missing(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<Refused>()
        .is_some_and(|refused| refused.status == StatusCode::NOT_FOUND)
}

fn print_report(report: &ImportReport) {
    let (created, updated, unchanged) = (
        report.created.len(),
        report.updated.len(),
        report.unchanged.len(),
    );
    say(format_args!(
        "  tasks     created: {created}, updated: {updated}, unchanged: {unchanged}"
    ));
    for warning in &report.warnings {
        say(format_args!("  note      {warning}"));
    }
}
