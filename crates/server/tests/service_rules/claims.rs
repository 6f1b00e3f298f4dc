//! Claims: the holder of a task, by every way to change it.

mod doors;
mod evidence;
mod history;
mod late;
mod next;
mod races;
mod reports;
mod rules;

use tasktree_protocol::{Agent, AgentId, AgentStatus, Maybe, Status, Task, TaskId, TaskPatch};
use tasktree_server::actor::Actor;
use tasktree_server::auth::Principal;
use tasktree_server::domain::{AgentPatch, NextTask};
use tasktree_server::error::Error;
use tasktree_server::service::{Service, WriteContext};

use crate::core_support::{Core, edit, human};

pub(crate) async fn report(core: &Core, id: &str, patch: AgentPatch) -> Result<Agent, Error> {
    let project = &core.project;
    let reported = core
        .service
        .update_agent(human(), project, &id.into(), patch)
        .await;
    reported.map(|receipt| receipt.value)
}

pub(crate) fn status(status: AgentStatus) -> AgentPatch {
    AgentPatch {
        status: Maybe::Value(status),
        ..AgentPatch::default()
    }
}

fn claims(task: &str) -> AgentPatch {
    AgentPatch {
        task_id: Maybe::Value(task.into()),
        ..AgentPatch::default()
    }
}

async fn change(
    core: &Core,
    context: WriteContext,
    task: &str,
    patch: TaskPatch,
    take: Option<&str>,
) -> Result<Task, Error> {
    let take = take.map(AgentId::from);
    let changed = core
        .service
        .edit_task(
            context,
            &core.project,
            &task.into(),
            edit(patch, None, take),
        )
        .await;
    changed.map(|receipt| receipt.value)
}

fn to(status: Status) -> TaskPatch {
    TaskPatch {
        status: Maybe::Value(status),
        ..TaskPatch::default()
    }
}

fn session(name: &str) -> TaskPatch {
    TaskPatch {
        session: Maybe::Value(name.to_owned()),
        ..TaskPatch::default()
    }
}

fn both(status: Status, name: &str) -> TaskPatch {
    TaskPatch {
        status: Maybe::Value(status),
        ..session(name)
    }
}

/// Returns the service for requests that an agent makes by the header.
fn as_agent(service: &Service, agent: &str) -> Service {
    service.acting_for(Principal::local().as_agent(&agent.into()))
}

/// Changes a task as an agent that names itself in the header.
async fn change_as(
    core: &Core,
    agent: &str,
    task: &str,
    patch: TaskPatch,
    take: Option<&str>,
) -> Result<Task, Error> {
    let (task, take) = (task.into(), take.map(AgentId::from));
    let service = as_agent(&core.service, agent);
    let changed = service.edit_task(by(agent), &core.project, &task, edit(patch, None, take));
    changed.await.map(|receipt| receipt.value)
}

/// Returns the context of such a request.
fn by(agent: &str) -> WriteContext {
    WriteContext::new(Actor::agent(&agent.into()))
}

async fn task(core: &Core, id: &str) -> Task {
    let read = core.service.task(&core.project, &id.into()).await;
    read.unwrap().value
}

pub(crate) async fn agent(core: &Core, id: &str) -> Agent {
    let read = core.service.agent(&core.project, &id.into()).await;
    read.unwrap().value
}

async fn next(core: &Core, id: &str, wanted: Option<&str>) -> Result<NextTask, Error> {
    let wanted = wanted.map(TaskId::from);
    let claimed = core
        .service
        .claim_next(human(), &core.project, &id.into(), wanted)
        .await;
    claimed.map(|receipt| receipt.value)
}
