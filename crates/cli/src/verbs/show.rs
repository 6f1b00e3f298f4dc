//! `tasktree list` and `tasktree show`.

use clap::Args;
use serde_json::{Value, json};
use tasktree_protocol::http::paths;
use tasktree_protocol::{Comment, Status, TaskCard};
use ureq::http::Method;

use super::Verb;
use crate::client::Call;
use crate::context::{Context, hash};
use crate::failure::Result;
use crate::limits::{LISTED_TASKS, SHOWN_COMMENTS};
use crate::output::{Form, Report};
use crate::report::{brief, paragraphs, task, typed};
use crate::text::{columns, line, plain, short};

/// Number of letters of a title in a list.
const TITLE_LETTERS: usize = 70;

/// Options of `list`.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only tasks that `next` could claim.
    #[arg(long)]
    ready: bool,
    /// Only your own tasks.
    #[arg(long)]
    mine: bool,
    /// Only tasks in one of these columns: unclaimed, up_next, in_progress, completed, merged.
    #[arg(long, value_name = "STATUS", value_delimiter = ',', value_parser = status)]
    status: Vec<Status>,
    /// Only tasks that match a query: docs/queries.md has the language.
    #[arg(short, long, value_name = "QUERY")]
    query: Option<String>,
    /// Number of tasks, at most 1,000.
    #[arg(long, value_name = "N", default_value_t = LISTED_TASKS)]
    limit: u32,
    /// Start after a page: its `next_cursor`.
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
}

fn status(text: &str) -> Result<Status, String> {
    Status::from_name(text).ok_or_else(|| {
        let names = Status::ALL.map(Status::as_str).join(", ");
        format!("expected one of {names}")
    })
}

impl Verb for List {
    fn run(self, context: &Context, _: Form) -> Result<Option<Report>> {
        let path = context.path(paths::tasks)?;
        let statuses: Vec<_> = self.status.iter().map(|status| status.as_str()).collect();
        let statuses = statuses.join(",");
        let mut call = Call::new(Method::GET, &path)
            .query("view", "card")
            .query("limit", self.limit)
            .query_if("cursor", self.cursor)
            .query_if("q", self.query)
            .query_if("ready", self.ready.then_some(true))
            .query_if("status", Some(statuses).filter(|names| !names.is_empty()));
        if self.mine {
            call = call.query("agent", context.agent()?);
        }
        let answer = context.client.send(call)?;
        let cards: Vec<TaskCard> = answer.read()?;
        let rows: Vec<_> = cards.iter().map(row).collect();
        let mut report = Report::new(answer.json()?, columns(&rows));
        if rows.is_empty() {
            report.text = "No tasks".to_owned();
        }
        report.next_cursor = answer.next_cursor();
        if let Some(cursor) = &report.next_cursor {
            report
                .text
                .push_str(&format!("\nMore: --cursor '{cursor}'"));
        }
        Ok(Some(report))
    }
}

fn row(card: &TaskCard) -> [String; 5] {
    let priority = match card.priority {
        0 => String::new(),
        priority => format!("p{priority}"),
    };
    let holder = card.holder.as_ref().map(ToString::to_string);
    let hold = card.on_hold.as_ref().map(|_| "on hold".to_owned());
    [
        hash(card.number),
        hold.unwrap_or_else(|| card.status.as_str().replace('_', " ")),
        priority,
        line(&holder.or(card.session.clone()).unwrap_or_default()),
        short(&card.title, TITLE_LETTERS),
    ]
}

/// Options of `show`.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Number of the task.
    #[arg(value_name = "N")]
    number: u64,
}

impl Verb for Show {
    fn run(self, context: &Context, _: Form) -> Result<Option<Report>> {
        let row = task(context, self.number)?;
        let path = paths::comments(context.project()?, &context.task(self.number)?);
        let mut comments: Vec<Value> = context.client.get(&path)?.read()?;
        comments.retain(|comment| comment["deleted_at"].is_null());
        let comments = comments.split_off(comments.len().saturating_sub(SHOWN_COMMENTS));
        let text = paragraphs(&[brief(&typed(&row)?), said(&comments)]);
        let data = json!({"task": row, "comments": comments});
        Ok(Some(Report::new(data, text)))
    }
}

fn said(comments: &[Value]) -> String {
    let comments = comments.iter().filter_map(|comment| {
        let comment: Comment = serde_json::from_value(comment.clone()).ok()?;
        let author = comment.author.split_once(':');
        let author = author.map_or(comment.author.as_str(), |(_, name)| name);
        Some(format!(
            "{}, {}:\n{}",
            line(author),
            comment.made_at,
            plain(&comment.body)
        ))
    });
    comments.collect::<Vec<_>>().join("\n\n")
}
