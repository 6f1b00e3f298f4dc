//! Marks of people on attention items. They are private, and end with the item.

use tasktree_protocol::attention::{AttentionMark, AttentionMarked};
use tasktree_protocol::{Event, Maybe, ProjectId, StreamId};

use crate::auth::{Person, SpeaksAs};
use crate::error::{Error, Result};
use crate::person::no_person;
use crate::store::Read;
use crate::{Change, person};

/// Changes the marks of a person on an open item, and tells that person's connections.
pub fn mark(
    change: &mut Change<'_>,
    project: &ProjectId,
    person: &str,
    id: u64,
    mark: &AttentionMark,
) -> Result<AttentionMarked> {
    if !matches!(change.speaks_as(), SpeaksAs::Anyone | SpeaksAs::Person(_)) {
        return Err(no_person());
    }
    change.require(project)?;
    if !change.tx.has_attention(project, id)? {
        return Err(Error::NotFound(format!(
            "Attention item {id} not found: its cause has ended"
        )));
    }
    let before = change.tx.attention_marks(person, id)?;
    let mut marks = before.unwrap_or_default();
    marks.seen = mark.seen.unwrap_or(marks.seen);
    marks.done = mark.done.unwrap_or(marks.done);
    match &mark.snoozed_until {
        Maybe::Absent => {}
        Maybe::Null => marks.snoozed_until = None,
        Maybe::Value(until) => marks.snoozed_until = Some(*until),
    }
    let marked = AttentionMarked {
        person: person.to_owned(),
        project: project.clone(),
        id,
        seen: marks.seen,
        done: marks.done,
        snoozed_until: marks.snoozed_until,
    };
    if before != Some(marks) {
        change.tx.put_attention_marks(person, id, &marks)?;
        let event = Event::AttentionMarked(serde_json::to_value(&marked)?);
        for stream in streams_of(&*change.tx, project, person)? {
            change.send_personal(stream, project, event.clone())?;
        }
    }
    Ok(marked)
}

/// Returns the streams of a person's connections: one for each of their tokens that reaches the
/// project.
fn streams_of(rows: &dyn Read, project: &ProjectId, person: &str) -> Result<Vec<StreamId>> {
    if Person::is_of_nobody(person) {
        return Ok(vec![StreamId::personal(person)]);
    }
    let tokens = person::living(rows)?;
    let own = tokens
        .iter()
        .filter(|token| token.person.as_ref().is_some_and(|of| of.id == person))
        .filter(|token| token.project.as_ref().is_none_or(|only| only == project));
    Ok(own.map(|token| StreamId::personal(&token.name)).collect())
}
