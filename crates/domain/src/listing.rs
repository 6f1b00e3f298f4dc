//! Lists in order, encoded part by part, so that a long one is never whole in memory.
//!
//! The entries and their order are read first, in one state. The rows are read part by part after
//! that, each in its state at that time. So a row may be newer than the position of the list, but
//! never older: a client that continues with the events after that position ends up with the
//! current state.

use serde::Serialize;

use crate::error::Result;
use crate::limits::ANSWER_PART_BYTES;
use crate::store::Read;

/// Position in the order of a list of tasks: see [`sort_key`](tasktree_protocol::task::sort_key).
pub type PlaceKey = (u32, u64);

/// Entries of a list: their keys are known, and each is read when its turn comes.
pub trait Entries: Send + Sync + 'static {
    /// Returns the number of entries.
    fn count(&self) -> usize;

    /// Returns the place of the last entry, if a limit cut the list.
    fn last(&self) -> Option<PlaceKey> {
        None
    }

    /// Adds the entries from the start of the part, until the part is large enough.
    fn add(&self, rows: &dyn Read, part: &mut Array) -> Result<()>;
}

/// Function that reads the entry of a key; none if it was removed meanwhile.
type Entry<K, T> = dyn Fn(&dyn Read, &K) -> Result<Option<T>> + Send + Sync;

/// Entries that are read one by one, each by its key.
pub struct Keyed<K, T> {
    keys: Vec<K>,
    entry: Box<Entry<K, T>>,
}

impl<K: std::fmt::Debug, T> std::fmt::Debug for Keyed<K, T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Keyed")
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

impl<K, T> Keyed<K, T> {
    /// Creates a list of entries by their keys, in that order.
    pub(crate) fn new(
        keys: Vec<K>,
        entry: impl Fn(&dyn Read, &K) -> Result<Option<T>> + Send + Sync + 'static,
    ) -> Self {
        Self {
            keys,
            entry: Box::new(entry),
        }
    }

    /// Reads all entries, for callers in this process.
    pub fn all(&self, rows: &dyn Read) -> Result<Vec<T>> {
        let entries = self.keys.iter().map(|key| (self.entry)(rows, key));
        entries.filter_map(Result::transpose).collect()
    }
}

impl<K: Send + Sync + 'static, T: Serialize + 'static> Entries for Keyed<K, T> {
    fn count(&self) -> usize {
        self.keys.len()
    }

    fn add(&self, rows: &dyn Read, part: &mut Array) -> Result<()> {
        for key in self.keys.get(part.index()..).unwrap_or_default() {
            if !part.push((self.entry)(rows, key)?)? {
                break;
            }
        }
        Ok(())
    }
}

/// Start of a part of the list.
#[derive(Clone, Copy, Debug, Default)]
pub struct From {
    index: usize,
    /// True if an entry comes before it.
    has_entries: bool,
}

/// A part of the list, in JSON.
#[derive(Debug)]
pub struct Part {
    /// Text of the part.
    pub bytes: Vec<u8>,
    /// Start of the next part; none after the last.
    pub next: Option<From>,
}

/// Encodes the entries from there on until the part is large enough.
///
/// All parts together form an array.
pub fn part(entries: &dyn Entries, rows: &dyn Read, from: From) -> Result<Part> {
    let mut array = Array {
        bytes: Vec::new(),
        at: from,
    };
    if from.index == 0 {
        array.bytes.push(b'[');
    }
    entries.add(rows, &mut array)?;
    let next = (array.at.index < entries.count()).then_some(array.at);
    if next.is_none() {
        array.bytes.push(b']');
    }
    Ok(Part {
        bytes: array.bytes,
        next,
    })
}

/// An array being encoded.
#[derive(Debug)]
pub struct Array {
    bytes: Vec<u8>,
    at: From,
}

impl Array {
    /// Returns the index of the next entry.
    pub(crate) const fn index(&self) -> usize {
        self.at.index
    }

    /// Adds an entry, unless its row was removed meanwhile; returns true if there is room for
    /// another.
    pub(crate) fn push(&mut self, entry: Option<impl Serialize>) -> Result<bool> {
        self.at.index += 1;
        if let Some(entry) = entry {
            if self.at.has_entries {
                self.bytes.push(b',');
            }
            self.at.has_entries = true;
            serde_json::to_writer(&mut self.bytes, &entry)?;
        }
        Ok(self.bytes.len() < ANSWER_PART_BYTES)
    }
}
