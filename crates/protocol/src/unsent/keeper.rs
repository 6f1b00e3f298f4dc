//! Unsent changes that one page is responsible for.

use serde_json::Value;

use super::entry::{Caller, Entry, Fate, Now, has_become};
use crate::error::code;
use crate::{Command, WireError};

/// Storage that outlives a page.
pub trait Shelf {
    /// Stores an entry under a key and replaces an earlier one. Returns false if there is no room.
    fn put(&mut self, key: &str, entry: &Entry) -> bool;
    /// Removes the entry with that key.
    fn remove(&mut self, key: &str);
}

/// Result of [`Keeper::begin`]: the next step for a change.
#[derive(Clone, Debug, PartialEq)]
pub enum Begun {
    /// Send this command under that id, and pass the answer to [`Keeper::learn`].
    Send(String, Box<Command>),
    /// The change must not be sent again. The entry is now a report to its author.
    Report,
    /// The change belongs to another caller and stays stored.
    Leave,
    /// There is no such entry, or it is already a report.
    Over,
}

/// Consequence of an answer for the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learned {
    /// The change took effect. Its entry was removed.
    Done,
    /// The change was not sent, or was refused temporarily: begin again later.
    Again,
    /// The change was refused. The entry is now a report to its author.
    Report,
    /// Another caller is signed in. The change stays stored for its author.
    Leave,
}

#[derive(Debug)]
struct Kept {
    key: String,
    entry: Entry,
    /// True if the change was adopted from a page that is gone.
    is_adopted: bool,
    /// True if the shelf has the entry in its current state.
    is_stored: bool,
}

/// The changes of one page, stored on a shelf. A page records each step of a change here before it
/// takes the step.
#[derive(Debug)]
pub struct Keeper<S> {
    shelf: S,
    /// Prefix of the keys of this page.
    prefix: String,
    last: u64,
    kept: Vec<Kept>,
}

impl<S: Shelf> Keeper<S> {
    /// Creates a keeper without changes. The prefix must be unique to this page.
    pub fn new(shelf: S, prefix: impl Into<String>) -> Self {
        Self {
            shelf,
            prefix: prefix.into(),
            last: 0,
            kept: Vec::new(),
        }
    }

    /// Adds a change of this page. Returns false if the shelf has no room; the change is then lost
    /// with the page.
    pub fn keep(&mut self, entry: Entry) -> bool {
        self.last += 1;
        let key = format!("{}{:06}", self.prefix, self.last);
        let is_stored = self.shelf.put(&key, &entry);
        self.kept.push(Kept {
            key,
            entry,
            is_adopted: false,
            is_stored,
        });
        is_stored
    }

    /// Forgets all entries whose keys begin with `prefix`, because another page has adopted them.
    /// They stay on the shelf.
    pub fn hand_over(&mut self, prefix: &str) {
        self.kept.retain(|it| !it.key.starts_with(prefix));
    }

    /// Sets another prefix for the keys of later changes.
    pub fn rename(&mut self, prefix: impl Into<String>) {
        self.prefix = prefix.into();
    }

    /// Adopts an entry of a page that is gone, as read from the shelf.
    pub fn adopt(&mut self, key: impl Into<String>, entry: Entry) {
        let key = key.into();
        if self.kept.iter().all(|it| it.key != key) {
            self.kept.push(Kept {
                key,
                entry,
                is_adopted: true,
                is_stored: true,
            });
        }
    }

    /// Returns all entries, including reports, in the order in which they were added.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.kept.iter().map(|it| &it.entry)
    }

    /// Returns the entries that were adopted from pages that are gone.
    pub fn adopted(&self) -> impl Iterator<Item = &Entry> {
        self.kept
            .iter()
            .filter(|it| it.is_adopted)
            .map(|it| &it.entry)
    }

    /// Returns the entry of a change.
    pub fn entry(&self, intent: &str) -> Option<&Entry> {
        self.entries().find(|it| it.intent == intent)
    }

    /// Returns true if all changes are on the shelf and would outlive the page.
    pub fn has_room(&self) -> bool {
        self.kept.iter().all(|it| it.is_stored)
    }

    /// Records that a command is about to be sent for a change. Does nothing if the change is
    /// unknown.
    pub fn note_attempt(&mut self, intent: &str, id: &str, command: &Command, now: Now) {
        let mark = |entry: &mut Entry| {
            if entry.id != id {
                // Another command, which was never sent.
                id.clone_into(&mut entry.id);
                entry.sent_ms = None;
            }
            entry.command = command.clone();
            entry.sent_ms.get_or_insert(now.earliest_ms);
        };
        if let Some(kept) = self.change(intent, mark)
            && !kept.is_stored
        {
            // What is on the shelf says that it was never sent.
            let key = kept.key.clone();
            self.shelf.remove(&key);
        }
    }

    /// Begins to send an adopted change.
    pub fn begin(&mut self, intent: &str, now: Now, caller: &Caller) -> Begun {
        let Some(entry) = self.entry(intent).filter(|it| it.refused.is_none()) else {
            return Begun::Over;
        };
        match entry.fate(now, caller) {
            Fate::Leave => Begun::Leave,
            Fate::Uncertain => {
                self.report(intent, uncertain());
                Begun::Report
            }
            Fate::Send => {
                let (id, mut command) = (entry.id.clone(), entry.command.clone());
                // The same person may have signed in by another credential since.
                if let Some(bound) = command.bound_mut() {
                    bound.caller = Some(caller.credential.clone());
                }
                if let Some(kept) = self.find(intent) {
                    kept.entry.caller = caller.clone();
                }
                self.note_attempt(intent, &id, &command, now);
                Begun::Send(id, Box::new(command))
            }
        }
    }

    /// Handles the answer to a command that [`Keeper::begin`] returned: the new version of the row,
    /// if there is a row, or the refusal.
    pub fn learn(&mut self, intent: &str, answer: Result<Option<u64>, WireError>) -> Learned {
        let error = match answer {
            Ok(rev) => {
                self.settle(intent, rev);
                return Learned::Done;
            }
            Err(error) => error,
        };
        if error.code == code::OTHER_CALLER {
            return Learned::Leave;
        }
        if error.code == code::UNSENT || error.temporary {
            return Learned::Again;
        }
        let is_made = self
            .entry(intent)
            .is_some_and(|entry| is_made(&entry.command, &error));
        if is_made {
            self.remove(intent);
            return Learned::Done;
        }
        self.report(intent, error);
        Learned::Report
    }

    /// Treats a change of this page like an adopted one, because its author is no longer signed in.
    pub fn leave(&mut self, intent: &str) {
        if let Some(kept) = self.find(intent) {
            kept.is_adopted = true;
        }
    }

    /// Records that a change took effect, and the new version of its row. Unsent changes of this
    /// page for the version before it then apply to the new version.
    pub fn settle(&mut self, intent: &str, rev: Option<u64>) {
        let done = self.entry(intent).map(|entry| entry.command.clone());
        self.remove(intent);
        let (Some(Command::UpdateTask { task, if_rev, .. }), Some(rev)) = (done, rev) else {
            return;
        };
        if if_rev.is_none_or(|seen| seen.saturating_add(1) != rev) {
            return;
        }
        let follows = |entry: &Entry| {
            let same = matches!(&entry.command, Command::UpdateTask { task: it, if_rev: seen, .. }
                if *it == task && *seen == if_rev);
            same && entry.sent_ms.is_none() && entry.refused.is_none()
        };
        let later: Vec<_> = self
            .entries()
            .filter(|it| follows(it))
            .map(|it| it.intent.clone())
            .collect();
        for intent in later {
            self.change(&intent, |entry| {
                if let Command::UpdateTask { if_rev, .. } = &mut entry.command {
                    *if_rev = Some(rev);
                }
            });
        }
    }

    /// Turns a change that was not made into a report of the error to its author.
    pub fn report(&mut self, intent: &str, error: WireError) {
        // Rows are large, and a report has no use for them.
        let error = WireError {
            current: None,
            ..error
        };
        self.change(intent, |entry| entry.refused = Some(error));
    }

    /// Removes a change whose outcome its author knows.
    pub fn remove(&mut self, intent: &str) {
        let Some(at) = self.kept.iter().position(|it| it.entry.intent == intent) else {
            return;
        };
        let kept = self.kept.remove(at);
        self.shelf.remove(&kept.key);
    }

    fn find(&mut self, intent: &str) -> Option<&mut Kept> {
        self.kept.iter_mut().find(|it| it.entry.intent == intent)
    }

    /// Changes an entry here and on the shelf. If the shelf has no room, its copy stays as it was.
    fn change(&mut self, intent: &str, change: impl FnOnce(&mut Entry)) -> Option<&Kept> {
        let at = self.kept.iter().position(|it| it.entry.intent == intent)?;
        let kept = self.kept.get_mut(at)?;
        change(&mut kept.entry);
        kept.is_stored = self.shelf.put(&kept.key, &kept.entry);
        Some(kept)
    }
}

/// Returns true if a refusal means that the change already took effect.
pub fn is_made(command: &Command, error: &WireError) -> bool {
    match command {
        Command::UpdateTask { patch, .. } => {
            let is_so = |row: &Value| has_become(row, patch);
            error.code == code::CONFLICT && error.current.as_ref().is_some_and(is_so)
        }
        Command::DeleteTask { .. } => error.code == code::NOT_FOUND,
        Command::CreateTask { .. } | Command::RestoreTask { .. } => false,
    }
}

fn uncertain() -> WireError {
    let message = "The server did not respond. The change may have been made anyway.";
    WireError::new(code::UNSENT, message)
}
