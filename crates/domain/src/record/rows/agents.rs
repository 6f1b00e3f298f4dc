//! Agents and their runs.

use serde_json::json;
use tasktree_protocol::agent::Run;
use tasktree_protocol::{Agent, AgentId, ProjectId};

use super::super::{Fields, Noted, Recorder};
use super::{agent_subject, noted};
use crate::error::Result;
use crate::store::{EndedRun, StoredAgent};

impl Recorder<'_> {
    /// Returns an agent's row.
    pub(crate) fn agent(&self, project: &ProjectId, id: &AgentId) -> Result<Option<StoredAgent>> {
        let found = self.rows.agent(project, id)?;
        if let Some(found) = &found {
            self.agent.replace(Some((project.clone(), found.clone())));
        }
        Ok(found)
    }

    /// Returns an agent's row as stored.
    fn agent_before(&self, project: &ProjectId, id: &AgentId) -> Result<Option<StoredAgent>> {
        let known = self.agent.take();
        let known = known.filter(|(of, stored)| of == project && stored.agent.id == *id);
        match known {
            Some((_, stored)) => Ok(Some(stored)),
            None => self.rows.agent(project, id),
        }
    }

    /// Inserts or replaces an agent's row.
    pub(crate) fn put_agent(&mut self, project: &ProjectId, stored: &StoredAgent) -> Result<()> {
        let before = self.agent_before(project, &stored.agent.id)?;
        self.rows.put_agent(project, stored)?;
        let row = Some(Box::new(stored.clone()));
        self.touch(project)
            .agents
            .insert(stored.agent.id.clone(), row);
        self.agent.replace(Some((project.clone(), stored.clone())));
        let (mut fields, progress) = agent_fields(before.as_ref(), Some(stored))?;
        let is_progress = before.is_some() && fields.is_empty();
        if is_progress && progress.is_empty() {
            return Ok(());
        }
        fields.extend(progress);
        let kind = match (&before, is_progress) {
            (None, _) => "agent_registered",
            (Some(_), true) => "agent_progress",
            (Some(_), false) => "agent_updated",
        };
        let change = Noted {
            generation: stored.agent.generation,
            is_progress,
            ..noted(agent_subject(&stored.agent.id), kind, fields)
        };
        self.note(project, change);
        Ok(())
    }

    /// Removes an agent with its messages and its runs.
    pub(crate) fn delete_agent(&mut self, project: &ProjectId, id: &AgentId) -> Result<()> {
        let before = self.agent_before(project, id)?;
        self.rows.delete_agent(project, id)?;
        self.touch(project).agents.insert(id.clone(), None);
        match before {
            Some(before) => self.note_removed(project, &before),
            None => Ok(()),
        }
    }

    /// Records that an agent was removed, possibly with others, if the caller removes the rows.
    pub(crate) fn note_removed(&mut self, project: &ProjectId, before: &StoredAgent) -> Result<()> {
        let fields = agent_fields(Some(before), None)?;
        self.note_whole(project, before, "agent_removed", fields);
        Ok(())
    }

    /// Records that an agent that was removed with others is registered again.
    pub(crate) fn note_returned(&mut self, project: &ProjectId, after: &StoredAgent) -> Result<()> {
        let fields = agent_fields(None, Some(after))?;
        self.note_whole(project, after, "agent_registered", fields);
        Ok(())
    }

    /// Records all fields of an agent that was added or removed.
    fn note_whole(
        &mut self,
        project: &ProjectId,
        stored: &StoredAgent,
        kind: &str,
        (mut fields, progress): (Fields, Fields),
    ) {
        fields.extend(progress);
        let change = Noted {
            generation: stored.agent.generation,
            ..noted(agent_subject(&stored.agent.id), kind, fields)
        };
        self.note(project, change);
    }

    /// Stores a new run and returns its number.
    pub(crate) fn add_run(
        &mut self,
        project: &ProjectId,
        agent: &AgentId,
        run: &Run,
        keep: usize,
    ) -> Result<u64> {
        let id = self.rows.add_run(project, agent, run, keep)?;
        let run = Run { id, ..run.clone() };
        self.note_run(project, agent, "run_started", None, Some(&run))?;
        Ok(id)
    }

    /// Replaces a run's row.
    pub(crate) fn put_run(
        &mut self,
        project: &ProjectId,
        agent: &AgentId,
        before: &Run,
        after: &Run,
    ) -> Result<()> {
        self.rows.put_run(after)?;
        self.touch(project).agents.insert(agent.clone(), None);
        match (before.ended_at, after.ended_at) {
            (None, Some(_)) => self.note_run(project, agent, "run_ended", Some(before), None)?,
            (Some(_), None) => self.note_run(project, agent, "run_started", None, Some(after))?,
            _ => {}
        }
        let mut fields = Fields::default();
        let (before, after) = (Some(before), Some(after));
        compare!(fields, before, after; folder);
        if !fields.is_empty() {
            self.note(project, noted(agent_subject(agent), "run_updated", fields));
        }
        let mut fields = Fields::default();
        compare!(fields, before, after; turn_open);
        if !fields.is_empty() {
            let change = Noted {
                is_progress: true,
                ..noted(agent_subject(agent), "agent_progress", fields)
            };
            self.note(project, change);
        }
        Ok(())
    }

    /// Ends a run and all its descendants.
    pub(crate) fn end_run(&mut self, id: u64, millis: i64) -> Result<()> {
        let ended = self.rows.end_run(id, millis)?;
        self.note_ended(&ended)
    }

    /// Ends child runs that were last seen at or before `millis`; returns them.
    pub(crate) fn end_child_runs_until(&mut self, millis: i64) -> Result<Vec<EndedRun>> {
        let ended = self.rows.end_child_runs_until(millis)?;
        self.note_ended(&ended)?;
        Ok(ended)
    }

    fn note_ended(&mut self, ended: &[EndedRun]) -> Result<()> {
        for EndedRun {
            project,
            agent,
            run,
        } in ended
        {
            if let Some(project) = project {
                self.note_run(project, agent, "run_ended", Some(run), None)?;
            }
        }
        Ok(())
    }

    fn note_run(
        &mut self,
        project: &ProjectId,
        agent: &AgentId,
        kind: &str,
        before: Option<&Run>,
        after: Option<&Run>,
    ) -> Result<()> {
        let shown = |run: &Run| {
            json!({
                "id": run.id, "source": run.source, "session": run.session,
                "machine": run.machine, "folder": run.folder, "parent": run.parent,
            })
        };
        let mut fields = Fields::default();
        fields.note("run", before.map(shown).as_ref(), after.map(shown).as_ref())?;
        self.note(project, noted(agent_subject(agent), kind, fields));
        Ok(())
    }
}

/// Returns the fields of an agent's state, and those of its progress.
fn agent_fields(
    before: Option<&StoredAgent>,
    after: Option<&StoredAgent>,
) -> Result<(Fields, Fields)> {
    if let Some(row) = before.or(after) {
        // No `..`, as above. Runs have records of their own.
        let StoredAgent {
            agent,
            silent: _,
            registered_by: _,
            signs: _,
            lost_task: _,
        } = row;
        let Agent {
            id: _,
            session_name: _,
            task_id: _,
            task_title: _,
            branch: _,
            status: _,
            progress: _,
            started_at: _,
            logs: _,
            last_activity: _,
            output_preview: _,
            description: _,
            last_heartbeat: _,
            is_alive: _,
            generation: _,
            waiting_for: _,
            progressed_at: _,
            reason: _,
            run: _,
            children: _,
        } = agent;
    }
    let (mut fields, mut progress) = (Fields::default(), Fields::default());
    compare!(fields, before, after; silent, registered_by);
    let (before, after) = (
        before.map(|stored| &stored.agent),
        after.map(|stored| &stored.agent),
    );
    compare!(
        fields, before, after;
        status, task_id, branch, generation, waiting_for, reason, description
    );
    compare!(progress, before, after; progress, last_activity);
    Ok((fields, progress))
}
