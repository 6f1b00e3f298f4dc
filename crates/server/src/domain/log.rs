//! Log lines: kept in a bounded number, told as they come, in no event log.

use serde::{Deserialize, Serialize};
use tasktree_protocol::event::{Level, LogLines};
use tasktree_protocol::{AgentId, Event, ProjectId, TaskId};

use super::validate::{Checks, cut};
use super::{Work, agent, task};
use crate::error::Result;
use crate::store::{LogEntry, Signs};

/// Lines to be stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewLogLines {
    /// Who wrote them; none for the project itself.
    #[serde(default)]
    pub agent: Option<AgentId>,
    /// About which task; the agent's where left out.
    #[serde(default)]
    pub task_id: Option<TaskId>,
    /// Generation of the claim that they are about. Lines of an older one are refused.
    #[serde(default)]
    pub generation: Option<u64>,
    /// How serious.
    #[serde(default)]
    pub level: Level,
    /// The lines. A line break in one makes two of it.
    pub lines: Vec<String>,
}

/// A message tells no more text than this, in bytes: one that is larger than what a connection may have waiting would reach nobody, also where
/// each of its letters takes six in JSON.
const TOLD_BYTES: usize = 32 * 1024;

pub(crate) fn add(work: &mut Work<'_>, project: &ProjectId, new: &NewLogLines) -> Result<usize> {
    work.require(project)?;
    let mut checks = Checks::default();
    checks.count("lines", new.lines.len(), work.limits.log_lines_per_request);
    checks.finish()?;
    let most = work.limits.log_line_bytes;
    let lines: Vec<String> = new
        .lines
        .iter()
        .flat_map(|text| text.lines())
        .take(work.limits.log_lines_per_request)
        .map(|line| cut(line, most).to_owned())
        .collect();
    let mut task_id = match &new.task_id {
        Some(task) => Some(task::find(&*work.tx, project, task)?.task.id.clone()),
        None => None,
    };
    if let Some(id) = &new.agent {
        let mut stored = work.agent(project, id)?;
        agent::require_voice_of(work, &stored)?;
        if let Some(generation) = new.generation {
            let about = new.task_id.as_ref();
            agent::refuse_late(work, project, &stored, generation, about, true)?;
        }
        if task_id.is_none() {
            task_id = stored.agent.task();
        }
        if let Some(last) = lines.last() {
            stored.agent.output_preview = Some(last.clone());
            let has_content = lines.iter().any(|line| !line.trim().is_empty());
            if has_content && task_id == stored.agent.task() {
                stored.agent.progressed_at = Some(work.now);
                stored.signs = stored.signs.with(Signs::LOG);
            }
        }
        agent::hear(work, project, &mut stored)?;
    }
    if lines.is_empty() {
        return Ok(0);
    }
    let entry = |line: &String| LogEntry {
        at: work.now,
        agent: new.agent.clone(),
        task_id: task_id.clone(),
        level: new.level,
        line: line.clone(),
    };
    let entries: Vec<_> = lines.iter().map(entry).collect();
    work.tx
        .add_log_lines(project, &entries, work.limits.log_lines_per_agent)?;
    for lines in told_together(lines) {
        work.tell(
            project,
            Event::Log(LogLines {
                agent: new.agent.clone(),
                task_id: task_id.clone(),
                level: new.level,
                lines,
            }),
        )?;
    }
    Ok(entries.len())
}

/// The lines in messages of at most [`TOLD_BYTES`], and of one line at least.
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
