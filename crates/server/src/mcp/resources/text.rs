//! The board and its tasks as Markdown.

use std::fmt::Write as _;

use tasktree_protocol::{ProjectId, Status, Task, TaskCard, TaskId};

use super::cards;
use crate::mcp::arguments::Outcome;
use crate::mcp::budget::{ANSWER_BYTES, short};
use crate::mcp::caller::Caller;

/// Number of tasks of one status that the board shows.
const SHOWN: usize = 40;

/// Longest comment in a task, in bytes.
const NOTE_BYTES: usize = 500;

/// Number of comments in a task.
const NOTES: usize = 5;

/// Returns the board.
pub(super) async fn board_text(caller: &Caller, project: &ProjectId) -> Outcome<String> {
    let row = caller.service.project(project).await?.value;
    let stats = caller.service.stats(project).await?.value;
    let mut text = format!(
        "# {}\n\n{} tasks: {} in progress, {} up next, {} unclaimed, {} completed, {} merged. {} \
         agents work.\n",
        row.name,
        stats.total_tasks,
        stats.in_progress_tasks,
        stats.up_next_tasks,
        stats.unclaimed_tasks,
        stats.completed_tasks,
        stats.merged_tasks,
        stats.active_agents,
    );
    let columns = [
        (Status::InProgress, "In progress"),
        (Status::UpNext, "Up next"),
        (Status::Unclaimed, "Unclaimed"),
    ];
    for (status, heading) in columns {
        let (cards, more) = cards(caller, project, vec![status], SHOWN).await?;
        if cards.is_empty() {
            continue;
        }
        let _ = write!(text, "\n## {heading}\n\n");
        for card in &cards {
            text.push_str(&line(card));
        }
        if more {
            text.push_str("- and more: `board_list`\n");
        }
    }
    Ok(text)
}

/// Returns the line of a task on the board.
fn line(card: &TaskCard) -> String {
    let mut facts = Vec::new();
    if card.priority > 0 {
        facts.push(format!("priority {}", card.priority));
    }
    if let Some(holder) = &card.holder {
        facts.push(format!("held by {holder}"));
    }
    if let Some(hold) = &card.on_hold {
        facts.push(format!("on hold: {}", hold.reason));
    }
    let facts = match facts.is_empty() {
        true => String::new(),
        false => format!(" ({})", facts.join(", ")),
    };
    format!("- #{} {}{facts}\n", card.number, short(&card.title, 120))
}

/// Returns a task with its newest notes.
pub(super) async fn task_text(
    caller: &Caller,
    project: &ProjectId,
    number: u64,
) -> Outcome<String> {
    let id = TaskId::new(number, project);
    let task = caller.service.task(project, &id).await?.value;
    let comments = caller.service.comments(project, &id).await?.value;
    let mut notes = String::new();
    let written = comments.iter().filter(|one| one.deleted_at.is_none());
    for note in written.rev().take(NOTES) {
        let author = note.author.split_once(':').map_or("", |(_, name)| name);
        let _ = write!(
            notes,
            "\n**{author}**, {}: {}\n",
            note.made_at,
            short(&note.body, NOTE_BYTES)
        );
    }
    let mut text = heading(project, &task);
    if !notes.is_empty() {
        let _ = write!(text, "\n## Newest notes\n{notes}");
    }
    // Last, since it may be long.
    let left = ANSWER_BYTES.saturating_sub(text.len());
    let parts = [("Description", &task.description), ("Prompt", &task.prompt)];
    let parts = parts
        .into_iter()
        .filter_map(|(name, part)| Some((name, part.as_deref()?)))
        .filter(|(_, part)| !part.trim().is_empty());
    let mut texts = String::new();
    for (name, part) in parts {
        let _ = write!(texts, "\n## {name}\n\n{}\n", part.trim_end());
    }
    text.push_str(&short(&texts, left));
    Ok(text)
}

/// Returns the title of a task and its facts.
fn heading(project: &ProjectId, task: &Task) -> String {
    let mut facts = vec![task.status.as_str().replace('_', " ")];
    if task.priority > 0 {
        facts.push(format!("priority {}", task.priority));
    }
    if let Some(holder) = &task.holder {
        facts.push(format!("held by {holder}"));
    }
    if !task.branch.is_empty() {
        facts.push(format!("branch `{}`", task.branch));
    }
    let blockers = task
        .blocked_by
        .iter()
        .filter_map(|id| id.number_in(project));
    let blockers: Vec<_> = blockers.map(|number| format!("#{number}")).collect();
    if !blockers.is_empty() {
        facts.push(format!("blocked by {}", blockers.join(", ")));
    }
    if let Some(hold) = &task.on_hold {
        facts.push(format!("on hold: {}", hold.reason));
    }
    format!(
        "# #{} {}\n\n{}\n",
        task.number,
        task.title,
        facts.join(" · ")
    )
}
