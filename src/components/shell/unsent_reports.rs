//! Reports of changes from closed pages that could not be made: each with its text and the reason.

use leptos::prelude::*;
use tasktree_protocol::error::code;
use tasktree_protocol::{Timestamp, WireError};

use super::unsent_words::{describe, written};
use crate::i18n::{I18n, use_i18n};
use crate::state::unsent::Report;
use crate::state::use_unsent;
use crate::ui::{Button, CopyButton, KeyedList, focus_next};

/// Keeps unsent changes beyond the page, and shows the reports that nobody has read yet.
#[component]
pub fn UnsentReports() -> impl IntoView {
    let i18n = use_i18n();
    let unsent = use_unsent();
    unsent.keep();
    let line = move |report: Report| {
        let Report {
            intent,
            command,
            asked_ms,
            error,
        } = report;
        let text = written(&command);
        let words = Memo::new(move |_| describe(i18n, &command));
        let asked = move || {
            let time = i18n.date_time(Timestamp::from_unix_millis(asked_ms));
            i18n.t(|s| s.unsent.asked_at)(&time)
        };
        let dismiss = move |_| {
            // The button disappears with its report.
            focus_next(
                document().document_element(),
                ".unsent-report .button, #main",
            );
            unsent.dismiss(&intent);
        };
        let copied = text.clone();
        view! {
            <li class="unsent-report">
                <div class="unsent-report-words">
                    <p><strong dir="auto">{move || words.get()}</strong></p>
                    <p>{move || reason(i18n, &error)}</p>
                    {text.map(|text| view! { <blockquote dir="auto">{text}</blockquote> })}
                    <p class="muted">{asked}</p>
                </div>
                <div class="unsent-report-actions">
                    {copied.map(|text| view! {
                        <CopyButton
                            text
                            label=move || words.with(|words| i18n.t(|s| s.unsent.copy)(words))
                            copied_label=move || i18n.t(|s| s.common.copied)
                            failed_label=move || i18n.t(|s| s.common.copy_failed)
                        />
                    })}
                    <Button label=move || i18n.t(|s| s.common.dismiss) on_click=dismiss />
                </div>
            </li>
        }
    };
    let is_empty = Memo::new(move |_| unsent.reports.with(Vec::is_empty));
    move || {
        (!is_empty.get()).then(|| {
            view! {
                <section class="unsent-reports" role="alert">
                    <h2>{move || i18n.t(|s| s.unsent.reports_title)}</h2>
                    <p class="muted">{move || i18n.t(|s| s.unsent.reports_explanation)}</p>
                    <ul>
                        <KeyedList each=move || unsent.reports.get() key=|report| report.intent.clone() children=line/>
                    </ul>
                </section>
            }
        })
    }
}

fn reason(i18n: I18n, error: &WireError) -> String {
    match error.code.as_str() {
        code::UNSENT => i18n.t(|s| s.errors.unanswered).to_owned(),
        _ => i18n.refusal(&error.code, &error.message),
    }
}
