//! `tasktree import`: takes over tasks from another system.
//!
//! The file is read here; its tasks go to the server as one request a project, so that it is all or nothing, and open
//! boards show it at once. Where no server runs, one is started over the database for as long as the import takes, on a port that only this
//! process knows: there is one way into the data, with or without a running server.

mod report;
mod taskmaster;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::client::{DEFAULT_SERVER, Refused};
use super::{Client, Target};
use crate::config::{Config, Database};
use crate::domain::import::ImportReport;
use crate::server::Server;

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
    /// The database to write to where no server runs. [default: in the user's data folder]
    #[arg(long, env = "TASKTREE_DB", value_name = "PATH")]
    db: Option<Database>,
    #[command(flatten)]
    target: Target,
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
    let door = Door::open(&options).await?;
    for tag in tags {
        let place = Place::of(&options, &tag.name);
        println!(
            "{}{}",
            if options.dry_run {
                "Would import "
            } else {
                "Importing "
            },
            place.describe(&tag.name)
        );
        let tasks = tag.rows.len();
        match send(
            &door.client,
            &place,
            json!({"tasks": tag.rows}),
            options.dry_run,
        )
        .await?
        {
            Some(report) => print_report(&report),
            None => println!("  tasks     to be created in a new project: {tasks}"),
        }
        print!("{}", tag.notes);
    }
    door.close().await
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
    println!("  tasks     created: {created}, updated: {updated}, unchanged: {unchanged}");
    for warning in &report.warnings {
        println!("  note      {warning}");
    }
}

/// Where the tasks of a tag go.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    project: String,
    name: String,
    folder: String,
}

impl Place {
    fn of(options: &Options, tag: &str) -> Self {
        let (base, folder) = home(&options.file);
        if let Some(project) = &options.project {
            return Self {
                project: project.clone(),
                name: project.clone(),
                folder,
            };
        }
        // The tag alone would mix the tasks of two repositories: every one has a tag "master".
        let (name, id) = if tag == taskmaster::DEFAULT_TAG {
            (base.clone(), base)
        } else {
            (format!("{base}: {tag}"), format!("{base}-{tag}"))
        };
        Self {
            project: project_id(&id),
            name,
            folder,
        }
    }

    fn describe(&self, tag: &str) -> String {
        format!("tag {tag} into project {}", self.project)
    }
}

/// The name and the folder of the repository that the file is in: Task Master keeps it in `.taskmaster/tasks`, or once in `tasks`.
fn home(file: &Path) -> (String, String) {
    let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let mut folder = file.parent();
    let mut usual = false;
    for name in ["tasks", ".taskmaster"] {
        if folder
            .and_then(Path::file_name)
            .is_some_and(|last| last == name)
        {
            folder = folder.and_then(Path::parent);
            usual = true;
        }
    }
    let named = folder.and_then(|folder| {
        Some((
            folder.file_name()?.to_str()?.to_owned(),
            folder.to_str()?.to_owned(),
        ))
    });
    match named {
        Some(found) if usual => found,
        _ => (
            file.file_stem().map_or_else(
                || "imported".into(),
                |stem| stem.to_string_lossy().into_owned(),
            ),
            String::new(),
        ),
    }
}

/// A project's identifier made of a name.
fn project_id(name: &str) -> String {
    let id: String = name
        .chars()
        .map(|character| {
            if character.is_alphanumeric() || matches!(character, '-' | '_' | '.') {
                character
            } else {
                '-'
            }
        })
        .take(100)
        .collect();
    let id = id.trim_start_matches('.');
    if id.is_empty() {
        "imported".to_owned()
    } else {
        id.to_owned()
    }
}

/// The way to the data: a running server, or one for the time of the import.
struct Door {
    client: Client,
    own: Option<(
        oneshot::Sender<()>,
        tokio::task::JoinHandle<std::io::Result<()>>,
    )>,
}

impl Door {
    async fn open(options: &Options) -> Result<Self> {
        let client = options.target.client()?;
        if client.answers().await? {
            println!("Using the server at {}", options.target.server);
            return Ok(Self { client, own: None });
        }
        if options.target.server != DEFAULT_SERVER {
            bail!("no server answers at {}", options.target.server);
        }
        let mut database = match &options.db {
            Some(database) => database.clone(),
            None => Database::in_data_folder()?,
        };
        if let Database::File(path) = &database {
            if options.dry_run && !path.exists() {
                database = Database::Memory;
            }
        }
        println!("No server runs; using the database {database}");
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

    async fn close(self) -> Result<()> {
        if let Some((stop, running)) = self.own {
            drop(stop);
            running.await??;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_named_after_the_repository() {
        assert_eq!(
            home(Path::new("/src/shop/.taskmaster/tasks/tasks.json")).0,
            "shop"
        );
        assert_eq!(
            home(Path::new("/src/shop/tasks/tasks.json")),
            ("shop".into(), "/src/shop".into())
        );
        assert_eq!(
            home(Path::new("/tmp/export.json")),
            ("export".into(), String::new())
        );
        assert_eq!(home(Path::new("/tasks/tasks.json")).0, "tasks");
    }

    #[test]
    fn any_name_becomes_an_identifier_that_the_server_takes() {
        assert_eq!(project_id("My shop: v2/β"), "My-shop--v2-β");
        assert_eq!(project_id("..hidden"), "hidden");
        assert_eq!(project_id(""), "imported");
        assert_eq!(project_id(&"x".repeat(300)).len(), 100);
    }
}
