//! One item in the list of the inbox.

use leptos::html;
use leptos::prelude::*;
use tasktree_protocol::attention::{AttentionItem, AttentionKind};

use super::view::InboxView;
use crate::address::task_number;
use crate::components::common::attention_icon::attention_icon;
use crate::components::common::attention_words::{detail, state_name};
use crate::components::common::number_sign::number_sign;
use crate::i18n::{I18n, use_i18n};
use crate::state::{ProjectsState, use_projects};
use crate::ui::{Icon, use_clock};

/// Agent, project, question and age of an item; a press chooses it.
#[component]
pub fn Row(
    /// State of the inbox.
    inbox: InboxView,
    /// Number of the item.
    id: u64,
) -> impl IntoView {
    let i18n = use_i18n();
    let clock = use_clock();
    let projects = use_projects();
    // A row that is about to disappear keeps its content.
    let item = Memo::new(move |last: Option<&Option<AttentionItem>>| {
        let found = inbox
            .shown
            .with(|items| items.iter().find(|item| item.id == id).cloned());
        found.or_else(|| last.cloned().flatten())
    });
    let is_chosen = Memo::new(move |_| {
        inbox
            .item
            .with(|item| item.as_ref().is_some_and(|item| item.id == id))
    });
    let element = NodeRef::<html::Button>::new();
    // The focus follows the choice of a person who walks through the list.
    Effect::new(move |was: Option<bool>| {
        let is_chosen = is_chosen.get();
        if let (Some(false), true, Some(row)) = (was, is_chosen, element.get_untracked()) {
            let _ = row.focus();
        }
        is_chosen
    });
    let with = move |read: &dyn Fn(&AttentionItem) -> String| {
        item.with(|item| item.as_ref().map(read).unwrap_or_default())
    };
    let kind = item.with_untracked(|item| item.as_ref().map(|item| item.kind));
    let kind = kind.unwrap_or(AttentionKind::Waiting);
    view! {
        <li>
            <button
                node_ref=element
                type="button"
                class="inbox-row"
                data-kind=kind.as_str()
                data-seen=move || item.with(|item| item.as_ref().is_some_and(|item| item.seen)).then_some("")
                aria-current=move || is_chosen.get().then_some("true")
                tabindex=move || if is_chosen.get() { "0" } else { "-1" }
                on:click=move |_| inbox.open(id)
            >
                <Icon name=attention_icon(kind)/>
                <strong class="clipped" dir="auto">{move || with(&|item| who(i18n, item))}</strong>
                <span class="inbox-place clipped" dir="auto">{move || with(&|item| place(projects, item))}</span>
                <time class="muted" title=move || with(&|item| i18n.date_time(item.since))>
                    {move || with(&|item| i18n.age(item.since, clock))}
                </time>
                <span class="inbox-what clipped" dir="auto">{move || with(&|item| what(i18n, item))}</span>
            </button>
        </li>
    }
}

/// Returns the agents that an item is about; without one, its state.
pub(super) fn who(i18n: I18n, item: &AttentionItem) -> String {
    match (&item.agent, &item.other) {
        (Some(agent), Some(other)) => i18n.t(|s| s.attention.and)(agent.as_str(), other.as_str()),
        (Some(agent), None) => agent.to_string(),
        _ => state_name(i18n, item).to_owned(),
    }
}

/// Returns the project and the number of the task.
pub(super) fn place(projects: ProjectsState, item: &AttentionItem) -> String {
    let project = projects.name_of(&item.project);
    let project = project.unwrap_or_else(|| item.project.to_string());
    match item.task.as_ref().and_then(task_number) {
        Some(number) => format!("{project} {}", number_sign(number)),
        None => project,
    }
}

/// Returns the text of an item; without one, its state. The heading over it and the icon say
/// already that an agent waits or has failed, or that files overlap.
fn what(i18n: I18n, item: &AttentionItem) -> String {
    let state = state_name(i18n, item);
    let is_told = matches!(
        item.kind,
        AttentionKind::Waiting | AttentionKind::Failed | AttentionKind::LeaseConflict
    );
    match detail(i18n, item) {
        _ if item.answered || item.text.is_empty() => state.to_owned(),
        _ if is_told => item.text.clone(),
        Some(detail) => format!("{state} \u{b7} {detail}"),
        None => state.to_owned(),
    }
}
