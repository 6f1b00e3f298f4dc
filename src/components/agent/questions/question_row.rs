//! One question with its answers.

use leptos::html;
use leptos::prelude::*;
use tasktree_protocol::agent::WaitKind;
use tasktree_protocol::question::{Question, QuestionOutcome};

use super::answer_box::AnswerBox;
use super::answer_row::AnswerRow;
use crate::components::common::attention_words::terminal_text;
use crate::i18n::{I18n, use_i18n};
use crate::state::{DraftOf, Questions, draft, use_access, use_attention};
use crate::ui::{KeyedList, ShowIf, focus_next, use_clock};

/// Text of a question, its outcome, its answers, and a box to answer it while it has none. The row
/// begins with `first`, and stays while the question is among `rows`.
#[component]
pub fn QuestionRow(
    /// Question as it was when it was first shown.
    first: Question,
    /// Questions that are shown.
    rows: Memo<Vec<Question>>,
    /// All questions, fetched again after an answer.
    questions: Questions,
    /// Set to answer with Enter.
    inline: bool,
) -> impl IntoView {
    let i18n = use_i18n();
    let clock = use_clock();
    let access = use_access();
    let (id, kind, asked_at) = (first.id, first.kind, first.asked_at);
    let (agent, words) = (first.agent.to_string(), first.text.clone());
    let has_words = !words.is_empty();
    let question = Memo::new(move |last: Option<&Question>| {
        rows.with(|rows| {
            let now = rows
                .iter()
                .find(|row| row.id == id && row.asked_at == asked_at);
            let now = now.or(last);
            now.unwrap_or(&first).clone()
        })
    });
    let is_open = Memo::new(move |_| question.with(|question| question.closed_at.is_none()));
    let is_answerable = Memo::new(move |_| {
        let has_answer = question.with(|it| it.answers.iter().any(|answer| !answer.late));
        // A draft that was begun when the question was closed is not taken away.
        let is_begun = !draft(&DraftOf::Answer(id, asked_at)).is_empty();
        access.may_answer() && !has_answer && (is_open.get() || is_begun)
    });
    // Some agents take answers in their terminal only.
    let attention = use_attention();
    let terminal = Memo::new(move |_| {
        let item = attention.of_question(id)?;
        (!item.answerable && !item.answered).then(|| terminal_text(i18n, &item))
    });
    let name = agent.clone();
    let outcome = move || {
        let outcome = question.with(|question| question.outcome)?;
        let why = outcome_text(i18n, outcome, &name);
        Some(match is_answerable.get() {
            true => i18n.t(|s| (s.questions.closed_meanwhile)(&why)),
            false => why,
        })
    };
    let item = NodeRef::<html::Li>::new();
    // The box disappears with its answer, before or after that is confirmed; the focus moves to the
    // result.
    let is_sent = RwSignal::new(false);
    let on_sent = Callback::new(move |()| {
        is_sent.set(true);
        questions.refresh();
    });
    Effect::new(move |_| {
        if is_sent.get() && !is_answerable.get() {
            focus_next(item.get_untracked().map(Into::into), ".question-words");
        }
    });
    let asking = agent.clone();
    view! {
        <li node_ref=item class="question" data-open=move || is_open.get().then_some("true")>
            <div class="question-words" tabindex="-1">
                <p class="question-head">
                    <strong dir="auto">{move || heading(i18n, kind, &asking)}</strong>
                    <time class="muted" datetime=asked_at.to_string() title=move || i18n.date_time(asked_at)>
                        {move || i18n.age(asked_at, clock)}
                    </time>
                </p>
                {has_words.then(|| view! { <p class="question-text" dir="auto">{words}</p> })}
            </div>
            <ul>
                <KeyedList
                    each=move || question.with(|question| question.answers.clone())
                    key=|answer| format!("{answer:?}")
                    children={
                        let agent = agent.clone();
                        move |answer| view! { <AnswerRow answer agent=agent.clone() questions /> }
                    }
                />
            </ul>
            <p class="question-outcome" role="status">{outcome}</p>
            {move || is_answerable.get().then(|| terminal.get()).flatten().map(|text| view! { <p class="question-terminal">{text}</p> })}
            <ShowIf when=move || is_answerable.get() && terminal.with(Option::is_none)>
                <AnswerBox question on_sent inline />
            </ShowIf>
        </li>
    }
}

fn heading(i18n: I18n, kind: WaitKind, agent: &str) -> String {
    i18n.t(|s| match kind {
        WaitKind::Question => (s.questions.asks)(agent),
        WaitKind::Permission => (s.questions.needs_permission)(agent),
        WaitKind::Auth => (s.questions.needs_sign_in)(agent),
        WaitKind::Dependency | WaitKind::RateLimit | WaitKind::Other => {
            (s.questions.needs_you)(agent)
        }
    })
}

fn outcome_text(i18n: I18n, outcome: QuestionOutcome, agent: &str) -> String {
    i18n.t(|s| {
        let s = &s.questions;
        match outcome {
            QuestionOutcome::Answered => (s.outcome_answered)(agent),
            QuestionOutcome::Resumed => (s.outcome_resumed)(agent),
            QuestionOutcome::Replaced => (s.outcome_replaced)(agent),
            QuestionOutcome::ClaimEnded => (s.outcome_claim_ended)(agent),
            QuestionOutcome::Finished => (s.outcome_finished)(agent),
            QuestionOutcome::Removed => (s.outcome_removed)(agent),
            QuestionOutcome::Reset => s.outcome_reset.to_owned(),
        }
    })
}
