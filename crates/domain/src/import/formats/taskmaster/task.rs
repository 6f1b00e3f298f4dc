//! Conversion of an entry to a task: each of its values has a place in it, or is noted.

use super::super::json::Json;
use super::super::words::line;
use super::entry::Entry;
use super::links::Draft;
use super::list::{ID_CHARS, Reader};
use super::{prompt, shown, status};
use crate::import::ImportedTask;

impl Reader<'_> {
    /// Returns a task without its dependencies.
    pub(super) fn draft(
        &mut self,
        id: &str,
        source: String,
        mut entry: Entry,
        checklist: Option<&str>,
        rests: Vec<Json>,
    ) -> Draft {
        let is_number = |id: &String| {
            id.chars()
                .all(|letter| letter.is_ascii_digit() || letter == '.')
        };
        if let Some(named) = entry.id.take().filter(|id| !is_number(id)) {
            // The board shows no identifiers of the source, and this one may carry meaning.
            entry.rest.insert(0, ("id".to_owned(), Json::Text(named)));
        }
        let standing = self.standing(&mut entry);
        let priority = self.priority(&source, &mut entry);
        let (title, begun) = self.title(id, &source, &mut entry);
        let mut description = match (begun, entry.description.take()) {
            (Some(begun), Some(description)) => Some(format!("{begun}\n\n{description}")),
            (begun, description) => begun.or(description),
        };
        let mut continued = None;
        if let Some(text) = &mut description
            && text.len() > self.limits.description_bytes
        {
            let end = text.floor_char_boundary(self.limits.description_bytes);
            continued = Some(text.split_off(end));
            self.note(
                &source,
                "its description is too long; the rest is in the prompt",
            );
        }
        let sections = prompt::sections(&entry, continued.as_deref(), checklist);
        if !rests.is_empty() {
            entry.rest.push(("subtasks".to_owned(), Json::List(rests)));
        }
        let prompt = self.prompt(&source, &sections, entry.rest);
        Draft {
            id: id.to_owned(),
            task: ImportedTask {
                source,
                title,
                description,
                prompt,
                status: standing.status,
                on_hold: standing.on_hold,
                priority,
                ..ImportedTask::default()
            },
            waits_for: entry.waits_for,
            ..Draft::default()
        }
    }

    fn standing(&mut self, entry: &mut Entry) -> status::Standing {
        let written = entry.status.take();
        let standing = status::standing(written.as_deref().unwrap_or_default());
        let to = match standing.on_hold {
            Some(_) => "on hold",
            None => standing.status.as_str(),
        };
        let from = match &written {
            Some(written) => line(written)
                .unwrap_or_default()
                .chars()
                .take(ID_CHARS)
                .collect(),
            None => "none".to_owned(),
        };
        *self.statuses.entry((from, to.to_owned())).or_default() += 1;
        if let Some(written) = written.filter(|_| standing.is_rounded) {
            entry.rest.push(("status".to_owned(), Json::Text(written)));
        }
        standing
    }

    fn priority(&mut self, source: &str, entry: &mut Entry) -> u32 {
        let Some(written) = entry.priority.take() else {
            return 0;
        };
        let read = status::priority(&written, self.limits.priority_max);
        if read.is_none() {
            let shown = shown(&Json::Text(written.clone()));
            self.note(
                source,
                format!("its priority {shown} is unknown, so it has no priority"),
            );
        }
        let (priority, is_exact) = read.unwrap_or_default();
        if !is_exact {
            entry
                .rest
                .push(("priority".to_owned(), Json::Text(written)));
        }
        priority
    }

    /// Returns the title, and the full title if it had to be shortened.
    fn title(&mut self, id: &str, source: &str, entry: &mut Entry) -> (String, Option<String>) {
        let mut title = None;
        if let Some(written) = entry.title.take() {
            let (visible, differs) = visible(&written);
            if differs {
                let seen = visible.as_deref().unwrap_or("nothing");
                let shown: String = seen.chars().take(ID_CHARS).collect();
                self.note(
                    source,
                    format!("invisible characters were removed from its title; it is now: {shown}"),
                );
                entry.rest.push(("title".to_owned(), Json::Text(written)));
            }
            title = visible;
        }
        let title = title.unwrap_or_else(|| {
            let id = line(id).unwrap_or_default();
            format!("Task {}", id.chars().take(ID_CHARS).collect::<String>())
        });
        let most = self.limits.title_chars;
        if title.chars().count() <= most {
            return (title, None);
        }
        self.note(
            source,
            "its title is too long; the full title is at the start of the description",
        );
        let short = title.chars().take(most.saturating_sub(1)).chain(['…']);
        (short.collect(), Some(title))
    }

    /// Returns the prompt: its sections, then the fields that have no place in a task.
    ///
    /// Fields that do not fit are noted.
    fn prompt(
        &mut self,
        source: &str,
        sections: &[String],
        rest: Vec<(String, Json)>,
    ) -> Option<String> {
        let most = self.limits.prompt_bytes;
        let mut text = sections.join("\n\n");
        if !rest.is_empty() {
            let tail = prompt::tail(&Json::Object(rest.clone()));
            let gap = if text.is_empty() { "" } else { "\n\n" };
            if text.len() + gap.len() + tail.len() <= most {
                text.push_str(gap);
                text.push_str(&tail);
            } else {
                for (name, value) in rest {
                    let note = format!(
                        "not imported, because the prompt is full: {name}: {}",
                        shown(&value)
                    );
                    self.note(source, note);
                }
            }
        }
        if text.len() > most {
            let left = text.split_off(text.floor_char_boundary(most));
            let note = format!(
                "its texts are too long for a prompt; cut off at the end: {}",
                shown(&Json::Text(left))
            );
            self.note(source, note);
        }
        (!text.is_empty()).then_some(text)
    }
}

/// Returns the visible part of a title, and true if it differs by more than white space.
pub(super) fn visible(title: &str) -> (Option<String>, bool) {
    let visible = line(title);
    let words = title.split_whitespace().collect::<Vec<_>>().join(" ");
    let differs = visible.as_deref().unwrap_or_default() != words;
    (visible, differs)
}
