//! One list of a file: each entry becomes a task, or a note gives the reason why not.

use std::collections::{BTreeMap, HashSet};

use sha2::{Digest as _, Sha256};

use super::super::json::Json;
use super::super::words::line;
use super::super::{List, Note, StatusCount, Subtasks, Tally};
use super::entry::Entry;
use super::links::{self, Draft};
use super::prompt;
use super::task::visible;
use crate::hex::hex;
use crate::import::{ImportedTask, merge::checked};
use crate::limits::Limits;

/// Maximum length of the text from which an identifier is made, in characters.
pub(super) const ID_CHARS: usize = 60;

/// Bytes of the digest that tells truncated identifiers apart.
const DIGEST_BYTES: usize = 6;

/// Parses a list, choosing identifiers that differ from all in `taken`.
pub(super) fn read(
    name: &str,
    is_default: bool,
    entries: &[Json],
    subtasks: Subtasks,
    limits: &Limits,
    taken: &mut HashSet<String>,
) -> List {
    let mut reader = Reader {
        name,
        subtasks,
        limits,
        taken,
        tally: Tally::default(),
        statuses: BTreeMap::new(),
        notes: Vec::new(),
        drafts: Vec::new(),
    };
    reader.read(entries);
    links::resolve(name, &mut reader.drafts, &mut reader.notes, limits);
    let tasks = reader.valid_tasks();
    let statuses = reader.statuses.into_iter();
    let statuses = statuses.map(|((from, to), count)| StatusCount { from, to, count });
    List {
        name: name.to_owned(),
        is_default,
        tasks: tasks.into(),
        tally: reader.tally,
        statuses: statuses.collect(),
        notes: reader.notes,
    }
}

/// Reader of a list, with the tasks read so far.
pub(super) struct Reader<'a> {
    name: &'a str,
    subtasks: Subtasks,
    pub(super) limits: &'a Limits,
    /// Identifiers that the file's tasks have here.
    taken: &'a mut HashSet<String>,
    tally: Tally,
    pub(super) statuses: BTreeMap<(String, String), usize>,
    notes: Vec<Note>,
    drafts: Vec<Draft>,
}

impl Reader<'_> {
    /// Adds a note about a task.
    pub(super) fn note(&mut self, task: &str, note: impl Into<String>) {
        self.notes.push(Note {
            task: task.to_owned(),
            note: note.into(),
        });
    }

    fn read(&mut self, values: &[Json]) {
        let mut entries = Vec::new();
        self.tally.entries = values.len();
        for (index, value) in values.iter().enumerate() {
            match Entry::read(value) {
                // Tasks get their identifiers before subtasks, which may have the same ones.
                Some(entry) => {
                    let id = own_id(&entry);
                    let source = self.source(&id, &entry);
                    entries.push((id, source, entry));
                }
                None => {
                    self.tally.left_out += 1;
                    let place = format!("{}: entry {}", self.name, index + 1);
                    self.note(&place, format!("is empty ({value}), so it was left out"));
                }
            }
        }
        for (id, source, entry) in entries {
            if entry.broken > 0 {
                let note = format!(
                    "{} invalid characters in its texts (unpaired surrogates, or bytes that are \
                     not text) were replaced with U+FFFD",
                    entry.broken
                );
                self.note(&source, note);
            }
            self.tally.subtasks += entry.below();
            let empty = entry.empty_below();
            if empty > 0 {
                self.tally.left_out += empty;
                let note = format!("{empty} empty subtasks were left out");
                self.note(&source, note);
            }
            match self.subtasks {
                Subtasks::Checklist => self.with_checklist(&id, source, entry),
                Subtasks::Tasks => {
                    self.with_tasks(&id, source, entry, None);
                }
            }
        }
    }

    /// Returns a unique identifier for an entry.
    fn source(&mut self, id: &str, entry: &Entry) -> String {
        let wanted = format!("{}/{id}", self.name);
        let mut source = line(&wanted).unwrap_or_default();
        if source != wanted || source.chars().count() > self.limits.name_chars.saturating_sub(12) {
            let digest = hex(&Sha256::digest(&wanted)[..DIGEST_BYTES]);
            source = source.chars().take(ID_CHARS).collect();
            source.push('~');
            source.push_str(&digest);
            self.note(
                &source,
                format!("has the identifier {wanted:?} in the file"),
            );
        }
        let mut own = source.clone();
        let mut count = 1;
        while !self.taken.insert(own.clone()) {
            count += 1;
            own = format!("{source}~{count}");
        }
        if count > 1 {
            let note = format!("is number {count} of the entries with the identifier {source}");
            self.note(&own, note);
        } else if entry.id.is_none() {
            self.note(
                &own,
                "has no identifier in the file, so its title identifies it",
            );
        }
        own
    }

    fn with_checklist(&mut self, id: &str, source: String, mut entry: Entry) {
        self.tally.subtasks_listed += entry.below() - entry.empty_below();
        let mut parts = Vec::new();
        prompt::paths(id, &entry, &mut parts);
        for subtask in &mut entry.subtasks {
            self.see_titles(id, &source, subtask);
        }
        let checklist = prompt::checklist(id, &entry.subtasks);
        let rest = prompt::rests(id, &entry.subtasks);
        let draft = self.draft(id, source, entry, checklist.as_deref(), rest);
        self.drafts.push(Draft { parts, ..draft });
    }

    /// Turns the titles of a subtask and its descendants into single lines.
    fn see_titles(&mut self, parent: &str, source: &str, subtask: &mut Entry) {
        let path = prompt::path(parent, subtask);
        if let Some(title) = subtask.title.take() {
            let (visible, differs) = visible(&title);
            if differs {
                self.note(
                    source,
                    format!(
                        "invisible characters were removed from the title of its subtask {path}"
                    ),
                );
                subtask.rest.push(("title".to_owned(), Json::Text(title)));
            }
            subtask.title = visible;
        }
        for below in &mut subtask.subtasks {
            self.see_titles(&path, source, below);
        }
    }

    /// Adds a task for an entry and each one below it. Returns the index of the first.
    fn with_tasks(
        &mut self,
        id: &str,
        source: String,
        mut entry: Entry,
        parent: Option<usize>,
    ) -> usize {
        let below = std::mem::take(&mut entry.subtasks);
        let siblings = parent.map(|parent| self.drafts[parent].id.clone());
        let mut draft = self.draft(id, source, entry, None, Vec::new());
        if let Some(parent) = parent
            && draft.task.priority == 0
        {
            draft.task.priority = self.drafts[parent].task.priority;
        }
        draft.siblings = siblings;
        draft.parent = parent;
        let place = self.drafts.len();
        self.drafts.push(draft);
        self.tally.subtasks_made += below.len();
        for entry in below {
            let path = prompt::path(id, &entry);
            let source = self.source(&path, &entry);
            let child = self.with_tasks(&path, source, entry, Some(place));
            self.drafts[place].children.push(child);
        }
        place
    }

    /// Returns the tasks that the board accepts; a note describes the fault of each of the others.
    fn valid_tasks(&mut self) -> Vec<ImportedTask> {
        let mut tasks = Vec::with_capacity(self.drafts.len());
        for draft in std::mem::take(&mut self.drafts) {
            match checked(&draft.task, self.limits) {
                Ok(_) => tasks.push(draft.task),
                Err(error) => {
                    self.tally.left_out += 1 + draft.parts.len();
                    self.tally.subtasks_listed -= draft.parts.len();
                    if draft.parent.is_some() {
                        self.tally.subtasks_made -= 1;
                    }
                    let source = draft.task.source;
                    self.note(&source, format!("was left out: {error}"));
                }
            }
        }
        tasks
    }
}

/// Returns the identifier of an entry, derived from its content if it has none.
fn own_id(entry: &Entry) -> String {
    if let Some(id) = &entry.id {
        return id.clone();
    }
    let title = entry.title.as_deref().and_then(line);
    let title = title.unwrap_or_else(|| {
        let rest = entry
            .rest
            .iter()
            .map(|(name, value)| format!("{name}: {value}"));
        rest.collect::<Vec<_>>().join(", ")
    });
    let short: String = title.chars().take(ID_CHARS).collect();
    format!("~{short}")
}
