//! Rows about attention items.

use tasktree_protocol::{AttentionItem, Timestamp};

/// Open attention item with the row that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttentionRow {
    /// Row that the item is about, such as `agent:ada`. It has at most one item of each kind.
    pub subject: String,
    /// The item. Its marks are not set.
    pub item: AttentionItem,
}

/// Marks of a person on an attention item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AttentionMarks {
    /// True if the person has seen the item.
    pub seen: bool,
    /// True if the person is done with the item.
    pub done: bool,
    /// Time until which the person does not want to see the item.
    pub snoozed_until: Option<Timestamp>,
}

/// Ready task that nobody has claimed for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverdueTask {
    /// Number of the task.
    pub number: u64,
    /// Time since which it could be claimed and was not changed.
    pub since: Timestamp,
}
