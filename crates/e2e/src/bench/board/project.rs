//! Projects of the sizes that the goals name.

use anyhow::{Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tasktree_protocol::Status;

use crate::Server;

/// Statuses of each ten tasks: most of a large project is done.
const MIX: [Status; 10] = [
    Status::Merged,
    Status::Unclaimed,
    Status::Completed,
    Status::Merged,
    Status::UpNext,
    Status::Unclaimed,
    Status::Merged,
    Status::InProgress,
    Status::Unclaimed,
    Status::Completed,
];

const VERBS: [&str; 7] = [
    "Add", "Fix", "Remove", "Measure", "Document", "Speed up", "Test",
];
const THINGS: [&str; 11] = [
    "the retry after a refused login",
    "the parser of nested lists",
    "pagination of the audit log",
    "the dark theme's contrast",
    "the import of calendars with several time zones",
    "a limit on uploads",
    "the cache of thumbnails",
    "search by author and date",
    "the migration to the new schema, with a way back",
    "keyboard shortcuts",
    "the nightly backup",
];

/// A project on a server.
#[derive(Clone, Debug)]
pub(super) struct Project {
    id: String,
    /// Number of its tasks.
    pub(super) tasks: usize,
}

impl Project {
    /// Creates a project with the given number of tasks by an import, as a person with a long list
    /// would.
    pub(super) async fn fill(server: &Server, tasks: usize) -> Result<Self> {
        let id = format!("bench-{tasks}");
        server.project_with_tasks(&id, &[]).await?;
        let list: Vec<_> = (1..=tasks).map(task).collect();
        let path = format!("/api/projects/{id}/import");
        let report = server
            .call(Method::POST, &path, Some(json!({"tasks": list})))
            .await?;
        let created = report["created"].as_array().map_or(0, Vec::len);
        ensure!(created == tasks, "of {tasks} tasks {created} were made");
        Ok(Self { id, tasks })
    }

    /// Returns the address of its board.
    pub(super) fn url(&self, server: &Server) -> String {
        server.url(&format!("/p/{}", self.id))
    }

    /// Returns the API path of one of its tasks.
    pub(super) fn path(&self, task: &str) -> String {
        format!("/api/projects/{}/tasks/{task}", self.id)
    }

    /// Returns a task without dependencies, which may be in any status. Each `choice` returns
    /// another task, from all over the project.
    pub(super) fn free_task(&self, choice: usize) -> String {
        // A stride that is prime reaches them all. Tasks with an odd number have no dependencies.
        let number = (choice * 7919 % self.tasks) | 1;
        format!("{number}-{}", self.id)
    }
}

/// Returns the task of the given number. Its neighbors have other titles, priorities and statuses.
fn task(number: usize) -> Value {
    let (verb, thing) = (VERBS[number % VERBS.len()], THINGS[number % THINGS.len()]);
    let status = MIX[number % MIX.len()];
    // Some of the open tasks depend on the previous one.
    let waits = status == Status::Unclaimed && number.is_multiple_of(2);
    let dependencies: Vec<_> = waits
        .then(|| (number - 1).to_string())
        .into_iter()
        .collect();
    json!({
        "source": number.to_string(),
        "title": format!("{verb} {thing}"),
        "description": format!("{verb} {thing}, and say in the notes what was tried."),
        "status": status,
        "priority": number % 5,
        "dependencies": dependencies,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_tasks_and_only_even_numbers_wait_for_the_one_before() {
        let tasks: Vec<_> = (1..=30).map(task).collect();
        for status in Status::ALL {
            assert!(tasks.iter().any(|task| task["status"] == status.as_str()));
        }
        for (index, task) in tasks.iter().enumerate() {
            for other in task["dependencies"].as_array().unwrap() {
                assert_eq!(other, &json!(index.to_string()));
            }
        }
        assert!(tasks.iter().any(|task| task["dependencies"] != json!([])));
        for task in tasks.iter().step_by(2) {
            assert_eq!(task["dependencies"], json!([]), "it has an odd number");
        }
    }
}
