//! Log lines: stored in a limited number and sent as they come, but not part of an event log.

use serde::{Deserialize, Serialize};
use tasktree_protocol::event::{Level, LogLines};
use tasktree_protocol::{AgentId, Event, ProjectId, TaskId};

use super::validate::cut;
use super::{Change, agent, task, terminal};
use crate::error::Result;
use crate::limits::Limits;
use crate::store::{LogEntry, Signs};

/// Log lines to be stored and shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NewLogLines {
    /// Author of the lines; none for the project itself.
    #[serde(default)]
    #[schema(ignore)]
    pub agent: Option<AgentId>,
    /// Task that they are about; the agent's if left out.
    #[serde(default)]
    pub task_id: Option<TaskId>,
    /// Generation of the claim that they are about; 409 if it is an older one.
    #[serde(default)]
    pub generation: Option<u64>,
    /// Severity of the lines.
    #[serde(default)]
    #[schema(value_type = Option<Level>)]
    pub level: Level,
    /// The lines. A line break splits one into two.
    pub lines: Vec<String>,
}

/// Maximum bytes of text in one message.
///
/// A message larger than a connection's send buffer would reach nobody. This leaves room for JSON
/// that takes six bytes per character.
const TOLD_BYTES: usize = 32 * 1024;

/// Result of storing log lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = LogStored)]
pub struct LinesStored {
    /// Number of stored lines.
    pub stored: usize,
    /// Number of earlier lines that were dropped because the request had too many. A line in their
    /// place says so.
    pub dropped: usize,
    /// Number of lines that were cut because they were too long. Each says so at its end.
    pub cut: usize,
}

/// Stores lines. Keeps the newest of too many, and the beginning of one that is too long.
pub fn add(change: &mut Change<'_>, project: &ProjectId, new: &NewLogLines) -> Result<LinesStored> {
    change.require(project)?;
    let (lines, outcome) = shown(&new.lines, change.limits);
    let mut task_id = match &new.task_id {
        Some(task) => Some(task::find(&*change.tx, project, task)?.task.id.clone()),
        None => None,
    };
    if let Some(id) = &new.agent {
        let mut stored = change.agent(project, id)?;
        agent::require_voice_of(change, &stored)?;
        if let Some(generation) = new.generation {
            let about = new.task_id.as_ref();
            agent::refuse_late(change, project, &stored, generation, about, true)?;
        }
        if task_id.is_none() {
            task_id = stored.agent.task();
        }
        if let Some(last) = lines.last() {
            stored.agent.output_preview = Some(last.clone());
            let has_content = lines.iter().any(|line| !line.trim().is_empty());
            if has_content && task_id == stored.agent.task() {
                stored.agent.progressed_at = Some(change.now);
                stored.signs = stored.signs.with(Signs::LOG);
            }
        }
        agent::mark_heard(change, project, &mut stored)?;
    }
    if lines.is_empty() {
        return Ok(outcome);
    }
    let entry = |line: &String| LogEntry {
        at: change.now,
        agent: new.agent.clone(),
        task_id: task_id.clone(),
        level: new.level,
        line: line.clone(),
    };
    let entries: Vec<_> = lines.iter().map(entry).collect();
    change
        .tx
        .add_log_lines(project, &entries, change.limits.log_lines_per_agent)?;
    for lines in told_together(lines) {
        change.send_ephemeral(
            project,
            Event::Log(LogLines {
                agent: new.agent.clone(),
                task_id: task_id.clone(),
                level: new.level,
                lines,
            }),
        )?;
    }
    Ok(outcome)
}

/// Returns the lines of a request that are to be stored.
fn shown(given: &[String], limits: &Limits) -> (Vec<String>, LinesStored) {
    let mut lines: Vec<String> = given
        .iter()
        .flat_map(|text| terminal::lines(text))
        .collect();
    let mut outcome = LinesStored::default();
    // The newest lines show the outcome, and one line gives the number of missing ones.
    let most = limits.log_lines_per_request;
    if lines.len() > most {
        outcome.dropped = lines.len() - (most - 1);
        let said = format!("[{} earlier lines were dropped]", outcome.dropped);
        lines.splice(..outcome.dropped, [said]);
    }
    for line in &mut lines {
        if let Some(short) = shortened(line, limits.log_line_bytes) {
            *line = short;
            outcome.cut += 1;
        }
    }
    outcome.stored = lines.len();
    (lines, outcome)
}

/// Returns a line that is too long in short form, with a mark at its end for the number of cut
/// bytes.
fn shortened(line: &str, most: usize) -> Option<String> {
    /// Maximum bytes of the mark.
    const MARK: usize = 40;
    if line.len() <= most {
        return None;
    }
    let kept = cut(line, most.saturating_sub(MARK));
    Some(format!("{kept} … [{} bytes cut]", line.len() - kept.len()))
}

/// Groups the lines into messages of at most [`TOLD_BYTES`], each with at least one line.
fn told_together(lines: Vec<String>) -> Vec<Vec<String>> {
    let mut messages: Vec<Vec<String>> = Vec::new();
    let mut room = 0;
    for line in lines {
        match messages.last_mut() {
            Some(last) if line.len() <= room => {
                room -= line.len();
                last.push(line);
            }
            _ => {
                room = TOLD_BYTES.saturating_sub(line.len());
                messages.push(vec![line]);
            }
        }
    }
    messages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_too_many_lines_the_newest_are_kept_and_one_says_how_many_are_not() {
        let limits = Limits {
            log_lines_per_request: 3,
            ..Limits::default()
        };
        let given = ["a\nb".to_owned(), "c".to_owned()];
        let (lines, outcome) = shown(&given, &limits);
        assert_eq!(lines, ["a", "b", "c"]);
        assert_eq!((outcome.stored, outcome.dropped), (3, 0));
        let given = ["a\nb".to_owned(), "c\nd\ne".to_owned()];
        let (lines, outcome) = shown(&given, &limits);
        assert_eq!(lines, ["[3 earlier lines were dropped]", "d", "e"]);
        assert_eq!((outcome.stored, outcome.dropped), (3, 3));
    }

    #[test]
    fn a_line_that_is_cut_says_so_and_is_not_longer_than_it_may_be() {
        let most = Limits::default().log_line_bytes;
        for letter in ["x", "修"] {
            let line = letter.repeat(most);
            let short = shortened(&line, most).unwrap_or_else(|| line.clone());
            assert!(short.len() <= most);
            let long = format!("{line}{line}");
            let short = shortened(&long, most).unwrap();
            assert!(short.len() <= most, "{}", short.len());
            let said = short.rsplit_once(" … [").unwrap();
            let cut: usize = said.1.split(' ').next().unwrap().parse().unwrap();
            assert_eq!(said.0.len() + cut, long.len());
        }
    }

    #[test]
    fn lines_are_told_in_their_order_in_messages_that_are_small_enough() {
        let line = |letter: char, length: usize| letter.to_string().repeat(length);
        let (a, b, c) = (line('a', TOLD_BYTES - 1), line('b', 1), line('c', 1));
        let long = line('d', TOLD_BYTES + 1);
        let told = told_together(vec![
            a.clone(),
            b.clone(),
            c.clone(),
            long.clone(),
            c.clone(),
        ]);
        assert_eq!(told, [vec![a, b], vec![c.clone()], vec![long], vec![c]]);
        assert!(told_together(Vec::new()).is_empty());
    }
}
