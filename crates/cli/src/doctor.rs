//! `tasktree doctor`: what is connected, and why something is not.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use tasktree_protocol::agent::Source;
use tasktree_protocol::http::{HookSeen, paths};

use crate::connect::{is_connected, program_in};
use crate::context::Context;
use crate::failure::{Exit, Failure, Result};
use crate::harness::{Harness, Scope};
use crate::output::Report;
use crate::program::Program;
use crate::repository::Repository;
use crate::text::{columns, line};

/// Options of the verb.
#[derive(Debug, Args)]
pub(crate) struct Doctor {}

impl Doctor {
    /// Looks at the server, the identity and each harness. A report with problems of the server has
    /// the exit code of the problem.
    ///
    /// # Errors
    /// Returns a failure if a file of the configuration is invalid.
    pub(crate) fn run(context: &Context) -> Result<Report> {
        let server = context.settings.server.as_str();
        let health = context
            .client
            .get(paths::HEALTH)
            .and_then(|answer| answer.json());
        let heard = health
            .as_ref()
            .map_err(Clone::clone)
            .and_then(|_| heard(context));
        let problem = [health.as_ref().err(), heard.as_ref().err()];
        let problem = problem.into_iter().flatten().next();
        let identity = Identity::of(context, problem);
        let on_path = Program::by_name().is_there(&context.around);
        let harnesses: Vec<_> = Harness::ALL
            .iter()
            .map(|harness| Found::of(context, *harness, heard.as_deref().ok()))
            .collect();
        let version = health.as_ref().ok().map(|health| health["version"].clone());
        let data = json!({
            "server": {
                "address": server,
                "reachable": health.is_ok(),
                "version": version,
                "problem": problem.map(|problem| &problem.message),
            },
            "project": identity.project,
            "project_problem": identity.project_problem,
            "agent": identity.agent,
            "token": context.settings.token.is_some(),
            "program_on_path": on_path,
            "harnesses": harnesses.iter().map(Found::to_json).collect::<Vec<_>>(),
        });
        let state = match (problem, version.as_ref().and_then(Value::as_str)) {
            (Some(problem), _) => line(&problem.message),
            (None, version) => format!("TaskTree {}", version.unwrap_or_default()),
        };
        let none = || "none".to_owned();
        let facts = [
            ["server".to_owned(), format!("{server}: {state}")],
            [
                "project".to_owned(),
                identity
                    .project
                    .or(identity.project_problem)
                    .unwrap_or_else(none),
            ],
            ["agent".to_owned(), identity.agent.unwrap_or_else(none)],
        ];
        let rows: Vec<_> = harnesses.iter().map(Found::row).collect();
        let mut report = Report::new(data, format!("{}\n\n{}", columns(&facts), columns(&rows)));
        report.exit = problem.map(|problem| problem.exit);
        Ok(report)
    }
}

/// Agent and project of the caller.
#[derive(Default)]
struct Identity {
    project: Option<String>,
    project_problem: Option<String>,
    agent: Option<String>,
}

impl Identity {
    fn of(context: &Context, problem: Option<&Failure>) -> Self {
        if problem.is_some() {
            return Self::default();
        }
        let project = context.project();
        let who = context.who().ok().flatten();
        Self {
            project: project.as_ref().ok().map(ToString::to_string),
            project_problem: project.as_ref().err().map(|failure| line(&failure.message)),
            agent: who.map(|who| who.agent.to_string()),
        }
    }
}

/// Asks the server which harnesses it has heard. A server of an older version does not know.
fn heard(context: &Context) -> Result<Vec<HookSeen>> {
    match context.client.get(paths::HOOKS) {
        Ok(answer) => answer.read(),
        Err(refused) if refused.exit == Exit::NotFound => Ok(Vec::new()),
        Err(failure) => Err(failure),
    }
}

/// Harness as it was found.
struct Found {
    harness: Harness,
    is_installed: bool,
    files: Vec<PathBuf>,
    /// Program that its hooks run and that is not there.
    missing: Option<Program>,
    last: Option<HookSeen>,
    hint: Option<String>,
}

impl Found {
    fn of(context: &Context, harness: Harness, heard: Option<&[HookSeen]>) -> Self {
        let folder = &context.around.folder;
        let root = Repository::of(folder).map_or_else(|| folder.clone(), |found| found.root);
        let files: Vec<_> = [Scope::Project, Scope::User]
            .into_iter()
            .filter_map(|scope| harness.file(scope, &context.around, &root))
            .filter(|path| is_connected(path, harness.contents()))
            .collect();
        let mut programs_of_hooks = files
            .iter()
            .filter_map(|path| program_in(path, harness.contents()));
        let missing = programs_of_hooks.find(|program| !program.is_there(&context.around));
        let programs = harness.programs().iter();
        let mut found = Self {
            harness,
            is_installed: programs
                .copied()
                .any(|name| context.around.has_program(name)),
            files,
            missing,
            last: heard
                .into_iter()
                .flatten()
                .find(|seen| seen.source == harness.0)
                .cloned(),
            hint: None,
        };
        found.hint = heard.and_then(|_| found.reason());
        found
    }

    /// Returns the likely reason for which the server does not hear of the harness.
    fn reason(&self) -> Option<String> {
        let name = self.harness.as_str();
        if let Some(missing) = &self.missing {
            let place = match missing.is_by_name() {
                true => "on your PATH",
                false => "there anymore",
            };
            return Some(format!(
                "its hooks run {}, which is not {place}: run `tasktree connect {name}` again",
                missing.as_str()
            ));
        }
        if self.last.is_some() {
            return None;
        }
        let reason = match (self.is_installed, self.files.is_empty()) {
            (false, true) => return None,
            (true, true) => format!("run `tasktree connect {name}`"),
            (_, false) if self.harness.0 == Source::Codex => {
                "Codex skips hooks that are not trusted: run /hooks in it and trust them".to_owned()
            }
            (_, false) => {
                "start a new session in it; the file hook.log has what went wrong".to_owned()
            }
        };
        Some(reason)
    }

    fn to_json(&self) -> Value {
        let last = self.last.as_ref();
        json!({
            "harness": self.harness,
            "installed": self.is_installed,
            "configured": self.files,
            "last_event": last.map(|seen| &seen.last_event),
            "last_at": last.map(|seen| seen.last_at),
            "events": last.map_or(0, |seen| seen.events),
            "hint": self.hint,
        })
    }

    fn row(&self) -> [String; 4] {
        let yes = |is: bool, yes: &str, no: &str| if is { yes } else { no }.to_owned();
        let heard = match (&self.last, &self.hint) {
            (Some(seen), hint) => {
                let mut heard = format!("{} at {}", line(&seen.last_event), seen.last_at);
                if let Some(hint) = hint {
                    heard.push_str(&format!("; {hint}"));
                }
                heard
            }
            (None, Some(hint)) => format!("never heard from: {hint}"),
            (None, None) => "never heard from".to_owned(),
        };
        [
            self.harness.title().to_owned(),
            yes(self.is_installed, "installed", "not on PATH"),
            yes(!self.files.is_empty(), "connected", "not connected"),
            heard,
        ]
    }
}
