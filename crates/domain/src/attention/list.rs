//! The list of open items.

use std::collections::BTreeMap;

use tasktree_protocol::ProjectId;
use tasktree_protocol::attention::{AttentionItem, AttentionKind, AttentionRest};

use crate::auth::Scope;
use crate::error::Result;
use crate::exists;
use crate::limits::{ATTENTION_ANSWER_BYTES, Limits};
use crate::store::Read;

/// Approximate bytes of an item besides its texts.
const ITEM_BYTES: usize = 200;

/// Returns the open items of one project, or of all that the caller reaches, and the numbers of
/// those that are left out. The items have the marks of `person`.
pub fn list(
    rows: &dyn Read,
    scope: &Scope,
    project: Option<&ProjectId>,
    person: Option<&str>,
    limits: &Limits,
) -> Result<(Vec<AttentionItem>, Vec<AttentionRest>)> {
    let projects = match project {
        Some(project) => {
            exists::require(rows, project)?;
            vec![project.clone()]
        }
        None => rows.project_ids()?,
    };
    let (mut items, mut rest) = (Vec::new(), Vec::new());
    let mut bytes = 0;
    for project in projects.iter().filter(|project| scope.has(project)) {
        let mut counts: BTreeMap<AttentionKind, u64> =
            rows.attention_counts(project)?.into_iter().collect();
        if counts.is_empty() {
            continue;
        }
        if bytes < ATTENTION_ANSWER_BYTES {
            for row in rows.attention(project, limits.attention_per_project)? {
                bytes += size(&row.item);
                if bytes > ATTENTION_ANSWER_BYTES && !items.is_empty() {
                    break;
                }
                if let Some(count) = counts.get_mut(&row.item.kind) {
                    *count = count.saturating_sub(1);
                }
                items.push(row.item);
            }
        }
        counts.retain(|_, count| *count > 0);
        rest.extend(counts.into_iter().map(|(kind, count)| AttentionRest {
            project: project.clone(),
            kind,
            count,
        }));
    }
    items.sort_by_key(|item| (item.kind, item.since.unix_millis(0), item.id));
    if let Some(person) = person {
        add_marks(rows, person, &mut items)?;
    }
    Ok((items, rest))
}

fn add_marks(rows: &dyn Read, person: &str, items: &mut [AttentionItem]) -> Result<()> {
    let marks: BTreeMap<_, _> = rows.all_attention_marks(person)?.into_iter().collect();
    for item in items {
        if let Some(marks) = marks.get(&item.id) {
            item.seen = marks.seen;
            item.done = marks.done;
            item.snoozed_until = marks.snoozed_until;
        }
    }
    Ok(())
}

fn size(item: &AttentionItem) -> usize {
    let options: usize = item.options.iter().map(String::len).sum();
    let folder = item.folder.as_ref().map_or(0, String::len);
    ITEM_BYTES + item.text.len() + options + folder
}
