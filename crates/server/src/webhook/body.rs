//! Body of a request: the item, and the same in one text for chat programs.

use serde::Serialize;
use tasktree_protocol::TaskId;
use tasktree_protocol::agent::WaitKind;
use tasktree_protocol::attention::{AttentionItem, AttentionKind};

/// Body of a request, in JSON.
#[derive(Debug, Serialize)]
pub(super) struct Body<'a> {
    /// The item in words. Slack and programs like it show this field.
    text: String,
    /// Type of the request.
    event: &'static str,
    /// Address of the page that shows the item.
    link: &'a str,
    /// The item.
    item: &'a AttentionItem,
}

impl<'a> Body<'a> {
    pub(super) fn of(item: &'a AttentionItem, link: &'a str) -> Self {
        Self {
            text: format!("{}\n{link}", words(item)),
            event: "attention_opened",
            link,
            item,
        }
    }
}

/// Returns the path of the page that shows an item.
pub(super) fn path(item: &AttentionItem) -> String {
    use std::fmt::Write as _;
    let mut path = String::from("p/");
    for byte in item.project.as_str().bytes() {
        let is_plain = byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        let _ = match is_plain {
            true => write!(path, "{}", char::from(byte)),
            false => write!(path, "%{byte:02X}"),
        };
    }
    if let Some(number) = number(item) {
        let _ = write!(path, "/t/{number}");
    }
    path
}

fn number(item: &AttentionItem) -> Option<u64> {
    let task = item.task.as_ref();
    task.and_then(|task: &TaskId| task.number_in(&item.project))
}

/// Returns an item in words.
fn words(item: &AttentionItem) -> String {
    let agent = item
        .agent
        .as_ref()
        .map_or("an agent", |agent| agent.as_str());
    let task = number(item).map_or_else(String::new, |number| format!(" on #{number}"));
    let said = match item.kind {
        AttentionKind::Waiting => match item.wait {
            Some(WaitKind::Permission) => format!("{agent} asks for permission{task}"),
            Some(WaitKind::Auth) => format!("{agent} needs a sign-in{task}"),
            Some(WaitKind::RateLimit | WaitKind::Dependency) => {
                format!("{agent} waits longer than expected{task}")
            }
            Some(WaitKind::Question | WaitKind::Other) | None => format!("{agent} asks{task}"),
        },
        AttentionKind::Failed => format!("{agent} failed{task}"),
        AttentionKind::Silent => format!("{agent} is silent{task}"),
        AttentionKind::NoProgress => format!("{agent} makes no progress{task}"),
        AttentionKind::LeaseConflict => {
            let other = item
                .other
                .as_ref()
                .map_or("another", |other| other.as_str());
            format!("{agent} and {other} edit the same files")
        }
        AttentionKind::Contradicted => {
            format!("The evidence of {agent} is contradicted{task}")
        }
        AttentionKind::ReadyUnclaimed => format!("Nobody has started a ready task{task}"),
    };
    let text = item.text.trim();
    let colon = if text.is_empty() { "" } else { ": " };
    format!("[{}] {said}{colon}{text}", item.project)
}
