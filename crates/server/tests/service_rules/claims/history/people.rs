//! Actions of people, over REST and the socket.

use tasktree_protocol::{Command, Maybe, NewTask, Status, TaskPatch};
use tasktree_server::actor::Actor;
use tasktree_server::domain::Plan;
use tasktree_server::domain::import::ImportedTask;
use tasktree_server::error::Error;
use tasktree_server::service::{MergeBy, WriteContext};

use super::snapshot::State;
use super::steps::{AGENTS, ByPerson, Door, For};
use super::world::{World, id, name, task_id};
use crate::claims::{session, to};
use crate::core_support::{edit, human};

impl World {
    pub(super) async fn by_person(
        &mut self,
        door: Door,
        deed: &ByPerson,
        before: &State,
    ) -> Result<(), Error> {
        let (service, project) = (self.core.service.clone(), self.core.project.clone());
        match deed {
            ByPerson::Create(status) => {
                let task = new(*status);
                match door {
                    Door::Rest => service.create_task(human(), &project, task).await.map(drop),
                    Door::Socket => {
                        self.command(Command::CreateTask {
                            project_id: project,
                            task,
                            bound: None,
                        })
                        .await
                    }
                }
            }
            ByPerson::Plan(status) => {
                let plan = Plan {
                    plan: "Plan".to_owned(),
                    tasks: vec![new(*status)],
                };
                service.store_plan(human(), &project, plan).await.map(drop)
            }
            ByPerson::Import(tasks) => {
                let tasks = tasks.iter().map(|(source, status, holds)| ImportedTask {
                    source: format!("t/{source}"),
                    title: "Imported".to_owned(),
                    status: *status,
                    on_hold: holds.then(|| "deferred".to_owned()),
                    ..ImportedTask::default()
                });
                let tasks = tasks.collect();
                let imported = service.import_tasks(human(), &project, tasks, false);
                imported.await.map(drop)
            }
            ByPerson::Move {
                task,
                status,
                take,
                version,
            } => {
                let rev = before.task(*task).map_or(1, |task| task.rev);
                let if_rev = match version {
                    For::Any => None,
                    For::Current => Some(rev),
                    For::Older => Some(rev.saturating_sub(1)),
                };
                self.change(door, *task, to(*status), if_rev, *take).await
            }
            ByPerson::Assign { task, to, take } => {
                let name = match *to {
                    AGENTS.. => "nobody-there".to_owned(),
                    agent => name(agent),
                };
                let patch = TaskPatch {
                    status: Maybe::Value(Status::InProgress),
                    ..session(&name)
                };
                self.change(door, *task, patch, None, *take).await
            }
            ByPerson::Unassign { task, take } => {
                let patch = TaskPatch {
                    session: Maybe::Null,
                    ..TaskPatch::default()
                };
                self.change(door, *task, patch, None, *take).await
            }
            ByPerson::Hold(task, on) => {
                let reason = on.then(|| "later".to_owned());
                let patch = TaskPatch {
                    on_hold: reason.into(),
                    ..TaskPatch::default()
                };
                self.change(door, *task, patch, None, None).await
            }
            ByPerson::Edit(task, number) => {
                let patch = TaskPatch {
                    title: Maybe::Value(format!("Title {number}")),
                    priority: Maybe::Value((*number).into()),
                    ..TaskPatch::default()
                };
                self.change(door, *task, patch, None, None).await
            }
            ByPerson::Delete(number) => {
                let (task, project_id) = (task_id(*number), project.clone());
                match door {
                    Door::Rest => service
                        .delete_task(human(), &project, &task)
                        .await
                        .map(drop),
                    Door::Socket => {
                        self.command(Command::DeleteTask {
                            project_id,
                            task,
                            bound: None,
                        })
                        .await
                    }
                }
            }
            ByPerson::Restore(number) => {
                let (task, project_id) = (task_id(*number), project.clone());
                match door {
                    Door::Rest => service
                        .restore_task(human(), &project, &task)
                        .await
                        .map(drop),
                    Door::Socket => {
                        self.command(Command::RestoreTask {
                            project_id,
                            task,
                            bound: None,
                        })
                        .await
                    }
                }
            }
            ByPerson::Merge(task) => {
                let task = task_id(*task);
                let merged = service.merge_task(human(), &project, &task, MergeBy::Hand);
                merged.await.map(drop)
            }
            ByPerson::Answer(index) => match pick(before.questions(), *index) {
                Some(question) => {
                    let text = "Do it.".to_owned();
                    let given = service.answer_question(human(), &project, question.id, text);
                    given.await.map(drop)
                }
                None => Ok(()),
            },
            ByPerson::Resend(index) => {
                let answers: Vec<_> = before.answers().collect();
                match pick(&answers, *index) {
                    Some(answer) => {
                        let (question, answer) = (answer.question, answer.id);
                        let sent = service.resend_answer(human(), &project, question, answer);
                        sent.await.map(drop)
                    }
                    None => Ok(()),
                }
            }
            ByPerson::Remove(agent) => {
                let agent = id(*agent);
                let removed = service.remove_agent(human(), &project, &agent);
                removed.await.map(drop)
            }
            ByPerson::ResetTasks => {
                let reset = service.reset_agent_tasks(human(), &project);
                reset.await.map(drop)
            }
            ByPerson::Undo => {
                let undos = service.list_undos(&project).await?.value;
                match undos.first() {
                    Some(undo) => service.undo(human(), &project, &undo.id).await.map(drop),
                    None => Ok(()),
                }
            }
            ByPerson::ResetProject => service.reset_project(human(), &project).await.map(drop),
            ByPerson::Trash => service.delete_project(human(), &project).await.map(drop),
            ByPerson::BringBack => {
                let restored = service.restore_project(human(), &project, None);
                restored.await.map(drop)
            }
        }
    }

    async fn change(
        &mut self,
        door: Door,
        task: u8,
        patch: TaskPatch,
        if_rev: Option<u64>,
        take: Option<u8>,
    ) -> Result<(), Error> {
        let (task, take) = (task_id(task), take.map(id));
        let project_id = self.core.project.clone();
        match door {
            Door::Rest => {
                let service = &self.core.service;
                let changed =
                    service.edit_task(human(), &project_id, &task, edit(patch, if_rev, take));
                changed.await.map(drop)
            }
            Door::Socket => {
                let command = Command::UpdateTask {
                    project_id,
                    task,
                    patch,
                    if_rev,
                    take,
                    bound: None,
                };
                self.command(command).await
            }
        }
    }

    async fn command(&mut self, command: Command) -> Result<(), Error> {
        self.commands += 1;
        let key = self.commands.to_string();
        let context = WriteContext::command(Actor::local(), &key, &command)?;
        self.core.service.execute(context, command).await.map(drop)
    }
}

fn new(status: Status) -> NewTask {
    NewTask {
        title: "Task".to_owned(),
        status,
        ..NewTask::default()
    }
}

fn pick<T>(all: &[T], index: u8) -> Option<&T> {
    all.get(usize::from(index) % all.len().max(1))
}
