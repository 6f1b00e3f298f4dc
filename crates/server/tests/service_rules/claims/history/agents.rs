//! Actions of agents, at their own endpoints and by the header.

use tasktree_protocol::{AgentStatus, Maybe, Status, TaskPatch};
use tasktree_server::domain::{
    AgentPatch, LeaseRequest, NewLogLines, NewRun, RegisterAgent, RunPatch, Statement, Wait,
};
use tasktree_server::error::Error;
use tasktree_server::service::MergeBy;

use super::snapshot::State;
use super::steps::{ByAgent, Forbidden, Of};
use super::world::{World, id, name, task_id};
use crate::claims::{as_agent, by, session, status, to};
use crate::core_support::{edit, human};

impl World {
    pub(super) async fn by_agent(
        &self,
        agent: u8,
        deed: &ByAgent,
        before: &State,
    ) -> Result<(), Error> {
        let (service, project) = (self.core.service.clone(), self.core.project.clone());
        let (id, name) = (id(agent), name(agent));
        let its = as_agent(&service, &name);
        let report = async |of: Of, patch: AgentPatch| {
            let named = self.named(agent, of, before);
            let patch = AgentPatch {
                generation: named.generation,
                task_id: match (patch.task_id, named.task) {
                    (Maybe::Absent, Some(task)) => Maybe::Value(task),
                    (task, _) => task,
                },
                ..patch
            };
            let reported = service.report(human(), &project, &id, patch).await;
            reported.map(drop)
        };
        let change = async |task: u8, patch: TaskPatch| {
            let task = task_id(task);
            let changed = its.edit_task(by(&name), &project, &task, edit(patch, None, None));
            changed.await.map(drop)
        };
        match deed {
            ByAgent::Register { task, session } => {
                let new = RegisterAgent {
                    id,
                    task_id: task.map(task_id),
                    branch: None,
                    description: None,
                    run: session.map(|session| run(session, None)),
                };
                let registered = service.register_agent(human(), &project, new);
                registered.await.map(drop)
            }
            ByAgent::Report(state, of) => report(*of, status(*state)).await,
            ByAgent::Complete(of) => {
                let evidence = Statement {
                    summary: Some("Done".to_owned()),
                    ..Statement::default()
                };
                let patch = AgentPatch {
                    evidence: Some(evidence),
                    ..status(AgentStatus::Done)
                };
                report(*of, patch).await
            }
            ByAgent::Progress(of) => {
                let patch = AgentPatch {
                    progress: Maybe::Value(40),
                    last_activity: Maybe::Value("compiling".to_owned()),
                    ..AgentPatch::default()
                };
                report(*of, patch).await
            }
            ByAgent::Wait(kind, of) => {
                let wait = Wait {
                    kind: *kind,
                    text: "Which one?".to_owned(),
                    until: None,
                    request: None,
                    in_terminal: false,
                    options: Vec::new(),
                };
                let patch = AgentPatch {
                    waiting_for: Maybe::Value(wait),
                    ..AgentPatch::default()
                };
                report(*of, patch).await
            }
            ByAgent::Claim(task) => {
                let patch = AgentPatch {
                    task_id: Maybe::Value(task_id(*task)),
                    ..AgentPatch::default()
                };
                report(Of::Unnamed, patch).await
            }
            ByAgent::Release(of) => {
                let patch = AgentPatch {
                    task_id: Maybe::Null,
                    ..AgentPatch::default()
                };
                report(*of, patch).await
            }
            ByAgent::Next(wanted) => {
                let wanted = wanted.map(task_id);
                let next = service.report_next(human(), &project, &id, wanted);
                next.await.map(drop)
            }
            ByAgent::Heartbeat => report(Of::Unnamed, AgentPatch::default()).await,
            ByAgent::Lease => {
                let request = LeaseRequest {
                    agent: id,
                    paths: vec!["src".to_owned()],
                    exclusive: true,
                    ttl_seconds: 600,
                    reason: None,
                    soft: false,
                    run: None,
                };
                let granted = service.grant_leases(human(), &project, request);
                granted.await.map(drop)
            }
            ByAgent::Log => {
                let lines = NewLogLines {
                    agent: Some(id),
                    lines: vec!["compiled".to_owned()],
                    ..NewLogLines::default()
                };
                let stored = service.add_log_lines(human(), &project, lines);
                stored.await.map(drop)
            }
            ByAgent::BeginRun { session, parent } => {
                let new = run(*session, *parent);
                let begun = service.start_run(human(), &project, &id, new);
                begun.await.map(drop)
            }
            ByAgent::Turn { session, open } => {
                let patch = RunPatch {
                    turn_open: Some(*open),
                    ..RunPatch::default()
                };
                let run = before.run(&id, &session.to_string());
                let changed = service.update_run(human(), &project, &id, run, patch);
                changed.await.map(drop)
            }
            ByAgent::EndRun(session) => {
                let patch = RunPatch {
                    ended: Some(true),
                    ..RunPatch::default()
                };
                let run = before.run(&id, &session.to_string());
                let ended = service.update_run(human(), &project, &id, run, patch);
                ended.await.map(drop)
            }
            ByAgent::ReadAnswers => {
                let read = service.mark_answers_read(human(), &project, &id, u64::MAX >> 1);
                read.await.map(drop)
            }
            ByAgent::Moves(task, column) => change(*task, to(*column)).await,
            ByAgent::Claims(task) => {
                let patch = TaskPatch {
                    status: Maybe::Value(Status::InProgress),
                    ..session(&name)
                };
                change(*task, patch).await
            }
            ByAgent::Releases(task) => {
                let patch = TaskPatch {
                    session: Maybe::Null,
                    ..TaskPatch::default()
                };
                change(*task, patch).await
            }
            ByAgent::Forbidden(task, deed) => self.try_forbidden(&name, *task, *deed).await,
            ByAgent::Leave => {
                let left = its.remove_agent(by(&name), &project, &id);
                left.await.map(drop)
            }
        }
    }

    /// Tries an action that only people may do.
    async fn try_forbidden(&self, name: &str, task: u8, deed: Forbidden) -> Result<(), Error> {
        let (service, project) = (as_agent(&self.core.service, name), &self.core.project);
        let task = task_id(task);
        match deed {
            Forbidden::Merge => {
                let merged = service.merge_task(by(name), project, &task, MergeBy::Hand);
                merged.await.map(drop)
            }
            Forbidden::Hold => {
                let patch = TaskPatch {
                    on_hold: Maybe::Value("mine".to_owned()),
                    ..TaskPatch::default()
                };
                let changed = service.edit_task(by(name), project, &task, edit(patch, None, None));
                changed.await.map(drop)
            }
            Forbidden::Take(from) => {
                let (patch, from) = (session(name), Some(id(from)));
                let taken = service.edit_task(by(name), project, &task, edit(patch, None, from));
                taken.await.map(drop)
            }
            Forbidden::Delete => {
                let deleted = service.delete_task(by(name), project, &task);
                deleted.await.map(drop)
            }
            Forbidden::ResetTasks => {
                let reset = service.reset_agent_tasks(by(name), project);
                reset.await.map(drop)
            }
        }
    }
}

fn run(session: u8, parent: Option<u8>) -> NewRun {
    NewRun {
        source: "claude-code".to_owned(),
        session: session.to_string(),
        machine: "m".to_owned(),
        folder: None,
        parent: parent.map(|parent| parent.to_string()),
    }
}
