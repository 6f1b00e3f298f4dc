//! Comparison of the stored items of a project with those that the rules derive, and the events
//! about the differences.

use tasktree_protocol::attention::{AttentionChanged, AttentionItem, AttentionKind};
use tasktree_protocol::{Event, ProjectId};

use super::rules::Derived;
use crate::Change;
use crate::change::EventContext;
use crate::error::Result;
use crate::limits::ATTENTION_PER_EVENT;
use crate::store::AttentionRow;

/// The items of one project while they are compared, and what has changed so far.
pub(super) struct Settling<'c, 'a> {
    pub(super) change: &'c mut Change<'a>,
    pub(super) project: &'c ProjectId,
    /// True if items that time causes may be opened.
    opens_due: bool,
    opened: Vec<AttentionItem>,
    closed: Vec<u64>,
}

impl<'c, 'a> Settling<'c, 'a> {
    pub(super) fn new(change: &'c mut Change<'a>, project: &'c ProjectId) -> Self {
        Self {
            change,
            project,
            opens_due: false,
            opened: Vec::new(),
            closed: Vec::new(),
        }
    }

    /// Also opens items that time causes.
    pub(super) fn with_due(mut self) -> Self {
        self.opens_due = true;
        self
    }

    pub(super) fn found(&self, subject: &str) -> Result<Vec<AttentionRow>> {
        self.change.tx.attention_of(self.project, subject)
    }

    /// Closes the items of a subject that are no longer derived, and opens or updates the one that
    /// is.
    pub(super) fn settle(
        &mut self,
        subject: &str,
        found: Vec<AttentionRow>,
        derived: Option<Derived>,
    ) -> Result<()> {
        let mut known = None;
        for AttentionRow { item, .. } in found {
            match &derived {
                Some(derived) if has_same_cause(&item, &derived.item) => known = Some(item),
                _ => self.close(item.id)?,
            }
        }
        match (known, derived) {
            (Some(known), Some(derived)) => {
                let item = AttentionItem {
                    id: known.id,
                    since: known.since,
                    ..derived.item
                };
                if item != known {
                    self.change.tx.put_attention(&item)?;
                    self.opened.push(item);
                }
            }
            (None, Some(derived)) if self.opens_due || !derived.is_due => {
                let (project, mut item) = (self.project, derived.item);
                item.id = self.change.tx.add_attention(project, subject, &item)?;
                self.opened.push(item);
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn close(&mut self, id: u64) -> Result<()> {
        self.closed.push(id);
        self.change.tx.delete_attention(id)
    }

    /// Emits the events about what has changed.
    pub(super) fn tell(self) -> Result<()> {
        let (mut opened, mut closed) = (self.opened, self.closed);
        while !opened.is_empty() || !closed.is_empty() {
            let rest = opened.split_off(ATTENTION_PER_EVENT.min(opened.len()));
            let later = closed.split_off(ATTENTION_PER_EVENT.min(closed.len()));
            let data = AttentionChanged { opened, closed };
            let event = Event::AttentionChanged(serde_json::to_value(&data)?);
            let context = EventContext {
                system: true,
                ..EventContext::default()
            };
            self.change.emit(Some(self.project), event, context)?;
            (opened, closed) = (rest, later);
        }
        Ok(())
    }
}

/// Returns true if two items about one subject are of the same cause. Otherwise the later one is a
/// new item.
fn has_same_cause(one: &AttentionItem, other: &AttentionItem) -> bool {
    one.kind == other.kind
        && one.question == other.question
        && match one.kind {
            // A wait without a question has no number.
            AttentionKind::Waiting => {
                one.question.is_some() || (one.wait, one.since) == (other.wait, other.since)
            }
            AttentionKind::Failed => (&one.task, &one.text) == (&other.task, &other.text),
            AttentionKind::ReadyUnclaimed => one.task == other.task,
            AttentionKind::Silent
            | AttentionKind::NoProgress
            | AttentionKind::LeaseConflict
            | AttentionKind::Contradicted => true,
        }
}
