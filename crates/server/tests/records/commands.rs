//! Commands of sockets.

use serde_json::json;
use tasktree_protocol::{Command, Maybe, NewTask, TaskPatch};
use tasktree_server::actor::Actor;
use tasktree_server::service::WriteContext;

use crate::doors::Doors;

/// Returns the record that a command leaves. A new command does not compile without one.
fn record_of(command: &Command) -> &'static str {
    match command {
        Command::CreateTask { .. } | Command::RestoreTask { .. } => "task task_created",
        Command::UpdateTask { .. } => "task task_updated",
        Command::DeleteTask { .. } => "task task_deleted",
    }
}

#[tokio::test]
async fn every_command_leaves_a_record_that_names_it() {
    let mut doors = Doors::open().await;
    let project_id = || "alpha".into();
    let commands = [
        Command::CreateTask {
            project_id: project_id(),
            task: NewTask {
                title: "One".to_owned(),
                ..NewTask::default()
            },
            bound: None,
        },
        Command::UpdateTask {
            project_id: project_id(),
            task: "1".into(),
            patch: TaskPatch {
                priority: Maybe::Value(1),
                ..TaskPatch::default()
            },
            if_rev: None,
            take: None,
            bound: None,
        },
        Command::DeleteTask {
            project_id: project_id(),
            task: "1".into(),
            bound: None,
        },
        Command::RestoreTask {
            project_id: project_id(),
            task: "1".into(),
            bound: None,
        },
    ];
    for (number, command) in commands.into_iter().enumerate() {
        let expected = record_of(&command);
        let id = format!("command-{number}");
        let context = WriteContext::command(Actor::local(), &id, &command).unwrap();
        let executed = doors.server.state.service.execute(context, command).await;
        executed.unwrap();
        assert_eq!(doors.new_records().await, [expected]);
        let newest = doors
            .server
            .get("/api/projects/alpha/changes?limit=1")
            .await;
        assert_eq!(newest.ok()[0]["cause"], json!(id));
    }
}
