//! List of tasks: all or a selection, whole or page by page.

use axum::Extension;
use axum::http::{HeaderValue, StatusCode};
use serde_json::Value;
use tasktree_protocol::http::paths;
use tasktree_protocol::query::Query;
use tasktree_protocol::{Cursor, Epoch, ProjectId, Status};

use super::answer;
use super::buffers::Answers;
use super::caller::Acting;
use super::error::{ApiError, ApiResult};
use super::extract::{Ids, QueryFields};
use super::fields::{Fault, Fields, Kind, Listed};
use super::schema;
use crate::domain::listing::PlaceKey;
use crate::domain::task_list::{self, Form, Selection};
use crate::limits::PAGE_TASKS;

/// Lists the tasks of a project, most urgent first: by priority (1 first, 0 last), then by number.
///
/// A long list is sent in parts while it is read. `Stream-Seq` is the position of the list; rows
/// that change meanwhile may be newer. With `limit` the list comes in pages. All of them have the
/// position of the first page; the events after it tell the changes since.
#[utoipa::path(get, path = paths::TASKS, tag = "tasks", params(
    ("project" = String, Path),
    ("view" = Option<schema::TaskView>, Query, description = "`card`: without long texts, as `TaskCard`"),
    ("status" = Option<Vec<schema::Status>>, Query, description = "Only tasks with one of these statuses, separated by commas or as repeated parameters: `up_next,in_progress`"),
    ("ready" = Option<bool>, Query, description = "`true`: only tasks that `next` would assign, which are not blocked, on hold or held, and have no open parts. `false`: only the others"),
    ("agent" = Option<String>, Query, description = "Only tasks that this agent holds or completed"),
    ("q" = Option<String>, Query, description = "Only tasks that match a query, as in the board's search: \
        words, `\"a phrase\"`, `label:ui`, `status:todo`, `agent:ada`, `priority:<=2`, `is:blocked`; \
        `-` before one excludes what it matches. docs/queries.md has the language"),
    ("limit" = Option<usize>, Query, minimum = 1, maximum = 1000, description = "Number of tasks per page"),
    ("cursor" = Option<String>, Query, description = "Start after a page: its `Next-Cursor`")),
    responses((status = 200, body = [schema::Task], headers(
        ("Next-Cursor" = Option<String>, description = "The `cursor` of the next page; absent on the last page"))),
    (status = 404, body = schema::Refused),
    (status = 409, description = "The cursor belongs to an earlier state of the project", body = schema::Refused),
    (status = 422, body = schema::Invalid),
    (status = 503, description = "Too many large responses are waiting to be read", body = schema::Refused)))]
pub(super) async fn list(
    Acting(service): Acting,
    Ids(project): Ids<ProjectId>,
    Extension(answers): Extension<Answers>,
    QueryFields(query): QueryFields,
) -> ApiResult {
    let mut fields = Fields::of_query(&query);
    let form = fields.optional("view").unwrap_or(Form::Full);
    let cursor: Option<PageCursor> = fields.optional("cursor");
    let selection = Selection {
        statuses: fields.or_default::<Listed<Status>>("status").0,
        ready: fields.optional("ready"),
        agent: fields.optional("agent"),
        query: fields.or_default::<Written>("q").0,
        after: cursor.as_ref().map(|cursor| cursor.after),
        limit: fields.optional::<PageSize>("limit").map(|size| size.0),
    };
    fields.finish()?;
    let mut list = service.tasks_in_parts(&project, form, selection).await?;
    if let Some(cursor) = cursor {
        list.cursor = cursor.position_in(&list.cursor)?;
    }
    let next = list.value.last.map(|after| PageCursor {
        position: list.cursor.clone(),
        after,
    });
    let mut response = answer::in_parts(list, answers)?;
    let next = next.and_then(|next| HeaderValue::from_str(&next.to_string()).ok());
    if let Some(next) = next {
        response.headers_mut().insert(answer::NEXT_CURSOR, next);
    }
    Ok(response)
}

/// Query as it is written in a parameter.
#[derive(Default)]
struct Written(Query);

impl Kind for Written {
    fn read(value: &Value) -> Result<Self, Fault> {
        let text = String::read(value)?;
        let query = task_list::parse_query(&text);
        query
            .map(Self)
            .map_err(|fault| Fault::new("query", fault.to_string()))
    }
}

/// Number of tasks on a page.
struct PageSize(usize);

impl Kind for PageSize {
    fn read(value: &Value) -> Result<Self, Fault> {
        match usize::read(value)? {
            0 => Err(Fault::new(
                "greater_than_equal",
                "Input should be at least 1",
            )),
            size if size > PAGE_TASKS => Err(Fault::new(
                "less_than_equal",
                format!("Input should be at most {PAGE_TASKS}"),
            )),
            size => Ok(Self(size)),
        }
    }
}

impl Kind for Form {
    fn read(value: &Value) -> Result<Self, Fault> {
        match value.as_str() {
            Some("full") => Ok(Self::Full),
            Some("card") => Ok(Self::Card),
            _ => Err(Fault::new("enum", "Input should be 'card' or 'full'")),
        }
    }
}

/// End of a page: the position of the first page, and the sort key of the last task.
#[derive(Debug, PartialEq)]
struct PageCursor {
    position: Cursor,
    after: PlaceKey,
}

impl PageCursor {
    /// Returns the position of the first page, if it belongs to the same stream.
    fn position_in(self, now: &Cursor) -> Result<Cursor, ApiError> {
        if self.position.epoch == now.epoch && self.position.seq <= now.seq {
            return Ok(self.position);
        }
        let message = "cursor: belongs to an earlier state of the project; start again without it";
        Err(ApiError::new(StatusCode::CONFLICT, message))
    }
}

impl std::fmt::Display for PageCursor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            position: Cursor { epoch, seq },
            after: (rank, number),
        } = self;
        write!(formatter, "{epoch}.{seq}.{rank}.{number}")
    }
}

impl Kind for PageCursor {
    fn read(value: &Value) -> Result<Self, Fault> {
        let parse = |text: &str| {
            let mut parts = text.split('.');
            let cursor = Self {
                position: Cursor::new(Epoch::from(parts.next()?), parts.next()?.parse().ok()?),
                after: (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?),
            };
            parts.next().is_none().then_some(cursor)
        };
        value.as_str().and_then(parse).ok_or_else(|| {
            let msg = "Input should be the Next-Cursor of a page";
            Fault::new("value_error", msg)
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_is_read_as_it_was_written(
            epoch in "[0-9a-f]{12}",
            seq in any::<u64>(),
            after in any::<(u32, u64)>(),
        ) {
            let position = Cursor::new(Epoch::from(epoch.as_str()), seq);
            let cursor = PageCursor { position, after };
            let read = PageCursor::read(&json!(cursor.to_string())).ok();
            prop_assert_eq!(read, Some(cursor));
        }

        #[test]
        fn whatever_a_cursor_is_it_is_read_or_refused(text in ".*") {
            let _ = PageCursor::read(&json!(text));
        }
    }
}
