//! `tasktree add`: creates a task.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, Value, json};
use tasktree_protocol::TaskId;
use tasktree_protocol::http::paths;
use ureq::http::Method;

use super::Verb;
use crate::client::Call;
use crate::context::{Context, hash};
use crate::failure::{Failure, Result};
use crate::files;
use crate::output::{Form, Report};
use crate::report::{text_or_input, typed};
use crate::text::line;

/// Options of the verb.
#[derive(Debug, Args)]
pub(crate) struct Add {
    /// Summary of the work, in one line.
    title: String,
    /// Description (Markdown); `-` reads standard input.
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Prompt for the agent (Markdown); `-` reads standard input.
    #[arg(long, value_name = "TEXT")]
    prompt: Option<String>,
    /// File with the prompt; `-` reads standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "prompt")]
    prompt_file: Option<PathBuf>,
    /// Tasks that have to be done first.
    #[arg(long, value_name = "N,M", value_delimiter = ',')]
    after: Vec<u64>,
    /// Priority: 1 urgent, 2 high, 3 medium, 4 low, 0 none.
    #[arg(long, value_name = "0-4")]
    priority: Option<u32>,
    /// Label of the task. Can be repeated.
    #[arg(long = "label", value_name = "LABEL")]
    labels: Vec<String>,
    /// Key of the request. With the same key and the same options, the task is created once.
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

impl Verb for Add {
    fn run(self, context: &Context, _: Form) -> Result<Option<Report>> {
        let prompt = match (&self.prompt, &self.prompt_file) {
            (Some(text), _) => Some(text_or_input(text)?),
            (None, Some(path)) if path.as_os_str() == "-" => Some(text_or_input("-")?),
            (None, Some(path)) => {
                let text = files::read(path)?;
                Some(text.ok_or_else(|| {
                    Failure::local(format_args!("{} does not exist", path.display()))
                })?)
            }
            (None, None) => None,
        };
        let mut fields = Map::new();
        let mut set = |name: &str, value: Value| fields.insert(name.to_owned(), value);
        set("title", json!(self.title));
        if let Some(text) = &self.description {
            set("description", json!(text_or_input(text)?));
        }
        if let Some(prompt) = prompt {
            set("prompt", json!(prompt));
        }
        if let Some(priority) = self.priority {
            set("priority", json!(priority));
        }
        if !self.after.is_empty() {
            set("dependencies", json!(ids(context, &self.after)?));
        }
        if !self.labels.is_empty() {
            set("labels", json!(self.labels));
        }
        let path = context.path(paths::tasks)?;
        let call = Call::new(Method::POST, &path).json(&fields);
        let made = context.speaker()?.send(call.key(self.key.as_deref()))?;
        let row = made.json()?;
        let task = typed(&row)?;
        let text = format!("Added {} {}", hash(task.number), line(&task.title));
        Ok(Some(Report::new(json!({"task": row}), text)))
    }
}

/// Returns the ids of tasks by their numbers.
pub(super) fn ids(context: &Context, numbers: &[u64]) -> Result<Vec<TaskId>> {
    let ids = numbers.iter().map(|number| context.task(*number));
    ids.collect()
}
