//! Attention items: the list, marks on them, and items that time causes.

use std::collections::BTreeMap;

use tasktree_protocol::attention::{Attention, AttentionMark, AttentionMarked};
use tasktree_protocol::{AgentId, ProjectId, StreamId};

use super::sweeper::unless_gone;
use super::{Receipt, Service, Snapshot, WriteContext};
use crate::auth::{Permission, Target};
use crate::domain::attention;
use crate::error::Result;
use crate::limits::ATTENTION_AGENTS_AT_ONCE;

impl Service {
    /// Returns the open items of one project, or of all that the caller reaches, with the caller's
    /// marks. The position is that of the system's stream.
    ///
    /// # Errors
    /// As for every read.
    pub async fn attention(&self, project: Option<ProjectId>) -> Result<Attention> {
        let scope = self.principal().scope().clone();
        let person = self.principal().person().map(|person| person.id.clone());
        let limits = self.limits().clone();
        let of = project.as_ref().map_or(Target::Visible, Target::Project);
        let listed = project.clone();
        let found = self.snapshot(of, StreamId::system(), move |rows| {
            attention::list(rows, &scope, listed.as_ref(), person.as_deref(), &limits)
        });
        let Snapshot { value, cursor } = found.await?;
        let (items, rest) = value;
        Ok(Attention {
            items,
            rest,
            cursor,
        })
    }

    /// Changes the caller's marks on an item.
    ///
    /// # Errors
    /// If the caller is an agent, or the item is no longer open.
    pub async fn mark_attention(
        &self,
        context: WriteContext,
        project: &ProjectId,
        item: u64,
        mark: AttentionMark,
    ) -> Result<Receipt<AttentionMarked>> {
        let person = self.own_person()?;
        // Every reader of a project may mark in it: nobody else sees it.
        let needs = Permission::Read;
        self.change(context, needs, project, move |change, project| {
            attention::mark(change, project, &person, item, &mark)
        })
        .await
    }

    /// Opens the items that time has caused. `listens_since` is the start of the time in which
    /// agents could be heard; with `ready`, ready tasks are searched for, too.
    pub(super) async fn sweep_attention(&self, listens_since: i64, ready: bool) -> Result<()> {
        let now = self.now().unix_millis(0);
        let until = now - self.limits().no_progress_ms();
        let could_progress = listens_since <= until;
        let due = self.read(Target::Everything, move |rows| {
            let mut agents: BTreeMap<ProjectId, Vec<AgentId>> = BTreeMap::new();
            let mut found = rows.agents_with_overdue_waits(now)?;
            if could_progress {
                found.extend(rows.agents_without_progress(until)?);
            }
            for (project, agent) in found {
                agents.entry(project).or_default().push(agent);
            }
            let with_free = match ready {
                true => rows.projects_with_free_agents()?,
                false => Vec::new(),
            };
            let is_outdated = attention::is_outdated(rows)?;
            let all = match is_outdated {
                true => Some(rows.project_ids()?),
                false => None,
            };
            Ok((agents, with_free, all))
        });
        let (agents, with_free, all) = due.await?;
        if let Some(all) = all {
            self.rebuild_attention(all).await?;
        }
        for (project, agents) in agents {
            for agents in agents.chunks(ATTENTION_AGENTS_AT_ONCE) {
                let (project, agents) = (project.clone(), agents.to_vec());
                self.attend(project.clone(), move |change| {
                    attention::open_due(change, &project, &agents)
                })
                .await?;
            }
        }
        for project in with_free {
            self.look_for_ready(project).await?;
        }
        Ok(())
    }

    /// Opens the item about a ready task of a project that nobody has claimed, if there is one.
    async fn look_for_ready(&self, project: ProjectId) -> Result<()> {
        let until = self.now().unix_millis(0) - self.limits().ready_ms();
        let of = project.clone();
        let due = self.read(Target::Everything, move |rows| {
            match rows.attention_of(&of, attention::READY)?.is_empty() {
                true => rows.overdue_task(&of, until),
                false => Ok(None),
            }
        });
        let Some(task) = due.await? else {
            return Ok(());
        };
        self.attend(project.clone(), move |change| {
            attention::open_ready(change, &project, task)
        })
        .await
    }

    /// Derives all items again after an upgrade to other rules.
    async fn rebuild_attention(&self, projects: Vec<ProjectId>) -> Result<()> {
        for project in projects {
            self.attend(project.clone(), move |change| {
                attention::rebuild(change, &project)
            })
            .await?;
        }
        self.keep(attention::rebuilt).await
    }

    async fn attend(
        &self,
        project: ProjectId,
        apply: impl FnOnce(&mut crate::domain::Change<'_>) -> Result<()> + Send + 'static,
    ) -> Result<()> {
        self.write(
            WriteContext::server(),
            Permission::Speak,
            StreamId::project(&project),
            move |change| unless_gone(apply(change)),
        )
        .await
        .map(drop)
    }
}
