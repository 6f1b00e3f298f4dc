//! `tasktree connect`: writes the configuration of a harness, and makes the project of the folder.

mod change;
mod edit;
mod hooks;
mod json;
mod notify;
mod project;
mod style;
mod wanted;

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Map, Value, json};
use tasktree_protocol::agent::Source;

use change::{Change, Outcome};
pub(crate) use change::{is_connected, program_in};

use crate::context::Context;
use crate::failure::{Failure, Result};
use crate::harness::{Contents, Harness, Scope};
use crate::limits::MAX_DECISION_SECONDS;
use crate::output::Report;
use crate::program::Program;
use crate::report::text_or_input;
use crate::repository::Repository;
use crate::settings::user::{self, CodexHooks};
use crate::settings::{ServerFrom, credentials};

/// Seconds that a harness gives a hook that waits for an answer: longer than the hook waits.
const WAITING_TIMEOUT: u64 = MAX_DECISION_SECONDS + 20;

/// Options of the verb.
#[derive(Debug, Args)]
pub(crate) struct Connect {
    /// Harness to configure.
    #[arg(value_enum)]
    harness: Harness,
    /// Report all sessions of yours, not only those in this folder.
    #[arg(long)]
    user: bool,
    /// Show what would change, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Remove TaskTree from the configuration. Everything else in it stays.
    #[arg(long)]
    remove: bool,
    /// Let permission requests wait for an answer on the board, up to five minutes. Then the
    /// terminal asks.
    #[arg(long, conflicts_with = "remove")]
    answers: bool,
    /// Codex: also report the end of a turn by `notify` in config.toml, which needs no trust.
    #[arg(long)]
    notify: bool,
    /// Token to store for the server, readable only by you; `-` reads standard input.
    #[arg(long, value_name = "TOKEN", conflicts_with = "remove")]
    token: Option<String>,
}

impl Connect {
    /// Configures the harness.
    ///
    /// # Errors
    /// Returns a failure if a file cannot be edited without harm, or if the server refuses.
    pub(crate) fn run(self, mut context: Context) -> Result<Report> {
        if self.answers && !self.harness.can_wait() {
            return Err(Failure::usage(format_args!(
                "hooks of {} cannot wait for an answer: leave out --answers, and answer in its \
                 terminal",
                self.harness.title()
            )));
        }
        if self.notify && self.harness != Harness(Source::Codex) {
            return Err(Failure::usage("--notify is an option of `connect codex`"));
        }
        let root = root(&context);
        let program = Program::find(&context.around)?;
        let mut changes = vec![self.change_of_harness(&context, &root, &program)?];
        if self.notify || self.remove && self.harness == Harness(Source::Codex) {
            changes.extend(notify::change(&context.around, &program, self.remove)?);
        }
        if self.remove {
            return self.removed(&context, &root, &changes);
        }
        let token = self.token.as_deref().map(text_or_input).transpose()?;
        let token = token.as_deref().map(str::trim);
        if let Some(token) = token {
            context = context.with_token(token)?;
        }
        let project = project::of_folder(&context, &root, self.dry_run)?;
        changes.extend(project.folder_file(&context, &root));
        if self.dry_run {
            return Ok(preview(&changes, &project.note()));
        }
        program.install(&context.around)?;
        for change in &changes {
            change.apply(&context.around)?;
        }
        self.remember(&context, token)?;
        let data = json!({
            "harness": self.harness,
            "project": project.id,
            "project_created": project.is_new,
            "files": listed(&changes),
            "program": program.as_str(),
            "next": self.harness.next_step(),
        });
        let mut lines: Vec<_> = changes.iter().map(|change| change.said(&root)).collect();
        lines.insert(0, project.note());
        if !program.is_by_name() {
            lines.push(format!(
                "`tasktree` is not on your PATH: the hooks run {}. Add its folder to your PATH, so \
                 that agents find the other commands too.",
                program.as_str()
            ));
        }
        lines.push(format!("Next: {}", self.harness.next_step()));
        Ok(Report::new(data, lines.join("\n")))
    }

    fn change_of_harness(
        &self,
        context: &Context,
        root: &Path,
        program: &Program,
    ) -> Result<Change> {
        let scope = if self.user {
            Scope::User
        } else {
            Scope::Project
        };
        let path = self.harness.file(scope, &context.around, root);
        let path = path.ok_or_else(|| Failure::local("no home folder: set HOME"))?;
        // The hooks that are there may run another program.
        let found = self
            .remove
            .then(|| program_in(&path, self.harness.contents()));
        let program = found.flatten().unwrap_or_else(|| program.clone());
        match self.harness.contents() {
            Contents::File(text) => Change::of_file(path, &program.in_script(text), self.remove),
            Contents::Hooks(text) => {
                let quiet: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
                let quiet = wanted::running(quiet, &program);
                // Codex has this in TaskTree's own configuration: see `CodexHooks`.
                let waiting = match self.harness {
                    Harness(Source::Codex) => quiet.clone(),
                    _ => wanted::waiting(quiet.clone(), WAITING_TIMEOUT),
                };
                let variants = match self.answers {
                    true => [waiting, quiet],
                    false => [quiet, waiting],
                };
                Change::of_hooks(&context.around, path, &variants, self.remove)
            }
        }
    }

    /// Stores what the hooks cannot know from their command lines.
    fn remember(&self, context: &Context, token: Option<&str>) -> Result<()> {
        if let Some(token) = token {
            // The server has accepted it by now.
            let bound = context.caller()?.project;
            let bound = bound.as_ref().map(AsRef::<str>::as_ref);
            credentials::store(&context.around, &context.settings.server, bound, token)?;
        }
        if self.harness == Harness(Source::Codex) {
            let codex = CodexHooks {
                context: true,
                answers: self.answers,
            };
            user::set_codex(&context.around, codex)?;
        }
        let settings = &context.settings;
        let is_named = matches!(
            settings.server_from,
            ServerFrom::Option | ServerFrom::Environment
        );
        if is_named && !settings.server.is_local() {
            user::trust(&context.around, &settings.server)?;
        }
        Ok(())
    }

    fn removed(&self, context: &Context, root: &Path, changes: &[Change]) -> Result<Report> {
        if self.dry_run {
            return Ok(preview(changes, ""));
        }
        for change in changes {
            change.apply(&context.around)?;
        }
        if self.harness == Harness(Source::Codex) {
            user::set_codex(&context.around, CodexHooks::default())?;
        }
        let data = json!({"harness": self.harness, "files": listed(changes)});
        let lines: Vec<_> = changes.iter().map(|change| change.said(root)).collect();
        Ok(Report::new(data, lines.join("\n")))
    }
}

/// Returns the folder of the project: the root of the repository, or else this folder.
fn root(context: &Context) -> PathBuf {
    let folder = &context.around.folder;
    Repository::of(folder).map_or_else(|| folder.clone(), |found| found.root)
}

fn listed(changes: &[Change]) -> Vec<Value> {
    let changes = changes.iter();
    changes
        .map(|change| json!({"path": change.path, "change": change.outcome().as_str()}))
        .collect()
}

fn preview(changes: &[Change], note: &str) -> Report {
    let mut text: Vec<_> = changes.iter().map(Change::diff).collect();
    text.retain(|diff| !diff.is_empty());
    if changes
        .iter()
        .all(|change| change.outcome() == Outcome::Unchanged)
    {
        text.push("Nothing changes.\n".to_owned());
    }
    let data = json!({"files": listed(changes), "diff": text.concat()});
    text.push(note.to_owned());
    Report::new(data, text.concat().trim_end().to_owned())
}
