//! The changes that one page is responsible for.

use serde_json::Value;

use super::entry::{Caller, Entry, Fate, Now, has_become};
use crate::error::code;
use crate::{Command, WireError};

/// The place where changes outlive a page.
pub trait Shelf {
    /// Keeps an entry under a key, in place of what is there. Returns false where there is no room.
    fn put(&mut self, key: &str, entry: &Entry) -> bool;
    /// Removes what is under a key.
    fn remove(&mut self, key: &str);
}

/// The beginning of an attempt to have a change made.
#[derive(Clone, Debug, PartialEq)]
pub enum Begun {
    /// Send this command under that id, and give the answer to [`Keeper::learn`].
    Send(String, Box<Command>),
    /// It was not sent: its author has to look. The entry is a report from now on.
    Report,
    /// It is somebody else's.
    Leave,
    /// There is no such entry, or it is a report.
    Over,
}

/// Consequence of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learned {
    /// The change is made; it is kept no longer.
    Done,
    /// No answer came, or one for the moment: begin again later.
    Again,
    /// It was refused. The entry is a report from now on.
    Report,
    /// Somebody else is signed in: it waits for its author.
    Leave,
}

#[derive(Debug)]
struct Kept {
    key: String,
    entry: Entry,
    /// It was made on a page that is gone.
    is_adopted: bool,
    /// It is on the shelf as it is here.
    is_stored: bool,
}

/// Keeps changes on a shelf. Whatever a page does with a change, it says so here first.
#[derive(Debug)]
pub struct Keeper<S> {
    shelf: S,
    /// The beginning of the keys of this page.
    prefix: String,
    last: u64,
    kept: Vec<Kept>,
}

impl<S: Shelf> Keeper<S> {
    /// Returns a keeper of a page without changes. No other page has its prefix.
    pub fn new(shelf: S, prefix: impl Into<String>) -> Self {
        Self {
            shelf,
            prefix: prefix.into(),
            last: 0,
            kept: Vec::new(),
        }
    }

    /// Keeps a change of this page. Returns false where there is no room for it: then it lives as
    /// long as the page.
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

    /// Lets go of all entries whose keys begin with `prefix`, which stay on the shelf: another page
    /// has taken them over.
    pub fn hand_over(&mut self, prefix: &str) {
        self.kept.retain(|it| !it.key.starts_with(prefix));
    }

    /// Keeps the changes that follow under another prefix.
    pub fn rename(&mut self, prefix: impl Into<String>) {
        self.prefix = prefix.into();
    }

    /// Takes over entries of a page that is gone, as they are on the shelf.
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

    /// Returns all entries, reports among them, in the order in which they came here.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.kept.iter().map(|it| &it.entry)
    }

    /// Returns the entries that were taken over from pages that are gone.
    pub fn adopted(&self) -> impl Iterator<Item = &Entry> {
        self.kept
            .iter()
            .filter(|it| it.is_adopted)
            .map(|it| &it.entry)
    }

    /// Returns the change of that name.
    pub fn entry(&self, intent: &str) -> Option<&Entry> {
        self.entries().find(|it| it.intent == intent)
    }

    /// Returns true if all changes would outlive the page.
    pub fn has_room(&self) -> bool {
        self.kept.iter().all(|it| it.is_stored)
    }

    /// Notes that a command is about to be sent for a change of this page. Does nothing if the
    /// change is not kept here.
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

    /// Begins an attempt to have a change made that was taken over.
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

    /// Takes the answer to a command that [`Keeper::begin`] gave: the version of the row after it,
    /// where there is a row, or the refusal.
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

    /// Leaves a change of this page to its author, who is not signed in: from now on it is as one
    /// that was taken over.
    pub fn leave(&mut self, intent: &str) {
        if let Some(kept) = self.find(intent) {
            kept.is_adopted = true;
        }
    }

    /// Notes that a change was made, in that version of its row. Later changes of this page that
    /// were made for the version before it are for this one.
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

    /// Makes a change a report: what is left of it is to tell its author why it was not made.
    pub fn report(&mut self, intent: &str, error: WireError) {
        // Rows are large, and a report has no use for them.
        let error = WireError {
            current: None,
            ..error
        };
        self.change(intent, |entry| entry.refused = Some(error));
    }

    /// Forgets a change: its author knows what became of it.
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

    /// Changes an entry here and on the shelf, which keeps what it has where there is no room.
    fn change(&mut self, intent: &str, change: impl FnOnce(&mut Entry)) -> Option<&Kept> {
        let at = self.kept.iter().position(|it| it.entry.intent == intent)?;
        let kept = self.kept.get_mut(at)?;
        change(&mut kept.entry);
        kept.is_stored = self.shelf.put(&kept.key, &kept.entry);
        Some(kept)
    }
}

/// Returns true if a refusal says that there is nothing left to do: what was asked for is so.
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
