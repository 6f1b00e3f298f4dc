//! The buttons of a card whose agent waits for a person, or has failed.

use leptos::prelude::*;
use tasktree_protocol::TaskId;
use tasktree_protocol::agent::WaitKind;
use tasktree_protocol::attention::{AttentionItem, AttentionKind};

use super::failure::FailureActions;
use crate::components::board::actions::use_board_actions;
use crate::components::common::attention_words::terminal_text;
use crate::i18n::use_i18n;
use crate::state::{Asked, use_access, use_board};

/// Button that opens the form for an answer, or the buttons about a failure. After an answer, its
/// delivery; or a hint that the agent takes answers in its terminal only.
#[component]
pub fn CardActions(
    /// Task of the card.
    task: TaskId,
    /// Most urgent item about the task.
    item: Memo<Option<AttentionItem>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let access = use_access();
    let actions = use_board_actions();
    let task = StoredValue::new(task);
    move || {
        let item = item.get()?;
        if item.kind == AttentionKind::Failed {
            let task = task.get_value();
            return Some(
                view! { <FailureActions task class="task-card-answer" is_stop=false/> }.into_any(),
            );
        }
        if item.answered {
            return Some(
                view! { <Delivery task=task.get_value() question=item.question/> }.into_any(),
            );
        }
        if !item.answerable {
            let text = terminal_text(i18n, &item);
            return Some(
                view! { <span class="task-card-terminal" title=text.clone()>{text.clone()}</span> }
                    .into_any(),
            );
        }
        let agent = item
            .agent
            .map(|agent| agent.to_string())
            .unwrap_or_default();
        let is_permission = item.wait == Some(WaitKind::Permission);
        let label = move || match is_permission {
            true => i18n.t(|s| s.attention.approve),
            false => i18n.t(|s| s.attention.reply),
        };
        let name = move || format!("{} ({agent})", label());
        access.may_answer().then(|| {
            view! {
                <button
                    type="button"
                    class="task-card-answer"
                    tabindex="-1"
                    aria-label=name
                    title="R"
                    on:click=move |_| {
                        actions.reply(&task.get_value());
                    }
                >
                    {label}
                </button>
            }
            .into_any()
        })
    }
}

/// Delivery of the answer to a question, in one word.
#[component]
fn Delivery(task: TaskId, question: Option<u64>) -> impl IntoView {
    let i18n = use_i18n();
    let questions = use_board().open_questions(Asked::About(task));
    let word = move || {
        let list = questions.list.get()?;
        let asked = list.into_iter().find(|one| Some(one.id) == question)?;
        let answer = asked.answers.into_iter().rfind(|answer| !answer.late)?;
        Some(match (answer.read_at, answer.delivered_at) {
            (Some(_), _) => i18n.t(|s| s.attention.read),
            (None, Some(_)) => i18n.t(|s| s.attention.delivered),
            (None, None) => i18n.t(|s| s.attention.queued),
        })
    };
    move || word().map(|word| view! { <span class="task-card-mark">{word}</span> })
}
