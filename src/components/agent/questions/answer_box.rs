//! The form in which a person answers an agent.

use leptos::prelude::*;
use leptos::task::spawn_local;
use tasktree_protocol::question::Question;

use crate::api;
use crate::i18n::use_i18n;
use crate::net::new_command_id;
use crate::state::{DraftOf, draft, keep_draft, use_board};
use crate::ui::{Button, KeyedList, SendBox, ShowIf, announce};

/// Field for an answer, with the answers that the agent proposes. The typed text is kept until it
/// is sent, even if the drawer is closed.
#[component]
pub fn AnswerBox(
    /// Question to answer.
    question: Memo<Question>,
    /// Callback after the server has taken an answer.
    on_sent: Callback<()>,
    /// Set to take the focus, and to send with Enter.
    inline: bool,
) -> impl IntoView {
    let i18n = use_i18n();
    let board = use_board();
    let (id, agent, asked_at) = question
        .with_untracked(|question| (question.id, question.agent.to_string(), question.asked_at));
    let kept = DraftOf::Answer(id, asked_at);
    // In another epoch of the project, the same number belongs to another question.
    let bound = StoredValue::new(board.bound());
    let text = RwSignal::new(draft(&kept));
    let kept = StoredValue::new(kept);
    let agent = StoredValue::new(agent);
    let failure = RwSignal::new(None::<String>);
    let is_busy = RwSignal::new(false);
    // A repeat of the same answer after a lost reply has the same key, and is stored once.
    let sending = StoredValue::new((String::new(), String::new()));
    let send = move |answer: String| {
        if answer.trim().is_empty() || is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        failure.set(None);
        let (last, mut key) = sending.get_value();
        if last != answer {
            key = new_command_id();
            sending.set_value((answer.clone(), key.clone()));
        }
        let (project, kept, agent) = (board.project(), kept.get_value(), agent.get_value());
        let bound = bound.get_value();
        spawn_local(async move {
            let once = api::Once {
                id: &key,
                bound: bound.as_ref(),
            };
            match api::answer_question(&project, id, &answer, once).await {
                Ok(_) => {
                    keep_draft(&kept, "");
                    announce(&untrack(|| i18n.t(|s| (s.questions.sent)(&agent))));
                    on_sent.try_run(());
                }
                Err(error) => {
                    let reason = untrack(|| i18n.error(&error));
                    let said = untrack(|| i18n.t(|s| (s.questions.not_sent)(&reason)));
                    failure.try_set(Some(said));
                }
            }
            is_busy.try_set(false);
        });
    };
    let options = move || question.with(|question| question.options.clone());
    let label = move || agent.with_value(|agent| i18n.t(|s| (s.questions.answer_to)(agent)));
    let type_text = move |written: String| {
        kept.with_value(|kept| keep_draft(kept, &written));
        text.set(written);
    };
    view! {
        <SendBox
            class="answer-box"
            text
            label=label
            send_label=move || i18n.t(|s| s.questions.send)
            hint=move || if inline { i18n.t(|s| s.attention.enter_hint) } else { i18n.t(|s| s.questions.hint) }
            inline
            is_busy
            failure
            on_type=type_text
            on_send=move |()| send(text.get_untracked())
        >
            <ShowIf when=move || question.with(|question| !question.options.is_empty())>
                <div class="answer-options" role="group" aria-label=move || i18n.t(|s| s.questions.choices)>
                    <KeyedList each=options key=String::clone let:option>
                        <Button
                            disabled=is_busy
                            label=option.clone()
                            on_click=move |_| send(option.clone())
                        />
                    </KeyedList>
                </div>
            </ShowIf>
        </SendBox>
    }
}
