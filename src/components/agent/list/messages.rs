//! Messages that agents send to each other.

use leptos::prelude::*;
use tasktree_protocol::event::AgentMessages;
use tasktree_protocol::{Event, ProjectId, Timestamp};

use crate::i18n::use_i18n;
use crate::net::use_websocket;
use crate::ui::{KeyedList, Numbered, Ring, use_clock};

/// Number of messages shown.
const SHOWN: usize = 100;

#[derive(Clone, Debug)]
struct Heard {
    at: Timestamp,
    messages: AgentMessages,
}

/// Messages between agents since the page was opened, newest first.
#[component]
pub fn Messages(
    /// Project of the messages.
    project: ProjectId,
) -> impl IntoView {
    let i18n = use_i18n();
    let heard = Ring::<Heard>::new(SHOWN);
    use_websocket()
        .on_message(move |message| {
            if let (Event::AgentMessages(messages), true) = (
                &message.event,
                message.project_id.as_ref() == Some(&project),
            ) {
                heard.extend([Heard {
                    at: message.timestamp,
                    messages: messages.clone(),
                }]);
            }
        })
        .forget();
    let rows = move || {
        let mut rows = heard.rows();
        rows.reverse();
        rows
    };
    view! {
        <section class="panel" aria-labelledby="messages-title">
            <header class="panel-head">
                <h2 id="messages-title">{move || i18n.t(|s| s.agent.messages)}</h2>
            </header>
            {move || heard.is_empty().then(|| view! {
                <p class="panel-empty">{i18n.t(|s| s.agent.no_messages)}</p>
            })}
            <ul class="agent-messages">
                <KeyedList each=rows key=|row| row.number let:row>
                    <MessageRow row/>
                </KeyedList>
            </ul>
        </section>
    }
}

#[component]
fn MessageRow(row: Numbered<Heard>) -> impl IntoView {
    let i18n = use_i18n();
    let clock = use_clock();
    let Heard { at, messages } = row.row;
    let unread = messages.pending_messages;
    let (from, to) = (
        messages.from.unwrap_or_else(|| "?".to_owned()),
        messages.agent.to_string(),
    );
    view! {
        <li class="agent-message">
            <p class="agent-message-head">
                <strong dir="auto">{move || i18n.t(|s| (s.agent.from_to)(&from, &to))}</strong>
                <span class="muted">{move || i18n.count(|s| s.agent.unread, unread)}</span>
                <time class="muted" title=move || i18n.date_time(at)>{move || i18n.age(at, clock)}</time>
            </p>
        </li>
    }
}
