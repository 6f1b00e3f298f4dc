//! Reads a Task Master `tasks.json`, and says what each of its tasks becomes here.
//!
//! Both forms are read: one list under `tasks`, and one such list for each tag. Nothing fails for a field that is not as expected: what has
//! no counterpart is counted in the [`Notes`], so that the person who imports sees what was lost.

use std::collections::HashSet;

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value};
use tasktree_protocol::Status;

use super::SubtaskForm;
use super::report::Notes;
use crate::domain::import::ImportedTask;

mod links;
mod prompt;

/// The tag of a file that has no tags.
pub(crate) const DEFAULT_TAG: &str = "master";

/// The longest title, in characters; what is longer goes on in the description.
const MAX_TITLE_CHARS: usize = 500;

/// The longest part of an unknown status that a reason for a hold quotes, in characters.
const MAX_STATUS_CHARS: usize = 60;

/// The tasks of one tag.
#[derive(Debug)]
pub(crate) struct Tag {
    /// Its name in the file.
    pub(crate) name: String,
    /// Its tasks, in the file's order.
    pub(crate) rows: Vec<ImportedTask>,
    /// What became of what.
    pub(crate) notes: Notes,
}

/// Reads the file's text.
///
/// # Errors
/// Where it is not JSON, or has no task list in either form.
pub(crate) fn read(text: &str, form: SubtaskForm) -> Result<Vec<Tag>> {
    let file: Value = serde_json::from_str(text).context("the file is not JSON")?;
    let Value::Object(file) = file else {
        bail!("the file is not a JSON object")
    };
    let lists: Vec<(&str, &Vec<Value>)> = match file.get("tasks") {
        Some(Value::Array(tasks)) => vec![(DEFAULT_TAG, tasks)],
        _ => file
            .iter()
            .filter_map(|(tag, content)| Some((tag.as_str(), content.get("tasks")?.as_array()?)))
            .collect(),
    };
    if lists.is_empty() {
        bail!("the file has no list of tasks: neither \"tasks\" nor a tag with \"tasks\" in it");
    }
    Ok(lists
        .into_iter()
        .map(|(name, tasks)| Reader::new(name, form).read(tasks))
        .collect())
}

struct Reader<'a> {
    tag: &'a str,
    form: SubtaskForm,
    notes: Notes,
}

/// A task of the file on its way to an [`ImportedTask`]: identifiers are the file's (`5`, `5.2`).
struct Draft {
    id: String,
    task: ImportedTask,
    waits_for: Vec<String>,
}

impl<'a> Reader<'a> {
    fn new(tag: &'a str, form: SubtaskForm) -> Self {
        Self {
            tag,
            form,
            notes: Notes::default(),
        }
    }

    fn read(mut self, tasks: &[Value]) -> Tag {
        let mut drafts = Vec::new();
        let mut seen = HashSet::new();
        for task in tasks {
            let Some((id, task)) = task
                .as_object()
                .and_then(|task| Some((id(task.get("id")?)?, task)))
            else {
                self.notes.skipped("has no id");
                continue;
            };
            if !seen.insert(id.clone()) {
                self.notes
                    .skipped("has an id that another task of its tag has too");
                continue;
            }
            self.read_task(&id, task, &mut drafts);
        }
        let mut seen = HashSet::new();
        drafts.retain(|draft| seen.insert(draft.id.clone()));
        links::resolve(&mut drafts, &mut self.notes);
        links::open_circles(&mut drafts, &mut self.notes);
        links::claimable_only(&mut drafts, &mut self.notes);
        let source = |id: &str| format!("{}/{id}", self.tag);
        let rows = drafts
            .into_iter()
            .map(|draft| ImportedTask {
                source: source(&draft.id),
                dependencies: draft.waits_for.iter().map(|id| source(id)).collect(),
                ..draft.task
            })
            .collect();
        Tag {
            name: self.tag.to_owned(),
            rows,
            notes: self.notes,
        }
    }

    fn read_task(&mut self, id: &str, task: &Map<String, Value>, drafts: &mut Vec<Draft>) {
        let no_subtasks = Vec::new();
        let subtasks: Vec<&Map<String, Value>> = task
            .get("subtasks")
            .and_then(Value::as_array)
            .unwrap_or(&no_subtasks)
            .iter()
            .filter_map(Value::as_object)
            .collect();
        let mut draft = self.draft(id.to_owned(), task, "task");
        draft.waits_for = dependencies(task);
        match self.form {
            SubtaskForm::Checklist => {
                for subtask in &subtasks {
                    self.notes
                        .lost_keys("subtask", subtask, prompt::SUBTASK_KEYS);
                }
                self.notes.subtasks_listed += subtasks.len();
                draft.task.prompt = prompt::with_checklist(draft.task.prompt.take(), id, &subtasks);
                drafts.push(draft);
            }
            SubtaskForm::Tasks => {
                // The work of a task is its subtasks, so they start when it could, and it is done when they are.
                let siblings: HashSet<String> = subtasks
                    .iter()
                    .filter_map(|one| self::id(one.get("id")?))
                    .collect();
                let mut children = Vec::new();
                for subtask in subtasks {
                    let Some(number) = subtask.get("id").and_then(self::id) else {
                        self.notes.skipped("is a subtask without an id");
                        continue;
                    };
                    let mut child = self.draft(format!("{id}.{number}"), subtask, "subtask");
                    child.task.priority = draft.task.priority;
                    let own = dependencies(subtask).into_iter().map(|dependency| {
                        if siblings.contains(&dependency) {
                            format!("{id}.{dependency}")
                        } else {
                            dependency
                        }
                    });
                    child.waits_for = own.chain(draft.waits_for.iter().cloned()).collect();
                    children.push(child);
                }
                draft
                    .waits_for
                    .extend(children.iter().map(|child| child.id.clone()));
                self.notes.subtasks_made += children.len();
                drafts.push(draft);
                drafts.append(&mut children);
            }
        }
    }

    /// Returns the task without its dependencies.
    fn draft(&mut self, id: String, source: &Map<String, Value>, what: &'static str) -> Draft {
        let (status, on_hold) = self.status(source);
        self.notes.lost_keys(what, source, prompt::TASK_KEYS);
        let mut description = text(source, "description");
        let mut title = text(source, "title")
            .unwrap_or_else(|| format!("Task {id}"))
            .replace(['\r', '\n'], " ");
        if title.chars().count() > MAX_TITLE_CHARS {
            self.notes
                .changed("title was cut; it goes on in the description");
            let rest = description.map_or_else(String::new, |rest| format!("\n\n{rest}"));
            description = Some(format!("{title}{rest}"));
            title = title
                .chars()
                .take(MAX_TITLE_CHARS - 1)
                .chain(['…'])
                .collect();
        }
        let task = ImportedTask {
            title,
            description,
            prompt: prompt::of(source),
            status,
            on_hold,
            priority: self.priority(source),
            ..ImportedTask::default()
        };
        Draft {
            id,
            task,
            waits_for: Vec::new(),
        }
    }

    /// Returns the status of a task, and the reason for which nobody is to work on it: what the
    /// source put off, gave up, or has in a status that is not known here is on hold.
    fn status(&mut self, source: &Map<String, Value>) -> (Status, Option<String>) {
        let name = match source.get("status") {
            None | Some(Value::Null) => "pending".to_owned(),
            Some(Value::String(name)) => name.clone(),
            Some(other) => other.to_string(),
        };
        let on_hold = |why: &str| (Status::Unclaimed, Some(why.to_owned()));
        let spelled = name.trim().to_lowercase().replace(['_', ' '], "-");
        let (status, hold) = match spelled.as_str() {
            "in-progress" => (Status::InProgress, None),
            "done" | "completed" | "review" => (Status::Completed, None),
            "pending" | "blocked" | "" => (Status::Unclaimed, None),
            "deferred" => on_hold("Deferred in Task Master"),
            "cancelled" | "canceled" => on_hold("Cancelled in Task Master"),
            _ => {
                let shown: String = name.chars().take(MAX_STATUS_CHARS).collect();
                on_hold(&format!(
                    "Status '{shown}' in Task Master, which is unknown here"
                ))
            }
        };
        let becomes = match hold {
            Some(_) => "on hold",
            None => status.as_str(),
        };
        self.notes.status(&name, becomes);
        (status, hold)
    }

    fn priority(&mut self, source: &Map<String, Value>) -> u32 {
        match source.get("priority").and_then(Value::as_str) {
            Some("critical") => 1,
            Some("high") => 2,
            Some("medium") => 3,
            Some("low") => 4,
            None => 0,
            Some(_) => {
                self.notes
                    .changed("priority is not known here, so it has none");
                0
            }
        }
    }
}

fn dependencies(source: &Map<String, Value>) -> Vec<String> {
    source
        .get("dependencies")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(id)
        .collect()
}

/// An identifier of the file as text: it has numbers and texts.
fn id(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        _ => None,
    }
}

fn text(source: &Map<String, Value>, key: &str) -> Option<String> {
    source
        .get(key)
        .and_then(Value::as_str)
        .filter(|text| !text.trim().is_empty())
        .map(str::to_owned)
}

#[cfg(test)]
mod tests;
