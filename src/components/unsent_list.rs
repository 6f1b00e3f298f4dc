//! The changes that wait for the connection, each with a button that takes it back.

use leptos::prelude::*;
use tasktree_protocol::{Command, Maybe};

use super::board_actions::number_sign;
use crate::i18n::{I18n, use_i18n};
use crate::routes::task_number;
use crate::state::{UnsentChange, use_unsent};
use crate::ui::{IconButton, IconName, List};

/// What is not sent yet; nothing while nothing waits.
#[component]
pub fn UnsentList() -> impl IntoView {
    let i18n = use_i18n();
    let unsent = use_unsent();
    let line = move |change: UnsentChange| {
        let id = change.id.clone();
        let words = Memo::new(move |_| describe(i18n, &change.command));
        view! {
            <li class="unsent-change">
                <span dir="auto">{move || words.get()}</span>
                <IconButton
                    icon=IconName::Close
                    label=move || words.with(|words| i18n.t(|s| s.unsent.discard)(words))
                    on_click=move |_| unsent.discard(&id)
                />
            </li>
        }
    };
    move || {
        unsent.is_waiting.get().then(|| {
            view! {
                <section class="unsent">
                    <h3>{move || i18n.t(|s| s.unsent.title)}</h3>
                    <p class="muted">{move || i18n.t(|s| s.unsent.explanation)}</p>
                    <ul class="unsent-changes">
                        <List each=move || unsent.changes.get() key=|change| change.id.clone() children=line/>
                    </ul>
                </section>
            }
        })
    }
}

/// What a command is to do, in words.
fn describe(i18n: I18n, command: &Command) -> String {
    let number = |task| task_number(task).map_or_else(|| task.to_string(), number_sign);
    match command {
        Command::CreateTask { task, .. } => i18n.t(|s| s.unsent.create)(&task.title),
        Command::UpdateTask { task, patch, .. } => match patch.status {
            Maybe::Value(status) => {
                i18n.t(|s| s.unsent.move_to)(&number(task), i18n.status(status))
            }
            _ => i18n.t(|s| s.unsent.change)(&number(task)),
        },
        Command::DeleteTask { task, .. } => i18n.t(|s| s.unsent.delete)(&number(task)),
        Command::RestoreTask { task, .. } => i18n.t(|s| s.unsent.restore)(&number(task)),
    }
}
