//! The items of the inbox, in groups.

use leptos::prelude::*;
use tasktree_protocol::attention::AttentionItem;

use super::row::Row;
use super::view::{Group, InboxView, Tab};
use crate::i18n::{I18n, use_i18n};
use crate::state::use_attention;
use crate::ui::{KeyedList, ShowIf};

/// Items of the chosen list, in groups; or a sentence in place of an empty one.
#[component]
pub fn List(
    /// State of the inbox.
    inbox: InboxView,
) -> impl IntoView {
    let i18n = use_i18n();
    let attention = use_attention();
    let groups = Memo::new(move |_| {
        let mut groups: Vec<Group> = inbox.shown.with(|items| items.iter().map(group).collect());
        groups.dedup();
        groups
    });
    let left_out = move || match inbox.tab.get() {
        Tab::Open => attention.left_out(),
        Tab::Snoozed | Tab::Done => 0,
    };
    view! {
        <ShowIf when=move || groups.with(Vec::is_empty)>
            <div class="inbox-empty">{move || nothing(i18n, inbox.tab.get(), attention.is_derived())}</div>
        </ShowIf>
        <KeyedList each=move || groups.get() key=|group| *group as u8 let:group>
            <GroupRows inbox group/>
        </KeyedList>
        <ShowIf when=move || left_out() != 0>
            <p class="inbox-more">{move || i18n.count(|s| s.attention.more, left_out())}</p>
        </ShowIf>
    }
}

/// Head of a group, and its rows.
#[component]
fn GroupRows(inbox: InboxView, group: Group) -> impl IntoView {
    let i18n = use_i18n();
    let ids = Memo::new(move |_| {
        inbox.shown.with(|items| {
            let inside = items.iter().filter(|item| self::group(item) == group);
            inside.map(|item| item.id).collect::<Vec<_>>()
        })
    });
    view! {
        <section class="inbox-group" aria-label=move || group_name(i18n, group)>
            <h2>
                {move || group_name(i18n, group)}
                <span class="muted">{move || i18n.number(ids.with(Vec::len) as u64)}</span>
            </h2>
            <ul>
                <KeyedList each=move || ids.get() key=|id| *id let:id>
                    <Row inbox id/>
                </KeyedList>
            </ul>
        </section>
    }
}

fn group(item: &AttentionItem) -> Group {
    Group::of(item.kind)
}

fn group_name(i18n: I18n, group: Group) -> &'static str {
    i18n.t(|s| match group {
        Group::NeedsYou => s.attention.needs_you,
        Group::Failed => s.attention.has_failed,
        Group::Stuck => s.attention.stuck,
        Group::Conflicts => s.attention.conflicts_group,
        Group::Review => s.attention.to_review,
        Group::Ready => s.attention.unclaimed,
    })
}

/// Returns the words in place of an empty list.
fn nothing(i18n: I18n, tab: Tab, is_derived: bool) -> AnyView {
    let text = i18n.t(|s| match tab {
        Tab::Open if !is_derived => s.attention.not_supported,
        Tab::Open => s.attention.empty,
        Tab::Snoozed => s.attention.empty_snoozed,
        Tab::Done => s.attention.empty_done,
    });
    let hint = (tab == Tab::Open && is_derived).then(|| i18n.t(|s| s.attention.empty_hint));
    view! {
        <h2>{text}</h2>
        {hint.map(|hint| view! { <p class="muted">{hint}</p> })}
    }
    .into_any()
}
