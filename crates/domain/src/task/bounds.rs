//! Bounds of a task's fields. They are checked here, and shown in the API's description.

use std::collections::HashSet;

use tasktree_protocol::{Status, TaskId, task_patch_fields};

use crate::letters;
use crate::limits::Limits;
use crate::validate::Checks;

/// Bound of a field that people and agents set, as the API's description has it.
#[derive(Clone, Copy, Debug)]
pub enum Bound {
    /// None, or a rule of its own.
    Any,
    /// Bound of a text.
    Text(TextBound),
    /// Maximum of a number.
    Number(u32),
    /// Maximum number of tasks in a list.
    Tasks(usize),
    /// Bound of a list of texts.
    List(ListBound),
}

/// Bound of a text.
#[derive(Clone, Copy, Debug)]
pub enum TextBound {
    /// A rule of its own.
    OwnRule,
    /// A line with visible content, of at most this many characters.
    Line(usize),
    /// Such a line, stored without blanks at its ends.
    Trimmed(usize),
    /// A text of at most this many bytes.
    Bytes(usize),
    /// A name of a git branch, of at most this many characters.
    Branch(usize),
}

/// Bound of a list of texts.
#[derive(Clone, Copy, Debug)]
pub struct ListBound {
    /// Maximum number of entries.
    pub entries: usize,
    /// Bound of each entry.
    pub entry: Entry,
}

/// Maximum of a number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AtMost(u32);

/// Maximum number of tasks in a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TasksAtMost(usize);

/// Absence of a bound: any value of the type will do, or the field has a rule of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unbounded;

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
        /// Bounds of all fields that can be changed, each of the kind that the field's type has.
        #[derive(Debug)]
        pub struct TaskBounds {
            $(pub(crate) $name: <$type as Bounded>::Bound,)*
        }

        impl TaskBounds {
            /// Returns the bounds with the names of their fields.
            pub fn named(&self) -> impl Iterator<Item = (&'static str, Bound)> {
                [$((stringify!($name), Bound::from(self.$name))),*].into_iter()
            }
        }
    };
}
task_patch_fields!(define);

impl TaskBounds {
    /// Returns the bounds that follow from the limits.
    pub const fn new(limits: &Limits) -> Self {
        let files = ListBound {
            entries: limits.list_entries,
            entry: Entry::Text(limits.list_entry_chars),
        };
        Self {
            title: TextBound::Trimmed(limits.title_chars),
            description: TextBound::Bytes(limits.description_bytes),
            prompt: TextBound::Bytes(limits.prompt_bytes),
            status: Unbounded,
            branch: TextBound::Branch(limits.branch_chars),
            session: TextBound::Line(limits.branch_chars),
            dependencies: TasksAtMost(limits.list_entries),
            priority: AtMost(limits.priority_max),
            owned_files: files,
            shared_files: files,
            creates_files: files,
            merge_order: Unbounded,
            exclusive_files: files,
            initialization_deps: files,
            on_hold: TextBound::Line(limits.title_chars),
            // Checked by `parent`.
            parent: Unbounded,
            // Checked by `assignee`.
            assignee: TextBound::OwnRule,
            labels: ListBound {
                entries: limits.labels_per_task,
                entry: Entry::Word(limits.label_chars),
            },
        }
    }
}

/// Type of a field that people and agents set. It decides the kind of the field's bound, so a bound
/// that does not fit the type does not compile.
pub(crate) trait Bounded {
    /// Kind of the bound.
    type Bound: Copy + Into<Bound>;

    /// Checks the value of a field.
    fn check(&self, bound: Self::Bound, field: &str, checks: &mut Checks);

    /// Brings a checked value into the form in which it is stored.
    fn tidy(&mut self, _bound: Self::Bound) {}
}

impl<T: Bounded> Bounded for Option<T> {
    type Bound = T::Bound;

    fn check(&self, bound: Self::Bound, field: &str, checks: &mut Checks) {
        if let Some(value) = self {
            value.check(bound, field, checks);
        }
    }

    fn tidy(&mut self, bound: Self::Bound) {
        if let Some(value) = self {
            value.tidy(bound);
        }
    }
}

impl Bounded for String {
    type Bound = TextBound;

    fn check(&self, bound: TextBound, field: &str, checks: &mut Checks) {
        match bound {
            TextBound::OwnRule => {}
            TextBound::Line(chars) => checks.line(field, self, chars),
            TextBound::Trimmed(chars) => checks.line(field, self.trim(), chars),
            TextBound::Bytes(bytes) => checks.bytes(field, Some(self), bytes),
            TextBound::Branch(chars) => checks.branch(field, self, chars),
        }
    }

    fn tidy(&mut self, bound: TextBound) {
        if let TextBound::Trimmed(_) = bound {
            *self = self.trim().to_owned();
        }
    }
}

impl Bounded for u32 {
    type Bound = AtMost;

    fn check(&self, bound: AtMost, field: &str, checks: &mut Checks) {
        checks.at_most(field, (*self).into(), bound.0.into());
    }
}

impl Bounded for Vec<TaskId> {
    type Bound = TasksAtMost;

    fn check(&self, bound: TasksAtMost, field: &str, checks: &mut Checks) {
        checks.count(field, self.len(), bound.0);
    }
}

impl Bounded for Vec<String> {
    type Bound = ListBound;

    fn check(&self, bound: ListBound, field: &str, checks: &mut Checks) {
        checks.count(field, bound.entry.count(self), bound.entries);
        for (index, text) in self.iter().take(bound.entries).enumerate() {
            bound.entry.check(&format!("{field}.{index}"), text, checks);
        }
    }

    fn tidy(&mut self, bound: ListBound) {
        if let Entry::Word(_) = bound.entry {
            *self = distinct(self);
        }
    }
}

macro_rules! unbounded {
    ($($type:ty),*) => {
        $(impl Bounded for $type {
            type Bound = Unbounded;

            fn check(&self, _bound: Unbounded, _field: &str, _checks: &mut Checks) {}
        })*
    };
}
unbounded!(i64, Status, TaskId);

impl From<TextBound> for Bound {
    fn from(bound: TextBound) -> Self {
        Self::Text(bound)
    }
}

impl From<ListBound> for Bound {
    fn from(bound: ListBound) -> Self {
        Self::List(bound)
    }
}

impl From<AtMost> for Bound {
    fn from(bound: AtMost) -> Self {
        Self::Number(bound.0)
    }
}

impl From<TasksAtMost> for Bound {
    fn from(bound: TasksAtMost) -> Self {
        Self::Tasks(bound.0)
    }
}

impl From<Unbounded> for Bound {
    fn from(_: Unbounded) -> Self {
        Self::Any
    }
}

/// Returns the words without blanks at their ends, each only as it was first written.
fn distinct(words: &[String]) -> Vec<String> {
    let mut seen = HashSet::new();
    let words = words.iter().map(|word| word.trim());
    let is_new = |word: &&str| seen.insert(letters::composed(word).to_lowercase());
    words.filter(is_new).map(str::to_owned).collect()
}
