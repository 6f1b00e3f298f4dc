//! An answer to a question, and its delivery to the agent.

use leptos::prelude::*;
use leptos::task::spawn_local;
use tasktree_protocol::question::Answer;

use crate::api;
use crate::components::common::actor::actor_name;
use crate::i18n::{I18n, use_i18n};
use crate::state::{Questions, use_access, use_board};
use crate::ui::{Button, Clock, IconName, Level, ShowIf, Toast, announce, use_clock, use_toasts};

/// Author, text and delivery of an answer. A late answer can be sent again, once, by people who may
/// answer.
#[component]
pub fn AnswerRow(
    /// Answer to show.
    answer: Answer,
    /// Name of the agent that asked.
    agent: String,
    /// Questions to fetch again after the answer was sent again.
    questions: Questions,
) -> impl IntoView {
    let i18n = use_i18n();
    let clock = use_clock();
    let access = use_access();
    let board = use_board();
    let toasts = use_toasts();
    let is_busy = RwSignal::new(false);
    let (by, at, words) = (answer.by.clone(), answer.at, answer.text.clone());
    let is_late = answer.late;
    let is_unsent = is_late && answer.sent_again_at.is_none();
    let kept = StoredValue::new(answer.clone());
    let send_again = move |_| {
        if is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        let (project, answer) = (board.project(), kept.get_value());
        spawn_local(async move {
            let outcome = api::resend_answer(&project, &answer).await;
            is_busy.try_set(false);
            match outcome {
                Ok(()) => announce(&untrack(|| {
                    i18n.t(|s| (s.questions.sent_again)(&now(i18n)))
                })),
                Err(error) => {
                    let reason = untrack(|| i18n.error(&error));
                    let text = untrack(|| i18n.t(|s| (s.questions.not_sent_again)(&reason)));
                    toasts.push(Toast::new(Level::Error, text));
                }
            }
            questions.refresh();
        });
    };
    view! {
        <li class="question-answer" data-late=is_late.then_some("true")>
            <p class="question-head">
                <strong dir="auto">{move || actor_name(i18n, &by)}</strong>
                <time class="muted" datetime=at.to_string() title=move || i18n.date_time(at)>
                    {move || i18n.age(at, clock)}
                </time>
            </p>
            {words.map(|words| view! { <p class="question-text" dir="auto">{words}</p> })}
            <p class="question-delivery">
                <span>{move || delivery(i18n, &answer, &agent, clock)}</span>
                <ShowIf when=move || is_unsent && access.may_answer()>
                    <Button
                        icon=IconName::Retry
                        disabled=is_busy
                        label=move || i18n.t(|s| s.questions.send_again)
                        on_click=send_again
                    />
                </ShowIf>
            </p>
        </li>
    }
}

fn now(i18n: I18n) -> String {
    let now_ms = crate::browser::clock::now_ms();
    i18n.ago(
        tasktree_protocol::Timestamp::from_unix_millis(now_ms),
        now_ms,
    )
}

fn delivery(i18n: I18n, answer: &Answer, agent: &str, clock: Clock) -> String {
    let ago = |at| i18n.age(at, clock);
    i18n.t(|s| {
        let s = &s.questions;
        match (answer.sent_again_at, answer.read_at, answer.delivered_at) {
            (Some(at), _, _) => (s.sent_again)(&ago(at)),
            (None, _, _) if answer.late => (s.late)(agent),
            (None, Some(at), _) => (s.read)(&ago(at)),
            (None, None, Some(at)) => (s.delivered)(&ago(at)),
            (None, None, None) => (s.queued)(agent),
        }
    })
}
