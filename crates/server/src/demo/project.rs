//! The project of the simulation: created or emptied, and filled with the sample tasks.

use tasktree_protocol::event::{Level, Notification};
use tasktree_protocol::project::NewProject;
use tasktree_protocol::{NewTask, ProjectId, TaskId};

use super::{context, sample};
use crate::error::{Error, Result};
use crate::service::Service;

/// Number of names that are tried for the project.
const NAMES: u32 = 100;

/// Finds and empties the simulation's own project, or creates one under a free name.
pub(super) async fn prepare(service: &Service) -> Result<ProjectId> {
    for number in 1..NAMES {
        let id = ProjectId::from(match number {
            1 => "demo".to_owned(),
            number => format!("demo-{number}"),
        });
        match service.project(&id).await {
            Ok(found) if found.value.demo => {
                service.reset_project(context(), &id).await?;
                return Ok(id);
            }
            Ok(_) => {}
            Err(Error::NotFound(_)) => {
                let text = "A simulation: no real agents, nothing is built";
                let new = NewProject {
                    description: Some(text.to_owned()),
                    max_agents: u32::try_from(sample::AGENTS.len()).unwrap_or_default(),
                    demo: true,
                    ..NewProject::new(id.as_str(), "Demo: a web shop")
                };
                service.create_project(context(), new).await?;
                return Ok(id);
            }
            Err(error) => return Err(error),
        }
    }
    Err(Error::Refused(
        "The names demo to demo-99 are all used by real projects. Remove one of them first."
            .to_owned(),
    ))
}

/// Creates the sample tasks, in order.
pub(super) async fn fill(service: &Service, project: &ProjectId) -> Result<()> {
    for (title, priority, file, waits_for) in sample::TASKS {
        let text = "A sample task of the simulation; nothing is actually built.";
        let dependencies = waits_for.iter().map(|number| TaskId::new(*number, project));
        let task = NewTask {
            title: (*title).to_owned(),
            description: Some(text.to_owned()),
            priority: *priority,
            owned_files: vec![(*file).to_owned()],
            dependencies: dependencies.collect(),
            ..NewTask::default()
        };
        service.create_task(context(), project, task).await?;
    }
    Ok(())
}

/// Notifies people that all tasks are merged.
pub(super) async fn announce_end(service: &Service, project: &ProjectId) -> Result<()> {
    let notification = Notification {
        level: Level::Success,
        title: "All tasks are merged".to_owned(),
        message: Some("The demo starts over".to_owned()),
        task_id: None,
    };
    service
        .notify(context(), Some(project), notification)
        .await?;
    Ok(())
}
