//! Title, description and prompt.

use leptos::prelude::*;
use tasktree_protocol::{Maybe, TaskPatch};

use crate::components::board::new_task::is_title_too_long;
use crate::components::task::fields::{Field, LinesField, MarkdownField};
use crate::components::task::open_task::OpenTask;
use crate::i18n::use_i18n;

/// Title, which is its own heading.
#[component]
pub fn Title(
    /// Task to show.
    open: OpenTask,
) -> impl IntoView {
    let i18n = use_i18n();
    let title = Field::checked(
        open,
        |task| task.title.clone(),
        |text| TaskPatch {
            title: Maybe::Value(text.trim().to_owned()),
            ..TaskPatch::default()
        },
        |text| {
            if text.trim().is_empty() {
                Some(|s| s.board.title_missing)
            } else if is_title_too_long(text) {
                Some(|s| s.task.title_too_long)
            } else {
                None
            }
        },
    );
    view! {
        <LinesField
            field=title
            single=true
            class="task-title-field"
            label=move || i18n.t(|s| s.task.title)
        />
    }
}

/// Long texts of a task.
#[component]
pub fn Texts(
    /// Task to show.
    open: OpenTask,
) -> impl IntoView {
    let i18n = use_i18n();
    let description = Field::new(
        open,
        |task| task.description.clone().unwrap_or_default(),
        |text| TaskPatch {
            description: or_null(text),
            ..TaskPatch::default()
        },
    );
    let prompt = Field::new(
        open,
        |task| task.prompt.clone().unwrap_or_default(),
        |text| TaskPatch {
            prompt: or_null(text),
            ..TaskPatch::default()
        },
    );
    view! {
        <MarkdownField field=description label=move || i18n.t(|s| s.task.description) />
        <MarkdownField field=prompt label=move || i18n.t(|s| s.task.prompt) />
    }
}

/// Returns a text, or `Null` if it is blank.
pub(super) fn or_null(text: &str) -> Maybe<String> {
    if text.trim().is_empty() {
        Maybe::Null
    } else {
        Maybe::Value(text.to_owned())
    }
}
