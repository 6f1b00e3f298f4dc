//! Following of the items: a fetch, and the events after it.

use leptos::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tasktree_protocol::attention::Attention;
use tasktree_protocol::{Cursor, Event, Message};

use super::AttentionState;
use super::list::List;
use crate::api::{self, ApiError, Snapshot};
use crate::state::following::{Fetching, Followed, Replace};
use crate::state::load::Load;

impl Followed for AttentionState {
    fn fetch(&self) -> Fetching {
        let this = *self;
        Box::pin(async move {
            let answer = match api::list_attention().await {
                Err(error) if error.is_no_endpoint() => None,
                answer => Some(answer?),
            };
            Ok(Snapshot {
                cursor: answer.as_ref().map(|list| list.cursor.clone()),
                value: Box::new(move || {
                    this.derived.set(answer.is_some());
                    if let Some(Attention { items, rest, .. }) = answer {
                        this.list.set(List::new(items, rest));
                    }
                }) as Replace,
            })
        })
    }

    fn apply(&self, message: &Message, _: bool) {
        match (&message.event, &message.project_id) {
            (Event::AttentionChanged(data), Some(project)) => match read(data) {
                Some(changed) => self.set_changed(project, changed),
                None => self.fetch_soon(),
            },
            (Event::AttentionMarked(data), _) => {
                if let Some(marked) = read(data) {
                    self.set_marks(&marked);
                }
            }
            _ => {}
        }
    }

    fn show(&self) {
        self.failed.set(false);
        if !self.loaded.get_untracked().is_ready() {
            self.loaded.set(Load::Ready);
        }
    }

    fn acknowledge(&self, _: Option<Cursor>) {}

    fn failed(&self, error: ApiError) -> bool {
        let is_temporary = error.is_temporary();
        if self.loaded.get_untracked().is_ready() {
            self.failed.set(true);
        } else {
            self.loaded.set(Load::Failed(error));
        }
        is_temporary
    }
}

/// Reads the data of an event. By way of its text: so the program reads items in one way, whether
/// they come in an event or in a list.
fn read<T: DeserializeOwned>(data: &Value) -> Option<T> {
    serde_json::from_str(&data.to_string()).ok()
}
