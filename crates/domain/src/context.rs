//! Context that a harness gives its agent at the start of a session and with each prompt.

use tasktree_protocol::question::Answer;
use tasktree_protocol::{AgentId, ProjectId};

use super::agent::find;
use super::task;
use super::validate::cut;
use crate::error::Result;
use crate::store::{Inbox, Read};

/// Maximum size of the context, in bytes.
pub const CONTEXT_BYTES: usize = 1024;

/// Maximum size of an answer or a message in it, in bytes.
const QUOTED_BYTES: usize = 300;

/// Maximum size of a name or a title in it, in bytes.
const NAMED_BYTES: usize = 100;

/// Line at the end if there is more to read than the context has room for.
const MORE: &str = "There is more: run `tasktree inbox`.";

/// Returns the context of an agent: its name, its task, commands, and answers and messages that it
/// has not read.
pub fn context(
    rows: &dyn Read,
    project: &ProjectId,
    id: &AgentId,
    answers: &[Answer],
) -> Result<String> {
    let stored = find(rows, project, id)?;
    let agent = &stored.agent;
    let name = short(id.as_str(), NAMED_BYTES);
    let place = short(project.as_str(), NAMED_BYTES);
    let mut text =
        format!("You are the agent {name} on the TaskTree board of the project {place}.\n");
    match agent.held_task() {
        Some(held) => {
            let found = task::find(rows, project, &held)?;
            let task = &found.task;
            let title = short(&task.title, NAMED_BYTES);
            text.push_str(&format!("You hold task #{}: {title}\n", task.number));
        }
        None => text.push_str("You hold no task.\n"),
    }
    text.push_str(
        "Commands: `tasktree next` claims a task, `tasktree done SUMMARY` completes it, \
         `tasktree block REASON` asks a person.\n",
    );
    let messages = rows.messages(project, id, Inbox::Unread)?;
    let answers = answers.iter().filter_map(|answer| {
        let by = answer.by.rsplit(':').next().unwrap_or_default();
        let said = short(answer.text.as_deref()?, QUOTED_BYTES);
        Some(format!("Answer of {by} to your question: {said}\n"))
    });
    let messages = messages.iter().map(|message| {
        let said = short(&message.body, QUOTED_BYTES);
        format!(
            "Message from {}: {said}\n",
            short(&message.from, NAMED_BYTES)
        )
    });
    let mut lines = answers.chain(messages).peekable();
    while let Some(line) = lines.next() {
        let last = if lines.peek().is_some() {
            MORE.len()
        } else {
            0
        };
        if text.len() + line.len() + last > CONTEXT_BYTES {
            text.push_str(MORE);
            break;
        }
        text.push_str(&line);
    }
    let text = text.trim_end();
    Ok(cut(text, CONTEXT_BYTES).to_owned())
}

/// Returns a text in one line, cut to that many bytes.
fn short(text: &str, most: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    if line.len() <= most {
        return line;
    }
    format!("{}…", cut(&line, most - '…'.len_utf8()))
}
