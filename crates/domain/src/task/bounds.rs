//! Bounds of a task's fields. They are checked here, and shown in the API's description.

use std::collections::HashSet;

use tasktree_protocol::{Status, TaskId, task_patch_fields};

use crate::letters;
use crate::limits::Limits;
use crate::validate::Checks;

/// Bound of a field that people and agents set.
#[derive(Clone, Copy, Debug)]
pub enum Bound {
    /// None, or a rule of its own.
    Any,
    /// A line with visible content, of at most this many characters.
    Line(usize),
    /// Such a line, stored without blanks at its ends.
    Trimmed(usize),
    /// A text of at most this many bytes.
    Text(usize),
    /// A name of a git branch, of at most this many characters.
    Branch(usize),
    /// A number of at most this.
    Number(u32),
    /// A list of at most this many tasks.
    Tasks(usize),
    /// A list of at most this many entries.
    List(usize, Entry),
}

/// Bound of an entry of a list.
#[derive(Clone, Copy, Debug)]
pub enum Entry {
    /// A text of at most this many characters.
    Text(usize),
    /// A line of at most this many characters. Each is stored once, as it was first written: the
    /// case of its letters makes no difference.
    Word(usize),
}

impl Entry {
    fn check(self, field: &str, text: &str, checks: &mut Checks) {
        match self {
            Self::Text(chars) => checks.chars(field, text, chars),
            Self::Word(chars) => checks.line(field, text.trim(), chars),
        }
    }

    /// Returns the number of entries that are stored.
    fn count(self, list: &[String]) -> usize {
        match self {
            Self::Text(_) => list.len(),
            Self::Word(_) => distinct(list).len(),
        }
    }

    /// Returns the maximum number of characters.
    pub const fn chars(self) -> usize {
        match self {
            Self::Text(chars) | Self::Word(chars) => chars,
        }
    }
}

macro_rules! define {
    ($($name:ident: $type:ty,)*) => {
        /// Bounds of all fields that can be changed.
        #[derive(Debug)]
        pub struct TaskBounds {
            $(pub(crate) $name: Bound,)*
        }

        impl TaskBounds {
            /// Returns the bounds with the names of their fields.
            pub fn named(&self) -> impl Iterator<Item = (&'static str, Bound)> {
                [$((stringify!($name), self.$name)),*].into_iter()
            }
        }
    };
}
task_patch_fields!(define);

impl TaskBounds {
    /// Returns the bounds that follow from the limits.
    pub const fn new(limits: &Limits) -> Self {
        let files = Bound::List(limits.list_entries, Entry::Text(limits.list_entry_chars));
        Self {
            title: Bound::Trimmed(limits.title_chars),
            description: Bound::Text(limits.description_bytes),
            prompt: Bound::Text(limits.prompt_bytes),
            status: Bound::Any,
            branch: Bound::Branch(limits.branch_chars),
            session: Bound::Line(limits.branch_chars),
            dependencies: Bound::Tasks(limits.list_entries),
            priority: Bound::Number(limits.priority_max),
            owned_files: files,
            shared_files: files,
            creates_files: files,
            merge_order: Bound::Any,
            exclusive_files: files,
            initialization_deps: files,
            on_hold: Bound::Line(limits.title_chars),
            // Checked by `parent`.
            parent: Bound::Any,
            // Checked by `assignee`.
            assignee: Bound::Any,
            labels: Bound::List(limits.labels_per_task, Entry::Word(limits.label_chars)),
        }
    }
}

impl Bound {
    /// Checks the value of a field.
    pub(crate) fn check(self, field: &str, value: &impl Bounded, checks: &mut Checks) {
        match (self, value.content()) {
            (Self::Line(chars), Content::Text(text)) => checks.line(field, text, chars),
            (Self::Trimmed(chars), Content::Text(text)) => checks.line(field, text.trim(), chars),
            (Self::Text(bytes), Content::Text(text)) => checks.bytes(field, Some(text), bytes),
            (Self::Branch(chars), Content::Text(text)) => checks.branch(field, text, chars),
            (Self::Number(most), Content::Number(number)) => {
                checks.at_most(field, number.into(), most.into());
            }
            (Self::Tasks(entries), Content::Tasks(tasks)) => checks.count(field, tasks, entries),
            (Self::List(entries, entry), Content::List(list)) => {
                checks.count(field, entry.count(list), entries);
                for (index, text) in list.iter().take(entries).enumerate() {
                    entry.check(&format!("{field}.{index}"), text, checks);
                }
            }
            _ => {}
        }
    }

    /// Brings a checked value into the form in which it is stored.
    pub(crate) fn tidy(self, value: &mut impl Bounded) {
        match (self, value.content_mut()) {
            (Self::Trimmed(_), ContentMut::Text(text)) => *text = text.trim().to_owned(),
            (Self::List(_, Entry::Word(_)), ContentMut::List(list)) => *list = distinct(list),
            _ => {}
        }
    }
}

/// Returns the words without blanks at their ends, each only as it was first written.
fn distinct(words: &[String]) -> Vec<String> {
    let mut seen = HashSet::new();
    let words = words.iter().map(|word| word.trim());
    let is_new = |word: &&str| seen.insert(letters::composed(word).to_lowercase());
    words.filter(is_new).map(str::to_owned).collect()
}

/// Part of a value that a bound applies to.
pub(crate) enum Content<'a> {
    Nothing,
    Text(&'a str),
    Number(u32),
    Tasks(usize),
    List(&'a [String]),
}

/// Part of a value that a bound can change.
pub(crate) enum ContentMut<'a> {
    Nothing,
    Text(&'a mut String),
    List(&'a mut Vec<String>),
}

/// Type of a field that can have a bound.
pub(crate) trait Bounded {
    /// Returns the part that the bound applies to.
    fn content(&self) -> Content<'_>;

    /// Returns the part that the bound can change.
    fn content_mut(&mut self) -> ContentMut<'_> {
        ContentMut::Nothing
    }
}

impl<T: Bounded> Bounded for Option<T> {
    fn content(&self) -> Content<'_> {
        self.as_ref().map_or(Content::Nothing, Bounded::content)
    }

    fn content_mut(&mut self) -> ContentMut<'_> {
        self.as_mut()
            .map_or(ContentMut::Nothing, Bounded::content_mut)
    }
}

impl Bounded for String {
    fn content(&self) -> Content<'_> {
        Content::Text(self)
    }

    fn content_mut(&mut self) -> ContentMut<'_> {
        ContentMut::Text(self)
    }
}

impl Bounded for u32 {
    fn content(&self) -> Content<'_> {
        Content::Number(*self)
    }
}

impl Bounded for Vec<TaskId> {
    fn content(&self) -> Content<'_> {
        Content::Tasks(self.len())
    }
}

impl Bounded for Vec<String> {
    fn content(&self) -> Content<'_> {
        Content::List(self)
    }

    fn content_mut(&mut self) -> ContentMut<'_> {
        ContentMut::List(self)
    }
}

macro_rules! unbounded {
    ($($type:ty),*) => {
        $(impl Bounded for $type {
            fn content(&self) -> Content<'_> {
                Content::Nothing
            }
        })*
    };
}
unbounded!(i64, Status, TaskId);
