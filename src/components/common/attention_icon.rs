//! The shape of each kind of attention.

use tasktree_protocol::attention::AttentionKind;

use crate::ui::IconName;

/// Returns the icon of a kind of attention.
pub fn attention_icon(kind: AttentionKind) -> IconName {
    match kind {
        AttentionKind::Waiting => IconName::Diamond,
        AttentionKind::Failed => IconName::Close,
        AttentionKind::Silent => IconName::Dashed,
        AttentionKind::NoProgress => IconName::Hourglass,
        AttentionKind::LeaseConflict => IconName::Copy,
        AttentionKind::Contradicted => IconName::Warning,
        AttentionKind::ReadyUnclaimed => IconName::Ring,
    }
}
