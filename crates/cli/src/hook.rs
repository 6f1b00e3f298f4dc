//! `tasktree hook`: forwards an event of a harness to the server.
//!
//! A hook must not disturb the agent: it always succeeds, ends within a second, and prints nothing
//! unless it was asked to. A log has what goes wrong.

mod decision;
mod event;
mod log;
mod session;

use std::ffi::OsString;
use std::io::{self, IsTerminal as _, Read as _};
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use clap::{Args, Parser};
use tasktree_protocol::agent::Source;
use tasktree_protocol::http::hooks::{TASKTREE_BRANCH, TASKTREE_GIT_DIR, TASKTREE_MACHINE};
use tasktree_protocol::http::paths;
use ureq::http::Method;

use crate::client::{Call, Client, Timeouts};
use crate::failure::{Failure, Result};
use crate::limits::{
    DECISION_SECONDS, HOOK_CONNECT_TIMEOUT, HOOK_INPUT_BYTES, HOOK_TIMEOUT, MAX_DECISION_SECONDS,
    REQUEST_TIMEOUT,
};
use crate::options::Target;
use crate::output::say;
use crate::repository::Repository;
use crate::settings::Settings;
use crate::surroundings::Surroundings;
use event::Event;

/// Command line of the hook by itself: a harness starts it for each event, so nothing else of the
/// program is set up first.
#[derive(Debug, Parser)]
#[command(name = "tasktree hook", disable_version_flag = true)]
struct CommandLine {
    #[command(flatten)]
    hook: Hook,
}

/// Options of the verb.
#[derive(Clone, Debug, Args)]
pub(crate) struct Hook {
    /// Harness: claude-code, codex, codex-notify, opencode, gemini, cursor, copilot or vscode. Only
    /// a hint: the server looks at the event.
    #[arg(value_name = "SOURCE")]
    source: Option<String>,
    /// The event; read from standard input if left out.
    #[arg(value_name = "JSON")]
    json: Option<String>,
    /// Print the context of a session that starts, or of a prompt, in the form of the harness.
    #[arg(long)]
    context: bool,
    /// Wait so many seconds (300 if left out) for a person to answer a permission request on the
    /// board. Print the decision in the form of the harness.
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true,
        default_missing_value = "300", value_parser = clap::value_parser!(u64).range(1..=MAX_DECISION_SECONDS))]
    answers: Option<u64>,
    #[command(flatten)]
    target: Target,
}

/// Runs `tasktree hook` with the arguments of the process. The exit code is always 0.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    // The name of the program and the verb are one word here.
    let arguments = arguments.into_iter().skip(1);
    match CommandLine::try_parse_from(arguments) {
        Ok(line) => line.hook.run(),
        Err(error) if !error.use_stderr() => {
            let _ = error.print();
        }
        Err(error) => {
            let around = Surroundings::of_process();
            log::add(&around, "hook", &error.render().to_string());
        }
    }
    ExitCode::SUCCESS
}

impl Hook {
    /// Forwards the event, and gives up at the end of its time.
    pub(crate) fn run(self) {
        let around = Surroundings::of_process();
        let name = self.source_name().to_owned();
        let (sender, steps) = mpsc::channel();
        let of_worker = around.clone();
        // A thread, since neither standard input nor the resolution of a name has a time limit.
        thread::spawn(move || {
            let waits = |time| {
                let _ = sender.send(Step::Waits(time));
            };
            let outcome = self.forward(&of_worker, waits);
            sender.send(Step::Ends(outcome))
        });
        let mut time = HOOK_TIMEOUT;
        loop {
            match steps.recv_timeout(time) {
                Ok(Step::Waits(longer)) => time = longer,
                Ok(Step::Ends(Ok(None))) => return,
                Ok(Step::Ends(Ok(Some(text)))) => return say(&text),
                Ok(Step::Ends(Err(failure))) => return log::add(&around, &name, &failure.message),
                Err(_) => return log::add(&around, &name, "gave up at the end of its time"),
            }
        }
    }

    fn source_name(&self) -> &str {
        let named = self
            .source
            .as_deref()
            .filter(|name| Source::of_name(name).is_some());
        named.unwrap_or(Source::ClaudeCode.as_str())
    }

    /// Sends the event. Returns the text to print.
    fn forward(
        &self,
        around: &Surroundings,
        waits: impl FnOnce(Duration),
    ) -> Result<Option<String>> {
        let body = self.body()?;
        let event = Event::parse(&body)?;
        let body = event::within_limit(body)?;
        let folder = event.folder().unwrap_or_else(|| around.folder.clone());
        let settings = Settings::find(around, &self.target.given(), &folder)?;
        let named = self.target.agent.as_deref();
        let request = Request {
            source: self.source_name(),
            agent: named.or(around.variable("TASKTREE_AGENT")),
            task: around.variable("TASKTREE_TASK"),
            machine: around.machine(),
            repository: Repository::of(&folder),
            settings: &settings,
            body,
        };
        let is_codex = self.source_name() == Source::Codex.as_str();
        let codex = settings.user.codex;
        let wait = self
            .answers
            .or((is_codex && codex.answers).then_some(DECISION_SECONDS));
        if let (Some(seconds), true) = (wait, event.asks_for_permission()) {
            let total = Duration::from_secs(seconds) + REQUEST_TIMEOUT;
            waits(total);
            return decision::wait(request, &event, seconds, total);
        }
        if (self.context || is_codex && codex.context) && event.takes_context() {
            return session::context(request, &event, around);
        }
        request.send(paths::hook, None, HOOK_TIMEOUT)?;
        Ok(None)
    }

    /// Returns the event as the harness gave it.
    fn body(&self) -> Result<Vec<u8>> {
        let is_json = |text: &&String| text.trim_start().starts_with('{');
        let given = self.json.as_ref().or(self.source.as_ref().filter(is_json));
        if let Some(json) = given {
            return Ok(json.clone().into_bytes());
        }
        let input = io::stdin();
        if input.is_terminal() {
            return Err(Failure::usage(
                "no event: a harness writes it to standard input",
            ));
        }
        let mut body = Vec::new();
        let read = input.lock().take(HOOK_INPUT_BYTES).read_to_end(&mut body);
        read.map_err(|error| Failure::local(format_args!("cannot read the event: {error}")))?;
        Ok(body)
    }
}

/// Step of the thread that forwards the event.
enum Step {
    /// It may take longer, because a person is asked.
    Waits(Duration),
    /// It has ended, with a text to print.
    Ends(Result<Option<String>>),
}

/// Request to one of the server's doors for hooks.
struct Request<'a> {
    source: &'a str,
    agent: Option<&'a str>,
    task: Option<&'a str>,
    machine: Option<String>,
    repository: Option<Repository>,
    settings: &'a Settings,
    body: Vec<u8>,
}

impl Request<'_> {
    /// Sends the event to a door, with the number of seconds that the answer may take.
    fn send(
        self,
        door: impl FnOnce(&str) -> String,
        wait: Option<u64>,
        total: Duration,
    ) -> Result<crate::client::Answer> {
        let connect = HOOK_CONNECT_TIMEOUT;
        let client = Client::new(
            self.settings,
            Timeouts {
                connect,
                total: Some(total),
            },
        )?;
        let mut call = Call::new(Method::POST, &door(self.source))
            .query_if("project", self.settings.project.as_ref())
            .query_if("agent", self.agent)
            .query_if("task", self.task)
            .query_if("wait", wait);
        if let Some(machine) = &self.machine {
            call = call.header(TASKTREE_MACHINE, machine);
        }
        if let Some(repository) = &self.repository {
            if let Some(git_dir) = repository.git_dir.to_str() {
                call = call.header(TASKTREE_GIT_DIR, git_dir);
            }
            if let Some(branch) = &repository.branch {
                call = call.header(TASKTREE_BRANCH, branch);
            }
        }
        client.send(call.bytes(self.body))
    }
}
