//! Resources: the board of a project and each of its tasks, as Markdown.

mod text;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use rmcp::model::{Resource, ResourceTemplate};
use tasktree_protocol::error::code;
use tasktree_protocol::{ProjectId, Status, TaskCard, TaskId};

use super::arguments::Outcome;
use super::budget::{ANSWER_BYTES, short};
use super::caller::Caller;
use super::refusal::Refusal;
use crate::domain::task_list::{Form, Selection};
use text::{board_text, task_text};

/// Media type of the resources.
pub(super) const MARKDOWN: &str = "text/markdown";

/// Scheme of their addresses.
const SCHEME: &str = "tasktree://";

/// Number of tasks that are listed beside the board.
const LISTED: usize = 30;

/// Resource by its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Address {
    /// `tasktree://{project}/board`.
    Board(ProjectId),
    /// `tasktree://{project}/task/{number}`.
    Task(ProjectId, u64),
}

impl Address {
    /// Parses an address; none if it is no resource of this server.
    pub(super) fn parse(uri: &str) -> Option<Self> {
        let (project, rest) = uri.strip_prefix(SCHEME)?.split_once('/')?;
        let project = percent_decode_str(project).decode_utf8().ok()?;
        if project.is_empty() {
            return None;
        }
        let project = ProjectId::from(&*project);
        if rest == "board" {
            return Some(Self::Board(project));
        }
        let number = TaskId::from(rest.strip_prefix("task/")?);
        let number = number.number_in(&project)?;
        Some(Self::Task(project, number))
    }

    /// Returns the project.
    pub(super) const fn project(&self) -> &ProjectId {
        match self {
            Self::Board(project) | Self::Task(project, _) => project,
        }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const KEPT: &percent_encoding::AsciiSet = &NON_ALPHANUMERIC
            .remove(b'-')
            .remove(b'_')
            .remove(b'.')
            .remove(b'~');
        let project = utf8_percent_encode(self.project().as_str(), KEPT);
        match self {
            Self::Board(_) => write!(formatter, "{SCHEME}{project}/board"),
            Self::Task(_, number) => write!(formatter, "{SCHEME}{project}/task/{number}"),
        }
    }
}

/// Returns the template of the tasks.
pub(super) fn template() -> ResourceTemplate {
    ResourceTemplate::new("tasktree://{project}/task/{number}", "task")
        .with_description("A task with its texts and newest notes")
        .with_mime_type(MARKDOWN)
}

/// Lists the board of the project and its most urgent open tasks; without a project, the boards.
pub(super) async fn list(caller: &Caller) -> Outcome<Vec<Resource>> {
    let Ok(project) = caller.project().await else {
        let projects = caller.service.list_projects().await?.value;
        let boards = projects.iter().take(LISTED).map(|one| board(&one.id));
        return Ok(boards.collect());
    };
    let open = vec![Status::InProgress, Status::UpNext, Status::Unclaimed];
    let (cards, _) = cards(caller, &project, open, LISTED).await?;
    let tasks = cards.iter().map(|card| {
        let uri = Address::Task(project.clone(), card.number).to_string();
        Resource::new(uri, format!("#{} {}", card.number, short(&card.title, 80)))
            .with_mime_type(MARKDOWN)
    });
    Ok(std::iter::once(board(&project)).chain(tasks).collect())
}

fn board(project: &ProjectId) -> Resource {
    let uri = Address::Board(project.clone()).to_string();
    Resource::new(uri, format!("Board of {project}"))
        .with_description("Open tasks, and who works on them")
        .with_mime_type(MARKDOWN)
}

/// Returns the most urgent cards of some statuses, and true if there are more.
async fn cards(
    caller: &Caller,
    project: &ProjectId,
    statuses: Vec<Status>,
    limit: usize,
) -> Outcome<(Vec<TaskCard>, bool)> {
    let selection = Selection {
        statuses,
        limit: Some(limit),
        ..Selection::default()
    };
    let found = caller
        .service
        .tasks_in_parts(project, Form::Card, selection)
        .await?
        .value;
    let more = found.rest.is_some() || found.last.is_some();
    let cards = serde_json::from_slice(&found.bytes).map_err(crate::error::Error::from)?;
    Ok((cards, more))
}

/// Returns the text of a resource, of at most [`ANSWER_BYTES`].
///
/// # Errors
/// Refuses a resource that does not exist for the caller.
pub(super) async fn read(caller: &Caller, address: &Address) -> Outcome<String> {
    let text = match address {
        Address::Board(project) => board_text(caller, project).await?,
        Address::Task(project, number) => task_text(caller, project, *number).await?,
    };
    Ok(short(&text, ANSWER_BYTES))
}

/// Returns the refusal of an address that is no resource.
pub(super) fn unknown(uri: &str) -> Refusal {
    Refusal::new(code::NOT_FOUND, format!("There is no resource {uri:?}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_it_was_written() {
        for project in ["alpha", "my project/ä", "a.b-c_d"] {
            let project = ProjectId::from(project);
            for address in [
                Address::Board(project.clone()),
                Address::Task(project.clone(), 12),
            ] {
                assert_eq!(Address::parse(&address.to_string()), Some(address));
            }
        }
    }

    #[test]
    fn other_addresses_are_none_of_ours() {
        for uri in [
            "",
            "file:///etc/passwd",
            "tasktree://alpha",
            "tasktree:///board",
            "tasktree://alpha/tasks",
            "tasktree://alpha/task/",
            "tasktree://alpha/task/0",
            "tasktree://alpha/task/x",
            "tasktree://alpha/task/1/2",
        ] {
            assert_eq!(Address::parse(uri), None, "{uri}");
        }
    }
}
