//! `board_list`.

use std::fmt;

use serde::{Deserialize, Deserializer, de};
use serde_json::{Value, json};
use tasktree_protocol::query::Query;
use tasktree_protocol::{Status, TaskCard};

use super::{read_rows, rows};
use crate::domain::listing::PlaceKey;
use crate::domain::task_list::{self, Form, Selection};
use crate::mcp::arguments::{Arguments, Outcome};
use crate::mcp::budget::{ANSWER_BYTES, size};
use crate::mcp::caller::Caller;
use crate::mcp::refusal::Refusal;

/// Number of rows unless the call says otherwise.
const DEFAULT_ROWS: usize = 20;

/// Largest number of rows.
const MAX_ROWS: usize = 100;

/// Room for the members beside the rows, in bytes.
const FRAME_BYTES: usize = 100;

/// Lists tasks.
pub(super) async fn list(caller: &Caller, mut arguments: Arguments) -> Outcome<Value> {
    let status: Option<Statuses> = arguments.optional("status")?;
    let mine = arguments.optional("mine")?.unwrap_or(false);
    let ready: Option<bool> = arguments.optional("ready")?;
    let text: Option<String> = arguments.optional("text")?;
    let limit = arguments.optional("limit")?.unwrap_or(DEFAULT_ROWS);
    let cursor: Option<Place> = arguments.optional("cursor")?;
    arguments.finish()?;
    let agent = match mine {
        true => Some(caller.name().cloned().ok_or_else(Refusal::nameless)?),
        false => None,
    };
    let project = caller.project().await?;
    let selection = Selection {
        statuses: status.map(|Statuses(list)| list).unwrap_or_default(),
        ready,
        agent,
        query: text
            .as_deref()
            .map_or_else(|| Ok(Query::default()), query)?,
        after: cursor.map(|Place(key)| key),
        limit: Some(limit.clamp(1, MAX_ROWS)),
    };
    let found = caller
        .service
        .tasks_in_parts(&project, Form::Card, selection)
        .await?
        .value;
    let cards: Vec<TaskCard> = read_rows(&found.bytes)?;
    let needed = cards.iter().flat_map(|card| card.dependencies.clone());
    let open = caller
        .service
        .open_tasks(&project, needed.collect())
        .await?;
    let mut room = ANSWER_BYTES - FRAME_BYTES;
    let mut shown: Vec<Value> = Vec::new();
    let mut last = None;
    for card in &cards {
        let blockers: Vec<u64> = rows::numbers(&project, &card.dependencies)
            .into_iter()
            .filter(|number| open.contains(number))
            .collect();
        let row = rows::card(&project, card, &blockers);
        // The first row is always shown: otherwise nobody would get past it.
        match room.checked_sub(size(&row) + 1) {
            None if last.is_some() => break,
            left => room = left.unwrap_or(0),
        }
        last = Some(card.sort_key());
        shown.push(row);
    }
    let is_whole = shown.len() == cards.len() && found.rest.is_none() && found.last.is_none();
    let next = last.filter(|_| !is_whole).map(|key| Place(key).to_string());
    let mut answer = json!({"tasks": shown});
    if let Some(next) = next {
        answer["next_cursor"] = json!(next);
    }
    Ok(answer)
}

fn query(text: &str) -> Outcome<Query> {
    task_list::parse_query(text).map_err(|fault| Refusal::invalid(format!("text: {fault}")))
}

/// Statuses as models write them: one, a list, or several with commas.
#[derive(Clone, Debug)]
struct Statuses(Vec<Status>);

impl<'de> Deserialize<'de> for Statuses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = match Value::deserialize(deserializer)? {
            Value::String(text) => vec![text],
            Value::Array(list) => list
                .iter()
                .map(|word| word.as_str().unwrap_or_default().to_owned())
                .collect(),
            _ => return Err(de::Error::custom("expected a status")),
        };
        let words = words.iter().flat_map(|text| text.split(','));
        let statuses = words.map(|word| {
            Status::from_name(word.trim()).ok_or_else(|| {
                let names: Vec<_> = Status::ALL.iter().map(|status| status.as_str()).collect();
                de::Error::custom(format!("{word:?} is none of {}", names.join(", ")))
            })
        });
        statuses.collect::<Result<_, _>>().map(Self)
    }
}

/// Place of a row, as the cursor of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place(PlaceKey);

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self((rank, number)) = self;
        write!(formatter, "{rank}.{number}")
    }
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let parts = text.split_once('.');
        let place =
            parts.and_then(|(rank, number)| Some((rank.parse().ok()?, number.parse().ok()?)));
        place
            .map(Self)
            .ok_or_else(|| de::Error::custom("expected the next_cursor of a page"))
    }
}
