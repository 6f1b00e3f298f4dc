//! Attention items in words.

use tasktree_protocol::Agent;
use tasktree_protocol::attention::{AttentionItem, AttentionKind};

use crate::i18n::{I18n, Text};

/// Returns the state of an item in one or two words.
pub fn state_name(i18n: I18n, item: &AttentionItem) -> Text {
    match item.kind {
        AttentionKind::Waiting if item.answered => i18n.t(|s| s.attention.answered),
        AttentionKind::Waiting => i18n.t(|s| s.attention.needs_you),
        AttentionKind::Failed => i18n.t(|s| s.attention.has_failed),
        AttentionKind::Silent => i18n.t(|s| s.attention.is_silent),
        AttentionKind::NoProgress => i18n.t(|s| s.attention.has_no_progress),
        AttentionKind::LeaseConflict => i18n.t(|s| s.attention.file_conflict),
        AttentionKind::Contradicted => i18n.t(|s| s.attention.contradicted),
        AttentionKind::ReadyUnclaimed => i18n.t(|s| s.attention.unclaimed),
    }
}

/// Returns what an item says beside its state: the last activity, or the files. The question or
/// the reason has a place of its own.
pub fn detail(i18n: I18n, item: &AttentionItem) -> Option<String> {
    let text = Some(&item.text).filter(|text| !text.is_empty())?;
    match item.kind {
        AttentionKind::Waiting | AttentionKind::Failed => None,
        AttentionKind::Silent | AttentionKind::NoProgress => {
            Some(i18n.t(|s| s.attention.last)(text))
        }
        AttentionKind::LeaseConflict
        | AttentionKind::Contradicted
        | AttentionKind::ReadyUnclaimed => Some(text.clone()),
    }
}

/// Returns the machine and the folder of the agent, if they are known.
pub fn place(machine: Option<&str>, folder: Option<&str>) -> Option<String> {
    let known = [machine, folder].into_iter().flatten();
    let parts: Vec<&str> = known.filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join(" \u{b7} "))
}

/// Returns the machine and the folder of an agent's newest run, if they are known.
pub fn place_of(agent: &Agent) -> Option<String> {
    let run = agent.run.as_ref()?;
    place(Some(&run.machine), run.folder.as_deref())
}

/// Returns a sentence about an agent that can be answered in its terminal only.
pub fn terminal_text(i18n: I18n, item: &AttentionItem) -> String {
    match place(item.machine.as_deref(), item.folder.as_deref()) {
        Some(place) => i18n.t(|s| s.attention.in_terminal_at)(&place),
        None => i18n.t(|s| s.attention.in_terminal).to_owned(),
    }
}
