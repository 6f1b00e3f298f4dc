//! Questions of agents: read by everybody, answered by people who may change tasks.

pub mod answer_box;
pub mod answer_row;
pub mod question_row;

use leptos::prelude::*;
use tasktree_protocol::AgentStatus;
use tasktree_protocol::question::Question;

use super::liveness::asks;
use crate::components::common::not_loaded::NotLoaded;
use crate::i18n::use_i18n;
use crate::state::{Asked, DraftOf, Load, draft, use_board};
use crate::ui::{KeyedList, Skeleton};
use question_row::QuestionRow;

/// Number of questions shown, newest first: the open one, and those before it that have answers.
const SHOWN: usize = 3;

/// Questions about a task or by an agent. Nothing is shown if there is nothing to answer, or the
/// server has no questions.
#[component]
pub fn AgentQuestions(
    /// Criterion of the questions.
    asked: Asked,
    /// Set to show only the newest question, and to answer it with Enter.
    #[prop(optional)]
    inline: bool,
) -> impl IntoView {
    let i18n = use_i18n();
    let board = use_board();
    let shown = if inline { 1 } else { SHOWN };
    let of = asked.clone();
    let is_awaited = Memo::new(move |_| {
        let agents = board.agents();
        agents.with(|agents| {
            agents.iter().any(|agent| {
                let is_one = match &of {
                    Asked::About(task) => agent.held_task().as_ref() == Some(task),
                    Asked::By(id) => agent.id == *id,
                };
                let wait = agent.waiting_for.as_ref();
                is_one && agent.status == AgentStatus::Waiting && wait.is_some_and(asks)
            })
        })
    });
    let questions = board.open_questions(asked);
    let rows = Memo::new(move |_| {
        let list = questions.list.get().unwrap_or_default();
        list.into_iter()
            .filter(is_shown)
            .take(shown)
            .collect::<Vec<_>>()
    });
    let instead = move || match questions.load.get() {
        Load::Loading if is_awaited.get() => {
            view! { <div aria-busy="true"><Skeleton lines=2 /></div> }.into_any()
        }
        Load::Failed(error) => view! {
            <NotLoaded
                what=i18n.t(|s| s.questions.the_questions)
                error
                class="questions-failed"
                on_retry=move |()| questions.refresh()
            />
        }
        .into_any(),
        Load::Loading | Load::Ready => ().into_any(),
    };
    let is_empty = move || {
        let is_loading = questions.load.with(|load| *load == Load::Loading);
        let has_failed = questions.load.with(|load| matches!(load, Load::Failed(_)));
        rows.with(Vec::is_empty) && !has_failed && !(is_loading && is_awaited.get())
    };
    view! {
        <section
            class="agent-questions"
            aria-label=move || i18n.t(|s| s.questions.title)
            hidden=is_empty
        >
            {instead}
            <ul>
                <KeyedList
                    each=move || rows.get()
                    // In another database, the same number may belong to another question.
                    key=|question| format!("{} {}", question.id, question.asked_at)
                    children=move |first| view! { <QuestionRow first rows questions inline /> }
                />
            </ul>
        </section>
    }
}

/// Returns true if a question is open, was answered, or is being answered.
fn is_shown(question: &Question) -> bool {
    question.closed_at.is_none()
        || !question.answers.is_empty()
        || !draft(&DraftOf::Answer(question.id, question.asked_at)).is_empty()
}
