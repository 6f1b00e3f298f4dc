//! The leases of agents on files, and their overlaps.

use leptos::prelude::*;
use tasktree_protocol::agent::Lease;

use crate::i18n::{unix_millis, use_i18n};
use crate::state::{Load, use_board};
use crate::ui::{Icon, IconName, KeyedList};

/// Leases of the open project.
#[component]
pub fn Leases() -> impl IntoView {
    let i18n = use_i18n();
    let board = use_board();
    let leases = board.leases();
    let is_known = Memo::new(move |_| board.team().with(Load::is_ready));
    view! {
        <section class="panel" aria-labelledby="leases-title">
            <header class="panel-head">
                <h2 id="leases-title">{move || i18n.t(|s| s.agent.leases)}</h2>
                <span class="muted">{move || is_known.get().then(|| i18n.number(leases.with(Vec::len) as u64))}</span>
            </header>
            {move || (is_known.get() && leases.with(Vec::is_empty)).then(|| view! {
                <p class="panel-empty">{i18n.t(|s| s.agent.no_leases)}</p>
            })}
            <ul class="leases">
                <KeyedList each=move || leases.get() key=|lease| format!("{lease:?}") let:lease>
                    <LeaseRow lease/>
                </KeyedList>
            </ul>
        </section>
    }
}

#[component]
fn LeaseRow(lease: Lease) -> impl IntoView {
    let i18n = use_i18n();
    let until = unix_millis(lease.expires_at);
    let conflicts = lease
        .conflicts
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ");
    let kind = move || {
        i18n.t(|s| {
            if lease.exclusive {
                s.agent.exclusive
            } else {
                s.agent.shared
            }
        })
    };
    view! {
        <li class="lease">
            <Icon name=IconName::Lock/>
            <code class="clipped" dir="auto" title=lease.path.clone()>{lease.path.clone()}</code>
            <span class="lease-agent clipped" dir="auto">{lease.agent.to_string()}</span>
            <span class="muted">{kind}</span>
            <span class="muted">{move || i18n.t(|s| s.agent.until)(&i18n.time(until))}</span>
            {(!conflicts.is_empty()).then(|| view! {
                <span class="lease-conflict">
                    <Icon name=IconName::Warning/>
                    {move || i18n.t(|s| s.agent.conflict_with)(&conflicts)}
                </span>
            })}
        </li>
    }
}
